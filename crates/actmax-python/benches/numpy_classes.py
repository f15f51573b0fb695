"""Two published methods as their authors' notebooks have them: classes of NumPy, step by step (Wang and Ponce 2022).

For times alone. They compute what the methods `cholesky-cmaes` and `sphere-cma` compute, in the direct way.
"""

from __future__ import annotations

import numpy as np


class Cholesky:
    """CMA-ES whose covariance is kept by a Cholesky factor and its inverse, which are updated every tenth generation."""

    def __init__(self, dim: int, population: int, sigma: float = 3.0, update: int = 10):
        self.rng, self.dim, self.population, self.sigma, self.update = np.random.default_rng(1), dim, population, sigma, update
        parents = population // 2
        weights = np.log(population / 2 + 0.5) - np.log(np.arange(1, parents + 1))
        self.weights = weights / weights.sum()
        self.mass = 1 / np.square(self.weights).sum()
        self.cc, self.cs, self.c1 = 4 / (dim + 4), np.sqrt(self.mass) / (np.sqrt(self.mass) + np.sqrt(dim)), 2 / (dim + np.sqrt(2)) ** 2
        self.damping = 1 + self.cs + 2 * max(0, np.sqrt((self.mass - 1) / (dim + 1)) - 1)
        self.expected = np.sqrt(dim) * (1 - 1 / (4 * dim) + 1 / (21 * dim**2))
        self.mean, self.pc, self.ps = np.zeros((1, dim)), np.zeros((1, dim)), np.zeros((1, dim))
        self.factor, self.inverse, self.step = np.eye(dim), np.eye(dim), 0
        self.normals = self.rng.normal(size=(population, dim))

    def ask(self) -> np.ndarray:
        return self.mean + self.sigma * self.normals @ self.factor

    def tell(self, codes: np.ndarray, scores: np.ndarray) -> None:
        best = np.argsort(-scores)[: len(self.weights)]
        self.mean = self.weights[None] @ codes[best]
        drawn = self.weights[None] @ self.normals[best]
        self.ps = (1 - self.cs) * self.ps + np.sqrt(self.cs * (2 - self.cs) * self.mass) * drawn
        self.pc = (1 - self.cc) * self.pc + np.sqrt(self.cc * (2 - self.cc) * self.mass) * drawn @ self.factor
        self.sigma *= np.exp(self.cs / self.damping * (np.linalg.norm(self.ps) / self.expected - 1))
        self.step += 1
        if self.step % self.update == 0:
            v = self.pc @ self.inverse
            squared, keep = (v @ v.T).item(), np.sqrt(1 - self.c1)
            stretch = np.sqrt(1 + squared * self.c1 / (1 - self.c1))
            self.factor = keep * self.factor + keep / squared * (stretch - 1) * v.T @ self.pc
            self.inverse = self.inverse / keep - (1 - 1 / stretch) / (keep * squared) * self.inverse @ v.T @ v
        self.normals = self.rng.normal(size=(self.population, self.dim))


class Sphere:
    """Evolution strategy on a sphere: steps in tangent directions, whose angle falls exponentially from 50 to 7.33 degrees."""

    def __init__(self, dim: int, population: int, parents: int = 20, rate: float = 1.5, norm: float = 300.0, generations: int = 75):
        self.rng, self.population, self.parents, self.rate, self.norm = np.random.default_rng(1), population, parents, rate, norm
        self.angles = np.radians(np.geomspace(50, 7.33, generations)) / np.sqrt(dim)
        start = self.rng.normal(size=(population, dim))
        self.base, self.step = start[:1] / np.linalg.norm(start[0]), 0
        self.codes = norm * start / np.linalg.norm(start, axis=1, keepdims=True)

    def ask(self) -> np.ndarray:
        return self.codes

    def tell(self, codes: np.ndarray, scores: np.ndarray) -> None:
        rank = np.argsort(np.argsort(-scores))
        weights = np.where(rank < self.parents, np.log(self.parents + 0.5) - np.log(rank + 1), 0)
        target = (weights / weights.sum())[None] @ codes / self.norm
        along = _normal(target - (target @ self.base.T) * self.base)
        angle = self.rate * np.arccos(np.clip((_normal(target) @ self.base.T).item(), -1, 1))
        self.base = np.cos(angle) * self.base + np.sin(angle) * along
        drawn = self.rng.normal(size=(self.population, codes.shape[1]))
        tangent = self.angles[min(self.step, len(self.angles) - 1)] * (drawn - (drawn @ self.base.T) * self.base)
        lengths = np.linalg.norm(tangent, axis=1, keepdims=True)
        moved = np.cos(lengths) * self.base + np.sin(lengths) * tangent / lengths
        self.codes = self.norm * np.concatenate([self.base, moved])
        self.step += 1


def _normal(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)
