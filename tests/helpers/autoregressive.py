"""Chains of a normal law with known correlation."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array


def autoregressive(draws: int, chains: int, correlation: float, seed: int) -> Array:
    """Stationary chains x' = c x + sqrt(1 - c^2) z of N(0, 1), shape (draws, chains)."""
    rng = np.random.default_rng(seed)
    found = np.empty((draws, chains))
    found[0] = rng.standard_normal(chains)
    for k in range(1, draws):
        found[k] = correlation * found[k - 1] + np.sqrt(1 - correlation**2) * rng.standard_normal(chains)
    return found
