"""Divergences by differences of tensor fields of which a user gives the matrix, beside their formulas."""

from __future__ import annotations

import numpy as np
from sweep import print_rows

from theory.tensors import whole_field

PROFILES = (  # functions of one number with their derivatives
    (lambda u: 1.5 + np.sin(u), np.cos),
    (lambda u: np.exp(u / 3), lambda u: np.exp(u / 3) / 3),
    (lambda u: 1 + u**2, lambda u: 2 * u),
    (lambda u: np.sqrt(1 + u**2), lambda u: u / np.sqrt(1 + u**2)),
)


class Profiled:
    """Sums of matrices, each times a function of one direction."""

    def __init__(self, rng: np.random.Generator, dim: int) -> None:
        self.dim, self.length = dim, 10 ** rng.uniform(-4, 4)
        roots = rng.normal(size=(2, dim, dim))
        self.matrices = 10 ** rng.uniform(-3, 3) * roots @ roots.swapaxes(-1, -2)
        self.waves = rng.normal(size=(2, dim)) / self.length
        self.profiles = [PROFILES[k] for k in rng.integers(len(PROFILES), size=2)]

    def tensor(self, w):
        parts = zip(self.matrices, self.waves, self.profiles, strict=True)
        return sum(profile[0](w @ wave)[..., None, None] * matrix for matrix, wave, profile in parts)

    def exact_divergence(self, w):
        parts = zip(self.matrices, self.waves, self.profiles, strict=True)
        return sum(profile[1](w @ wave)[..., None] * (matrix @ wave) for matrix, wave, profile in parts)


def divergences(rng: np.random.Generator) -> list[tuple[float, float]]:
    """At five points, in units of the field over the length on which it varies."""
    tensor = Profiled(rng, int(rng.integers(1, 4)))
    points = tensor.length * rng.normal(size=(5, tensor.dim)) * rng.uniform(0.1, 2)
    field, unit = whole_field(tensor), np.abs(tensor.tensor(points)).max() / tensor.length
    gaps = np.abs(field.divergence(points) - tensor.exact_divergence(points)) / unit
    errors = field.divergence_error(points) / unit
    return list(zip(gaps.ravel().tolist(), errors.ravel().tolist(), strict=True))


KINDS = {"divergences of a user's tensors, lengths 1e-4 to 1e4": divergences}

if __name__ == "__main__":
    print_rows(KINDS)
