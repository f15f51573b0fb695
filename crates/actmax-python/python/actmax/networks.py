"""Generators and units of CNNs by name."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import numbers, whole
from .metric import PUBLISHED_AXES, Metric, measured
from .runtime import prefer_installed

#: Images that are computed at once: a generation of any published method fits.
BATCH = 64


@dataclass(frozen=True)
class ModelInfo:
    """A generator or a CNN."""

    name: str
    #: "generator" or "cnn".
    kind: str
    #: Whether its file is on this machine.
    present: bool
    #: Length N of a generator's codes.
    code_length: int | None
    #: Norm of the codes that a generator was made for: that of natural images if it is known, else of standard normal codes.
    code_norm: float | None
    #: Height and width of a generator's images, or of what a CNN sees.
    image_size: tuple[int, int] | None
    about: str
    licence: str
    #: The command that fetches it, if it is not here.
    how: str | None


@dataclass(frozen=True)
class LayerInfo:
    """A layer of a CNN."""

    name: str
    #: `(C, H, W)` or `(C,)`.
    shape: tuple[int, ...]
    aliases: tuple[str, ...]
    #: Whether units of it can be addressed.
    targetable: bool
    #: Names of the channels, if they have any.
    channels: tuple[str, ...]


class ModelTable(list[ModelInfo]):
    """A list of models that prints as a table."""

    def __repr__(self) -> str:
        return "\n".join(f"{model.name:20} {model.kind:10} {model.how or 'here'}" for model in self)

    def _repr_html_(self) -> str:
        cells = [(m.name, m.kind, str(m.code_length or ""), str(m.image_size or ""), m.how or "here", m.about) for m in self]
        rows = ("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in cells)
        head = "".join(f"<th>{title}</th>" for title in ("name", "kind", "code", "image", "file", "about"))
        return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def models(*, folder: str | os.PathLike[str] | None = None) -> ModelTable:
    """The models that are compiled in, those of `folder` (the user's own by default), and the published ones."""
    entries = json.loads(_networks(folder).models())
    return ModelTable(ModelInfo(**{**entry, "image_size": _pair(entry["image_size"])}) for entry in entries)


def layers(cnn: str, *, folder: str | os.PathLike[str] | None = None) -> list[LayerInfo]:
    """The layers of a CNN."""
    entries: list[dict[str, Any]] = json.loads(_networks(folder).layers(cnn))
    for entry in entries:
        entry.update({key: tuple(value) for key, value in entry.items() if isinstance(value, list)})
    return [LayerInfo(**entry) for entry in entries]


class Generator:
    """A network that makes images of codes. Its `generate`, and itself as a function, take codes `[n, N]`.

    `name` is one of `actmax.models()`. `threads` are those of ONNX Runtime (all cores by default), `device` is "cpu", "cuda",
    "cuda:N" or "auto", `batch` the number of images that are computed at once.
    """

    def __init__(
        self,
        name: str,
        *,
        folder: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        device: str = "cpu",
        batch: int = BATCH,
    ) -> None:
        self.name = _text(name, "the name of a generator")
        self._networks = _networks(folder, threads, device, batch)
        self._native = self._networks.generator(name)

    @property
    def dim(self) -> int:
        """Length N of a code."""
        return self._native.dim

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width of the images, pixels."""
        height, width = self._native.image_size
        return height, width

    @property
    def natural_norm(self) -> float | None:
        """Norm that codes of natural images have, if it is known."""
        return self._native.natural_norm

    @property
    def code_norm(self) -> float:
        """Norm of the codes that it was made for: `natural_norm`, or that of standard normal codes."""
        return self._native.code_norm

    def generate(self, codes: Any) -> NDArray[np.float32]:
        """Images `[n, 3, H, W]`, RGB in [0, 1], of codes `[n, N]`."""
        return self._native.generate(_finite(codes))

    __call__ = generate

    def metric(
        self,
        codes: Any,
        *,
        axes: int = PUBLISHED_AXES,
        directions: int | None = None,
        step: float | None = None,
        difference: str = "forward",
        features: Any = None,
        seed: int = 0,
    ) -> Metric:
        """How much the image changes with steps from codes `[n, N]` or `[N]`, as the mean over them.

        It makes N + 1 images a code by `difference` "forward", 2 N + 1 by "central", and keeps the `axes` leading eigenvectors. Where
        N and the images are large, measure along some random `directions`. `step` is in the units of the code, by default a
        hundredth of `code_norm`. `features` is a callable or a PyTorch module from images `[n, 3, H, W]` to `[n, P]`; by default
        they are pixels, averaged over squares to at most 64 a side. `seed` draws directions. Ctrl-C ends it.
        """
        return measured(
            self, codes, axes=axes, directions=directions, step=step, difference=difference, features=features, seed=seed
        )

    def __repr__(self) -> str:
        height, width = self.image_size
        return f"<actmax.Generator {self.name!r}: code of {self.dim} numbers -> image {width} x {height}>"


class Unit:
    """A unit of a CNN, or a weighted sum of units: images in, scores out.

        unit = actmax.Unit("tiny-alexnet/fc8:eye")
        unit = actmax.Unit(["tiny-alexnet/conv5:12=0.7", "tiny-alexnet/fc8:3=0.3"])

    A unit is `CNN/LAYER:CHANNEL[:ROW:COL][=WEIGHT]`; without row and column it is the one in the middle of the map. The other
    arguments are those of `Generator`. `generator` is the one whose codes `evaluate` takes.
    """

    def __init__(
        self,
        unit: str | Sequence[str],
        *,
        generator: str | Generator | None = None,
        folder: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        device: str = "cpu",
        batch: int = BATCH,
    ) -> None:
        self.cnn, self.units = split_units(unit)
        self.generator = generator.name if isinstance(generator, Generator) else generator
        self._networks = _networks(folder, threads, device, batch)
        self._native = self._networks.scorer(self.cnn, self.units)
        self._fused: dict[str, _actmax.Fused] = {}

    def score(self, images: Any) -> NDArray[np.float64]:
        """Scores `[n]` of images `[n, 3, H, W]`, RGB in [0, 1], of any size. NaN of an image that holds NaN."""
        return self._native.score(numbers(images, "images", "[n, 3, height, width]", np.float32))

    __call__ = score

    def evaluate(self, codes: Any, generator: str | Generator | None = None) -> NDArray[np.float64]:
        """Scores `[n]` of the images that a generator makes of codes `[n, N]`, in one graph."""
        name = generator.name if isinstance(generator, Generator) else generator or self.generator
        if name is None:
            raise ValueError('evaluate needs a generator: Unit(..., generator="tiny-deepsim")')
        if name not in self._fused:
            self._fused[name] = self._networks.objective(name, self.cnn, self.units)
        return self._fused[name].evaluate(_finite(codes))

    def __repr__(self) -> str:
        return f"<actmax.Unit {self.cnn}/{self._native.units}>"


def split_units(unit: str | Sequence[str]) -> tuple[str, list[str]]:
    """Name of the CNN, and the units within it."""
    units = [unit] if isinstance(unit, str) else list(unit)
    parts = [_text(each, "a unit").partition("/") for each in units]
    cnns = {cnn for cnn, slash, _ in parts if slash}
    if len(cnns) != 1 or not all(slash for _, slash, _ in parts):
        raise ValueError(f'a unit is "CNN/LAYER:CHANNEL[:ROW:COL]", and several are of one CNN, not {unit!r}')
    return cnns.pop(), [address for _, _, address in parts]


def _networks(
    folder: str | os.PathLike[str] | None, threads: int | None = None, device: str = "cpu", batch: int = BATCH
) -> _actmax.Networks:
    prefer_installed()
    threads = None if threads is None else whole(threads, "threads", 1, 2**16)
    folder = None if folder is None else os.fspath(folder)
    return _actmax.Networks(folder, threads, whole(batch, "batch", 1, 2**20), _text(device, "a device"))


def _finite(values: Any) -> NDArray[np.float64]:
    """Codes that networks, which compute in single precision, can take."""
    codes = numbers(values, "codes", "[n, N]")
    with np.errstate(over="ignore"):
        wrong = np.argwhere(~np.isfinite(codes.astype(np.float32)))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(f"number {column} of code {row} is {codes[row, column]}: it is not finite in single precision")
    return codes


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is a text, not {value!r}")
    return value


def _pair(size: list[int] | None) -> tuple[int, int] | None:
    return None if size is None else (size[0], size[1])
