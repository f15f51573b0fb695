"""Optimizers against each other, with intervals.

    table = actmax.ratios({"sphere-cma": a, "genetic": b}, units)      # a, b: scores [n] of the same runs; units [n]
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import numbers, whole
from .optimizer import MOST_SEED
from .pictures import Svg


@dataclass(frozen=True, eq=False)
class Ratios:
    """Mean score of the row's optimizer over that of the column's, of k optimizers; NaN on the diagonal."""

    names: tuple[str, ...]
    #: `[k, k]`
    ratio: NDArray[np.float64]
    #: Lower end of its interval, `[k, k]`.
    low: NDArray[np.float64]
    #: Upper end, `[k, k]`.
    high: NDArray[np.float64]
    #: p of the paired t test over means of units, `[k, k]`; NaN where the differences do not vary.
    p_values: NDArray[np.float64]
    #: Number of units.
    units: int
    #: Coverage of the intervals.
    coverage: float

    def plot(self) -> Svg:
        """The ratios as a table of colours, with stars for p."""
        return Svg(_actmax.ratio_figure(list(self.names), self.ratio, self.p_values, self.units))

    def _repr_svg_(self) -> str:
        return str(self.plot())

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.names)
        rows = (f"<tr><th>{html.escape(name)}</th>{self._cells(row)}</tr>" for row, name in enumerate(self.names))
        return f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"

    def _cells(self, row: int) -> str:
        cells = zip(self.ratio[row], self.low[row], self.high[row])
        return "".join("<td></td>" if np.isnan(r) else f"<td>{r:.3f} ({low:.3f} to {high:.3f})</td>" for r, low, high in cells)


def ratios(
    scores: Mapping[str, Any], units: Any, *, coverage: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Ratios:
    """Ratios of mean scores of optimizers over the same n runs.

    `scores` has an array `[n]` a name: row i of each is the same unit, noise and repeat. `units` `[n]` are labels: runs of one unit
    are alike, so that whole units are resampled (bootstrap over groups; percentiles expanded for few of them, Hesterberg 2015).
    Scores of different units should have one scale, such as shares of each unit's largest. Two units or more are needed.
    """
    names = tuple(scores)
    if len(names) < 2:
        raise ValueError(f"ratios are of two optimizers or more, not of {len(names)}")
    columns = [numbers(scores[name], f"scores of {name!r}", "[n]") for name in names]
    lengths = {name: len(column) for name, column in zip(names, columns)}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"optimizers have different numbers of scores: {lengths}")
    labels, members = np.unique(np.asarray(units), return_inverse=True)
    found = _actmax.ratios(
        np.stack(columns, axis=1),
        members.astype(np.int64).ravel(),
        float(coverage),
        whole(resamples, "resamples", 1, 2**24),
        whole(seed, "seed", 0, MOST_SEED),
    )
    return Ratios(names, units=len(labels), coverage=float(coverage), **found)
