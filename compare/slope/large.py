"""The slope of the stationary loss of a model of many weights, of which no matrix is made."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from compare.slope.method import Method, SlopeMethod, StationaryLoss, at_rate, require_stable
from compare.slope.prediction import SlopePrediction
from compare.slope.sampling import BySampling
from simulate.sgd import SGD
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.matrices import MOST_DENSE
from theory.base.shares import percent
from theory.learning import Extrapolation, extrapolate
from theory.models import DatasetModel, Model
from theory.points import LargeMinimum, locate_large_minimum

UNSETTLED = 0.25  # of the noise, that may lie along directions which walkers have not filled
NEAR = 0.01  # of what SGD adds to the loss, that a Newton step may still lower it by
Losses = Callable[[SGD], StationaryLoss]


def large_slope(
    model: Model,
    sgd: SGD,
    rates: Array,
    rng: np.random.Generator | None,
    method: Method | SlopeMethod,
    given: ArrayLike | None,
    power: float,
) -> tuple[tuple[StationaryLoss, ...], Extrapolation, SlopePrediction]:
    """Losses at increasing `rates` (rates,), their limit over the rate, and tr C / (4 B).

    Walkers begin at the minimum, and what they have not filled of the directions of little curvature would lack in
    the loss. How much the spectrum of the noise says: exp(-2 h t) of the loss along a curvature h is missing after
    the time t. The error of each loss holds that, and the error of the limit what it changes there.

    Raises
    ------
    InputError
        If the model has no examples, the method is not `BySampling`, no generator or minimum is given, a place is
        no minimum, rates are beyond stability, or walkers diverge or are not stationary.
    """
    require(
        isinstance(model, DatasetModel),
        f"of more than {MOST_DENSE} weights `model` must be a DatasetModel, got {type(model).__name__}",
    )
    require(
        isinstance(method, BySampling),
        f"of more than {MOST_DENSE} weights the loss is found by BySampling(), got {type(method).__name__}",
    )
    require(rng is not None, "walkers of many weights need `rng`, got None; give numpy.random.default_rng(seed)")
    assert isinstance(model, DatasetModel)
    assert isinstance(method, BySampling)
    assert rng is not None
    lowest = locate_large_minimum(model, given, rng=rng)
    require_stable(at_rate(sgd, float(rates[-1])), lowest)
    adds = lowest.noise.trace / (4 * sgd.batch_size * (1 - float(sgd.momentum))) * float(rates[0])
    require(
        lowest.fall <= NEAR * adds,
        f"`minimum` must be one, a Newton step lowers the loss by {lowest.fall:.3g} and SGD adds {adds:.3g} "
        f"at the rate {rates[0]:.3g}; descend further",
    )
    missing = [_missing(lowest, at_rate(sgd, float(rate)), method) for rate in rates]
    found = [method.measure_large(model, at_rate(sgd, float(rate)), lowest, rng) for rate in rates]
    values, errors = (
        np.array(one) / rates for one in ([float(x.excess) for x in found], [x.excess.error for x in found])
    )
    fit = extrapolate(rates, values, errors, power, method.statistical)
    whole = extrapolate(rates, values / (1 - np.array(missing)), errors, power, method.statistical)
    error = math.hypot(fit.limit.error, whole.limit - fit.limit)
    limit = Extrapolation(Estimate(fit.limit, error), fit.form, fit.order, fit.fit_probability, fit.independent)
    losses = tuple(
        StationaryLoss(
            one.learning_rate,
            Estimate(one.excess, math.hypot(one.excess.error, share * one.excess)),
            one.variance_reduction,
        )
        for one, share in zip(found, missing, strict=True)
    )
    return losses, limit, predict_large(sgd, lowest, max(missing))


def _missing(lowest: LargeMinimum, sgd: SGD, method: BySampling) -> float:
    """The share of the loss that walkers lack on average over the steps that count, at most, 99 times of 100."""
    begin, span = float(sgd.times(method.burn_in)), float(sgd.times(method.steps))

    def lacking(curvatures: Array) -> Array:
        decay = 2 * np.maximum(curvatures, 0.0)
        ended = decay * span
        mean = np.divide(-np.expm1(-ended), ended, out=np.ones_like(ended), where=ended > 0)
        return np.asarray(np.exp(-decay * begin) * mean)

    most = min(lowest.noise.mean_at_most(lacking), 1.0)
    require(
        most <= UNSETTLED,
        f"walkers must settle, up to {percent(most)} of the noise points along directions of so little curvature "
        f"that {method.burn_in} steps of burn-in at the rate {sgd.learning_rate:.3g} do not fill them; raise "
        "`burn_in` and `steps`",
    )
    return most


def predict_large(sgd: SGD, minimum: LargeMinimum, missing: float) -> SlopePrediction:
    """The slope tr C / (4 B (1 - momentum)), none where the noise vanishes at the minimum.

    It is that where the Hessian is positive definite; where that is not seen, up to the share `missing` of the
    noise, which may point along directions that have no curvature. The error of the measured slope holds it.
    """
    if minimum.silent:
        reason = "the noise of the gradient vanishes at the minimum: walkers may collapse onto it"
        return SlopePrediction(None, "", reason)
    share = 1 / (sgd.batch_size * (1 - float(sgd.momentum)))
    over = "" if not sgd.momentum else " / (1 - mu)"
    low, seen = minimum.ends[0], minimum.curvatures[0]
    curved = (
        f"all curvatures are above {low:.3g}"
        if minimum.regular
        else f"no curvature is seen below {seen:.3g}, none is below {low:.3g}"
    )
    reason = (
        f"of {len(minimum.position)} weights {curved}, and at most {percent(missing)} of the noise points where "
        "walkers do not settle, which the error holds"
    )
    return SlopePrediction(minimum.noise.trace * share / 4, f"tr C / (4 B){over}", reason)
