"""Whether SGD is drawn to an invariant set or leaves it."""

from __future__ import annotations

import math

import numpy as np

from simulate.sampling import WithReplacement
from simulate.sgd import SGD
from theory.base.arrays import Array, ArrayLike, finite
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.rounding import LEAST_NORMAL
from theory.models import DatasetModel

INVARIANT = 1e-6  # of a gradient and of a product of the Hessian, that may lead across or along: differences
FEWEST_WALKERS = 10  # whose spread is an error
ROUNDED = 1e-9  # of the length of normals that are orthonormal


def transverse_exponent(
    model: DatasetModel,
    sgd: SGD,
    start: ArrayLike,
    across: ArrayLike,
    *,
    steps: int,
    burn_in: int,
    rng: np.random.Generator,
) -> Estimate:
    """The top Lyapunov exponent, a step, of small distances from an invariant set on which SGD runs.

    Walkers run on the set {w: across w = 0}; a small distance u follows the linearised step of the same batch,
    u <- u - learning_rate H_B(w) u, or heavy ball, and is made a unit vector after each. The exponent is the mean
    growth of log |u|, its error the standard error over walkers. Below 0 walkers nearby are drawn to the set, as
    to dead or equal neurons (stochastic collapse), above 0 they leave it.

    Parameters
    ----------
    model
        A data set or a network.
    sgd
        Plain or with heavy-ball momentum, `WithReplacement()`.
    start
        Positions of at least ten walkers on the set, shape (walkers, d).
    across
        Orthonormal normals of the set, shape (k, d): axes where parameters are 0, differences over root 2 where
        two are equal.
    steps, burn_in
        Steps of each that count, and steps before them.

    Raises
    ------
    InputError
        If the set is not invariant, a walker does not lie on it or diverges, SGD has other options, or numbers do
        not fit.

    References
    ----------
    Chen, Kunin, Yamamura & Ganguli (2023), Stochastic collapse, NeurIPS 36; Arnold (1998), Random dynamical
    systems.
    """
    normals, w = _normals(across, model.dim), _on_set(start, across, model.dim)
    require(
        isinstance(sgd.sampling, WithReplacement) and not sgd.variants,
        f"`sgd` must be plain or with heavy-ball momentum, WithReplacement(), got {sgd!r}",
    )
    for name, number, least in (("steps", steps, 1), ("burn_in", burn_in, 0)):
        require(
            number >= least and number % 1 == 0, f"`{name}` must be a whole number, at least {least}, got {number}"
        )
    rate, momentum = sgd.learning_rate, float(sgd.momentum)
    drawn = rng.standard_normal((len(w), len(normals))) @ normals
    u = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    velocity, change, growth = np.zeros_like(w), np.zeros_like(w), np.zeros(len(w))
    for step in range(int(burn_in) + int(steps)):
        chosen = rng.integers(len(model), size=(len(w), sgd.batch_size))
        x, y = model.x[chosen], model.y[chosen]
        slope, bend = model.batch_gradient(w, x, y), model.batch_hessian_product(w, x, y, u)
        require(
            bool(np.isfinite(slope).all() and np.isfinite(bend).all()),
            f"walkers must stay finite on the set, one did not at step {step}; reduce the rate, now {rate:g}",
        )
        out, along = slope @ normals.T @ normals, bend - bend @ normals.T @ normals
        _require_invariant(out, slope, "the gradient of a batch leads across it")
        _require_invariant(along, bend, "a distance across it turns along it")
        velocity = momentum * velocity - rate * (slope - out)
        change = momentum * change - rate * (bend - along)
        w, u = w + velocity, u + change
        size = np.sqrt((u**2 + change**2 * (momentum > 0)).sum(axis=1))
        require(bool((size > 0).all()), "a distance must not vanish in one step, one did; take another rate")
        u, change = u / size[:, None], change / size[:, None]
        if step >= burn_in:
            growth += np.log(size)
    growth /= steps
    return Estimate(float(growth.mean()), float(growth.std(ddof=1)) / math.sqrt(len(growth)))


def _normals(across: ArrayLike, dim: int) -> Array:
    normals = finite(across, "across")
    require(
        normals.ndim == 2 and normals.shape[1] == dim and 1 <= len(normals) <= dim,
        f"`across` must be normals of shape (k, {dim}), got {normals.shape}",
    )
    off = float(np.abs(normals @ normals.T - np.eye(len(normals))).max())
    require(off <= ROUNDED, f"`across` must be orthonormal, it is off by {off:.3g}; take numpy.linalg.qr of it")
    return normals


def _on_set(start: ArrayLike, across: ArrayLike, dim: int) -> Array:
    w = finite(start, "start")
    require(
        w.ndim == 2 and w.shape[1] == dim and len(w) >= FEWEST_WALKERS,
        f"`start` must be at least {FEWEST_WALKERS} walkers (walkers, {dim}), got shape {w.shape}",
    )
    off = float(np.abs(w @ np.asarray(across).T).max())
    require(
        off <= ROUNDED * max(1.0, float(np.abs(w).max())),
        f"`start` must lie on the set, across w = 0, a walker is {off:.3g} away; project it",
    )
    return w


def _require_invariant(part: Array, whole: Array, what: str) -> None:
    """Refuse a set that a step leaves."""
    share = float(np.linalg.norm(part) / max(float(np.linalg.norm(whole)), LEAST_NORMAL))
    require(
        share <= INVARIANT, f"the set must be invariant, {what} by {share:.3g} of its length; take another set"
    )
