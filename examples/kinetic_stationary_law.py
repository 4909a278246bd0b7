"""
The stationary law of the kinetic equation
==========================================

SGD with momentum is nearer to the underdamped equation dq = p dt, dp = -(grad L + friction p) dt + noise than to
the overdamped one. In phase space its noise acts on p alone, so the tensor has no inverse, and grids that need
one fail. Its stationary law is exp(-(L(q) + p^2/2)/T)/Z whatever the friction: a law that a solver can be held
to.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from compare import draw, total_variation
from theory import BAOAB, FokkerPlanck, Grid, SymbolicLandscape, Underdamped, gibbs, sample_paths

temperature = 0.3
well = SymbolicLandscape("q**4/4 + q**2/2 - q/3")
energy = SymbolicLandscape("q**4/4 + q**2/2 - q/3 + p**2/2", ("q", "p"))
equation = Underdamped(well, friction=1.0, temperature=temperature)

# %%
# The Fokker-Planck equation in phase space, and the law that it must have.

grid = Grid((-2.6, -3.4), (2.6, 3.4), (80, 80))
law, exact = FokkerPlanck(equation, grid).stationary(), gibbs(energy, temperature, grid)
distance = total_variation(law, exact)
print(f"total variation {distance.value:.1e}, error of the law {law.error:.1e}")

# %%
# The same by paths: the scheme BAOAB keeps positions to second order of the step, here far below the noise.

rng = np.random.default_rng(1)
paths = sample_paths(equation, np.zeros((20_000, 2)), dt=0.1, steps=200, rng=rng, scheme=BAOAB())
mean_energy = float(exact.expect(energy.value))
sample = energy.value(paths.final)
off = (sample.mean() - mean_energy) / (sample.std() / np.sqrt(len(sample)))
print(f"mean energy {sample.mean():.4f} by paths, {mean_energy:.4f} exactly, {off:+.1f} standard errors")

figure, axes = plt.subplots(figsize=(3.6, 3), layout="constrained")
draw(law, axes, landscape=energy, names=("q", "p"))
