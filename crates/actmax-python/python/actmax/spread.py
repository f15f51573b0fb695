"""Codes of a generation one at a time, for libraries whose trials come one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .optimizer import Optimizer
from .optimizers import optimizers

#: Methods that take as many codes a generation as Hansen's rule says.
BY_RULE = ("cma", "diagonal-cma", "cholesky-cmaes", "lm-ma-es")


def small_generations(name: str, dim: int, options: Mapping[str, Any], workers: int = 1) -> dict[str, Any]:
    """Options for few evaluations: 4 + 3 ln N codes a generation (Hansen 2016), or one a worker, for a method of BY_RULE that
    has no other number.
    """
    known = next((info.name for info in optimizers() if name == info.name or name in info.aliases), None)
    if known in BY_RULE and "population_size" not in options:
        return {**options, "population_size": max(4 + int(3 * log(dim)), workers)}
    return dict(options)


class Spread:
    """The generations of an optimizer, code by code. A generation is told when each of its codes has a score."""

    def __init__(self, optimizer: Optimizer):
        self.optimizer = optimizer
        self._begin()

    def _begin(self) -> None:
        #: The present generation, `[n, N]`.
        self.codes: NDArray[np.float64] = self.optimizer.ask()
        self._scores: dict[int, float] = {}

    @property
    def generation(self) -> int:
        """Number of generations told."""
        return self.optimizer.generation

    def next(self, out: Mapping[int, int]) -> int:
        """Which code to score next: one without a score that the fewest are scoring now; `out` counts them.

        There is always one, so that more workers than codes, and a worker that is lost, stop nothing.
        """
        waiting = (index for index in range(len(self.codes)) if index not in self._scores)
        return min(waiting, key=lambda index: (out.get(index, 0), index))

    def give(self, generation: int, index: int, score: float) -> bool:
        """Takes the score of a code; NaN is a missing one. The first score counts. Returns whether it was of use."""
        if generation != self.generation or index in self._scores:
            return False
        self._scores[index] = score
        if len(self._scores) == len(self.codes):
            scores = [self._scores[index] for index in range(len(self.codes))]
            # Without any score there is nothing to learn: the same codes come again.
            if not np.isnan(scores).all():
                self.optimizer.tell(scores)
            self._begin()
        return True
