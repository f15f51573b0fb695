"""Tables of docs/polar-es.md: python3 summary.py COLUMN [--ours METHOD] [--rivals METHOD,METHOD..] rows.csv...

COLUMN 5 is the best clean score, 6 the clean score of the recommended code. METHOD is polar-es, and rivals are all
methods whose name does not begin so, unless the options say otherwise. Scores are normalised by the best mean of a
landscape. Ratios are geometric means over landscapes, with 95 % intervals over 2000 resamplings of the seeds.
"""
import argparse
import collections

import numpy as np

LANDSCAPES = ["cos_tuning", "sphere_bump", "ellipsoid", "basins"]
parser = argparse.ArgumentParser()
parser.add_argument("column", type=int)
parser.add_argument("--ours", default="polar-es")
parser.add_argument("--rivals")
parser.add_argument("files", nargs="+")
given = parser.parse_args()
OURS, column, rows = given.ours, given.column, collections.defaultdict(dict)
for path in given.files:
    for line in open(path):
        cells = line.rstrip().split(",")
        if len(cells) >= 8:
            rows[cells[0], int(cells[1]), cells[2], cells[3]][int(cells[4])] = max(float(cells[column]), 1e-3)
rng = np.random.default_rng(1)
methods = list(dict.fromkeys(key[0] for key in rows))


def ratio(dim, noise, other_of):
    """Ours over another method of each landscape: geometric mean, lower and upper bound."""
    drawn = []
    for resample in range(2001):
        logs = []
        for name in LANDSCAPES:
            ours, other = rows[OURS, dim, name, noise], rows[other_of(name), dim, name, noise]
            seeds = sorted(set(ours) & set(other))
            chosen = rng.integers(0, len(seeds), len(seeds)) if resample else np.arange(len(seeds))
            mean = [np.mean([scores[seeds[i]] for i in chosen]) for scores in (ours, other)]
            logs.append(np.log(mean[0] / mean[1]))
        drawn.append(np.exp(np.mean(logs)))
    return "%.2f [%.2f, %.2f]" % (drawn[0], *np.percentile(drawn[1:], [2.5, 97.5]))


for dim, noise in sorted({(key[1], key[3]) for key in rows}):
    scores = {m: {l: rows.get((m, dim, l, noise)) for l in LANDSCAPES} for m in methods}
    means = {m: {l: np.mean(list(of.values())) for l, of in each.items() if of} for m, each in scores.items()}
    means = {m: of for m, of in means.items() if len(of) == len(LANDSCAPES)}
    top = {l: max(of[l] for of in means.values()) for l in LANDSCAPES}
    normalised = {m: np.mean([of[l] / top[l] for l in LANDSCAPES]) for m, of in means.items()}
    rivals = given.rivals.split(",") if given.rivals else [m for m in methods if not m.startswith("polar-es")]
    others = [m for m in normalised if m in rivals]
    best = max(others, key=normalised.get)
    winner = {l: max(others, key=lambda m: means[m][l]) for l in LANDSCAPES}
    print(f"| {dim} | {noise} | {normalised[OURS]:.3f} | {best} | {normalised[best]:.3f} "
          f"| {ratio(dim, noise, lambda name: best)} | {ratio(dim, noise, winner.get)} |")
    print("  " + "; ".join(f"{l} {means[OURS][l]:.1f} / {means[winner[l]][l]:.1f} ({winner[l]})" for l in LANDSCAPES))
    print("  all: " + ", ".join(f"{m} {value:.3f}" for m, value in normalised.items()))
