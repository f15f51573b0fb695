"""Methods behind `ask` and `tell`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import number, numbers, whole

#: The largest seed.
MOST_SEED = 2**64 - 1
#: More components than any memory holds codes of.
MOST_DIM = 2**48
#: The most generations that a run can count.
MOST_GENERATIONS = 2**32 - 1


class Optimizer:
    """A method that proposes codes and learns from their scores.

        opt = actmax.Optimizer("sphere-cma", dim=4096, seed=7, generations=75)
        for codes in opt:                # [n, N], float64
            opt.tell(neuron(codes))      # one score a code, higher is better

    `name` is one of `actmax.optimizers()`, and `options` are its options under their published names. `norm` is the scale of the
    search: that of the first codes (by default the method's own). `generations` is the length of the run where that is known: schedules span it, and iteration ends with it. `maximize=False` takes losses instead
    of scores. `init_codes` `[n, N]` are codes to start from; the method's documentation says what it makes of them.

    Equal arguments and equal scores give equal codes, bit for bit, on one machine. Arguments that do not fit raise ValueError.
    """

    __slots__ = ("_generations", "_init_codes", "_native")

    _native: _actmax.Optimizer
    _generations: int | None
    #: Codes that it starts from; none once they are told.
    _init_codes: NDArray[np.float64] | None

    def __init__(
        self,
        name: str,
        *,
        dim: int,
        seed: int = 0,
        norm: float | None = None,
        generations: int | None = None,
        maximize: bool = True,
        init_codes: Any = None,
        **options: Any,
    ) -> None:
        if not isinstance(name, str):
            raise ValueError(f"the name of an optimizer is a text, not {name!r}")
        dim = whole(dim, "dim", 1, MOST_DIM)
        seed = whole(seed, "seed", 0, MOST_SEED)
        if generations is not None:
            generations = whole(generations, "generations", 1, MOST_GENERATIONS)
        codes = None if init_codes is None else numbers(init_codes, "init_codes", "[n, N]")
        as_json = options_as_json(options)
        scale = None if norm is None else number(norm, "norm")
        self._native = _actmax.Optimizer(name, dim, seed, as_json, scale, generations, bool(maximize), codes)
        self._generations = generations
        self._init_codes = codes

    @property
    def name(self) -> str:
        """Name of the method."""
        return self._native.name

    @property
    def options(self) -> dict[str, Any]:
        """All options with their values."""
        return json.loads(self._native.options)

    @property
    def dim(self) -> int:
        """Length N of a code."""
        return self._native.dim

    @property
    def seed(self) -> int:
        """Seed of all random numbers."""
        return self._native.seed

    @property
    def maximize(self) -> bool:
        """Whether scores are to become high; False: losses are to become low."""
        return self._native.maximize

    @property
    def generations(self) -> int | None:
        """Length of the run, if it was given."""
        return self._generations

    @property
    def init_codes(self) -> NDArray[np.float64] | None:
        """The codes that it starts from, `[n, N]`, until they are told; None if it starts by itself."""
        return self._init_codes if self.generation == 0 else None

    @property
    def generation(self) -> int:
        """Number of generations told so far."""
        return self._native.generation

    @property
    def population_size(self) -> int:
        """Nominal number of codes a generation; some methods have one more or less in some generations."""
        return self._native.population_size

    def ask(
        self,
        *,
        out: NDArray[np.float64] | NDArray[np.float32] | None = None,
        dtype: Literal["float64", "float32"] | type[np.floating] | np.dtype = "float64",
    ) -> NDArray[Any]:
        """The codes of the present generation, `[n, N]`.

        Asking again before `tell` gives the same codes. `out` is an array `[n or more, N]` of float64 or float32 that is
        written into; the return value is then its first n rows.
        """
        if out is not None:
            return self._ask_into(out)
        try:
            kind = np.dtype(dtype)
        except TypeError:
            raise ValueError(f"codes are float64 or float32, not {dtype!r}") from None
        if kind == np.float64:
            return self._native.ask()
        if kind == np.float32:
            return self._native.ask_f32()
        raise ValueError(f"codes are float64 or float32, not {kind}")

    def _ask_into(self, out: NDArray[Any]) -> NDArray[Any]:
        if not isinstance(out, np.ndarray) or out.ndim != 2 or out.dtype not in (np.float64, np.float32):
            raise ValueError(f"out must be an array of shape [n, {self.dim}] of float64 or float32")
        if not out.flags.writeable:
            raise ValueError("out cannot be written to")
        ask_into = self._native.ask_into if out.dtype == np.float64 else self._native.ask_into_f32
        return out[: ask_into(out)]

    def tell(self, scores: Any, codes: Any = None) -> None:
        """Takes one score for each code of the present generation: an array `[n]` of any library, a tensor, or a list.

        Higher is better, unless `maximize` is False. NaN or None is a trial without a score. `codes` `[n, N]` are those that
        were shown, where they differ from those asked for. Raises ValueError, and changes nothing, if the arrays do not fit,
        and ActmaxError if there was no `ask`.
        """
        told = None if codes is None else numbers(codes, "codes", "[n, N]")
        self._native.tell(numbers(scores, "scores", "[n]"), told)

    def recommend(self) -> NDArray[np.float64]:
        """The code that the method recommends, `[N]`: its distribution's mean where it has one, else the best code told."""
        return self._native.recommend()

    @property
    def incumbent(self) -> tuple[NDArray[np.float64], float] | None:
        """The best code told so far, `[N]`, and its score as told. Under noise this is the luckiest draw."""
        return self._native.incumbent()

    def diagnostics(self) -> dict[str, float]:
        """Named numbers of the state, such as the step size."""
        return self._native.diagnostics()

    def state(self) -> str:
        """All of it as text, from which `from_state` goes on bit for bit. `actmax ask-tell` reads and writes it too."""
        return self._native.state()

    @classmethod
    def from_state(cls, state: str, *, generations: int | None = None) -> Optimizer:
        """Goes on from what `state` gave; the present generation is out. `generations` ends an iteration."""
        if not isinstance(state, str):
            raise ValueError(f"a state is a text, not {type(state).__name__}")
        return _restored(cls, state, True, generations, None)

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        """One generation's codes after the other. Each waits for its `tell`."""
        while self._generations is None or self.generation < self._generations:
            generation = self.generation
            yield self.ask()
            if self.generation == generation:
                raise _actmax.ActmaxError(f"generation {generation} has no scores: tell them before the next one")

    def copy(self) -> Optimizer:
        """An independent optimizer in the same state."""
        return _over(type(self), self._native.copy(), self._generations, self.init_codes)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Optimizer:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._native.state(), self._native.asked, self._generations, self.init_codes)

    def __repr__(self) -> str:
        loss = "" if self.maximize else ", maximize=False"
        return f"<actmax.Optimizer {self.name!r}, dim={self.dim}, seed={self.seed}{loss}, generation {self.generation}>"


def options_as_json(options: dict[str, Any]) -> str:
    """Options of a method as an object of JSON."""
    try:
        return json.dumps(options, default=_plain, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"options must be numbers, texts, True, False, None, or lists of them: {error}") from None


def _plain(value: Any) -> Any:
    """A number or an array of NumPy as a value of JSON."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{value!r} is none")


def _restored(
    cls: type[Optimizer], state: str, asked: bool, generations: int | None, init_codes: NDArray[np.float64] | None
) -> Optimizer:
    return _over(cls, _actmax.Optimizer.from_state(state, asked), generations, init_codes)


def _over(
    cls: type[Optimizer], native: _actmax.Optimizer, generations: int | None, init_codes: NDArray[np.float64] | None
) -> Optimizer:
    optimizer = cls.__new__(cls)
    optimizer._native = native
    optimizer._generations = generations
    optimizer._init_codes = init_codes
    return optimizer
