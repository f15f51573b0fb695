"""Methods of other packages in the contest of noise_contest: the same landscapes, noise, evaluations and rows.

    pip install cmaes==0.13.1 cma==4.5.0 evosax==0.3.2
    python packages.py METHODS DIMS NOISES FIRST..END > rows.csv

Methods: `lra-cma-es` (cmaes, learning rates adapted to noise), `uh-cma-es` (pycma with its noise handler, whose extra evaluations
count) and `pgpe` (evosax, ClipUp with a largest step of a fifteenth of the search radius, as its authors advise). All begin at 0
with a standard deviation of 3 and take 40 codes a generation.
Recommended is the mean of the last generation.
"""
import sys
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "xtask" / "peers"))
from landscapes import Landscape, walsh_hadamard  # noqa: E402

LANDSCAPES = ["cos_tuning", "sphere_bump", "ellipsoid", "basins"]
EVALUATIONS, LAMBDA, SIGMA = 3000, 40, 3.0


class Basins:
    """The highest of six cosine tunings of heights 100, 90, .., 50."""

    def __init__(self, dim):
        k = np.arange(1.0, dim + 1)
        self.weights = k**-0.4
        self.signs = np.where(np.cos(3.883222077450933 * k) >= 0, 1.0, -1.0) / np.sqrt(dim)
        frequency = 1.324717957244746 + 0.754877666246693 * np.arange(1, 7)
        peaks = self.weights * np.cos(np.outer(frequency, k))
        self.peaks = peaks / np.linalg.norm(peaks, axis=1, keepdims=True)

    def __call__(self, z):
        w = walsh_hadamard(z * self.signs) * self.weights
        cosine = w @ self.peaks.T / np.maximum(np.linalg.norm(w, axis=1), 1e-300)[:, None]
        heights = np.arange(100.0, 40, -10) * np.maximum(cosine, 0) ** 2
        return heights.max(axis=1) * np.tanh(np.linalg.norm(z, axis=1) / 300)


class Budget:
    """Noisy scores of codes, until all evaluations are spent."""

    def __init__(self, landscape, noise, seed):
        self.landscape, self.noise, self.rng = landscape, noise, np.random.default_rng(seed)
        self.spent, self.best = 0, -np.inf

    def left(self):
        return EVALUATIONS - self.spent

    def __call__(self, codes):
        clean = self.landscape(np.asarray(codes))
        self.spent, self.best = self.spent + len(clean), max(self.best, clean.max())
        if self.noise == "poisson":
            return self.rng.poisson(1 + 0.08 * clean).astype(float)
        return clean * np.maximum(0, 1 + float(self.noise) * self.rng.standard_normal(len(clean)))


def lra_cma_es(scores, dim, seed):
    from cmaes import CMA

    es = CMA(mean=np.zeros(dim), sigma=SIGMA, population_size=LAMBDA, seed=seed, lr_adapt=True)
    while scores.left() >= LAMBDA:
        codes = [es.ask() for _ in range(LAMBDA)]
        es.tell(list(zip(codes, -scores(codes))))
    return es.mean


def uh_cma_es(scores, dim, seed):
    import cma

    options = {"seed": seed + 1, "popsize": LAMBDA, "verbose": -9}
    es, handler = cma.CMAEvolutionStrategy(np.zeros(dim), SIGMA, options), cma.NoiseHandler(dim, maxevals=[1, 1, 30])
    one = lambda code: float(-scores([code])[0])  # noqa: E731
    while scores.left() >= LAMBDA + 20:
        codes = es.ask()
        values = list(-scores(codes))
        es.tell(codes, values)
        es.sigma *= handler(codes, values, one, es.ask)
        es.countevals += handler.evaluations_just_done
    return es.mean


def pgpe(scores, dim, seed):
    import jax
    import jax.numpy as jnp
    from evosax.algorithms import PGPE
    from evosax.core.optimizer import clipup

    fastest = SIGMA * np.sqrt(dim) / 15
    es = PGPE(LAMBDA, jnp.zeros(dim), optimizer=clipup(learning_rate=fastest / 2, max_velocity=fastest))
    params = es.default_params.replace(std_init=SIGMA)
    key = jax.random.key(seed)
    state = es.init(key, jnp.zeros(dim), params)
    while scores.left() >= LAMBDA:
        key, ask, tell = jax.random.split(key, 3)
        codes, state = es.ask(ask, state, params)
        state, _ = es.tell(tell, codes, jnp.asarray(-scores(np.asarray(codes, dtype=float))), state, params)
    return np.asarray(state.mean, dtype=float)


METHODS = {"lra-cma-es": lra_cma_es, "uh-cma-es": uh_cma_es, "pgpe": pgpe}


def main():
    warnings.simplefilter("ignore")
    methods, dims, noises, seeds = sys.argv[1:]
    first, end = map(int, seeds.split(".."))
    for dim in map(int, dims.split(",")):
        for name in LANDSCAPES:
            landscape = Basins(dim) if name == "basins" else Landscape(name, dim)
            for noise in noises.split(","):
                for seed in range(first, end):
                    for method in methods.split(","):
                        scores = Budget(landscape, noise, seed)
                        recommended = METHODS[method](scores, dim, seed)
                        clean = landscape(np.asarray(recommended)[None])[0]
                        row = (method, dim, name, noise, seed, f"{scores.best:.4f}", f"{clean:.4f}", scores.spent)
                        print(*row, sep=",", flush=True)


if __name__ == "__main__":
    main()
