"""Paths and SGD with Hessian noise beside those with constant noise, in the same run.

python benchmarks/hessian_noise.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from simulate import SGD, run_sgd
from theory import (
    AbsoluteEigenvalues,
    HessianProportional,
    Isotropic,
    Langevin,
    NoisyGradient,
    PositivePart,
    SmoothAbsolute,
    SymbolicLandscape,
    sample_paths,
)

WELLS = {
    1: SymbolicLandscape("(x**2 - 1)**2/4"),
    2: SymbolicLandscape("(x**2 - 1)**2/4 + 2*y**2*(1 + x**2/2)"),
    3: SymbolicLandscape("(x**2 - 1)**2/4 + 2*y**2*(1 + x**2/2) + z**2*(1 + y**2)/2 + x*z/5"),
}
KINDS = {"|H|": AbsoluteEigenvalues(), "H+": PositivePart(), "(H² + δ²)^½": SmoothAbsolute(0.1)}
WALKERS, STEPS, REPEATS = 8192, 5000, 5


def rate(work: Callable[[], object]) -> float:
    """Walker-steps a second of the fastest of the repeats: the one least disturbed."""
    work()  # compile
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return WALKERS * STEPS / min(times)


def main() -> None:
    """Print a row for each dimension and kind."""
    print("| dimension | noise | paths, M a second | share of constant | SGD, M a second | share of constant |")
    print("|---|---|---|---|---|---|")
    for dim, well in WELLS.items():
        start = np.tile(np.eye(dim)[0], (WALKERS, 1))
        base = (0.0, 0.0)
        noises = {"constant": Isotropic(0.05, dim)} | {
            name: HessianProportional(well, 0.05, kind) for name, kind in KINDS.items()
        }
        for name, noise in noises.items():
            sde, model = Langevin(well, noise), NoisyGradient(well, noise)
            rng, sgd = np.random.default_rng(1), SGD(0.01, 4)
            paths = rate(lambda: sample_paths(sde, start, dt=0.01, steps=STEPS, rng=rng))  # noqa: B023 - called here
            steps = rate(lambda: run_sgd(model, sgd, start, steps=STEPS, rng=rng))  # noqa: B023
            base = base if base[0] else (paths, steps)
            shares = f"{paths / base[0]:.2f} | {steps / 1e6:.1f} | {steps / base[1]:.2f}"
            print(f"| {dim} | {name} | {paths / 1e6:.1f} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
