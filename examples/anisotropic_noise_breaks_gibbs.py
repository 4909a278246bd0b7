"""
Noise that does not fit the curvature breaks Gibbs
==================================================

The equation dw = -diag(1, 3) w dt + sqrt(2 D) dW with D = [[1, .6], [.6, 1]] has a normal stationary law with
the covariance [[1, .3], [.3, 1/3]] (Chaudhari & Soatto, 2018), whose axes are not those of the loss. A current
circulates, entropy is produced at 9/16 a unit of time, and no Gibbs measure of the loss fits.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from compare import compare_laws, draw, nearest_gibbs
from theory import Constant, FokkerPlanck, Grid, Langevin, SymbolicLandscape, gaussian, sample_paths

bowl = SymbolicLandscape("(x**2 + 3*y**2)/2")
sde = Langevin(bowl, Constant([[1.0, 0.6], [0.6, 1.0]]))
grid = Grid((-6.0, -3.6), (6.0, 3.6), (48, 48))
fine = grid.refined(3)

# %%
# The stationary density, and what says that it is no equilibrium.

equation = FokkerPlanck(sde, fine)
law = equation.stationary()
produced = equation.entropy_production(law)
print(f"entropy production {produced!r}, exactly {9 / 16}")

# %%
# Paths of the equation, judged against three laws. Of Gibbs measures the nearest to the paths is taken.

paths = sample_paths(sde, np.zeros((20_000, 2)), dt=0.01, steps=600, rng=np.random.default_rng(1))
laws = {
    "fokker_planck": law.coarsen(3),
    "gaussian": gaussian([0.0, 0.0], [[1.0, 0.3], [0.3, 1 / 3]], fine).coarsen(3),
    "gibbs": nearest_gibbs(paths, bowl, grid).density,
}
comparison = compare_laws(paths, laws)
print(comparison.table())

# %%
# The current, over the density and the level lines of the loss.

figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
draw(equation.current(law), axes, landscape=bowl, names=("x", "y"))
