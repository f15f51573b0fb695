"""One run of a peer's optimizer: run.py PEER OPTIMIZER LANDSCAPE DIM NOISE SEED GENERATIONS, codes by 40.

Prints one line of JSON: evaluations, best_clean, final_norm, generation_cpu (seconds a generation after the
third: JAX compiles in the first two), versions, date.
"""

import json
import platform
import sys
import time
from datetime import date
from importlib.metadata import version

import numpy as np

from landscapes import Landscape

LAMBDA = 40
# What nevergrad is told that it may spend; some of its optimizers set their constants by it.
BUDGET = 3000
WARM_UP = 3


class Pycma:
    """x0 = 0, sigma0 = 2, as the published benchmark runs it."""

    packages = ("cma", "numpy")

    def __init__(self, name, dim, seed):
        import cma

        options = {"popsize": LAMBDA, "seed": seed + 1, "verbose": -9, "CMA_diagonal": name == "pycmaDiagonal"}
        self.es = cma.CMAEvolutionStrategy(np.zeros(dim), 2.0, options)

    def ask(self):
        self.asked = self.es.ask()
        return np.array(self.asked)

    def tell(self, scores):
        self.es.tell(self.asked, [-s for s in scores])


class Nevergrad:
    """Box [-6, 6], 40 asks and then 40 tells, as the published benchmark runs it."""

    packages = ("nevergrad", "cma", "numpy", "scipy")

    def __init__(self, name, dim, seed):
        import nevergrad as ng

        np.random.seed(seed)
        space = ng.p.Array(shape=(dim,)).set_bounds(-6, 6)
        space.random_state.seed(seed)
        self.optimizer = ng.optimizers.registry[name](space, budget=BUDGET, num_workers=LAMBDA)

    def ask(self):
        self.asked = [self.optimizer.ask() for _ in range(LAMBDA)]
        return np.array([candidate.value for candidate in self.asked])

    def tell(self, scores):
        for candidate, score in zip(self.asked, scores):
            self.optimizer.tell(candidate, -score)


class Evosax:
    """Defaults, from the origin; single precision."""

    packages = ("evosax", "jax", "numpy")

    def __init__(self, name, dim, seed):
        import jax
        from evosax import algorithms

        self.jax = jax
        self.key = jax.random.key(seed)
        origin = jax.numpy.zeros(dim)
        self.es = getattr(algorithms, name)(population_size=LAMBDA, solution=origin)
        self.params = self.es.default_params
        if hasattr(self.es, "get_mean"):
            self.state = self.es.init(self.next_key(), origin, self.params)
        else:
            population = jax.random.normal(self.next_key(), (LAMBDA, dim))
            fitness = jax.numpy.full(LAMBDA, jax.numpy.inf)
            self.state = self.es.init(self.next_key(), population, fitness, self.params)

    def next_key(self):
        self.key, key = self.jax.random.split(self.key)
        return key

    def ask(self):
        self.asked, self.state = self.es.ask(self.next_key(), self.state, self.params)
        return np.asarray(self.asked)

    def tell(self, scores):
        losses = self.jax.numpy.asarray(-scores, dtype="float32")
        self.state, _ = self.es.tell(self.next_key(), self.asked, losses, self.state, self.params)


PEERS = {"pycma": Pycma, "nevergrad": Nevergrad, "evosax": Evosax}


def main(peer, name, landscape, dim, noise, seed, generations):
    dim, noise, seed = int(dim), float(noise), int(seed)
    optimizer, landscape = PEERS[peer](name, dim, seed), Landscape(landscape, dim)
    rng = np.random.default_rng(seed)
    evaluations, best, final_norm = 0, -np.inf, np.nan
    for generation in range(int(generations)):
        if generation == WARM_UP:
            begun = time.process_time()
        codes = optimizer.ask()
        clean = landscape(codes)
        optimizer.tell(clean * np.maximum(0, 1 + noise * rng.standard_normal(len(clean))))
        evaluations += len(clean)
        best = max(best, clean.max())
        final_norm = np.linalg.norm(codes, axis=1).mean()
    measured = int(generations) - WARM_UP
    generation_cpu = (time.process_time() - begun) / measured if measured > 0 else None
    versions = {"python": platform.python_version()} | {name: version(name) for name in optimizer.packages}
    finish = {"evaluations": evaluations, "best_clean": float(best), "final_norm": float(final_norm)}
    finish["generation_cpu"] = generation_cpu
    print(json.dumps({**finish, "versions": versions, "date": date.today().isoformat()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
