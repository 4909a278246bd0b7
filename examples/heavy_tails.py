"""
Tails of SGD that no Langevin equation has
==========================================

SGD on a linear regression multiplies the distance from the minimum by 1 - eta a S, S ~ chi^2_B / B. Its
stationary law has the power tail `P(|w| > u) ~ u^-alpha` with `E|1 - eta a S|^alpha = 1` (Kesten, 1973). The
limit equation says alpha = 1 + B/(eta a), here 2, where there is no mean square in truth. The variance, finite
while alpha > 2, has a closed form at any rate.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from simulate import SGD, run_sgd
from theory import Estimate, LinearRegression, linear_regression_covariance, tail_index
from theory.laws import hill_index

model, rate, batch = LinearRegression(1.0), 1.0, 1
alpha, limit = tail_index(rate, batch), 1 + batch / rate
print(f"alpha = {alpha:.4f}, the limit equation says {limit:g}")

# %%
# The power of the tail of 200 000 walkers by Hill's estimator, from the outermost 2000.

run = run_sgd(model, SGD(rate, batch), np.zeros((200_000, 1)), steps=100, rng=np.random.default_rng(1))
distances = np.sort(np.abs(run.final[:, 0]))
hill = hill_index(distances, 2000)
print(
    f"Hill: {hill!r}, {(hill - alpha) / hill.error:+.1f} standard errors off, {(hill - limit) / hill.error:+.1f}"
)

# %%
# At a gentler rate, where fourth moments exist, the variance is eta / (B (2 - eta (1 + 2/B))).

gentle = SGD(0.1, 4)
ends = run_sgd(model, gentle, np.zeros((100_000, 1)), steps=150, rng=np.random.default_rng(2)).final[:, 0]
variance = Estimate((ends**2).mean(), (ends**2).std() / np.sqrt(len(ends)))
exact = float(linear_regression_covariance(model, 0.1, 4)[0, 0])
print(f"variance {variance!r}, exactly {exact:.6f}; the limit equation says {0.1 / (2 * 4):.6f}")

# %%
figure, axes = plt.subplots(figsize=(4, 2.8), layout="constrained")
share = 1 - np.arange(len(distances)) / len(distances)
shown = np.unique(np.geomspace(1, len(distances), 200).astype(int))
axes.loglog(distances[-shown], share[-shown], ".", color="#0072B2", label="walkers")
level = distances[-2000]
for power, dashes, name in ((alpha, "-", "Kesten"), (limit, "--", "limit equation")):
    u = np.geomspace(level, distances[-1], 20)
    axes.loglog(u, 0.01 * (u / level) ** -power, dashes, color="0.2", label=name)
axes.set(xlabel="distance u", ylabel="share beyond u", xlim=(0.1, None))
axes.legend()
