"""Standard errors of the moments of walkers beside the true moments of laws that are not normal, mixed linearly.

A standard error counts 3.3 times, which is 99.9 % of a normal law.
"""

from __future__ import annotations

import numpy as np
from sweep import print_rows

from theory import Ensemble

QUANTILE = 3.3  # of a normal law, two-sided 99.9 %
LAWS = {  # of mean 0 and variance 1, with finite fourth moments
    "normal": lambda rng, size: rng.standard_normal(size),
    "uniform": lambda rng, size: rng.uniform(-(3**0.5), 3**0.5, size),
    "exponential": lambda rng, size: rng.exponential(size=size) - 1,
    "laplace": lambda rng, size: rng.laplace(size=size) / 2**0.5,
    "two wells": lambda rng, size: 0.6 * rng.standard_normal(size) + 0.8 * rng.choice([-1, 1], size),
    "a rare well": lambda rng, size: (rng.random(size) < 0.1) / 0.3 - 1 / 3,
    "student, 12 degrees": lambda rng, size: rng.standard_t(12, size) * (10 / 12) ** 0.5,
}


def moments(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Each entry of mean and covariance, of 200 to 10000 walkers in 1 to 3 dimensions in units of any size."""
    dim, walkers = int(rng.integers(1, 4)), int(10 ** rng.uniform(2.3, 4))
    mixing, mean = rng.normal(size=(dim, dim)), rng.normal(size=dim)
    scale, law = 10 ** rng.uniform(-6, 6), list(LAWS)[rng.integers(len(LAWS))]
    points = scale * (mean + LAWS[law](rng, (walkers, dim)) @ mixing.T)
    found = Ensemble.from_samples(points).moments
    assert found is not None
    pairs = [
        (found.mean[-1] - scale * mean, found.mean_error[-1], scale),
        (found.covariance[-1] - scale**2 * mixing @ mixing.T, found.covariance_error[-1], scale**2),
    ]
    rows, columns = np.tril_indices(dim)
    kept = [np.arange(dim), (rows, columns)]
    return [
        (float(miss), float(error))
        for (misses, errors, unit), which in zip(pairs, kept, strict=True)
        for miss, error in zip(np.abs(misses[which]) / unit, QUANTILE * errors[which] / unit, strict=True)
    ]


KINDS = {"moments of walkers, in 3.3 standard errors": moments}

if __name__ == "__main__":
    print_rows(KINDS)
