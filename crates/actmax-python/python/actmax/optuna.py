"""A sampler of Optuna over our methods.

    import actmax, optuna
    study = optuna.create_study(sampler=actmax.optuna.ActmaxSampler("cma", seed=7))

Needs the package optuna.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .optimizer import Optimizer, options_as_json
from .spread import Spread, small_generations

try:
    import optuna
    from optuna._transform import _SearchSpaceTransform
    from optuna.distributions import BaseDistribution, CategoricalDistribution, distribution_to_json
    from optuna.samplers import BaseSampler, RandomSampler
    from optuna.search_space import IntersectionSearchSpace
    from optuna.study import Study, StudyDirection
    from optuna.trial import FrozenTrial, TrialState
except ImportError as _error:
    raise ImportError(f"actmax.optuna needs the package optuna: pip install optuna ({_error})") from _error

__all__ = ["MOST_PARAMETERS", "ActmaxSampler"]

#: The most numbers that the sampler evolves.
MOST_PARAMETERS = 200
#: Standard deviations of the first codes from the middle of a range to its ends.
REACH = 3.0
#: Where a trial says which code of which generation it scored.
ATTRIBUTE = "actmax"


class ActmaxSampler(BaseSampler):
    """Evolves a study's numbers with a method of `actmax.optimizers()`.

    `name`, `seed`, `generations` and `options` are those of `actmax.Optimizer`. `cma`, `diagonal-cma`, `cholesky-cmaes` and
    `lm-ma-es` have 4 + 3 ln N codes a generation unless `population_size` says another number. Ranges of 200 numbers at most are
    mapped to codes: the first ones lie around the middle with a standard deviation of a sixth of the range, and a code beyond an
    end comes back as from a mirror. Categories, the first trial, and numbers that not every trial has are sampled independently,
    by `independent_sampler`.

    What is learnt is read from the study's finished trials, so that a study goes on in another process, or in several at once, with
    equal arguments. A trial that was pruned is a missing score, one that failed is tried again.
    """

    def __init__(
        self,
        name: str = "cma",
        *,
        seed: int = 0,
        generations: int | None = None,
        independent_sampler: BaseSampler | None = None,
        **options: Any,
    ) -> None:
        # Arguments that do not fit are refused here, not at the second trial.
        Optimizer(name, dim=2, seed=seed, generations=generations, **options)
        self._arguments: dict[str, Any] = {"name": name, "seed": seed, "generations": generations, "options": options}
        self._independent = independent_sampler or RandomSampler(seed=seed % 2**32)
        self._space = IntersectionSearchSpace()
        self._evolutions: dict[str, _Evolution] = {}
        self._lock = threading.RLock()

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.RLock()

    def reseed_rng(self) -> None:
        self._independent.reseed_rng()

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        space = self._space.calculate(study)
        return {
            name: space[name]
            for name in sorted(space)
            if not space[name].single() and not isinstance(space[name], CategoricalDistribution)
        }

    def sample_relative(self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]) -> dict[str, Any]:
        self._raise_error_if_multi_objective(study)
        if not search_space:
            return {}
        if len(search_space) > MOST_PARAMETERS:
            raise ValueError(
                f"the study has {len(search_space)} numbers, ActmaxSampler evolves {MOST_PARAMETERS} at most: evolve longer codes "
                "with actmax.Optimizer"
            )
        with self._lock:
            evolution = self._evolution(study, search_space)
            running = evolution.learn(study)
            index = evolution.spread.next(running)
            place: list[Any] = [evolution.key, evolution.spread.generation, index]
            study._storage.set_trial_system_attr(trial._trial_id, ATTRIBUTE, place)
            return evolution.parameters(index)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def _evolution(self, study: Study, space: dict[str, BaseDistribution]) -> _Evolution:
        """The evolution of these numbers, which equal arguments have in common."""
        maximize = study.direction == StudyDirection.MAXIMIZE
        what = {**self._arguments, "options": options_as_json(self._arguments["options"]), "maximize": maximize}
        what["space"] = [[name, distribution_to_json(space[name])] for name in space]
        key = hashlib.sha256(json.dumps([study.study_name, what]).encode()).hexdigest()[:16]
        if key not in self._evolutions:
            self._evolutions[key] = _Evolution(key, space, maximize, **self._arguments)
        return self._evolutions[key]


class _Evolution:
    """An optimizer whose codes are the numbers of a search space."""

    def __init__(
        self,
        key: str,
        space: dict[str, BaseDistribution],
        maximize: bool,
        name: str,
        seed: int,
        generations: int | None,
        options: dict[str, Any],
    ):
        self.key = key
        dim = len(space)
        self._transform = _SearchSpaceTransform(space, transform_0_1=True)
        options = {"norm": dim**0.5, **small_generations(name, dim, options)}
        optimizer = Optimizer(name, dim=dim, seed=seed, generations=generations, maximize=maximize, **options)
        self.spread = Spread(optimizer)
        self._seen: set[int] = set()

    def parameters(self, index: int) -> dict[str, Any]:
        """The values of a code."""
        return self._transform.untransform(_mirrored(0.5 + self.spread.codes[index] / (2 * REACH)))

    def learn(self, study: Study) -> Counter[int]:
        """Takes the scores of trials that finished meanwhile. Returns how many are running of each code."""
        trials = study._get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING))
        ours = [(trial, trial.system_attrs.get(ATTRIBUTE, [None])) for trial in trials if trial.number not in self._seen]
        ours = [(trial, place) for trial, place in ours if place[0] == self.key]
        finished = [(trial, place) for trial, place in ours if trial.state.is_finished()]
        for trial, (_, generation, index) in sorted(finished, key=lambda each: _end_of(each[0])):
            self._seen.add(trial.number)
            if generation == self.spread.generation and self._showed(trial, index):
                self.spread.give(generation, index, float("nan") if trial.state == TrialState.PRUNED else _value(trial))
        running = (place for trial, place in ours if trial.state == TrialState.RUNNING)
        return Counter(index for _, generation, index in running if generation == self.spread.generation)

    def _showed(self, trial: FrozenTrial, index: int) -> bool:
        """Whether the trial had the values of the code; others may have been fixed by the user."""
        return all(trial.params.get(name) == value for name, value in self.parameters(index).items())


def _end_of(trial: FrozenTrial) -> tuple[Any, int]:
    return trial.datetime_complete, trial.number


def _value(trial: FrozenTrial) -> float:
    return float("nan") if trial.value is None else trial.value


def _mirrored(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of ranges within 0 and 1, as if there were mirrors at both ends."""
    return 1.0 - np.abs(1.0 - np.mod(shares, 2.0))
