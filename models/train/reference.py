"""Reference values of the pair, computed by PyTorch in float32, for tests in other languages."""

import hashlib
import json
import math
import platform

import torch

from nets import normalise
from settings import CODE_SIZE, INPUT_MEAN, INPUT_STD, LAYERS

CODES = 3
CODE_NORM = 140.0  # about, of the codes of the formula
PIXELS = ((0, 0), (5, 40), (20, 20), (31, 32), (32, 31), (50, 12), (63, 63))  # (y, x)
PLACES = (0.5, 0.0, 0.23, 0.41, 0.77, 0.999)  # where along an axis, as a share of its length
AXIS_SHIFT = 0.31  # the next axis takes a place this much further on


def reference_code(k):
    """The code of the formula in `write_reference`, in float64, rounded to float32."""
    values = [
        CODE_NORM / 64 * math.sqrt(2) * math.cos(0.1 * (k + 1) * (i + 1))
        for i in range(CODE_SIZE)
    ]
    return torch.tensor(values, dtype=torch.float64).float()


def positions(activation):
    """Where the largest value is, and a few positions spread over the tensor."""
    shape = activation.shape
    largest = torch.unravel_index(activation.argmax(), shape)
    spread = [
        [int(size * ((place + AXIS_SHIFT * axis) % 1)) for axis, size in enumerate(shape)]
        for place in PLACES
    ]
    return [[int(index) for index in largest], *spread]


def tensor_summary(activation):
    """Mean, largest value, and values at the place of the largest and a few others."""
    places = positions(activation)
    return {
        "shape": list(activation.shape),
        "mean": activation.double().mean().item(),
        "max": activation.max().item(),
        "positions": places,
        "values": [activation[tuple(place)].item() for place in places],
    }


def one_case(generator, cnn, k):
    """Image and layers for code number k."""
    code = reference_code(k)
    image = generator(code[None])
    layers = cnn(normalise(image))
    return {
        "k": k,
        "code_norm": code.double().norm().item(),
        "code_start": code[:4].tolist(),
        "image": {
            "mean": image.double().mean().item(),
            "pixels": [{"y": y, "x": x, "rgb": image[0, :, y, x].tolist()} for y, x in PIXELS],
        },
        "layers": {name: tensor_summary(layers[name][0]) for name in LAYERS},
    }


def write_reference(path, models, generator, cnn):
    """Write the JSON file for the ONNX files named in `models`."""
    content = {
        "what": "values of tiny-deepsim and tiny-alexnet computed by PyTorch in float32, not by "
        "ONNX Runtime",
        "made_by": "models/train/check.py (reference.py)",
        "versions": {"python": platform.python_version(), "torch": torch.__version__.split("+")[0]},
        "code_formula": "code_k[i] = 140/64 * sqrt(2) * cos(0.1*(k+1)*(i+1)), i = 0..4095, "
        "k = 0..2; computed in float64, rounded to float32",
        "image": "output of the generator, RGB in 0..1",
        "layers": "outputs of the CNN for (image - mean) / std of that image; positions are "
        "(channel, row, column), or (unit) in fully connected layers; mean and max are over the "
        "whole tensor; the image is passed on in float32, not rounded to 8 bits",
        "mean": INPUT_MEAN,
        "std": INPUT_STD,
        "sha256": {m.name: hashlib.sha256(m.read_bytes()).hexdigest() for m in models},
        "cases": [one_case(generator, cnn, k) for k in range(CODES)],
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")
