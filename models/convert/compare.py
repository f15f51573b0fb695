"""Converts true-size checkpoints with random weights and compares ONNX Runtime with PyTorch.

    python compare.py --work DIR [--actmax COMMAND] [NAME...]

Needs what requirements.txt lists. For every network: writes the checkpoint, runs
`actmax --models DIR/models models fetch NAME --from FILE`, and compares all layers.
"""

import argparse
import pathlib
import subprocess
import time

import numpy as np
import onnx
import onnxruntime
import torch

from checkpoints import CNNS, NAMES, codes, images, save, scorer_input
from networks import hooked


def run(model, feed, outputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session.run(outputs, feed)


def difference(ours, reference):
    """Largest difference, relative to the largest value."""
    reference = reference.numpy()
    if ours.shape != reference.shape:
        raise SystemExit(f"shapes differ: {ours.shape}, PyTorch has {reference.shape}")
    return float(np.abs(ours - reference).max() / np.abs(reference).max())


def compare_generator(network, file):
    z = codes(2, int(np.prod(network.code)))
    with torch.no_grad():
        reference = network(z)
    raw = run(str(file), {"code": z.numpy()}, ["image"])[0]
    ours = np.clip(raw, 0, 255) / 255
    inside = float(((reference > 0) & (reference < 1)).float().mean())
    return difference(ours, reference), f"image {list(reference.shape[1:])}, {100 * inside:.0f} % of it unclipped"


def compare_cnn(network, file, aliases):
    x = scorer_input(images(2, 256))
    reference = hooked(network, x)
    model = onnx.load(str(file))
    shown = [name for name in aliases.values() if name in reference]
    names = {alias: layer for layer, alias in aliases.items() if alias in reference}
    kept = {output.name for output in model.graph.output}
    values = {value.name: value for value in model.graph.value_info}
    model.graph.output.extend(values[names[alias]] for alias in shown if names[alias] not in kept)
    outputs = run(model.SerializeToString(), {"image": x.numpy()}, [names[alias] for alias in shown])
    worst = max((difference(ours, reference[alias]), alias) for ours, alias in zip(outputs, shown))
    missing = sorted(name for name in reference if name not in shown and "AvgPool2davgpool" not in name)
    return worst[0], f"{len(shown)} layers, worst {worst[1]}" + (f", not compared: {missing}" if missing else "")


def aliases_of(manifest, name):
    import tomllib

    entry = next(model for model in tomllib.loads(manifest.read_text())["model"] if model["name"] == name)
    return {layer["name"]: layer["aliases"][0] for layer in entry["layers"] if layer.get("aliases")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--actmax", default="cargo run --quiet --package actmax --")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.work.mkdir(parents=True, exist_ok=True)
    folder = arguments.work / "models"
    for name in arguments.names:
        checkpoint = arguments.work / f"{name}.pt"
        legacy = NAMES.index(name) % 2 == 0
        network = save(name, checkpoint, legacy=legacy)
        start = time.perf_counter()
        command = [*arguments.actmax.split(), "--models", folder, "models", "fetch", name, "--from", checkpoint]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        file = folder / f"{name}.onnx"
        if name in CNNS:
            worst, remark = compare_cnn(network, file, aliases_of(folder / "manifest.toml", name))
        else:
            worst, remark = compare_generator(network, file)
        kind = "legacy" if legacy else "zip"
        sizes = f"{checkpoint.stat().st_size} ({kind}) -> {file.stat().st_size} bytes"
        print(f"{name:16} {worst:.1e}  {sizes}, {seconds:.1f} s  {remark}", flush=True)
        checkpoint.unlink()
        file.unlink()


if __name__ == "__main__":
    main()
