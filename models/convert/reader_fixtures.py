"""Writes tiny checkpoints in the forms that the reader must take or refuse.

    python reader_fixtures.py ../../crates/gen-models/tests/fixtures/reader
"""

import argparse
import os
import pathlib
from collections import OrderedDict

import dill
import numpy as np
import torch


class Command:
    """What an attacker would write: a call of `os.system` on loading."""

    def __reduce__(self):
        return (os.system, ("true",))


def state():
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    module = torch.nn.Linear(2, 2)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    return OrderedDict(
        plain=base, swapped=base.transpose(0, 2), part=base[1], every_second=base[:, :, ::2],
        double=torch.tensor([1.5, -2.5], dtype=torch.float64), half=torch.ones(2, dtype=torch.float16),
        parameter=module.weight, scalar=torch.tensor(7.0), empty=torch.zeros(0, 3),
        count=torch.tensor(5), repeated=torch.tensor([1.0, 2.0]).expand(3, 2),
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)

    def save(data, name, **options):
        torch.save(data, folder / f"{name}.pt", **options)

    save(state(), "zip")
    save(state(), "legacy", _use_new_zipfile_serialization=False)
    save(state(), "zip-protocol4", pickle_protocol=4)
    save(torch.nn.Sequential(torch.nn.Linear(2, 2)).state_dict(), "module")
    save(torch.nn.Linear(2, 2).state_dict(), "module-legacy", _use_new_zipfile_serialization=False)
    weight = {"weight": torch.tensor([1.0, 2.0])}
    carried = {"accuracy": np.float64(0.5), "when": {1, 2}, "best": torch.tensor(0.1), "sizes": torch.Size([2])}
    save({"epoch": 3, "state_dict": weight, **carried}, "training")
    # A training checkpoint with a function in it, as dill writes it.
    decay = eval(compile("lambda epoch: 0.1 ** (epoch // 30)", "train.py", "eval"))
    schedule = {"lr_lambdas": [decay]}
    for legacy in (False, True):
        name = "training-dill-legacy" if legacy else "training-dill"
        data = {"model": weight, "schedule": schedule, "args": argparse.Namespace(lr=0.1), **carried}
        save(data, name, pickle_module=dill, _use_new_zipfile_serialization=not legacy)
    save({"model": weight, "hook": Command()}, "command")
    save(Command(), "command-legacy", _use_new_zipfile_serialization=False)
    save(torch.nn.Linear(2, 2), "whole-module")
    save({"epoch": 3, "lr": 0.1}, "no-tensors")
    save([torch.zeros(2)], "list")


if __name__ == "__main__":
    main()
