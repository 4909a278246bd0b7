"""
A law without a density
=======================

On a fixed data set SGD is an iterated function system: a few maps, taken at random. Two examples with x = 1 and
labels -1 and 1 make w <- (1 - eta) w +- eta. At eta = 1/2 the stationary law is uniform; at eta = 2/3 it is the
Cantor measure, of dimension log 2 / log 3, which has masses and no density. With q = w^2 there are two laws, one
in each well, and the start decides how much each gets.
"""

from __future__ import annotations

import numpy as np

from compare import draw
from simulate import SGD, DataSet, WithReplacement, transition_operator
from theory import Density, Grid, NoStationaryDensity, ProductModel

line, square = ProductModel("w"), ProductModel("w**2")
coin = DataSet(np.ones(2), np.array([-1.0, 1.0]))
grid, sampling = Grid(-2.0, 2.0, 100), WithReplacement()

# %%
# One law with a density, one without.

uniform = transition_operator(line, SGD(1 / 2, 1, sampling=sampling), grid, coin).stationary()
operator = transition_operator(line, SGD(2 / 3, 1, sampling=sampling), grid, coin)
try:
    operator.stationary()
except NoStationaryDensity as refusal:
    print(refusal.reason)
(cantor,) = operator.invariant_measures()
print(f"dimension at most {cantor.dimension:.6f}, log 2 / log 3 = {np.log(2) / np.log(3):.6f}")
print(f"error of the masses {cantor.law.error:.2g}, in W1 {cantor.wasserstein_error:.2g}")

# %%
# Two laws, with their weights from a start of which a quarter lies below 0.

labels = DataSet(np.ones(3), np.array([0.5, 1.0, 1.5]))
box = Grid(-2.0, 2.0, 40)
wells = transition_operator(square, SGD(0.1, 1, sampling=sampling), box, labels)
start = Density.normalised(box, (np.abs(box.centers[..., 0] - 0.5) < 1).astype(float), cell_averages=True)
limit = wells.limit_law(start)
for part, weight in zip(limit.classes, limit.weights, strict=True):
    print(f"{weight:.4f} of the walkers end with a {part.describe()}")
axes = draw(uniform, label="rate 1/2", names=("w",))
draw(cantor.law, axes, label="rate 2/3")
