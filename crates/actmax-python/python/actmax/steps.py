"""How far codes step and grow.

    steps = actmax.step_geometry(run.codes, run.generations)
    growth = actmax.norm_growth([run], controls=[noise_driven])
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import numbers
from .pictures import Svg
from .runs import Run


@dataclass(frozen=True, eq=False)
class StepGeometry:
    """Angles and distances of codes in G generations. NaN where there is none: of a single code, or of one of length zero."""

    #: Mean angle between the codes of each generation, degrees, `[G]`.
    within_angles: NDArray[np.float64]
    #: Mean Euclidean distance between them, in the units of the code, `[G]`.
    within_distances: NDArray[np.float64]
    #: Angle between the mean codes of successive generations, degrees, `[G - 1]`.
    across_angles: NDArray[np.float64]
    #: Euclidean distance between them, `[G - 1]`.
    across_distances: NDArray[np.float64]

    def plot(self, optimizer: str = "") -> Svg:
        """All four by generation, in the colour of an optimizer."""
        within, across = (self.within_angles, self.within_distances), (self.across_angles, self.across_distances)
        return Svg(_actmax.step_figure(optimizer, within, across))

    def _repr_svg_(self) -> str:
        return str(self.plot())


@dataclass(frozen=True)
class AgainstControl:
    """One value a run, of evolved and of noise-driven runs (Wang and Ponce 2022)."""

    evolved_mean: float
    control_mean: float
    #: Two-sample t test with pooled variances: positive where evolved runs have the larger mean.
    t: float
    degrees_of_freedom: float
    t_p: float
    #: Wilcoxon's rank-sum test.
    rank_sum_z: float
    rank_sum_p: float


@dataclass(frozen=True, eq=False)
class NormGrowth:
    """Growth of the mean code's norm in R runs, and in C noise-driven ones."""

    #: Norm of the mean code by generation, one array `[T]` a run.
    norms: tuple[NDArray[np.float64], ...]
    #: R² of the line of the squared norm by generation, `[R]`: 1 of a random walk; NaN where the norm is constant.
    r_squared: NDArray[np.float64]
    #: Norm of the mean code of the last generation, `[R]`.
    final_norm: NDArray[np.float64]
    #: Standard deviation of the last generation's codes, averaged over coordinates, `[R]`.
    final_spread: NDArray[np.float64]
    #: The same of the controls; None without any.
    control: NormGrowth | None = None
    #: Final norms against those of the controls; None where a side has fewer than two runs, or none varies.
    norm_contrast: AgainstControl | None = None
    #: The same of final spreads.
    spread_contrast: AgainstControl | None = None

    def plot(self, optimizer: str = "") -> Svg:
        """Norm and squared norm with its line, in the colour of an optimizer; the controls are dashed."""
        control = [] if self.control is None else list(self.control.norms)
        return Svg(_actmax.norm_figure(optimizer, list(self.norms), control))

    def _repr_svg_(self) -> str:
        return str(self.plot())


def step_geometry(codes: Any, generations: Any) -> StepGeometry:
    """Steps of codes `[n, N]` with their generations `[n]`, such as `run.codes` and `run.generations`."""
    codes, of = numbers(codes, "codes", "[n, N]"), numbers(generations, "generations", "[n]")
    if np.any(of != np.floor(of)):
        raise ValueError("generations must be whole numbers")
    return StepGeometry(**_actmax.step_geometry(codes, of.astype(np.int64)))


def norm_growth(runs: Iterable[Any], controls: Iterable[Any] = ()) -> NormGrowth:
    """Growth of runs, against runs whose scores were noise.

    A run is a `Run`, or a pair of its mean codes `[T, N]` and the codes of its last generation `[n, N]`, of three generations and
    two codes or more.
    """
    evolved, driven = list(map(_parts, runs)), list(map(_parts, controls))
    if not evolved:
        raise ValueError("there are no runs")
    if not driven:
        return _growth(evolved)
    control, alone = _growth(driven), _growth(evolved)

    def contrast(of: NDArray[np.float64], against: NDArray[np.float64]) -> AgainstControl | None:
        found = _actmax.norm_contrast(of, against)
        return None if found is None else AgainstControl(**found)

    return NormGrowth(
        alone.norms,
        alone.r_squared,
        alone.final_norm,
        alone.final_spread,
        control,
        contrast(alone.final_norm, control.final_norm),
        contrast(alone.final_spread, control.final_spread),
    )


def _parts(run: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if isinstance(run, Run):
        run = (run.generation_means, run.last_codes)
    if not isinstance(run, (tuple, list)) or len(run) != 2:
        raise ValueError("a run is a Run, or a pair of mean codes [T, N] and codes of the last generation [n, N]")
    return numbers(run[0], "mean codes", "[T, N]"), numbers(run[1], "codes of the last generation", "[n, N]")


def _growth(runs: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> NormGrowth:
    norms, r_squared, final_norm, final_spread = zip(*(_actmax.norm_growth(means, last) for means, last in runs))
    return NormGrowth(norms, np.array(r_squared), np.array(final_norm), np.array(final_spread))
