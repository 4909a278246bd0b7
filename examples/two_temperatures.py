"""
Two directions, two temperatures
================================

A quadratic loss whose gradient noise has a variance of its own along each axis: SGD's stationary law is a
product, each factor as Gibbs would have it, but at temperatures of their own, eta c / (2 B) up to the discrete
step, which makes the variance eta c / (B h (2 - eta h)). One temperature for both is far off.
"""

from __future__ import annotations

import numpy as np

from compare import draw, nearest_gibbs, total_variation
from simulate import SGD, transition_operator
from theory import Constant, Grid, NoisyGradient, SymbolicLandscape, gaussian

curvature, noise = np.array([1.0, 2.0]), np.array([4.0, 1.0])
rate, batch = 0.2, 2
bowl = SymbolicLandscape("x**2/2 + y**2")
model = NoisyGradient(bowl, Constant(np.diag(noise)))
grid = Grid((-3.2, -1.2), (3.2, 1.2), (64, 60))

# %%
# The exact law of SGD, without a sample: its transition operator on a grid.

law = transition_operator(model, SGD(rate, batch), grid).stationary()
exact = rate * noise / (batch * curvature * (2 - rate * curvature))
for axis, name in enumerate("xy"):
    found, error = law.covariance[axis, axis], law.covariance_error[axis, axis]
    print(f"variance of {name}: {found:.8f} +- {error:.1g}, exactly {exact[axis]:.8f}")
temperatures = curvature * exact
print(f"temperatures {temperatures[0]:.4f} and {temperatures[1]:.4f}")

# %%
# The Gibbs measure with the mean loss of SGD lies between the two.

nearest = nearest_gibbs(law, bowl)
distance = total_variation(law, nearest.density)
normal = total_variation(law, gaussian([0.0, 0.0], np.diag(exact), grid))
print(f"nearest Gibbs: T = {float(nearest.temperature):.4f}, total variation {distance.value:.3f}")
print(f"normal law with both temperatures: total variation {normal.value:.1g}")
axes = draw(law, landscape=bowl, names=("x", "y"))
