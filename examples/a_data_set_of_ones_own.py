"""
SGD on a data set of one's own
==============================

A logistic regression on 300 points: the noise of SGD is that of drawing batches from these points, so its
stationary covariance near the minimum follows from the Hessian H and the covariance C of the examples' gradients
there. Both come from the data; the posterior of the same data has the covariance H^-1/n instead.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from simulate import SGD, WithReplacement, run_sgd
from theory import logistic_regression, sgd_covariance
from theory.points import locate_minimum

rng = np.random.default_rng(1)
inputs = rng.standard_normal((300, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
labels = (rng.random(300) < 1 / (1 + np.exp(-inputs @ [1.0, -0.5]))).astype(float)
model = logistic_regression(inputs, labels)

# %%
# The minimum, and the law that the linear theory gives SGD around it, exact in the learning rate.

minimum = locate_minimum(model, np.zeros(2)).position
hessian, noise = model.hessian(minimum), model.gradient_covariance(minimum)
rate, batch = 0.1, 10
predicted = sgd_covariance(hessian, noise / batch, rate)
print(f"minimum {minimum.round(4)}, posterior sd {np.sqrt(np.diag(np.linalg.inv(hessian) / 300)).round(4)}")

# %%
# SGD with replacement. What is left is that the loss is not quadratic; it falls with the rate.

run = run_sgd(
    model, SGD(rate, batch, sampling=WithReplacement()), np.tile(minimum, (4000, 1)), steps=700,
    rng=np.random.default_rng(2),
)  # fmt: skip
found = np.cov(run.final.T)
error = np.sqrt(2 / 4000) * np.diag(found)
for name, k in (("first", 0), ("second", 1)):
    off = found[k, k] / predicted[k, k] - 1
    print(f"{name:6} {found[k, k]:.5f} +- {error[k]:.5f}, predicted {predicted[k, k]:.5f}, {off:+.1%}")

figure, axes = plt.subplots(figsize=(3.6, 3), layout="constrained")
axes.plot(*run.final.T, ".", ms=1, color="#0072B2")
angle = np.linspace(0, 2 * np.pi, 100)
circle = np.linalg.cholesky(predicted) @ np.array([np.cos(angle), np.sin(angle)])
axes.plot(*(minimum[:, None] + 2 * circle), color="#D55E00", label="two standard deviations")
axes.set(xlabel="first weight", ylabel="second weight")
axes.legend()
