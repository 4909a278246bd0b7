"""Time and accuracy of the transition operator of SGD against sampling walkers, in one run.

    python benchmarks/transition.py

Builds are the best of three, after one run that compiles. "walkers" is what `run_sgd` needs on all processors for
a million walkers over the same steps; their total variation from the operator's law, and the error that the law
itself reports, are printed in floors of their noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from compare.distances import total_variation
from simulate import SGD, run_sgd, transition_operator
from theory import (
    AbsoluteEigenvalues,
    Constant,
    Density,
    Grid,
    HessianProportional,
    Histogram,
    Isotropic,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
)

SHARP_AND_FLAT = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
RING = ProductModel("x**2 + y**2 - 1", noise_std=2.0)
CROSSING = ProductModel("x*y", noise_std=2.0)
TILTED = NoisyGradient(SymbolicLandscape("(x**2 + y**2 - 1)**2/4"), Constant([[20.0, 12.0], [12.0, 20.0]]))
WELLS = SymbolicLandscape("(x**2 - 1)**2/4 + 2*y**2*(1 + x**2/2)")
CURVED = NoisyGradient(WELLS, HessianProportional(WELLS, 8.0, AbsoluteEigenvalues()))
WELL = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(4.0, 1))
PROBLEMS = {
    "line, q of degree 3": (SHARP_AND_FLAT, SGD(0.01, 20), Grid(-4, 4, 2000), 3.6),
    "plane, ring": (RING, SGD(0.05, 20), Grid([-2, -2], [2, 2], [200, 200]), 1.0),
    "plane, crossing": (CROSSING, SGD(0.05, 20), Grid([-2, -2], [2, 2], [200, 200]), 1.0),
    "plane, collapse": (ProductModel("x*y"), SGD(0.1, 2), Grid([-2, -2], [2, 2], [120, 120]), 1.0),
    "plane, full rank": (TILTED, SGD(0.02, 10), Grid([-2, -2], [2, 2], [120, 120]), 1.0),
    "plane, noise |H|": (CURVED, SGD(0.05, 4), Grid([-2.2, -1.6], [2.2, 1.6], [88, 64]), 1.0),
}


def best(work: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def laws(walkers: int = 1_000_000, steps: tuple[int, ...] = (1, 10, 100, 1000)) -> None:
    for name, (model, sgd, grid, half) in PROBLEMS.items():
        inside = (np.abs(grid.centers) < half).all(axis=-1)
        initial = Density.normalised(grid, inside.astype(float))
        transition_operator(model, sgd, grid.coarsened(4)).evolve(initial.coarsen(4), [1])  # compiles
        build = best(lambda m=model, s=sgd, g=grid: transition_operator(m, s, g).chain)
        begin = time.perf_counter()
        operator = transition_operator(model, sgd, grid)
        found = operator.evolve(initial, steps)
        solved = time.perf_counter() - begin
        w, rng = np.random.default_rng(1).uniform(-half, half, (walkers, grid.dim)), np.random.default_rng(2)
        sampling, rows = 0.0, []
        for span, law in zip(np.diff(steps, prepend=0), found, strict=True):
            begin = time.perf_counter()
            w = run_sgd(model, sgd, w[np.isfinite(w).all(axis=-1)], steps=int(span), rng=rng).final
            sampling += time.perf_counter() - begin
            distance = total_variation(Histogram.from_samples(w, grid).survivors, law)
            floor = distance.noise_floor
            rows.append(f"{distance.value / floor:.2f} floors of {floor:.1e}, own error {law.error / floor:.2f}")
        print(
            f"{name:20s} {operator.chain.matrix.nnz / 1e6:.2f} M entries, built in {build:.2f} s; built "
            f"and solved with its error {solved:.1f} s; walkers {sampling:.1f} s"
        )
        for step, row in zip(steps, rows, strict=True):
            print(f"    k = {step:5d}: {row}")


def rates(cells: int = 1600) -> None:
    for eta in (0.1, 0.03, 0.02, 0.01):
        grid = Grid(-2.5, 2.5, cells)
        begin = time.perf_counter()
        rate = transition_operator(WELL, SGD(eta, 4), grid).escape_rate(lambda w: w[..., 0] < 0)
        seconds = time.perf_counter() - begin
        print(f"double well, eta {eta:.2f}: {rate!r} a step in {seconds:.2f} s; steps for 1 %: {1e4 / rate:.0e}")


if __name__ == "__main__":
    laws()
    rates()
