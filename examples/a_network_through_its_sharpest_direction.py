"""
A network through its sharpest direction
========================================

A two-layer tanh network with 30 weights on 200 points has no law that could be drawn, but that of its coordinate
along the sharpest direction of the loss has a picture. There linear theory is a formula: of SGD with the learning
rate eta and the curvature h the variance is eta v'Cv / (B h (2 - eta h)), of its equation eta v'Cv / (2 B h).
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt
from scipy.optimize import minimize

from compare import compare_laws
from simulate import SGD, WithReplacement, run_sgd
from theory import DatasetModel, Draws, Grid, gaussian, project, sharpest_directions, two_layer_network

rng = np.random.default_rng(1)
inputs, inner, decay = rng.standard_normal((200, 4)), rng.standard_normal((2, 4)), 0.02
labels = np.tanh(inputs @ inner.T) @ [1.5, -1.5] + 0.3 * rng.standard_normal(200)
bare = two_layer_network(inputs, labels, 6)
model = DatasetModel(
    inputs, labels,
    lambda w, x, y: bare.loss(w, x, y) + decay / 2 * (w**2).sum(axis=-1),
    lambda w, x, y: bare.example_gradient(w, x, y) + decay * w,
    bare.dim,
)  # fmt: skip

# %%
# The minimum, its sharpest direction, and what linear theory says there.

found = minimize(lambda w: float(model.value(w)), 0.7 * rng.standard_normal(30), jac=model.gradient, tol=1e-9)
direction = sharpest_directions(model, found.x, 1)
rate, batch, curvature = 0.5, 50, float(direction.curvatures[0])
noise = float(direction.vectors[0] @ model.gradient_covariance(found.x) @ direction.vectors[0])
of_sgd = rate * noise / (batch * curvature * (2 - rate * curvature))
of_langevin = rate * noise / (2 * batch * curvature)

# %%
# SGD, its walkers counted at many times: draws of chains, which count by what they are worth.

start = np.tile(found.x, (24, 1))
run = run_sgd(model, SGD(rate, batch, sampling=WithReplacement()), start, steps=600, rng=rng, save_every=8)
draws = project(Draws.of(run, after=40 * rate), direction)
variance = float(draws.all.var())
print(f"variance {variance:.3g}, linear theory {of_sgd:.3g}, of the Langevin equation {of_langevin:.3g}")
grid = Grid(-0.2, 0.2, 40)
laws = {name: gaussian([0.0], [[v]], grid) for name, v in (("SGD", of_sgd), ("Langevin", of_langevin))}
comparison = compare_laws(draws, laws)
print(comparison.table())

figure, axes = plt.subplots(figsize=(3.8, 2.6), layout="constrained")
axes.stairs(draws.histogram(grid).survivors.values, grid.edges[0], fill=True, color="0.8", label="walkers")
for (name, law), style in zip(laws.items(), ("-", "--"), strict=True):
    axes.plot(grid.axes[0], law.values, style, label=f"linear theory of {name}")
axes.set(xlabel="along the sharpest direction", ylabel="density", xlim=(-0.15, 0.15))
axes.legend(fontsize=6, frameon=False)
