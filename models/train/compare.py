"""Tables of a campaign of the six optimizers of round 2, for the README.

    actmax campaign run comparison.toml --out comparison
    python compare.py comparison

Reads the .json of every run. Scores are clean and divided by their unit's largest; intervals
are bootstraps over layers.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

NAMES = {
    "cholesky-cmaes": "CholeskyCMAES", "sphere-cma": "SphereCMA exp", "sphere-cma-inv": "SphereCMA inv",
    "diagonal-cma": "DiagonalCMA", "cma": "CMA", "genetic": "Genetic",
}  # fmt: skip
# Ratios at noise 0, 0.2 and 0.5 of the means in crates/reproduction/src/published/means.csv (Wang and Ponce 2022).
PAIRS = {
    ("cholesky-cmaes", "genetic"): "1.96 / 1.52 / 1.46",
    ("cma", "genetic"): "1.96 / 1.50 / 1.40",
    ("diagonal-cma", "genetic"): "1.89 / 1.63 / 1.50",
    ("sphere-cma", "genetic"): "2.33 / 1.55 / 1.38",
    ("sphere-cma-inv", "genetic"): "2.00 / 1.48 / 1.35",
    ("sphere-cma", "cholesky-cmaes"): "1.19 / 1.02 / 0.94",
    ("sphere-cma-inv", "cholesky-cmaes"): "1.02 / 0.98 / 0.93",
    ("cholesky-cmaes", "cma"): "1.00 / 1.01 / 1.04",
    ("cholesky-cmaes", "diagonal-cma"): "1.04 / 0.93 / 0.98",
}
LEVELS = (0.0, 0.2, 0.5)
SCOPES = tuple((level,) for level in LEVELS) + (LEVELS,)
RESAMPLES = 10000


def normalised(folder):
    """{(optimizer, noise, layer): scores of its repeats over the unit's largest}."""
    scores = defaultdict(list)
    for path in sorted(folder.glob("runs/*/*.json")):
        run = json.loads(path.read_text())
        level = run["spec"]["noise"].get("level", 0.0)
        scores[run["label"], level, run["layer"]].append(run["best_clean"]["score"])
    largest = defaultdict(float)
    for (_, _, layer), values in scores.items():
        largest[layer] = max(largest[layer], *values)
    return {key: np.array(values) / largest[key[2]] for key, values in scores.items()}


def pooled(scores, optimizer, levels, layers):
    return np.concatenate([scores[optimizer, level, layer] for level in levels for layer in layers])


def mean_row(scores, optimizer, layers):
    cells = []
    for levels in SCOPES:
        x = pooled(scores, optimizer, levels, layers)
        cells.append(f"{x.mean():.3f} ± {x.std(ddof=1) / len(x) ** 0.5:.3f}")
    return [NAMES[optimizer], *cells]


def ratio_row(scores, above, below, layers, rng):
    cells = []
    for levels in SCOPES:
        a, b = (
            np.array([pooled(scores, name, levels, [layer]).mean() for layer in layers]) for name in (above, below)
        )
        drawn = rng.integers(0, len(layers), (RESAMPLES, len(layers)))
        low, high = np.percentile(a[drawn].mean(1) / b[drawn].mean(1), [2.5, 97.5])
        cells.append(f"{a.mean() / b.mean():.2f} [{low:.2f}, {high:.2f}]")
    return [f"{NAMES[above]} / {NAMES[below]}", *cells, PAIRS[above, below]]


def print_table(header, rows):
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(row) + " |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("campaign", type=Path, help="folder of the campaign")
    scores = normalised(parser.parse_args().campaign)
    layers = sorted({layer for _, _, layer in scores})
    levels = [f"noise {level:g}" for level in LEVELS] + ["all"]
    rng = np.random.default_rng(0)
    print_table(["optimizer", *levels], [mean_row(scores, name, layers) for name in NAMES])
    print_table(
        ["ratio of means [95 % over layers]", *levels, "published, by noise"],
        [ratio_row(scores, above, below, layers, rng) for above, below in PAIRS],
    )
    by_layer = [[layer] + [f"{pooled(scores, name, LEVELS, [layer]).mean():.3f}" for name in NAMES] for layer in layers]
    print_table(["layer", *NAMES.values()], by_layer)


if __name__ == "__main__":
    main()
