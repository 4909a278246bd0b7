"""
The local learning coefficient by sampling, with an interval
============================================================

The learning coefficient of a minimum is known from its formula where there is one; of a network there are only
samples of the tempered posterior. Estimated so, a coefficient comes with a standard error, from the spread of
independent chains, and a bias: what the size of the data set and the localization may still do.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from theory import SymbolicLandscape, learning_coefficient, local_learning_coefficient

losses = {
    "regular": SymbolicLandscape("x**2 + y**2"),
    "a line of minima": SymbolicLandscape("x**2 + 0*y", ("x", "y")),
    "quartic": SymbolicLandscape("x**4 + y**2"),
    "quartic twice": SymbolicLandscape("x**4 + y**4"),
}

# %%
# Sixteen chains each, by Langevin steps that are accepted or not (MALA).

exact, found = {}, {}
for name, loss in losses.items():
    exact[name] = learning_coefficient(loss, (0, 0)).value
    found[name] = local_learning_coefficient(
        loss, (0.0, 0.0), 10_000, rng=np.random.default_rng(1), chains=16, steps=2000, burn_in=500
    )
    low, high = (found[name].value + sign * (2 * found[name].error + found[name].bias) for sign in (-1, 1))
    print(
        f"{name:17} {found[name].value!r}, bias {found[name].bias:.2g}: [{low:.3f}, {high:.3f}], is {exact[name]}"
    )

# %%
figure, axes = plt.subplots(figsize=(4, 2.4), layout="constrained")
for place, (name, one) in enumerate(found.items()):
    axes.errorbar(place, one.value, 2 * one.error + one.bias, fmt="o", color="#0072B2")
    axes.plot(place, exact[name], "kx")
axes.set_xticks(range(len(found)), list(found), fontsize=7)
axes.set_ylabel("learning coefficient")
