"""Which directions of code change a generator's images.

    metric = actmax.Generator("tiny-deepsim").metric(run.best_code)
    found = metric.alignment(last_mean_codes)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .alignment import Alignment, alignment
from .arrays import number, numbers, whole
from .optimizer import MOST_SEED
from .pictures import Svg
from .tensors import on_arrays

if TYPE_CHECKING:
    from .networks import Generator

#: Axes that the publication kept of 4096.
PUBLISHED_AXES = 800


@dataclass(frozen=True, eq=False)
class Metric:
    """Axes of J'J, J being the change of an image with every number of its code (Wang and Ponce 2021)."""

    #: Squared change of the image a squared unit of code, largest first, `[k]`.
    eigenvalues: NDArray[np.float64]
    #: Unit columns, `[N, k]`.
    eigenvectors: NDArray[np.float64]
    #: Sum of all eigenvalues, known or not; within the directions, if it was measured along some.
    trace: float
    #: Squared sum of the eigenvalues over the sum of their squares: how many directions count. NaN of a metric of zero.
    participation_ratio: float
    #: Step of the differences, in the units of the code.
    step: float
    #: What it was measured with.
    about: str

    def alignment(self, codes: Any, **arguments: Any) -> Alignment:
        """Codes `[M, N]` on these axes: `actmax.alignment` with its other arguments."""
        return alignment(codes, self.eigenvalues, self.eigenvectors, **arguments)

    def plot(self) -> Svg:
        """Eigenvalues by rank, and the share of the trace that the leading ones hold."""
        return Svg(_actmax.metric_figure(self.eigenvalues.tolist(), self.trace, "The generator's metric", self.about))

    def _repr_svg_(self) -> str:
        return str(self.plot())

    def __repr__(self) -> str:
        return f"<actmax.Metric of {self.about}: {self.participation_ratio:.1f} directions count>"


def measured(
    generator: Generator,
    codes: Any,
    *,
    axes: int,
    directions: int | None,
    step: float | None,
    difference: str,
    features: Any,
    seed: int,
) -> Metric:
    """See `Generator.metric`."""
    dim, kind = generator.dim, {"forward": False, "central": True}
    if difference not in kind:
        raise ValueError(f"difference is 'forward' or 'central', not {difference!r}")
    if features is not None and not callable(features):
        raise ValueError(f"features must be a callable from images [n, 3, H, W] to [n, P], not {features!r}")
    codes = numbers(np.atleast_2d(codes) if np.ndim(codes) == 1 else codes, "codes", "[n, N]")
    part = None if features is None else on_arrays(features)

    def featured(images: NDArray[np.float32]) -> NDArray[np.float32]:
        return numbers(part(images), "features", "[n, P]", np.float32)  # type: ignore[misc]

    count = None if directions is None else whole(directions, "directions", 1, dim)
    found = _actmax.measure_metric(
        generator._native,
        codes,
        whole(axes, "axes", 1, 2**32),
        count,
        None if step is None else number(step, "step"),
        kind[difference],
        whole(seed, "seed", 0, MOST_SEED),
        None if part is None else featured,
    )
    within = "" if count is None else f" within {count} random directions"
    at = f"{len(codes)} code{'s' if len(codes) > 1 else ''}"
    of = "pixels" if features is None else "features"
    return Metric(**found, about=f"{of} of {generator.name} at {at}{within}, {len(found['eigenvalues'])} of N = {dim}")
