"""
The loss grows with the learning rate as the learning coefficient says
======================================================================

With isotropic gradient noise of variance s^2 the stationary loss is lambda eta s^2 / (2 B) above the minimum, to
first order in the rate eta. Here lambda is the learning coefficient of singular learning theory: 1/2 a direction
at a regular minimum, 1/4 for a quartic one, less where the minimum is more degenerate.
"""

from __future__ import annotations

from matplotlib import pyplot as plt

from compare import ByTransitionOperator, draw, loss_slope
from simulate import SGD
from theory import Grid, Isotropic, NoisyGradient, SymbolicLandscape, learning_coefficient

rates, batch = [0.02, 0.04, 0.08], 4

# %%
# The slope at rate 0 by SGD's exact law at three rates, beside lambda / (2 B).

slopes = {}
for power in (2, 4, 6):
    landscape = SymbolicLandscape(f"w**{power}/{power}")
    coefficient = float(learning_coefficient(landscape, (0,)).value)
    width = 14 * (rates[-1] / batch) ** (1 / power)
    slopes[power] = loss_slope(
        NoisyGradient(landscape, Isotropic(1.0, 1)), SGD(rates[0], batch), rates,
        method=ByTransitionOperator(Grid(-width / 2, width / 2, 400)),
    )  # fmt: skip
    print(f"w^{power}: {slopes[power].slope!r}, lambda/2B = {coefficient / (2 * batch):.6f}")

# %%
# Loss against rate, the measured slope with its interval, and the prediction.

figure, axes = plt.subplots(figsize=(4, 3), layout="constrained")
draw(slopes[4], axes)
