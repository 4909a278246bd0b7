"""
The rate at which SGD leaves a sharp minimum belongs to the data set
====================================================================

q = (w + w0)(w - w0)^2 with w0 = 1.8 and the plain mean square: the minimum at -w0 is sharp. SGD runs through one
data set of 500 examples once, 25 at a time. The rates of Corlouer & Mace (2024), Degeneracies are sticky for
SGD, figure 7, were read off to about .005; each is of one data set. Here every learning rate is run on eight of
them, and a published rate is judged by the spread between data sets.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib import pyplot as plt

from simulate import SGD, WithoutReplacement, draw_data, run_sgd, survival
from theory import Grid, ProductModel

published = {0.006: 0.0, 0.008: 0.026, 0.01: 0.136, 0.012: 0.256}
examples, batch, reading = 500, 25, 0.005
model = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)


def escape(learning_rate: float, seed: np.random.SeedSequence) -> float:
    """Rate a step at which walkers leave the left basin, on one data set."""
    data, start, noise = (np.random.default_rng(child) for child in seed.spawn(3))
    sgd = SGD(learning_rate, batch, sampling=WithoutReplacement())
    ensemble = run_sgd(
        model, sgd, start.uniform(-4, 4, (300, 1)), steps=examples // batch, rng=noise,
        data=draw_data(model, examples, data), save_every=1, grid=Grid(-1e6, -0.6, 1),
    )  # fmt: skip
    rate = float(survival(ensemble).rate()[0])
    return 0.0 if math.isnan(rate) else rate  # nobody left


# %%
# The minimum is unstable, with no barrier to cross, where the rate times the curvature 336 is above 2.

rates = {rate: [escape(rate, seed) for seed in np.random.SeedSequence(1).spawn(8)] for rate in published}
mean = {rate: float(np.mean(found)) for rate, found in rates.items()}
spread = {rate: math.hypot(float(np.std(found, ddof=1)), reading) for rate, found in rates.items()}
for rate, said in published.items():
    off = (said - mean[rate]) / spread[rate]
    print(f"{rate:g}: {mean[rate]:.3f} +- {spread[rate]:.3f} a step, published {said:.3f}, {off:+.1f} spreads")

# %%
figure, axes = plt.subplots(figsize=(4, 2.6), layout="constrained")
axes.errorbar(list(mean), list(mean.values()), 2 * np.array(list(spread.values())), fmt="o", label="two spreads")
axes.plot(list(published), list(published.values()), "kx", label="published, one data set")
axes.set(xlabel="learning rate", ylabel="escape rate a step")
axes.legend()
