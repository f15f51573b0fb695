"""Checkpoints of the structure of the published ones, with random weights."""

from collections import OrderedDict

import torch

from networks import AlexNet, Generator, ResNet50, randomise

GENERATORS = ["fc6", "fc7", "fc8", "conv4", "conv3", "norm2", "norm1", "pool5"]
CNNS = {"alexnet": AlexNet, "resnet50": ResNet50, "resnet50-robust": ResNet50}
NAMES = [f"deepsim-{name}" for name in GENERATORS] + list(CNNS)
SEEDS = {name: seed for seed, name in enumerate(NAMES, 1)}


def network(name, width=1):
    """The network of this name with its random weights."""
    if name in CNNS:
        return randomise(CNNS[name](width), SEEDS[name])
    return randomise(Generator(name.removeprefix("deepsim-"), width), SEEDS[name])


def training_checkpoint(model, width):
    """What the library that trained the robust ResNet50 saves: two copies of the network with prefixes, the
    normalisation, the optimizer."""
    state = OrderedDict()
    normalisation = {"new_mean": torch.tensor([0.485, 0.456, 0.406]), "new_std": torch.tensor([0.229, 0.224, 0.225])}
    for key, value in normalisation.items():
        state[f"module.normalizer.{key}"] = value.reshape(3, 1, 1)
    for copy in ("model", "attacker.model"):
        for key, value in model.state_dict().items():
            state[f"module.{copy}.{key}"] = value
    for key, value in normalisation.items():
        state[f"module.attacker.normalize.{key}"] = value.reshape(3, 1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    if width == 1:
        for parameter in model.parameters():
            optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    return {
        "model": state, "optimizer": optimizer.state_dict(), "schedule": {"last_epoch": 90, "_step_count": 91},
        "epoch": 90, "amp": None, "nat_prec1": torch.tensor(62.4), "adv_prec1": torch.tensor(38.2),
    }


def save(name, path, width=1, legacy=False):
    """Writes the checkpoint; returns the network."""
    model = network(name, width)
    if name == "resnet50-robust":
        data = training_checkpoint(model, width)
    elif name in CNNS:
        data = model.state_dict()
    else:
        data = model.published_state_dict()
        if name == "deepsim-fc8":
            # The names of older files.
            data = OrderedDict((key.replace(".", ".1."), value) for key, value in data.items())
    torch.save(data, path, _use_new_zipfile_serialization=not legacy)
    return model


def codes(count, dim):
    """Codes by a formula, to be repeated in other languages: 3 sin(0.37 i + i^2 / 1000 + n)."""
    i = torch.arange(dim, dtype=torch.float64)
    rows = [3 * torch.sin(0.37 * i + i * i / 1000 + n) for n in range(count)]
    return torch.stack(rows).float()


def images(count, size):
    """Images by a formula: 0.5 + 0.45 sin(0.05 x + 0.03 y (1 + n) + 2 c)."""
    n, c, y, x = torch.meshgrid(
        torch.arange(count), torch.arange(3), torch.arange(size), torch.arange(size), indexing="ij"
    )
    angle = 0.05 * x.double() + 0.03 * y.double() * (1 + n.double()) + 2 * c.double()
    return (0.5 + 0.45 * torch.sin(angle)).float()


def scorer_input(pixels, size=227):
    """The published preprocessing: normalise, then resize."""
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    return torch.nn.functional.interpolate((pixels - mean) / std, (size, size), mode="bilinear", align_corners=True)
