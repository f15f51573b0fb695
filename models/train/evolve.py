"""Evolve images for all units of fc8 and some of every other layer, with the program itself.

    python evolve.py --work work --actmax ../../target/release/actmax

The program must have been built with the exported pair. One run a unit (SphereCMA, 75
generations, no noise), in work/evolved/LAYER-UNIT; runs already there are kept. Units of the
other layers are drawn at random from those that answer to random codes.
"""

import argparse
import subprocess
from pathlib import Path

import numpy as np
import torch

import measure
from draw_classes import NAMES
from export import load_pair
from settings import LAYERS, SEED

UNITS_A_LAYER = 3
OPTIMIZER = "sphere-cma"
RUN_SEED = 77


def chosen_units(generator, cnn):
    """Numbers of units by layer: all of fc8, a few live ones of the others."""
    torch.manual_seed(SEED + 80)
    drawn = measure.in_chunks(generator, measure.random_codes(100, measure.LIVE_NORM))
    units = {}
    for layer in LAYERS:
        if layer == "fc8":
            units[layer] = list(range(len(NAMES)))
            continue
        live = (measure.response_range(cnn, drawn, layer).flatten() > 0).nonzero()[:, 0]
        units[layer] = sorted(live[torch.randperm(len(live))[:UNITS_A_LAYER]].tolist())
    return units


def unit_address(layer, unit, shape):
    """The program's name of unit number `unit` of a flattened layer."""
    if len(shape) == 1:
        return f"{layer}:{unit}"
    _, height, width = shape
    return f"{layer}:{unit // (height * width)}:{unit // width % height}:{unit % width}"


def best_code(run):
    """The code with the highest clean score of a run."""
    with np.load(run / "evolution.npz") as data:
        return torch.from_numpy(data["codes_all"][data["cleanscores_all"].argmax()].copy())


def evolved_codes(folder):
    """{layer: {unit: best code}} of all runs in a folder."""
    codes = {}
    for run in sorted(folder.glob("*-*")):
        if (run / "evolution.npz").exists():
            layer, unit = run.name.split("-")
            codes.setdefault(layer, {})[int(unit)] = best_code(run)
    return codes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder with pair.pt")
    parser.add_argument("--actmax", type=Path, required=True, help="the built program")
    options = parser.parse_args()
    torch.set_num_threads(1)
    generator, cnn = load_pair(options.work)
    shapes = {name: values.shape[1:] for name, values in cnn(torch.zeros(1, 3, 64, 64)).items()}
    for layer, units in reversed(chosen_units(generator, cnn).items()):
        for unit in units:
            run = options.work / "evolved" / f"{layer}-{unit}"
            if not (run / "evolution.npz").exists():
                command = [
                    options.actmax, "evolve", "--unit", unit_address(layer, unit, shapes[layer]),
                    "--optimizer", OPTIMIZER, "--seed", str(RUN_SEED), "--threads", "1",
                    "--quiet", "--overwrite", "--out", run,
                ]  # fmt: skip
                subprocess.run(command, check=True)
        print(f"{layer}: {len(units)} runs", flush=True)


if __name__ == "__main__":
    main()
