"""Time and accuracy of the transition operator of SGD against sampling walkers, in one run.

    python benchmarks/transition.py

Seconds are the best of three, after one run that compiles. "walkers" is what `run_sgd` needs on all processors for
a million walkers over the same steps, whose noise floor is printed beside the operator's own error.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from compare.distances import total_variation
from simulate import SGD, run_sgd, transition_operator
from theory import Density, Grid, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape

SHARP_AND_FLAT = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
RING = ProductModel("x**2 + y**2 - 1", noise_std=2.0)
WELL = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(4.0, 1))
PROBLEMS = {
    "line, q of degree 3": (SHARP_AND_FLAT, SGD(0.01, 20), Grid(-4, 4, 2000), 3.6),
    "plane, ring": (RING, SGD(0.05, 20), Grid([-2, -2], [2, 2], [200, 200]), 1.0),
}


def best(work: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def laws(walkers: int = 1_000_000, steps: int = 100) -> None:
    for name, (model, sgd, grid, half) in PROBLEMS.items():
        inside = (np.abs(grid.centers) < half).all(axis=-1)
        initial = Density.normalised(grid, inside.astype(float))
        operator = transition_operator(model, sgd, grid)
        law = operator.evolve(initial, steps)[0]
        build = best(lambda m=model, s=sgd, g=grid: transition_operator(m, s, g).chain)
        masses = operator.chain.masses(initial.probabilities)
        move = best(lambda o=operator, p=masses: o.chain.evolve(p, [steps]))
        start = np.random.default_rng(1).uniform(-half, half, (walkers, grid.dim))
        begin = time.perf_counter()
        seen = run_sgd(model, sgd, start, steps=steps, rng=np.random.default_rng(2)).histogram(grid)
        sampling = time.perf_counter() - begin
        distance = total_variation(seen.survivors, law)
        print(
            f"{name:20s} {operator.chain.matrix.nnz / 1e6:.2f} M entries, build {build:.2f} s, {steps} steps "
            f"{move:.2f} s, own error {law.error:.1e}; walkers {sampling:.2f} s, floor "
            f"{distance.noise_floor:.1e}, distance {distance.value:.1e}"
        )


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
