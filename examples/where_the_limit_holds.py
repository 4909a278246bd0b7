"""
Where the limit equation holds: a sweep with a measure of one's own
===================================================================

A study is one setting; the question is at which settings theory holds. `sweep` runs a function of the study at
every point of ranges of its numbers, on processes or on many machines, and gives one labelled data set. Here the
function asks by how much the variance of SGD exceeds that of its limit. For this regression it is 1/(1 - eta (1
+ 2/B)/2).
"""

from __future__ import annotations

from matplotlib import pyplot as plt

from compare import Study, load_study, sweep
from simulate import transition_operator


def excess(study: Study) -> dict[str, float]:
    """The variance of SGD's exact law over that of the limit, eta sigma^2 / (2 B)."""
    law = transition_operator(study.model, study.sgd, study.grid.coarsened(4)).stationary()
    limit = study.sgd.learning_rate * study.model.noise_std**2 / (2 * study.sgd.batch_size)
    return {"excess": float(law.covariance[0, 0]) / limit, "error": float(law.covariance_error[0, 0]) / limit}


# %%
# Nine points in this process; without ``workers`` there is one process for each processor, and a ``store`` keeps
# what is found, so that a sweep that was stopped goes on.

study = load_study("regular")
data = sweep(study, learning_rate=[0.02, 0.05, 0.1], batch_size=[4, 10, 20], measure=excess, workers=1)
exact = 1 / (1 - data.learning_rate * (1 + 2 / data.batch_size) / 2)
off = abs(data.excess - exact)
print(data.excess.to_pandas())
print(f"farthest from the formula {float(off.max()):.1e}, errors up to {float(data.error.max()):.1e}")

# %%
figure, axes = plt.subplots(figsize=(4, 2.6), layout="constrained")
for batch in data.batch_size.values:
    axes.plot(data.learning_rate, data.excess.sel(batch_size=batch), "o-", label=f"batch size {batch}")
axes.set(xlabel="learning rate", ylabel="variance over that of the limit")
axes.legend()
