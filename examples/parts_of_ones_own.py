"""
A landscape, a noise, a sampling and a schedule of one's own
============================================================

Batches are stratified, an example from each half; noise grows away from the minimum; the learning rate falls.
Expected: the law of Fokker-Planck with the noise of such batches, not of independent ones, and no Gibbs law.
"""

import numpy as np

from compare import compare_laws, draw, nearest_gibbs
from simulate import SGD, run_sgd
from theory import DatasetModel, FokkerPlanck, Grid, Langevin, Scaled

pulls = np.sort(np.random.default_rng(0).exponential(size=200))  # of examples to the right


class Well:  # a landscape
    dim = 1
    value = staticmethod(lambda w: (w**2 / 2 + w**4 / 4).sum(axis=-1))
    gradient = staticmethod(lambda w: w + w**3)
    hessian = staticmethod(lambda w: (1 + 3 * w**2)[..., None])


class Growing:  # noise that is added to gradients, and together with the variance of batches a tensor field
    def __init__(self, of_batches=0.0):
        self.of_batches, self.dim = of_batches, 1

    def sample(self, w, rng):
        return rng.laplace(scale=0.5, size=w.shape) * np.sqrt(1 + 25 * w**2)

    def tensor(self, w):
        return (self.of_batches + 0.5 * (1 + 25 * w**2))[..., None]


class Stratified:  # a sampling
    def indices(self, examples, batch_size, walkers, step, rng):
        return rng.integers(examples // 2, size=(walkers, 2)) + np.array([0, examples // 2])


class Falling:  # a schedule
    def rate(self, steps):
        return 0.2 + 0.8 * np.exp(-steps / 20)


# %%
# SGD after 500 steps against three laws in continuous time.
loss, slope = lambda w, x, y: Well.value(w) - (w * x).sum(axis=-1), lambda w, x, y: Well.gradient(w) - x
model = DatasetModel(pulls - pulls.mean(), 0 * pulls, loss, slope, dim=1)
sgd = SGD(0.1, 2, sampling=Stratified(), schedule=Falling(), noise=Growing())
seen = run_sgd(model, sgd, np.zeros((20_000, 1)), steps=500, rng=np.random.default_rng(1))
grid, halves = Grid(-1.2, 1.2, 48), pulls.reshape(2, -1).var(axis=1)
laws = {"gibbs": nearest_gibbs(seen, Well(), grid).density}
for name, variance in (("stratified", halves.sum() / 4), ("independent", pulls.var() / 2)):
    sde = Langevin(Well(), Scaled(Growing(variance), 0.02 / 2))  # eta / 2 at the last rate
    laws[name] = FokkerPlanck(sde, grid.refined(3)).stationary().coarsen(3)
comparison = compare_laws(seen, laws)
print(comparison.table())
axes = draw(comparison)
