"""The published classes by their names, over the methods of this package.

Wang and Ponce's ActMax-Optimizer-Dev (GECCO 2022): one changed import runs a notebook.

    from actmax.compat import CholeskyCMAES, ExperimentEvolution, Genetic, ZOHA_Sphere_lr_euclid, pycma_optimizer

Signatures, attributes and steps are the published ones. What differs: random numbers are our own, `random_seed` None is seed 0,
nothing is printed, and arguments that do not fit raise ValueError.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import numbers
from .networks import Generator, Unit
from .optimizer import Optimizer
from .pictures import Picture, Svg, score_trace

__all__ = ["CholeskyCMAES", "ExperimentEvolution", "Genetic", "ZOHA_Sphere_lr_euclid", "pycma_optimizer"]


class _Published:
    """`get_init_pop` and `step_simple` over an optimizer that is made when the first codes are known."""

    def __init__(self, name: str, space_dimen: int, maximize: bool, random_seed: int | None, options: Mapping[str, Any]):
        self.space_dimen = space_dimen
        self.maximize = maximize
        self._name = name
        self._seed = 0 if random_seed is None else random_seed
        self._options = dict(options)
        self._optimizer: Optimizer | None = None
        # Arguments that do not fit are refused here, not at the first step.
        self._made(None)

    def _made(self, init_codes: Any) -> Optimizer:
        options = {"seed": self._seed, "maximize": self.maximize, "init_codes": init_codes, **self._options}
        return Optimizer(self._name, dim=self.space_dimen, **options)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer behind it."""
        if self._optimizer is None:
            self._optimizer = self._made(None)
        return self._optimizer

    @property
    def istep(self) -> int:
        """Number of steps so far."""
        return 0 if self._optimizer is None else self._optimizer.generation

    def get_init_pop(self) -> Any:
        """The codes of the first generation, `[n, N]`."""
        return self.optimizer.ask()

    def step_simple(self, scores: Any, codes: Any, verbosity: int = 0) -> NDArray[np.float64]:
        """Takes the scores `[n]` of codes `[n, N]` and returns the codes of the next generation.

        The codes of the first step may be any: the run starts from them. Those of a later step are those that the step before
        returned, changed or not.
        """
        told, values = numbers(codes, "codes", "[n, N]"), numbers(scores, "scores", "[n]")
        if self.istep == 0:
            told, values = self._first(told, values)
        self.optimizer.ask()
        self.optimizer.tell(values, told)
        return self.optimizer.ask()

    def _first(self, codes: NDArray[np.float64], scores: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Starts from codes that are not the optimizer's own."""
        if self._optimizer is None or not np.array_equal(codes, self._optimizer.ask()):
            self._optimizer = self._made(codes)
        return codes, scores


class CholeskyCMAES(_Published):
    """CMA-ES whose covariance matrix is kept by its Cholesky factor: the method "cholesky-cmaes".

    Without `population_size` it has int(4 + 3 log2 N) codes. `optim_params` may hold cc, cs and c1.
    """

    def __init__(
        self,
        space_dimen: int,
        population_size: int | None = None,
        init_sigma: float = 3.0,
        init_code: Any = None,
        Aupdate_freq: int | None = 10,
        maximize: bool = True,
        random_seed: int | None = None,
        optim_params: Mapping[str, float] = {},
    ):
        size = "reference" if population_size is None else population_size
        options = {"population_size": size, "init_sigma": init_sigma, "Aupdate_freq": Aupdate_freq, **optim_params}
        super().__init__("cholesky-cmaes", space_dimen, maximize, random_seed, options)
        self.init_x = None if init_code is None else numbers(init_code, "init_code", "[1, N]")
        if self.init_x is not None:
            self._optimizer = self._made(self.init_x)

    @property
    def lambda_(self) -> int:
        """Codes a generation."""
        return self.optimizer.population_size

    @property
    def sigma(self) -> float:
        """Step size."""
        return self.optimizer.diagnostics()["sigma"]

    @property
    def xmean(self) -> NDArray[np.float64]:
        """Mean of the distribution, `[1, N]`."""
        return self.optimizer.recommend()[None]

    def get_init_pop(self) -> NDArray[np.float64] | None:
        """The code to start from, `[1, N]`; None without one, as published: any codes start it then."""
        return self.init_x

    def _first(self, codes: NDArray[np.float64], scores: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
        # The mean becomes the code to start from, whatever was scored.
        return super()._first(codes, scores) if self.init_x is None else (self.init_x, scores[:1])


class ZOHA_Sphere_lr_euclid(_Published):
    """Evolution strategy on a sphere with a schedule of angles: the method "sphere-cma". Call `lr_schedule` first."""

    def __init__(
        self,
        space_dimen: int,
        population_size: int = 40,
        select_size: int = 20,
        lr: float = 1.5,
        maximize: bool = True,
        rankweight: bool = True,
        rankbasis: bool = False,
        sphere_norm: float = 300,
        random_seed: int | None = None,
    ):
        options = {"population_size": population_size, "select_size": select_size, "lr": lr, "sphere_norm": sphere_norm}
        options |= {"rankweight": rankweight, "rankbasis": rankbasis}
        super().__init__("sphere-cma", space_dimen, maximize, random_seed, options)
        self.dimen, self.B, self.select_cutoff = space_dimen, population_size, select_size
        self.lr, self.sphere_norm = lr, sphere_norm
        self._scheduled = False

    def lr_schedule(self, n_gen: int = 100, mode: str = "inv", lim: Sequence[float] = (50, 7.33)) -> None:
        """Angles of `n_gen` generations, degrees: from `lim[0]` to `lim[1]`, "exp" or "lin"; "inv" has its own."""
        if self.istep > 0:
            raise ValueError(f"the schedule comes before the first step; there were {self.istep}")
        self._options |= {"n_gen": n_gen, "schedule_mode": mode, "lim": list(lim)}
        self._optimizer = None
        self._made(None)
        self._scheduled = True

    def _check(self) -> None:
        if not self._scheduled:
            raise ValueError('call lr_schedule first, such as lr_schedule(n_gen=75, mode="exp", lim=(50, 7.33))')

    def get_init_pop(self) -> NDArray[np.float64]:
        """Codes on the sphere, `[population_size, N]`."""
        self._check()
        return super().get_init_pop()

    def step_simple(self, scores: Any, codes: Any, verbosity: int = 0) -> NDArray[np.float64]:
        self._check()
        return super().step_simple(scores, codes, verbosity)

    @property
    def xnew(self) -> NDArray[np.float64]:
        """The present base point, `[1, N]`."""
        return self.optimizer.recommend()[None]


class Genetic(_Published):
    """The published genetic algorithm: the method "genetic"."""

    def __init__(
        self,
        space_dimen: int,
        population_size: int,
        mutation_rate: float,
        mutation_size: float,
        kT_multiplier: float,
        parental_skew: float = 0.5,
        n_conserve: int = 0,
        random_seed: int | None = None,
        thread: Any = None,
    ):
        options = {
            "population_size": population_size,
            "mutation_rate": mutation_rate,
            "mutation_size": mutation_size,
            "kT_multiplier": kT_multiplier,
            "parental_skew": parental_skew,
            "n_conserve": n_conserve,
        }
        super().__init__("genetic", space_dimen, True, random_seed, options)

    @property
    def _init_population(self) -> NDArray[np.float64]:
        """What published scripts start from."""
        return self.get_init_pop()


class pycma_optimizer(_Published):
    """pycma's CMA-ES, full or with `inopts={"CMA_diagonal": True}`: the methods "cma" and "diagonal-cma".

    Of pycma's options "popsize" and "CMA_diagonal" are known.
    """

    def __init__(
        self,
        spacedimen: int,
        sigma0: float,
        x0: Any = None,
        inopts: Mapping[str, Any] | None = None,
        maximize: bool = True,
        *,
        population_size: int | None = None,
        random_seed: int | None = None,
    ):
        known = dict(inopts or {})
        diagonal = bool(known.pop("CMA_diagonal", False))
        size = known.pop("popsize", population_size)
        if known:
            raise ValueError(f"inopts may hold popsize and CMA_diagonal, not {', '.join(map(str, known))}")
        mean = np.zeros(1) if x0 is None else numbers(x0, "x0", "[N]")
        if np.any(mean != mean[0]):
            raise ValueError("the components of x0 must be equal: give other codes to the first step_simple")
        size = 4 + int(3 * np.log(spacedimen)) if size is None else size
        options = {"sigma0": sigma0, "population_size": size, "x0": mean[0]}
        super().__init__("diagonal-cma" if diagonal else "cma", spacedimen, maximize, random_seed, options)


    def _first(self, codes: NDArray[np.float64], scores: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
        # pycma learns from a generation of codes that are not its own; from another number of them it cannot.
        whole = len(codes) == self.optimizer.population_size
        return (codes, scores) if whole else super()._first(codes, scores)


class ExperimentEvolution:
    """An evolution of one unit: `run`, then `visualize_best`, `visualize_trajectory`, `save_last_gen`.

    `model_unit` is (CNN, layer, channel) or (CNN, layer, channel, row, column): a name of `actmax.models()` and of its layers.
    `GAN` is "fc6", "fc7" or "fc8", the published generators "deepsim-fc6" and so on, or a name of `actmax.models()`; the
    embedded CNN "tiny-alexnet" goes with "tiny-deepsim". Images go to the CNN at its own size: other values of `imgsize` and
    `corner` than the published defaults are refused. `device` is that of `actmax.Generator`; "cuda" was the published default.
    """

    def __init__(
        self,
        model_unit: Sequence[Any],
        max_step: int = 100,
        imgsize: tuple[int, int] = (227, 227),
        corner: tuple[int, int] = (0, 0),
        optimizer: Any = None,
        savedir: str | os.PathLike[str] = "",
        explabel: str = "",
        GAN: str = "fc6",
        device: str = "cpu",
    ):
        if tuple(imgsize) != (227, 227) or tuple(corner) != (0, 0):
            raise ValueError("images fill what the CNN sees: leave imgsize and corner out")
        if len(model_unit) not in (3, 5):
            raise ValueError(f"model_unit is (CNN, layer, channel[, row, column]), not {model_unit!r}")
        cnn, layer, *address = model_unit
        generator = f"deepsim-{GAN}" if GAN in ("fc6", "fc7", "fc8") else GAN
        self.pref_unit = tuple(model_unit)
        self.CNNmodel = Unit(f"{cnn}/{layer}:{':'.join(map(str, address))}", device=device)
        self.G = Generator("tiny-deepsim" if cnn == "tiny-alexnet" and GAN == "fc6" else generator, device=device)
        self.code_length = self.G.dim
        self.max_steps, self.savedir, self.explabel = max_step, savedir, explabel
        if optimizer is None:
            optimizer = CholeskyCMAES(self.code_length, init_code=np.zeros([1, self.code_length]))
        self.optimizer = optimizer
        self.codes_all = np.zeros((0, self.code_length))
        self.scores_all = np.zeros(0)
        self.generations = np.zeros(0, dtype=np.int64)

    def run(self, init_code: Any = None) -> None:
        """Evolves from `init_code` `[n, N]`, zeros by default, for `max_step` generations.

        `codes_all` `[n, N]`, `scores_all` `[n]` and `generations` `[n]` hold what was scored.
        """
        codes = np.zeros([1, self.code_length]) if init_code is None else numbers(init_code, "init_code", "[n, N]")
        scored: list[tuple[NDArray[Any], NDArray[Any]]] = []
        for self.istep in range(self.max_steps):
            scores = self.CNNmodel.evaluate(codes, self.G)
            scored.append((codes, scores))
            codes = self.optimizer.step_simple(scores, codes)
        self.codes_all = np.concatenate([codes for codes, _ in scored])
        self.scores_all = np.concatenate([scores for _, scores in scored])
        self.generations = np.repeat(np.arange(len(scored)), [len(codes) for codes, _ in scored])

    def visualize_best(self, show: bool = False) -> Picture:
        """The image of the best code, saved as `Best_Img_LABEL.png`."""
        picture = Picture(self.G.generate(self._best_code()))
        picture.save(self._path(f"Best_Img_{self.explabel}.png"))
        return picture

    def visualize_trajectory(self, show: bool = True) -> Svg:
        """All scores by generation, saved as `Evolv_Traj_LABEL.svg`."""
        figure = score_trace(_name_of(self.optimizer), self.generations, self.scores_all)
        figure.save(self._path(f"Evolv_Traj_{self.explabel}.svg"))
        return figure

    def save_last_gen(self, filename: str = "") -> None:
        """Best code and mean of the last generation, saved as `Evolution_codes_LABEL.npz` under the published names."""
        last = self.generations == self.generations.max()
        np.savez(
            self._path(f"Evolution_codes_{self.explabel}.npz"),
            best_code=self._best_code(),
            best_score=self.scores_all.max(),
            lastgen_codes=self.codes_all[last].mean(axis=0, keepdims=True),
            lastgen_score=self.scores_all[last].mean(),
        )

    def _best_code(self) -> NDArray[np.float64]:
        if not len(self.scores_all):
            raise ValueError("there is nothing yet: call run first")
        best = int(np.argmax(self.scores_all))
        return self.codes_all[best : best + 1]

    def _path(self, name: str) -> Path:
        return Path(self.savedir) / name


def _name_of(optimizer: Any) -> str:
    """The method behind a published class; the figure has a colour for each."""
    return optimizer.optimizer.name if isinstance(optimizer, _Published) else "cholesky-cmaes"
