"""Tables of docs/polar-es.md: python3 summary.py [--ours METHOD] rows.csv...

Measure: clean score of the recommended code, divided by the best of the unit over all rows; below 0 counts as 0. Runs
are paired by unit and seed. Intervals (95 %) come from 4000 resamplings of the units.
"""
import collections
import sys

import numpy as np

arguments = sys.argv[1:]
ours = "polar-es"
if arguments[0] == "--ours":
    ours, arguments = arguments[1], arguments[2:]
score = collections.defaultdict(dict)
highest = collections.defaultdict(lambda: 1e-9)
for path in arguments:
    for line in open(path):
        cells = line.rstrip().split(",")
        if len(cells) >= 8:
            networks, unit, method, noise, seed, best, recommended = cells[:7]
            score[noise, method][networks, unit, seed] = float(recommended)
            highest[networks, unit] = max(highest[networks, unit], float(best))
rng = np.random.default_rng(1)


def normalised(noise, method):
    return {key: max(0.0, value / highest[key[:2]]) for key, value in score[noise, method].items()}


def by_unit(rows, keys):
    units = collections.defaultdict(list)
    for key in keys:
        units[key[:2]].append(rows[key])
    return np.array([np.mean(units[unit]) for unit in sorted(units)])


def interval(statistic, *columns):
    chosen = rng.integers(0, len(columns[0]), (4000, len(columns[0])))
    drawn = [statistic(*(column[rows] for column in columns)) for rows in chosen]
    return "%+.1f %% [%+.1f, %+.1f]" % (statistic(*columns), *np.percentile(drawn, [2.5, 97.5]))


def gain(a, b):
    return 100 * (a.mean() / b.mean() - 1)


for noise in sorted({key[0] for key in score}):
    methods = [method for level, method in score if level == noise]
    rows = {method: normalised(noise, method) for method in methods}
    print(f"noise {noise}")
    for method in sorted(methods, key=lambda method: -np.mean(list(rows[method].values()))):
        keys = sorted(set(rows[method]) & set(rows.get(ours, {})))
        if not keys:
            continue
        other, own = by_unit(rows[method], keys), by_unit(rows[ours], keys)
        wins = np.mean([rows[ours][key] > rows[method][key] for key in keys])
        line = f"| {method} | {other.mean():.3f} |"
        if method != ours:
            line += f" {ours} ahead by {interval(gain, own, other)}, wins {100 * wins:.0f} % |"
        print(f"{line} {len(other)} units, {len(keys)} runs")
