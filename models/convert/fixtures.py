"""Writes the small checkpoints and PyTorch's answers that the tests of `gen-models` compare with.

    python fixtures.py ../../crates/gen-models/tests/fixtures/checkpoints
"""

import argparse
import json
import pathlib

import torch

from checkpoints import CNNS, codes, images, save, scorer_input
from networks import hooked

# All channels but RGB are divided by this.
WIDTHS = {
    "deepsim-fc6": 32, "deepsim-fc8": 32, "deepsim-pool5": 32, "deepsim-conv4": 16, "deepsim-norm2": 16,
    "deepsim-norm1": 16, "alexnet": 64, "resnet50": 64, "resnet50-robust": 64,
}
# Written in the format of PyTorch before 1.6.
LEGACY = {"deepsim-fc8", "deepsim-norm1", "alexnet", "resnet50-robust"}
# Every so many values of a tensor are kept.
STEP = 1009


def sample(tensor):
    flat = tensor.flatten().double()
    return {
        "shape": list(tensor.shape[1:]), "mean": float(flat.mean()), "largest": float(flat.abs().max()),
        "values": [float(f"{value:.7g}") for value in flat[::STEP].tolist()],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    reference = {"step": STEP, "networks": {}}
    for name, width in WIDTHS.items():
        network = save(name, folder / f"{name}.pt", width, legacy=name in LEGACY)
        if name in CNNS:
            layers = hooked(network, scorer_input(images(2, 100)))
            samples = {layer: sample(value) for layer, value in layers.items() if ".Conv2d" not in layer or "features" in layer}
            if name == "resnet50-robust":
                samples = {".Linearfc": samples[".Linearfc"]}
        else:
            dim = 1
            for size in network.code:
                dim *= size
            with torch.no_grad():
                samples = {"image": sample(network(codes(2, dim)))}
        reference["networks"][name] = {"width": width, "tensors": samples}
    text = json.dumps(reference, indent=None, separators=(",", ":")).replace('},"', '},\n"')
    (folder / "reference.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
