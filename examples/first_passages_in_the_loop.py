"""
First passages counted inside the loop
======================================

When does a path first leave (-1, 1)? Who looks at the ends of steps only comes late, by an amount of order
sqrt(dt). `first_passage_times` decides by the Brownian bridge of each step whether the path was outside in
between, keeps no paths and lets arrived walkers make room. For Brownian motion the mean time is (1 - x^2) / (2
D).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib import pyplot as plt

from theory import Isotropic, Langevin, Outside, SymbolicLandscape, first_passage_times

diffusion, start = 0.5, 0.25
flat = Langevin(SymbolicLandscape("0*w", ("w",)), Isotropic(diffusion, 1))
exact = (1 - start**2) / (2 * diffusion)
walkers = np.full((20_000, 1), start)

# %%
# Both ways, at falling steps, with standard errors.

steps = (0.1, 0.05, 0.025)
times = {}
for between in (True, False):
    for dt in steps:
        arrivals = first_passage_times(
            flat, walkers, Outside(-1.0, 1.0), dt=dt, steps=round(12 / dt), rng=np.random.default_rng(1),
            between=between,
        )  # fmt: skip
        times[between, dt] = arrivals.mean
        off = (arrivals.mean - exact) / arrivals.mean.error
        print(f"bridge {between!s:5} dt = {dt:<6g} {arrivals.mean!r}, exactly {exact}: {off:+.1f} errors")

# %%
# Late by a factor sqrt(2) less at half the step: the order of looking at the ends.

late = [times[False, dt] - exact for dt in steps]
print("late by", ", ".join(f"{one:.4f}" for one in late), "ratios", *(f"{a / b:.2f}" for a, b in pairwise(late)))

figure, axes = plt.subplots(figsize=(4, 2.6), layout="constrained")
for between, name in ((True, "bridge"), (False, "ends only")):
    found = [times[between, dt] for dt in steps]
    axes.errorbar(steps, found, [2 * one.error for one in found], fmt="o-", label=name)
axes.axhline(exact, color="0.3", lw=0.8)
axes.set(xlabel="dt", ylabel="mean passage time")
axes.legend()
