"""Codes on the axes that images depend on.

    metric = generator.metric(codes)
    found = actmax.alignment(last_mean_codes, metric.eigenvalues, metric.eigenvectors)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import numbers, whole
from .optimizer import MOST_SEED
from .pictures import Svg


@dataclass(frozen=True)
class Correlation:
    """A coefficient of correlation r over n values, and its two-sided p."""

    r: float
    p: float
    n: int


@dataclass(frozen=True)
class KsTest:
    """The two-sample Kolmogorov-Smirnov distance (0: the same, 1: apart) and its p."""

    statistic: float
    p: float


@dataclass(frozen=True, eq=False)
class Alignment:
    """Size of codes along k axes, falling by eigenvalue (Wang and Ponce 2022). Axes are neighbours on one spectrum: the p values
    take them for independent."""

    #: `[k]`
    eigenvalues: NDArray[np.float64]
    #: Mean absolute coefficient of the codes on every axis, `[k]`.
    evolved: NDArray[np.float64]
    #: The same of codes with their numbers shuffled, mean over shuffles, `[k]`.
    shuffled: NDArray[np.float64]
    #: The same of noise-driven codes, `[k]`; None without any.
    noise_driven: NDArray[np.float64] | None
    #: Number of axes that count as visible.
    cutoff: int
    #: `evolved` against the logarithm of the eigenvalue, over visible axes.
    pearson: Correlation
    #: The same by ranks.
    spearman: Correlation
    #: `evolved` against `shuffled` on visible axes.
    before: KsTest
    #: The same on the others; None if there are none.
    after: KsTest | None
    #: Pearson's r of `shuffled`; NaN if it does not vary.
    shuffled_pearson: float
    #: Pearson's r of `noise_driven`; NaN without any.
    noise_driven_pearson: float
    #: Singular values of the pooled codes, largest first, of unit length together, `[m]`.
    singular_values: NDArray[np.float64]
    #: The same of each shuffle, `[shuffles, m]`.
    shuffled_singular_values: NDArray[np.float64]
    #: Singular values that exceed the 99 % quantile of all shuffled ones.
    axes_beyond_shuffles: int

    def plot(self) -> Svg:
        """Coefficients by eigenvalue, and the singular values."""
        correlations = [self.pearson.r, self.shuffled_pearson, self.noise_driven_pearson]
        noise_driven = [] if self.noise_driven is None else self.noise_driven.tolist()
        sizes = (self.eigenvalues.tolist(), self.evolved.tolist(), self.shuffled.tolist(), noise_driven)
        singular = (self.singular_values.tolist(), self.shuffled_singular_values.tolist())
        return Svg(_actmax.alignment_figure(*sizes, correlations, *singular))

    def _repr_svg_(self) -> str:
        return str(self.plot())


def alignment(
    codes: Any,
    eigenvalues: Any,
    eigenvectors: Any,
    *,
    noise_driven: Any = None,
    cutoff: int | None = None,
    shuffles: int = 100,
    seed: int = 0,
) -> Alignment:
    """Projects codes `[M, N]`, one a run, on the eigenvectors `[N, k]` of a metric, unit columns in the order of falling eigenvalues
    `[k]`.

    Published were the mean codes of last generations. `noise_driven` are such codes of runs whose scores were noise. `cutoff` is
    the number of visible axes: by default those whose eigenvalue is above 1e-6 of the largest.
    """
    axes, sizes = numbers(eigenvectors, "eigenvectors", "[N, k]"), numbers(eigenvalues, "eigenvalues", "[k]")
    if axes.shape[1] != len(sizes):
        raise ValueError(f"there are {len(sizes)} eigenvalues for eigenvectors of shape {list(axes.shape)}")
    found = _actmax.alignment(
        numbers(codes, "codes", "[M, N]"),
        sizes,
        axes,
        None if noise_driven is None else numbers(noise_driven, "noise_driven", "[M, N]"),
        None if cutoff is None else whole(cutoff, "cutoff", 1, len(sizes)),
        whole(shuffles, "shuffles", 1, 2**20),
        whole(seed, "seed", 0, MOST_SEED),
    )
    for name, kind in (("pearson", Correlation), ("spearman", Correlation), ("before", KsTest), ("after", KsTest)):
        found[name] = None if found[name] is None else kind(**found[name])
    return Alignment(**found)
