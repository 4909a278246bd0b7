"""
Kramers' formula against the passage time that it approximates
==============================================================

In the double well L = (w^2 - 1)^2/4 with isotropic noise of temperature T Kramers' time from -1 to 1 is sqrt(2)
pi exp(1/4T). The Fokker-Planck equation gives the exact mean passage time, with its error, at any depth of the
wells. Kramers is 18 % short at T = .1 and still .8 % at T = .005, where passages take 1e22.
"""

from __future__ import annotations

import math

from matplotlib import pyplot as plt

from theory import Estimate, FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape

temperatures = (0.1, 0.05, 0.03, 0.02, 0.01, 0.005)
wells, grid = SymbolicLandscape("(w**2 - 1)**2/4"), Grid(-2.5, 2.5, 500)

# %%
# The exact time over thirty decades. Nothing is subtracted on the way, so that its digits last.

exact, kramers = [], []
for temperature in temperatures:
    equation = FokkerPlanck(Langevin(wells, Isotropic(temperature, 1)), grid)
    time = equation.mean_first_passage_time(lambda w: w[..., 0] > 1).mean
    exact.append(Estimate(float(time.at(-1.0)), float(time.error.max())))
    kramers.append(math.sqrt(2) * math.pi * math.exp(1 / (4 * temperature)))

short = [1 - formula / time for formula, time in zip(kramers, exact, strict=True)]
for temperature, time, share in zip(temperatures, exact, short, strict=True):
    print(f"T = {temperature:<6g} passage {time!r:28} Kramers short by {share:.2%}")

# %%
# What Kramers lacks falls in proportion to the temperature: the next order of Laplace's method.

figure, axes = plt.subplots(figsize=(4, 2.4), layout="constrained")
axes.loglog(temperatures, short, "o-", color="#0072B2")
axes.set_xlabel("temperature")
axes.set_ylabel("1 - Kramers / exact")
