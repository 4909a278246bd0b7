"""
Adam holds the sharp minimum that SGD leaves
============================================

q = (w + 1.8)(w - 1.8)^2 with the plain mean square: at -1.8 the curvature h = 336 is so large that SGD of learning
rate .01 leaves by itself, since .01 h > 2. Adam of the same rate divides by the root of the mean square v of the
gradient, and stays. Its average of squares is so long that v hardly moves: then Adam is heavy-ball SGD of the rate
.01 (1 - beta1) / sqrt(v), whose stationary variance is known and makes v in turn.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from simulate import SGD, Adam, run_sgd
from theory import Estimate, ProductModel, sgd_covariance

model = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
rate, batch, sharp, adam = 0.01, 20, np.array([-1.8]), Adam()
start = np.random.default_rng(1).uniform(-3.6, 3.6, (10_000, 1))

# %%
# Where both end that start left and right of the barrier at -.6.

ends = {
    name: run_sgd(model, SGD(rate, batch, rule=rule), start, steps=300, rng=np.random.default_rng(2)).final[:, 0]
    for name, rule in (("SGD", ()), ("Adam", adam))
}
began, left = float((start < -0.6).mean()), {name: float((w < -0.6).mean()) for name, w in ends.items()}
print(f"left of the barrier: {began:.3f} at the start, {left['SGD']:.3f} of SGD, {left['Adam']:.3f} of Adam")

# %%
# The variance of Adam about the sharp minimum, with noise and mean square over that law itself.

variance = 0.0
for _ in range(100):
    near = sharp + np.sqrt(variance) * np.array([[-1.0], [1.0]])
    noise = model.gradient_covariance(near).mean(axis=0) / batch
    square = float(noise[0, 0] + (model.gradient(near) ** 2).mean())
    slower = rate * (1 - adam.beta1) / np.sqrt(square)
    variance = float(sgd_covariance(model.hessian(sharp), noise, slower, adam.beta1)[0, 0])

held = run_sgd(
    model, SGD(rate, batch, rule=adam), np.tile(sharp, (10_000, 1)), steps=1500, rng=np.random.default_rng(3)
)
squares = (held.final[:, 0] - sharp[0]) ** 2
measured = Estimate(squares.mean(), squares.std() / np.sqrt(len(squares)))
print(f"E (w + 1.8)^2 = {measured!r}, by the formula {variance:.4g}")

# %%
figure, axes = plt.subplots(figsize=(4, 2.6), layout="constrained")
for (name, w), colour in zip(ends.items(), ("0.6", "#D55E00"), strict=True):
    axes.hist(w[np.isfinite(w)], np.linspace(-2.6, 2.8, 109), color=colour, alpha=0.7, label=name)
axes.set(xlabel="w after 300 steps", ylabel="walkers", yscale="log")
axes.legend()
