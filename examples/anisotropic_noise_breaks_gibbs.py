"""Noise that is not aligned with the Hessian breaks Gibbs: a current circulates, and no temperature fits.

dw = -diag(1, 3) w dt + sqrt(2 D) dW with D = [[1, .6], [.6, 1]] has the Gaussian stationary law with covariance
[[1, .3], [.3, 1/3]] (Chaudhari & Soatto, 2018), while every Gibbs measure of the loss has a diagonal one.
Expected: Fokker-Planck meets the Gaussian, and the nearest Gibbs measure is .19 away in total variation.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from compare import Comparison, compare_laws, nearest_gibbs
from theory import Constant, FokkerPlanck, Grid, Langevin, SymbolicLandscape, gaussian, sample_paths


def main(*, walkers: int = 100_000, seed: int = 1) -> Comparison:
    """Langevin paths at time 6 against Fokker-Planck, the exact Gaussian and the nearest Gibbs measure."""
    sde = Langevin(SymbolicLandscape("(x**2 + 3*y**2)/2"), Constant(np.array([[1.0, 0.6], [0.6, 1.0]])))
    grid = Grid((-6.0, -3.6), (6.0, 3.6), (60, 60))
    fine = grid.refined(3)
    paths = sample_paths(sde, np.zeros((walkers, 2)), dt=0.01, steps=600, rng=np.random.default_rng(seed))
    laws = {
        "fokker_planck": FokkerPlanck(sde, fine).stationary().coarsen(3),
        "gaussian": gaussian([0.0, 0.0], [[1.0, 0.3], [0.3, 1 / 3]], fine).coarsen(3),
        "gibbs": nearest_gibbs(paths, sde.landscape, grid).density,
    }
    return compare_laws(paths, laws)


def draw(comparison: Comparison) -> Figure:
    """Total variation from the paths, with intervals, over the noise floor."""
    figure, axes = plt.subplots(figsize=(4, 2.4), layout="constrained")
    for place, name in enumerate(comparison.names):
        distance = comparison.distances[name]["total_variation"]
        axes.plot([place, place], [distance.low, distance.high], color="#0072B2", lw=3)
        axes.plot(place, distance.value, "o", color="#0072B2")
        axes.plot(place, distance.noise_floor, "_", color="0.4", ms=20)
    axes.set_xticks(range(len(comparison.names)), comparison.names)
    axes.set_ylabel("total variation")
    return figure


if __name__ == "__main__":
    found = main()
    print(found.table())
    draw(found).savefig("anisotropic_noise_breaks_gibbs.png", dpi=200)
