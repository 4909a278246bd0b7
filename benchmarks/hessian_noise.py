"""Paths and SGD with Hessian noise beside those with constant noise, in the same run.

python benchmarks/hessian_noise.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

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
WALKERS, STEPS, TURNS = 8192, 2000, 9


def rates(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Walker-steps a second, the fastest of several turns of each, which alternate: load disturbs all alike."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()  # compile
    for _ in range(TURNS):
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - begin)
    return {name: WALKERS * STEPS / min(seconds) for name, seconds in times.items()}


def main() -> None:
    """Print a row for each dimension and kind."""
    print("| dimension | noise | paths, M a second | share of constant | SGD, M a second | share of constant |")
    print("|---|---|---|---|---|---|")
    rng, sgd = np.random.default_rng(1), SGD(0.01, 4)
    for dim, well in WELLS.items():
        start = np.tile(np.eye(dim)[0], (WALKERS, 1))
        noises = {"constant": Isotropic(0.05, dim)} | {
            name: HessianProportional(well, 0.05, kind) for name, kind in KINDS.items()
        }
        paths = rates(
            {
                name: partial(sample_paths, Langevin(well, noise), start, dt=0.01, steps=STEPS, rng=rng)
                for name, noise in noises.items()
            }
        )
        steps = rates(
            {
                name: partial(run_sgd, NoisyGradient(well, noise), sgd, start, steps=STEPS, rng=rng)
                for name, noise in noises.items()
            }
        )
        for name in noises:
            row = (found[name] / scale for found in (paths, steps) for scale in (1e6, found["constant"]))
            print(f"| {dim} | {name} | {' | '.join(f'{x:.3g}' for x in row)} |", flush=True)


if __name__ == "__main__":
    main()
