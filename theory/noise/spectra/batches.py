"""The curvature of batches along their own gradients."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.models import DatasetModel
from theory.models.slabs import slabs
from theory.noise.spectra.defects import Defects, error_of_few, product_of, resolution
from theory.noise.spectra.operators import place_of, precision_of

BY_DIFFERENCES = 2e-12  # relative error of a product that is taken by them
LAST_PLACES = 64  # of its precision, that sums over a batch lose


def batch_sharpness(
    model: DatasetModel,
    at: ArrayLike,
    batch_size: int,
    batches: int = 512,
    *,
    rng: np.random.Generator,
    with_replacement: bool = False,
) -> Estimate:
    """E[g_B' H_B g_B / |g_B|^2] over batches B, with its standard error over independent ones.

    The mean is of the ratios, as published, and not the ratio of the means. g_B and H_B are gradient and Hessian
    of the mean loss of one batch, H_B g_B a product without a matrix. Where there are no more batches than asked,
    as of single examples or of all of them, every one is taken, and the error is what rounding and differences
    leave; else that is added to the standard error.

    Parameters
    ----------
    model
        A data set or a network.
    at
        The point, shape (d,).
    batches
        How many batches, at least 2.
    with_replacement
        Whether an example may be in a batch twice, as with `WithReplacement()`; else as an epoch has them.

    Raises
    ------
    InputError
        If numbers do not fit, a batch's gradient vanishes or is not finite, or its Hessian is not symmetric.

    References
    ----------
    Andreyev & Beneventano (2024), Edge of stochastic stability: revisiting the edge of stability for SGD.
    """
    place = place_of(at, model.dim)
    whole = batch_size >= 1 and batch_size % 1 == 0 and (with_replacement or batch_size <= len(model))
    require(whole, f"`batch_size` must be a whole number from 1 to {len(model)}, got {batch_size}")
    require(batches >= 2 and batches % 1 == 0, f"`batches` must be a whole number of at least 2, got {batches}")
    size, most = int(batch_size), int(batches)
    every = _every(len(model), size, most, with_replacement)
    chosen = _drawn(len(model), size, most, with_replacement, rng) if every is None else every
    found = np.empty(len(chosen))
    for part in slabs(len(chosen), size * max(model.dim, model.x[0].size)):
        found[part] = _ratios(model, place, chosen[part])
    mean = float(found.mean())
    spread = 0.0 if every is not None else error_of_few(found)
    sharpest = chosen[int(np.argmax(np.abs(found)))]
    return Estimate(mean, spread + _left_open(model, place, sharpest, rng))


def _every(examples: int, size: int, most: int, with_replacement: bool) -> Integers | None:
    """All batches of so many examples (batches, size), if they are at most so many."""
    if (size > 1 and with_replacement) or math.comb(examples, size) > most:
        return None
    return np.array(list(combinations(range(examples), size)), dtype=np.int64)


def _drawn(examples: int, size: int, batches: int, with_replacement: bool, rng: np.random.Generator) -> Integers:
    if with_replacement:
        return rng.integers(examples, size=(batches, size))
    return np.array([rng.choice(examples, size, replace=False, shuffle=False) for _ in range(batches)])


def _ratios(model: DatasetModel, place: Array, chosen: Integers) -> Array:
    """The ratios g' H g / |g|^2 of batches of examples (batches, size), shape (batches,)."""
    points, x, y = np.tile(place, (len(chosen), 1)), model.x[chosen], model.y[chosen]
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused
        gradients = model.batch_gradient(points, x, y)
    sizes = np.abs(gradients).max(axis=1, keepdims=True)
    require(
        bool(np.isfinite(sizes).all()), "the gradient of a batch must be finite, it is not; take another point"
    )
    none = int(np.count_nonzero(sizes == 0))
    require(
        none == 0,
        f"the gradient of a batch must not vanish, {none} of {len(chosen)} do; take larger batches, or a point "
        "that does not fit all examples exactly",
    )
    units = gradients / sizes
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.einsum("nd,nd->n", units, model.batch_hessian_product(points, x, y, units))
    require(bool(np.isfinite(found).all()), "the Hessian of a batch must be finite, it is not; take another point")
    return np.asarray(found)


def _left_open(model: DatasetModel, place: Array, chosen: Integers, rng: np.random.Generator) -> float:
    """What rounding and differences may do to the ratio of the batch `chosen` (size,)."""
    point, x, y = place[None], model.x[chosen][None], model.y[chosen][None]

    def product(vector: Array) -> Array:
        return np.asarray(model.batch_hessian_product(point, x, y, np.asarray(vector).reshape(1, -1))[0])

    dtype = np.dtype(precision_of(model))
    operator = LinearOperator((model.dim, model.dim), matvec=product, rmatvec=product, dtype=dtype)
    gradient = model.batch_gradient(point, x, y)
    unit = gradient / np.linalg.norm(gradient)
    image = product_of(operator, unit[0])
    size = float(np.linalg.norm(image))
    places = max(BY_DIFFERENCES, LAST_PLACES * resolution(operator))
    return Defects.of(operator, unit, image[None], rng).left_open(size) + places * size
