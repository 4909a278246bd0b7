"""
A network of JAX
================

Two tanh units, written as a function of JAX on a tree of parameters: `from_jax` makes a model of it, with its
Hessian and the noise C(w) of its examples. Near a minimum the linear theory then gives the stationary loss of SGD,
tr(H S)/2, beside the rule of thumb rate tr C / (4 B); SGD itself is the judge.
Needs `pip install '.[jax]'` in a checkout.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from matplotlib import pyplot as plt
from scipy.optimize import minimize

from simulate import SGD, WithReplacement, run_sgd
from theory import from_jax, sgd_covariance

rng = np.random.default_rng(1)
inputs = rng.uniform(-3, 3, (200, 1))
labels = np.tanh(2 * inputs[:, 0] + 1) - 1.5 * np.tanh(inputs[:, 0] - 1) + 0.3 * rng.standard_normal(200)


def loss(tree, x, y):  # of one example
    return (tree["outer"] @ jnp.tanh(tree["inner"] * x + tree["shift"]) - y) ** 2 / 2


tree = {"inner": np.array([2.0, 1.0]), "outer": np.array([1.0, -1.5]), "shift": np.array([1.0, -1.0])}
model = from_jax(loss, tree, inputs, labels)

# %%
# Down to the minimum, by any optimiser; its Hessian and noise.

minimum = minimize(model.value, model.start, jac=model.gradient, tol=1e-9).x
hessian, noise = model.hessian(minimum), model.gradient_covariance(minimum)
rate, batch = 0.05, 10
predicted = np.trace(hessian @ sgd_covariance(hessian, noise / batch, rate)) / 2
print(*(f"{name} {at:.3f}" for name, at in zip(model.parameter_names, minimum, strict=True)))

# %%
# SGD from there: the mean of its loss above the minimum.

run = run_sgd(
    model, SGD(rate, batch, sampling=WithReplacement()), np.tile(minimum, (2000, 1)), steps=300, rng=rng,
    save_every=20,
)  # fmt: skip
excess = model.value(run.positions) - model.value(minimum)
found, error = excess[-1].mean(), excess[-1].std() / np.sqrt(2000)
print(
    f"SGD {found:.3e} +- {error:.0e}, linear theory {predicted:.3e}, tr C {rate * np.trace(noise) / 4 / batch:.3e}"
)

figure, axes = plt.subplots(figsize=(3.6, 2.7), layout="constrained")
axes.plot(run.times, excess.mean(axis=1), "o", color="#0072B2", label="SGD")
axes.axhline(predicted, color="#D55E00", label="linear theory")
axes.set(xlabel="time", ylabel="loss above the minimum")
axes.legend()
