"""Alpha-stable noise beside closed forms: stationary laws of linear and cubic drifts, exits from intervals.

The stated error of a sampled mean is its standard error; it counts 3.3 times, which is 99.9 % of a normal law.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import quad
from sweep import print_rows

from theory import AlphaStable, Constant, Langevin, Outside, SymbolicLandscape, first_passage_times, sample_paths

QUANTILE = 3.3  # of a normal law, two-sided 99.9 %
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


def quartic_well(rng: np.random.Generator) -> list[tuple[float, float]]:
    """P(|w| > level) of dw = -w^3 dt + dL with Cauchy noise, density 1/(pi (1 - w^2 + w^4)), in any units."""
    length, time = 10.0 ** rng.uniform(-9, 9), 10.0 ** rng.uniform(-9, 9)
    level, dt, number = rng.uniform(0.3, 5), 10.0 ** rng.uniform(-2, -0.8), 8_000
    sde = Langevin(SymbolicLandscape(f"{1 / (length**2 * time)!r}*w**4/4"), Constant(0.0))
    run = sample_paths(
        sde, np.zeros(number), dt=dt * time, steps=round(4 / dt), rng=rng, scheme=AlphaStable(1.0, length / time)
    )
    share, exact = float(np.mean(np.abs(run.final) > level * length)), 2 * quad(density, level, math.inf)[0]
    return [(abs(share - exact), QUANTILE * math.sqrt(exact * (1 - exact) / number))]


def density(w: float) -> float:
    """The stationary law of the quartic well (Chechkin et al. 2002)."""
    return 1 / (math.pi * (1 - w**2 + w**4))


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


KINDS = {
    "stationary laws of stable noise": stationary,
    "quartic wells of Cauchy noise": quartic_well,
    "exit times of stable noise": exits,
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=1e-4)
