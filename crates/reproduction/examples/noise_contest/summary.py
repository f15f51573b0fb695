"""Tables of docs/polar-es.md: python3 summary.py COLUMN rows.csv...

COLUMN 5 is the best clean score, 6 the clean score of the recommended code. Scores are normalised by the best mean of a
landscape. Ratios are geometric means over landscapes, with 95 % intervals over 2000 resamplings of the seeds.
"""
import collections
import sys

import numpy as np

LANDSCAPES = ["cos_tuning", "sphere_bump", "ellipsoid", "basins"]
column, rows = int(sys.argv[1]), collections.defaultdict(dict)
for path in sys.argv[2:]:
    for line in open(path):
        cells = line.rstrip().split(",")
        if len(cells) >= 8:
            rows[cells[0], int(cells[1]), cells[2], cells[3]][int(cells[4])] = max(float(cells[column]), 1e-3)
rng = np.random.default_rng(1)
methods = list(dict.fromkeys(key[0] for key in rows))


def ratio(dim, noise, other_of):
    """polar-es over another method of each landscape: geometric mean, lower and upper bound."""
    drawn = []
    for resample in range(2001):
        logs = []
        for name in LANDSCAPES:
            ours, other = rows["polar-es", dim, name, noise], rows[other_of(name), dim, name, noise]
            seeds = sorted(set(ours) & set(other))
            chosen = rng.integers(0, len(seeds), len(seeds)) if resample else np.arange(len(seeds))
            mean = [np.mean([scores[seeds[i]] for i in chosen]) for scores in (ours, other)]
            logs.append(np.log(mean[0] / mean[1]))
        drawn.append(np.exp(np.mean(logs)))
    return "%.2f [%.2f, %.2f]" % (drawn[0], *np.percentile(drawn[1:], [2.5, 97.5]))


for dim, noise in sorted({(key[1], key[3]) for key in rows}):
    means = {m: {l: np.mean(list(rows[m, dim, l, noise].values())) for l in LANDSCAPES if rows.get((m, dim, l, noise))} for m in methods}
    means = {m: of for m, of in means.items() if len(of) == len(LANDSCAPES)}
    top = {l: max(of[l] for of in means.values()) for l in LANDSCAPES}
    normalised = {m: np.mean([of[l] / top[l] for l in LANDSCAPES]) for m, of in means.items()}
    others = [m for m in normalised if not m.startswith("polar-es")]
    best = max(others, key=normalised.get)
    winner = {l: max(others, key=lambda m: means[m][l]) for l in LANDSCAPES}
    print(f"| {dim} | {noise} | {normalised['polar-es']:.3f} | {best} | {normalised[best]:.3f} "
          f"| {ratio(dim, noise, lambda name: best)} | {ratio(dim, noise, winner.get)} |")
    print("  " + "; ".join(f"{l} {means['polar-es'][l]:.1f} / {means[winner[l]][l]:.1f} ({winner[l]})" for l in LANDSCAPES))
    print("  all: " + ", ".join(f"{m} {value:.3f}" for m, value in normalised.items()))
