"""Control variates of a stationary law: what one step of SGD leaves unchanged on average."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulate.sgd import SGD
from theory.base.arrays import Array
from theory.base.estimate import Estimate
from theory.models import DatasetModel, Model, covariance_traces

DEPENDENT = 1e-9  # relative size of a singular value below which control variates depend on each other
UPPER = 0.975  # probability below the upper end of a 95 % interval
ROUNDING_OF_MEANS = 1e-12  # relative error of a mean that they determine


@dataclass(frozen=True, eq=False)
class ControlVariates:
    """(P f - f)(z) for linear and quadratic f, P being the kernel of one step; their stationary means are 0.

    z holds w - w* and, with momentum, the velocity v. A step leads from z to a law with the mean
    M = (w - w* + m, m), m = mu v - eta grad L, and the covariance Sigma with eta^2 C(w) / B in every block, so
    that for f = z z' P f - f = M M' + Sigma - z z', exactly, whatever the law of the noise: only batches must be
    independent. Where z z' has too many entries, its traces with the identity and the Hessian are taken; without
    a Hessian those with the identity alone, of which no matrix is made.

    Parameters
    ----------
    model, sgd
        The algorithm.
    place, hessian
        The point w* (d,) that moments are taken about, and a matrix (d, d) for the traces, or None.
    most
        Largest number of variates.
    """

    model: Model
    sgd: SGD
    place: Array = field(repr=False)
    hessian: Array | None = field(repr=False)
    most: int = 100

    def __call__(self, w: Array, velocity: Array | None) -> Array:
        """The variates at positions and velocities (n, d), shape (n, variates)."""
        if self.hessian is None:
            return self._of_lengths(w, velocity)
        rate, mu, dim = self.sgd.learning_rate, float(self.sgd.momentum), self.model.dim
        here = w - self.place
        move = -rate * self.model.gradient(w)
        noise = rate**2 / self.sgd.batch_size * self.model.gradient_covariance(w)
        if velocity is None:
            before, after, blocks = here, here + move, 1
        else:
            move = move + mu * velocity
            before, after, blocks = np.hstack([here, velocity]), np.hstack([here + move, move]), 2
        spread = np.tile(noise, (1, blocks, blocks))
        changes = after[:, :, None] * after[:, None, :] + spread - before[:, :, None] * before[:, None, :]
        size = blocks * dim
        if size * (size + 3) // 2 <= self.most:
            rows, columns = np.triu_indices(size)
            return np.hstack([after - before, changes[:, rows, columns]])
        parts = changes.reshape(-1, blocks, dim, blocks, dim)
        found = [
            np.einsum("nij,ij->n", parts[:, a, :, b, :], matrix)
            for a in range(blocks)
            for b in range(a, blocks)
            for matrix in (np.eye(dim), self.hessian)
        ]
        return np.stack(found, axis=-1)

    def _of_lengths(self, w: Array, velocity: Array | None) -> Array:
        """Those of |w - w*|^2, and with velocities of (w - w*) v and |v|^2, shape (n, 1) or (n, 3)."""
        assert isinstance(self.model, DatasetModel)
        rate, mu = self.sgd.learning_rate, float(self.sgd.momentum)
        here = w - self.place
        move = -rate * self.model.gradient(w)
        noise = rate**2 / self.sgd.batch_size * covariance_traces(self.model, w)
        before, after = [here], [here + move]
        if velocity is not None:
            move = move + mu * velocity
            before, after = [here, velocity], [here + move, move]
        blocks = len(before)
        found = [
            (after[a] * after[b]).sum(axis=-1) + noise - (before[a] * before[b]).sum(axis=-1)
            for a in range(blocks)
            for b in range(a, blocks)
        ]
        return np.stack(found, axis=-1)


@dataclass(frozen=True)
class Controlled:
    """A mean with its standard error, freed of what control variates explain, and by how much that reduced it.

    `variance_reduction` is the variance of the plain mean over that of this one.
    """

    mean: Estimate
    variance_reduction: float


def controlled_mean(values: Array, variates: Array) -> Controlled:
    """The mean of `values` (n,) of independent walkers whose `variates` (n, p) have the mean 0.

    The intercept of least squares on the variates, with its standard error for n - 1 - rank degrees of freedom,
    widened to that of a normal law of the same 95 % interval.
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    number = len(values)
    plain = float(values.var(ddof=1)) / number
    size = np.sqrt((variates**2).mean(axis=0))
    used = variates[:, size > 0] / size[size > 0]
    design = np.hstack([np.ones((number, 1)), used])
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    kept = singular > DEPENDENT * singular[0]
    weights = (right[kept, 0] / singular[kept]) @ left[:, kept].T
    mean = float(weights @ values)
    fitted = left[:, kept] @ (left[:, kept].T @ values)
    freedom = number - int(kept.sum())
    residual = float(((values - fitted) ** 2).sum()) / freedom
    widened = float(student.ppf(UPPER, freedom)) / float(norm.ppf(UPPER))
    error = np.sqrt(residual) * float(np.linalg.norm(weights)) * widened
    error = float(np.hypot(error, ROUNDING_OF_MEANS * abs(mean)))
    return Controlled(Estimate(mean, error), plain / error**2 if error else 1.0)
