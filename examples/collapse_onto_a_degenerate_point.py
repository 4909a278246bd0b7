"""
Noise that vanishes at a minimum draws SGD onto it
==================================================

At a double zero of q, q = c u^2, gradient and noise both vanish, and a step multiplies the distance: u <- u (1 -
eta X). Whether walkers collapse is decided by E log|1 - eta X|: the limit equation says -8 c^2 eta^2/B for the
plain mean square, the discrete step a little else. Collapse is far faster than descent, which is a power of
time.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from simulate import SGD, run_sgd
from theory import Estimate, ProductModel, collapse_exponent

curvature, rate, batch = 3.6, 0.01, 20
model = ProductModel("3.6*u**2", loss_scale=1.0)

# %%
# What the criterion says of a step, and what is left of it in continuous time.

exponent = collapse_exponent(model, (0,), learning_rate=rate, batch_size=batch)
limit = -8 * curvature**2 * rate**2 / batch
print(f"E log|1 - eta X| = {exponent.discrete!r} a step; -8 c^2 eta^2/B = {limit:.6g}")

# %%
# SGD itself: the mean growth of log|u| over 20 000 steps, with its standard error over walkers.

start, steps = 1e-6, 20_000
run = run_sgd(
    model, SGD(rate, batch), np.full((400, 1), start), steps=steps, rng=np.random.default_rng(1), save_every=2000
)
logs = np.log(np.abs(run.positions[..., 0]))
growth = (logs[-1] - logs[0]) / steps
measured = Estimate(growth.mean(), growth.std(ddof=1) / np.sqrt(growth.size))
print(f"walkers: {measured!r} a step, {(measured - exponent.discrete) / measured.error:+.1f} standard errors off")

# %%
figure, axes = plt.subplots(figsize=(4, 2.6), layout="constrained")
axes.plot(run.times / rate, logs[:, :40], color="0.7", lw=0.5)
axes.plot(run.times / rate, logs[0, 0] + exponent.discrete * run.times / rate, color="#D55E00", label="prediction")
axes.set(xlabel="step", ylabel="log u")
axes.legend()
