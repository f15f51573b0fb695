"""Pictures and figures of the program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import numbers


class Svg(str):
    """A figure as the text of an SVG file. Notebooks show it."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file."""
        Path(path).write_text(self, encoding="utf-8")

    def _repr_svg_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<actmax.Svg, {len(self)} characters>"


class Picture:
    """The first of images `[n, 3, H, W]` in [0, 1]. Notebooks show it."""

    def __init__(self, images: Any):
        #: RGB in 8 bits, `[H, W, 3]`.
        self.array: NDArray[np.uint8] = _actmax.to_rgb8(numbers(images, "images", "[n, 3, height, width]", np.float32))

    def to_png(self) -> bytes:
        """The content of a PNG file."""
        return _actmax.to_png(self.array)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a PNG file."""
        Path(path).write_bytes(self.to_png())

    def _repr_png_(self) -> bytes:
        return self.to_png()

    def __repr__(self) -> str:
        height, width, _ = self.array.shape
        return f"<actmax.Picture {width} x {height}>"


def score_trace(
    optimizer: str,
    generations: NDArray[np.int64],
    scores: NDArray[np.float64],
    noisy: NDArray[np.float64] | None = None,
    *,
    minimized: bool = False,
    recorded: bool = False,
) -> Svg:
    """The scores `[n]` of a run by generation `[n]`; `noisy` are those that the optimizer saw, where they differ."""
    seen = scores if noisy is None else noisy
    return Svg(_actmax.score_trace(optimizer, generations, scores, seen, minimized, recorded))
