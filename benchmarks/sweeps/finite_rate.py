"""The derivative of the stationary loss at finite rates by three methods, 40 cases, each beside its truth.

    python benchmarks/sweeps/finite_rate.py

Rates times curvature from .05 to 1.5, in the rate and in the batch size, on a quadratic loss and on a double well.
SGD's own derivative has a closed form on the first and is a difference of laws in long doubles on the second; that
of the limit is C/4B, or the variance of the loss under Gibbs' law.
"""

from __future__ import annotations

import numpy as np
from sensitivity import slope_of

from compare import finite_rate_slopes
from simulate import SGD
from theory import Grid, Isotropic, NoisyGradient, SymbolicLandscape

SHARES = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.35, 1.5)
METHODS = ("operator", "sampling", "fokker planck")
CURVATURE, BATCH, HEAT, SIDE = 2.0, 4, 0.01, 1.75  # of both; temperature and box of the well


def quadratic(rate: float, noise: float, name: str) -> tuple[float, float]:
    """SGD's own derivative and that of the limit."""
    loss, limit = (rate * noise / (2 * BATCH * c) for c in (2 - rate * CURVATURE, 2.0))
    if name == "batch_size":
        return -loss / BATCH, -limit / BATCH
    return noise / (BATCH * (2 - rate * CURVATURE) ** 2), limit / rate


def wells(rate: float, noise: float, name: str) -> tuple[float, float]:
    """The same of (w^2 - 1)^2/4."""
    own = slope_of(lambda x: x * (x * x - 1), lambda x: (x * x - 1) ** 2 / 4, (rate, BATCH, noise), name, SIDE)
    points, weights = np.polynomial.legendre.leggauss(2000)
    loss = (points**2 * SIDE**2 - 1) ** 2 / 4
    law = weights * np.exp(-loss / HEAT)
    law /= law.sum()
    variance = law @ (loss - law @ loss) ** 2
    return own, variance / HEAT * (1 / rate if name == "learning_rate" else -1 / BATCH)


def main() -> None:
    """Print the cases and how many are covered."""
    covered = dict.fromkeys(METHODS, 0)
    seeds = iter(np.random.default_rng(1).spawn(2 * 2 * len(SHARES)))
    print("| loss | in | eta h |", " | ".join(f"{m}, miss over error" for m in METHODS), "|")
    for formula, truths in (("w**2", quadratic), ("(w**2 - 1)**2/4", wells)):
        for name in ("learning_rate", "batch_size"):
            for share in SHARES:
                rate = share / CURVATURE
                noise = 3.0 if truths is quadratic else 2 * BATCH * HEAT / rate
                model = NoisyGradient(SymbolicLandscape(formula), Isotropic(noise, 1))
                (one,) = finite_rate_slopes(
                    model,
                    SGD(rate, BATCH),
                    [rate],
                    rng=next(seeds),
                    parameter=name,
                    grid=None if truths is quadratic else Grid(-SIDE, SIDE, 160),
                    minimum=[0.0] if truths is quadratic else [1.0],
                    burn_in=int(20 / min(share, 2 - share)) + 50,  # of the symmetric wells one is enough
                ).slopes
                own, limit = truths(rate, noise, name)
                told = []
                for method in METHODS:
                    found, truth = one.found.get(method), limit if method == "fokker planck" else own
                    inside = found is not None and abs(found - truth) <= found.error + 1e-12 * abs(truth)
                    covered[method] += bool(inside)
                    told.append("none" if found is None else f"{abs(found - truth) / found.error:.2g}")
                print(f"| {formula} | {name} | {share} | {' | '.join(told)} |", flush=True)
    print(covered)


if __name__ == "__main__":
    main()
