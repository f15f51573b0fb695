"""The landscapes of crates/reproduction/src/landscapes/objective.rs, for a whole [lambda, N] array of codes; maximized."""

import numpy as np


def walsh_hadamard(x):
    """Unnormalised Walsh-Hadamard transform of each row, natural order."""
    rows, n = x.shape
    half = 1
    while half < n:
        x = x.reshape(rows, n // (2 * half), 2, half)
        x = np.concatenate([x[:, :, :1] + x[:, :, 1:], x[:, :, :1] - x[:, :, 1:]], axis=2)
        half *= 2
    return x.reshape(rows, n)


class Landscape:
    """A landscape by name in `dim` dimensions; `first_eight` costs next to nothing, for timings."""

    def __init__(self, name, dim):
        k = np.arange(1.0, dim + 1.0)
        self.score = getattr(self, name)
        self.k, self.dim = k, dim
        self.t = np.cos(2.399963229728653 * k)
        self.signs = np.where(np.cos(3.883222077450933 * k) >= 0, 1.0, -1.0) / np.sqrt(dim)

    def __call__(self, codes):
        return self.score(np.asarray(codes, dtype=float))

    def first_eight(self, z):
        return -((z[:, :8] - 1.0) ** 2).sum(axis=1)

    def cos_tuning(self, z):
        s = self.k**-0.4
        target = s * self.t / np.linalg.norm(s * self.t)
        norms = np.linalg.norm(z, axis=1)
        w = s * walsh_hadamard(z * self.signs)
        cosine = (w @ target) / np.maximum(np.linalg.norm(w, axis=1), 1e-300)
        return 100 * np.maximum(0, cosine) ** 2 * np.tanh(norms / 300)

    def sphere_bump(self, z):
        norms = np.linalg.norm(z, axis=1)
        y = walsh_hadamard(z * self.signs) / np.maximum(norms, 1e-300)[:, None]
        q = ((y - self.t / np.linalg.norm(self.t)) ** 2) @ (1 / self.k)
        f = 100 * np.exp(-3 * q / (2 / self.dim * np.sum(1 / self.k)))
        return np.where(norms == 0, 0.0, f)

    def ellipsoid(self, z):
        weights = 10 ** (2 * (self.k - 1) / (self.dim - 1))
        c = 1.5 * self.t
        return 100 / (1 + ((z - c) ** 2) @ weights / np.sum(weights * c * c))
