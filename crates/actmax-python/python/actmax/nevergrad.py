"""Our methods among the optimizers of nevergrad.

    import actmax, nevergrad as ng
    actmax.nevergrad.register()
    optimizer = ng.optimizers.registry["ActmaxCholeskyCmaes"](parametrization=20, budget=1000, num_workers=4)

Needs the package nevergrad.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from .optimizer import Optimizer
from .optimizers import optimizers
from .spread import Spread, small_generations

try:
    import nevergrad as ng  # type: ignore[import-untyped]
    from nevergrad.optimization.base import registry  # type: ignore[import-untyped]
    from nevergrad.parametrization.parameter import Parameter  # type: ignore[import-untyped]
except ImportError as _error:
    raise ImportError(f"actmax.nevergrad needs the package nevergrad: pip install nevergrad ({_error})") from _error

__all__ = ["ActmaxOptimizer", "configured", "register"]


class ActmaxOptimizer(ng.optimizers.base.Optimizer):  # type: ignore[misc]
    """A method of `actmax.optimizers()` behind nevergrad's ask and tell.

    It searches in nevergrad's standardized space and starts on its scale, that of standard normal codes; `norm` says another. The
    seed comes from the parametrization's `random_state`. `cma`, `diagonal-cma`, `cholesky-cmaes` and `lm-ma-es` have 4 + 3 ln N
    codes a generation, or one a worker, unless `population_size` says another number. A budget sets the length of schedules. What
    nobody asked for cannot be told.
    """

    def __init__(
        self, parametrization: Any, budget: int | None = None, num_workers: int = 1, *, method: str = "cma", **options: Any
    ) -> None:
        super().__init__(parametrization, budget=budget, num_workers=num_workers)
        norm = options.pop("norm", self.dimension**0.5)
        self._arguments = (method, norm, small_generations(method, self.dimension, options, num_workers))
        # Arguments that do not fit are refused here, not at the first ask.
        self._made(0)
        self._spread: Spread | None = None
        self._out: dict[str, tuple[int, int]] = {}

    def _made(self, seed: int) -> Optimizer:
        method, norm, options = self._arguments
        optimizer = Optimizer(method, dim=self.dimension, seed=seed, norm=norm, maximize=False, **options)
        if self.budget is None:
            return optimizer
        generations = max(1, -(-self.budget // optimizer.population_size))
        return Optimizer(
            method, dim=self.dimension, seed=seed, norm=norm, maximize=False, generations=generations, **options
        )

    def _internal_ask_candidate(self) -> Parameter:
        if self._spread is None:
            self._spread = Spread(self._made(int(self._rng.randint(2**31))))
        spread = self._spread
        index = spread.next(Counter(index for generation, index in self._out.values() if generation == spread.generation))
        candidate = self.parametrization.spawn_child().set_standardized_data(spread.codes[index])
        self._out[candidate.uid] = (spread.generation, index)
        return candidate

    def _internal_tell_candidate(self, candidate: Parameter, loss: float) -> None:
        place = self._out.pop(candidate.uid, None)
        if place is not None and self._spread is not None:
            self._spread.give(*place, loss)

    def _internal_tell_not_asked(self, candidate: Parameter, loss: float) -> None:
        raise ng.errors.TellNotAskedNotSupportedError

    def _internal_provide_recommendation(self) -> Any:
        """What the method recommends once it has learnt; before, nevergrad takes the best point."""
        if self._spread is None or self._spread.generation == 0:
            return None
        return self._spread.optimizer.recommend()


def configured(method: str, **options: Any) -> Any:
    """A method with options of its own, to be called as nevergrad's families are: `configured("sphere-cma", lr=2)(20, budget=1000)`."""
    return _Configured(ActmaxOptimizer, {"method": method, **options})


class _Configured(ng.optimizers.base.ConfiguredOptimizer):  # type: ignore[misc]
    """Nevergrad asks for a name a configuration."""

    def __init__(self, optimizer: Any, config: dict[str, Any]) -> None:
        self._OptimizerClass, self._as_config, self._config = optimizer, False, config
        self.name = f"{optimizer.__name__}({', '.join(f'{key}={value!r}' for key, value in config.items())})"
        self(parametrization=4, budget=100)


def register() -> list[str]:
    """Adds each method to `ng.optimizers.registry` as "Actmax" and its name, such as "ActmaxSphereCma". Returns the names."""
    names = []
    for info in optimizers():
        name = "Actmax" + "".join(part.capitalize() for part in info.name.split("-"))
        if name not in registry:
            configured(info.name).set_name(name, register=True)
        names.append(name)
    return names
