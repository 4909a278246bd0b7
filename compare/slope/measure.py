"""Measure the slope of the stationary loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypedDict, Unpack

import numpy as np

from compare.slope.formula import ByFormula
from compare.slope.large import large_slope
from compare.slope.method import Method, SlopeMethod, at_rate, require_plain, require_stable
from compare.slope.own import whole_method
from compare.slope.prediction import predict_slope
from compare.slope.sampling import BySampling
from compare.slope.slope import LossSlope
from simulate.sampling import Fresh
from simulate.sgd import SGD
from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.matrices import MOST_DENSE
from theory.laws import Grid
from theory.learning import Extrapolation, extrapolate, extrapolate_logarithmic
from theory.models import DatasetModel, Model, NoisyGradient, ProductModel
from theory.points import locate_minimum

FEWEST_RATES = 3
NEAREST = 1e-3  # relative difference of two rates, below which nothing is extrapolated
SLACK = 1e-9  # relative, of a requirement that rates just meet


class SlopeOptions(TypedDict, total=False):
    """How a slope is extrapolated and judged, and where minima are looked for.

    Parameters
    ----------
    power
        Spacing of the powers of the rate in loss over rate; by default what the prediction says.
    confidence
        Of the interval for the verdict.
    search
        A grid on which minima are looked for, instead of that of the method.
    """

    power: float | None
    confidence: float
    search: Grid | None


def loss_slope(
    model: Model,
    sgd: SGD,
    rates: Sequence[float] | Array,
    *,
    rng: np.random.Generator | None = None,
    method: Method | SlopeMethod | None = None,
    minimum: ArrayLike | None = None,
    **options: Unpack[SlopeOptions],
) -> LossSlope:
    """d(loss)/d(learning rate) at 0 of the stationary loss of SGD, measured and predicted.

    `rates` has shape (rates,), `minimum` (d,).
    The stationary loss above the minimum is found at each of `rates` and its ratio to the rate extrapolated to 0,
    in powers of the rate or, where the learning coefficient has a multiplicity, in 1 / log; that of `ByFormula`
    from rates of its own next to 0. Theory says tr C / (4 B) at a regular minimum and lambda s^2 / (2 B) at a
    degenerate one with isotropic noise (`SlopePrediction`).

    Beyond 600 weights no matrix (d, d) is made: `model` is a `DatasetModel`, `minimum` is given and not moved, the
    loss is found `BySampling`, tr C from the gradients of the examples, and the Hessian asked for products with
    vectors. The error then holds what walkers lack along directions that the burn-in does not fill.

    Parameters
    ----------
    sgd
        The algorithm; its learning rate is replaced by each of `rates`.
    rates
        At least 3 different positive learning rates, below the limit of stability.
    rng
        For `BySampling`, which needs one.
    method
        `BySampling(...)` (default), `ByTransitionOperator(grid)`, `ByFokkerPlanck(grid)`, `ByFormula()`, or a
        `SlopeMethod` of the user's own.
    minimum
        Where the minimum is, or for a regular one a start of Newton's method nearby; by default the lowest one on
        the grid of the method, or what Newton finds from 0. Other minima are looked for on such a grid only.
    power
        Spacing of the powers of the rate in loss over rate; by default what the prediction says.
    confidence
        Of the interval for the verdict, 0.95 by default.
    search
        A grid on which minima are looked for, instead of that of the method.

    Raises
    ------
    InputError
        If rates are not positive, too few, or beyond stability; if no minimum is found; if SGD has other options
        than momentum, or dependent batches; if walkers diverge or are not stationary; or the method does not fit.
    NoStationaryDensity
        If a grid method finds no unique stationary law.
    """
    require_known("loss_slope", options, SlopeOptions)
    method = whole_method(BySampling() if method is None else method)
    power, search, confidence = options.get("power"), options.get("search"), options.get("confidence", 0.95)
    require(
        isinstance(model, ProductModel | NoisyGradient | DatasetModel),
        f"`model` must be a ProductModel, a NoisyGradient or a DatasetModel, got {type(model).__name__}",
    )
    known = method.search_grid if search is None else search
    require(
        known is None or known.dim == model.dim,
        f"model and grid must have one dimension, got {model.dim} and {known.dim if known else 0}",
    )
    require_plain(sgd)
    require(
        isinstance(sgd.sampling, Fresh) or not isinstance(model, ProductModel),
        "a ProductModel has fresh data here; of a data set take on_data(model, x, y)",
    )
    require(0 < confidence < 1, f"`confidence` must lie between 0 and 1, got {confidence}")
    sorted_rates = checked_rates(rates)
    if model.dim > MOST_DENSE:
        spacing = 1.0 if power is None else power
        require(math.isfinite(spacing) and spacing > 0, f"`power` must be positive, got {power}")
        measured = large_slope(model, sgd, sorted_rates, rng, method, minimum, spacing)
        return LossSlope(*measured, method.words, confidence)
    lowest = locate_minimum(model, minimum, known)
    require_stable(at_rate(sgd, float(sorted_rates[-1])), lowest)
    prediction = predict_slope(model, sgd, lowest, method.jumps)
    losses = tuple(method.measure(model, at_rate(sgd, float(rate)), lowest, rng) for rate in sorted_rates)
    taken = losses
    if isinstance(method, ByFormula) and lowest.regular:
        taken = method.near_zero(model, at_rate(sgd, float(sorted_rates[0])), lowest)
    near = np.array([loss.learning_rate for loss in taken])
    values = np.array([float(loss.excess) for loss in taken]) / near
    errors = np.array([loss.excess.error for loss in taken]) / near
    spacing = prediction.power if power is None else power
    require(math.isfinite(spacing) and spacing > 0, f"`power` must be positive, got {spacing}")
    found: Extrapolation
    if prediction.multiplicity > 1 and prediction.unit is not None and power is None:
        found = extrapolate_logarithmic(
            near, values, errors, prediction.unit, prediction.multiplicity, method.statistical
        )
    else:
        found = extrapolate(near, values, errors, spacing, method.statistical)
    return LossSlope(losses, found, prediction, method.words, confidence)


def checked_rates(rates: Sequence[float] | Array) -> Array:
    """The rates as an increasing array: 3 or more.

    Raises
    ------
    InputError
        If there are fewer than 3, or two hardly differ, or one is not positive and finite.
    """
    found = np.sort(np.asarray(rates, dtype=np.float64).ravel())
    require(
        len(found) >= FEWEST_RATES and len(np.unique(found)) == len(found),
        f"`rates` must be at least {FEWEST_RATES} different learning rates, got {found.tolist()}",
    )
    require(
        bool(np.isfinite(found).all() and found[0] > 0),
        f"`rates` must be positive and finite, got {found.tolist()}",
    )
    closest = int(np.argmin(np.diff(found) / found[1:]))
    low, high = found[closest : closest + 2].tolist()
    require(
        high - low >= NEAREST * high * (1 - SLACK),
        f"`rates` must differ by a thousandth of their size at least, got {low!r} and {high!r}; spread them, "
        "such as by factors of 2",
    )
    return found
