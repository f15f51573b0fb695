"""Networks of your own among the models."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import _actmax
from .networks import ModelInfo, models
from .runtime import prefer_installed


@dataclass(frozen=True)
class AddedModel:
    """A model that was added."""

    model: ModelInfo
    #: What the program saw in the file, and what it had to assume, with the argument that changes it.
    report: str

    def __repr__(self) -> str:
        return self.report.rstrip()


def add_model(
    file: str | os.PathLike[str],
    *,
    kind: Literal["generator", "cnn"] | None = None,
    name: str | None = None,
    inputs: Iterable[str] = (),
    output: str | None = None,
    code_size: int | Sequence[int] | None = None,
    natural_norm: float | None = None,
    classes: str | os.PathLike[str] | None = None,
    size: int | tuple[int, int] | None = None,
    layout: str | None = None,
    bgr: bool = False,
    range: tuple[float, float] | None = None,
    mean: float | Sequence[float] | None = None,
    std: float | Sequence[float] | None = None,
    align_corners: bool = False,
    origin: str = "",
    licence: str = "",
    replace: bool = False,
    folder: str | os.PathLike[str] | None = None,
) -> AddedModel:
    """Registers an ONNX file as a generator or a CNN, as `actmax models add` does; its help says what the arguments mean.

        actmax.add_model("dcgan.onnx", range=(-1, 1))
        actmax.add_model("squeezenet.onnx", mean=[123.68, 116.779, 103.939], std=1)

    The file is copied into `folder`, the user's own by default. Raises ValueError for arguments that do not fit, and ActmaxError for a
    file that ONNX Runtime does not take.
    """
    given: dict[str, Any] = {"kind": kind, "name": name, "output": output, "natural-norm": natural_norm, "layout": layout}
    given |= {"code-size": _joined(code_size, "x"), "size": _joined(size, "x"), "range": _joined(range, "..")}
    given |= {"mean": _joined(mean, ","), "std": _joined(std, ","), "classes": None if classes is None else os.fspath(classes)}
    arguments = [f"--{key}={value}" for key, value in given.items() if value is not None]
    arguments += [f"--{key}={text}" for key, text in (("origin", origin), ("licence", licence)) if text]
    arguments += [f"--input={rule}" for rule in inputs]
    flags = {"bgr": bgr, "align-corners": align_corners, "replace": replace}
    arguments += [f"--{flag}" for flag, wanted in flags.items() if wanted]
    prefer_installed()
    report = _models(["add", *arguments, "--", os.fspath(file)], folder)
    added = report.split(" is a ", 1)[0]
    return AddedModel(next(model for model in models(folder=folder) if model.name == added), report)


def remove_model(name: str, *, folder: str | os.PathLike[str] | None = None) -> None:
    """Removes a model that was added or fetched, and its file."""
    _models(["remove", "--", name], folder)


def _models(arguments: list[str], folder: str | os.PathLike[str] | None) -> str:
    place = [] if folder is None else ["--models", os.fspath(folder)]
    return _actmax.said_by_command(["actmax", *place, "models", *arguments])


def _joined(values: Any, between: str) -> str | None:
    if values is None or isinstance(values, str):
        return values
    return between.join(map(str, values)) if isinstance(values, Sequence) or hasattr(values, "tolist") else str(values)
