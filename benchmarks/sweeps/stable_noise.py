"""Alpha-stable noise beside closed forms: stationary laws of linear drifts, exits from intervals (Getoor)."""

from __future__ import annotations

import math

import numpy as np
from sweep import HEADING, sweep

from theory import AlphaStable, Constant, Langevin, Outside, SymbolicLandscape, first_passage_times, sample_paths

QUANTILE = 2.8  # of a normal law, two-sided 99.5 %
FREE = Langevin(SymbolicLandscape("0*w"), Constant(0.0))


def stationary(rng: np.random.Generator) -> list[tuple[float, float]]:
    """E cos(k w) of the stationary law; the error is that of sampling and the change from a step twice as long."""
    alpha, rate, scale = rng.uniform(0.4, 2), 10.0 ** rng.uniform(-2, 2), 10.0 ** rng.uniform(-3, 3)
    dt = rng.uniform(0.01, 0.1) / rate
    sde, width = (
        Langevin(SymbolicLandscape(f"{rate!r}*w**2/2"), Constant(0.0)),
        scale / (alpha * rate) ** (1 / alpha),
    )
    wave, means, spread = rng.uniform(0.4, 1.6) / width, [], 0.0
    seed, steps = int(rng.integers(2**31)), 2 * round(4 / (dt * rate) / min(alpha, 1))
    for join in (1, 2):
        run = sample_paths(
            sde, np.zeros(1500), dt=dt * join, steps=steps // join, rng=np.random.default_rng(seed),
            scheme=AlphaStable(alpha, scale), join=join,
        )  # fmt: skip
        cosines = np.cos(wave * run.final)
        means.append(float(cosines.mean()))
        spread = float(cosines.std()) / math.sqrt(len(cosines))
    exact = math.exp(-((wave * width) ** alpha))
    return [(abs(means[0] - exact), abs(means[0] - means[1]) + QUANTILE * spread)]


def exits(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Mean times to leave (-r, r)."""
    alpha, radius, scale = rng.uniform(0.3, 2), 10.0 ** rng.uniform(-3, 3), 10.0 ** rng.uniform(-3, 3)
    start = rng.uniform(-0.9, 0.9)
    exact = (radius / scale) ** alpha * (1 - start**2) ** (alpha / 2) / math.gamma(1 + alpha)
    mean, error = first_passage_times(
        FREE, np.full((2000, 1), start * radius), Outside(-radius, radius), dt=exact * rng.uniform(0.03, 0.3),
        steps=3000, rng=rng, scheme=AlphaStable(alpha, scale),
    ).mean  # fmt: skip
    return [(abs(mean / exact - 1), QUANTILE * error / exact)]


if __name__ == "__main__":
    print(HEADING)
    print(sweep("stationary laws of stable noise", stationary, rounding=1e-4).row())
    print(sweep("exit times of stable noise", exits, rounding=1e-4).row())
