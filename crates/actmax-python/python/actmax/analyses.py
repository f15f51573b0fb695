"""Trajectories of mean codes: principal components, steps, growth.

    pca = actmax.trajectory_pca(run.generation_means)
    pca.r_squared_fixed        # how well a random walk's cosines fit
    actmax.drift(run.generation_means).step_angles
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import numbers, whole
from .optimizer import MOST_GENERATIONS
from .pictures import Svg


@dataclass(frozen=True, eq=False)
class TrajectoryPca:
    """The first K principal components of a trajectory of T mean codes, and the cosines that fit them (Wang and Ponce 2022)."""

    #: `[T, K]`, in the units of the code.
    projections: NDArray[np.float64]
    #: `[K]`
    explained_variance_ratio: NDArray[np.float64]
    #: The same of a random walk of T steps (Antognini and Sohl-Dickstein 2018), `[K]`.
    random_walk: NDArray[np.float64]
    #: Periods of the fitted cosine within the trajectory, `[K]`; k / 2 of a random walk.
    periods: NDArray[np.float64]
    #: R² of that cosine, `[K]`.
    r_squared_free: NDArray[np.float64]
    #: R² of a cosine of k / 2 periods and phase 0, `[K]`.
    r_squared_fixed: NDArray[np.float64]
    trajectory: NDArray[np.float64]

    def plot(self, optimizer: str = "") -> Svg:
        """The first components with their cosines, in the colour of an optimizer."""
        return Svg(_actmax.trajectory_figure(optimizer, self.trajectory))

    def _repr_svg_(self) -> str:
        return str(self.plot())


@dataclass(frozen=True, eq=False)
class RandomWalk:
    """What principal components show of a random walk of T positions in infinitely many dimensions."""

    #: Of the first K components, exact at T (Antognini and Sohl-Dickstein 2018), `[K]`.
    explained_variance_ratio: NDArray[np.float64]
    #: The same for large T: 6 / (pi k)², `[K]`.
    limit: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drift:
    """Growth and turning of a trajectory of T mean codes. An angle is NaN where a vector is zero."""

    #: Squared norm of each mean code, `[T]`.
    squared_norms: NDArray[np.float64]
    #: Growth of the squared norm a generation, by a line.
    squared_growth: float
    #: R² of that line; None where the norm is constant.
    r_squared: float | None
    #: Distance of successive mean codes, `[T - 1]`.
    step_lengths: NDArray[np.float64]
    #: Angle between successive mean codes, degrees, `[T - 1]`.
    code_angles: NDArray[np.float64]
    #: Angle between successive steps, degrees, `[T - 2]`; 90 of a random walk.
    step_angles: NDArray[np.float64]


def trajectory_pca(trajectory: Any, components: int = 10) -> TrajectoryPca:
    """Principal components of a trajectory `[T, N]`, such as `run.generation_means`; at most T - 1 and N of them."""
    trajectory = _checked(trajectory)
    most = min(trajectory.shape[0] - 1, trajectory.shape[1])
    count = whole(components, "components", 1, max(1, most)) if components != 10 else max(1, min(10, most))
    return TrajectoryPca(**_actmax.trajectory_pca(trajectory, count), trajectory=trajectory)


def random_walk(generations: int, components: int = 10) -> RandomWalk:
    """The theory for a trajectory of T = `generations` mean codes; it has T - 1 components at most."""
    generations = whole(generations, "generations", 2, MOST_GENERATIONS)
    return RandomWalk(**_actmax.random_walk(generations, whole(components, "components", 1, generations - 1)))


def drift(trajectory: Any) -> Drift:
    """Norms, steps and turns of a trajectory `[T, N]` of three generations or more."""
    return Drift(**_actmax.drift(_checked(trajectory)))


def _checked(trajectory: Any) -> NDArray[np.float64]:
    codes = numbers(trajectory, "trajectory", "[T, N]")
    if codes.shape[1] == 0:
        raise ValueError(f"trajectory has shape {list(codes.shape)}: its codes have no numbers")
    return codes
