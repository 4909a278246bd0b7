"""The limit at rate 0 of the stationary loss over the rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.base.estimate import Estimate
from theory.base.rounding import LEAST_NORMAL
from theory.base.showing import as_call

FIT = 0.1  # least probability of the residuals of a fit that is taken
FLOOR = 1e-14  # relative error of a number that counts as exact
LOG_FLOOR = 1e-9  # the same where a nonlinear fit must see its way through rounding
HUGE = 1e75  # for parameters at which a model is not finite
SHAPE_STEP = 1e-6  # of a coefficient, in which derivatives by it are read
DEPENDENT = 1e-14  # of the largest singular value: columns that are one
FITTED = 1e-15  # relative changes of shape, misfit and slope where the fit ends


@dataclass(frozen=True)
class Extrapolation:
    """The limit with what was fitted.

    Parameters
    ----------
    limit
        The value at rate 0; its error holds those of the values and the step to the next order.
    form
        What was fitted, in words.
    order
        Number of terms beyond the constant one.
    fit_probability
        Probability of larger residuals at the order below, for independent errors.
    independent
        Whether they are; bounds may all err to one side, and no residuals are probable of them.
    """

    limit: Estimate
    form: str
    order: int
    fit_probability: float
    independent: bool = True

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def below_fits(self) -> bool:
        """Whether chance alone may leave the residuals of the order below."""
        return self.fit_probability >= FIT


@dataclass(frozen=True)
class _Fit:
    """One fit: limit, its error, and the probability of larger residuals."""

    limit: float
    error: float
    probability: float


def extrapolate(rates: Array, values: Array, errors: Array, power: float, independent: bool) -> Extrapolation:
    """The limit of `values` at rate 0 by weighted least squares in powers of rate^power.

    `rates`, `values` and `errors` have shape (rates,).
    One order more is taken than the lowest whose residuals have a probability of at least 0.1, so that a term that
    did not show is fitted all the same; else all orders that the values allow. The error is that of the values,
    for errors that are not `independent` the sum of their largest effects, and in quadrature the step from the
    order below.
    """
    highest = len(rates) - 1
    fits = [_powers(rates, values, errors, power, order, independent) for order in range(highest + 1)]
    return _chosen(fits, [_powers_in_words(power, 0, order) for order in range(highest + 1)], independent)


def extrapolate_logarithmic(
    rates: Array, values: Array, errors: Array, unit: float, multiplicity: int, independent: bool
) -> Extrapolation:
    """The limit S of values S - unit P'(l)/P(l), l = log(1/rate), with P a polynomial of degree m - 1.

    `rates`, `values` and `errors` have shape (rates,).
    As the partition function T^lambda P(log 1/T) of a learning coefficient of multiplicity m says; for m = 2 the
    term is unit / (log(1/rate) + c). The next orders add powers of the rate. Choice and error as
    `extrapolate`, but with the larger of the steps from two orders below, since the terms that follow have
    logarithms of their own.

    Raises
    ------
    InputError
        If there are too few rates.
    """
    shapes = multiplicity - 1
    highest = len(rates) - 1 - shapes
    if highest < 1:
        raise InputError(
            f"a minimum of multiplicity {multiplicity} needs at least {shapes + 2} rates, got {len(rates)}"
        )
    orders = range(highest + 1)
    fits = [_logarithms(rates, values, errors, unit, shapes, order, independent) for order in orders]
    logarithm = f"S - {unit:.4g} P'(l)/P(l) with l = log(1/rate), P of degree {shapes}"
    forms = [f"{logarithm}, and {_powers_in_words(1.0, 1, order)}" if order else logarithm for order in orders]
    return _chosen(fits, forms, independent, back=2)


def _powers_in_words(power: float, first: int, last: int) -> str:
    shown = ", ".join(f"{power * j:.4g}" for j in range(first, last + 1))
    return f"power{'s' if last > first else ''} {shown} of the rate"


def _chosen(fits: list[_Fit], forms: list[str], independent: bool, back: int = 1) -> Extrapolation:
    """The order above the lowest that fits, or the highest; its error holds the steps from up to `back` below."""
    passed = [order for order, fit in enumerate(fits[:-1]) if fit.probability >= FIT]
    order = min([*passed, len(fits) - 2]) + 1
    taken, below = fits[order], fits[order - 1]
    step = max(abs(taken.limit - fit.limit) for fit in fits[max(0, order - back) : order])
    error = math.hypot(taken.error, step)
    return Extrapolation(Estimate(taken.limit, error), forms[order], order, below.probability, independent)


def _powers(rates: Array, values: Array, errors: Array, power: float, order: int, independent: bool) -> _Fit:
    scaled = (rates / rates.max()) ** power
    return _solved(scaled[:, None] ** np.arange(order + 1), values, _floored(values, errors), independent)


def _solved(design: Array, values: Array, errors: Array, independent: bool) -> _Fit:
    """Weighted least squares; the first coefficient is the limit."""
    weights = np.linalg.pinv(design / errors[:, None]) / errors
    coefficients = weights @ values
    return _judged(
        coefficients[0], weights[0], values - design @ coefficients, errors, design.shape[1], independent
    )


def _judged(
    limit: float, weights: Array, residuals: Array, errors: Array, parameters: int, independent: bool
) -> _Fit:
    from scipy.stats import chi2

    effects = np.abs(weights) * errors
    error = math.sqrt((effects**2).sum()) if independent else effects.sum()
    freedom = len(errors) - parameters
    probability = float(chi2.sf(((residuals / errors) ** 2).sum(), freedom)) if freedom > 0 else math.nan
    return _Fit(float(limit), float(error), probability)


def _logarithms(
    rates: Array, values: Array, errors: Array, unit: float, shapes: int, order: int, independent: bool
) -> _Fit:
    """Least squares in the coefficients of P, the linear ones eliminated, from the best of a scan."""
    logs, errors = -np.log(rates), _floored(values, errors, LOG_FLOOR)
    powers = (rates / rates.max())[:, None] ** np.arange(order + 1)

    def ratio(shape: Array) -> Array:
        polynomial = np.append(1.0, shape)
        return np.asarray(np.polyval(np.polyder(polynomial), logs) / np.polyval(polynomial, logs))

    def residuals(shape: Array) -> Array:
        """What the linear coefficients leave, in errors; P must be positive at all rates."""
        if not np.polyval(np.append(1.0, shape), logs).min() > 0:
            return np.full(len(logs), HUGE)
        left = (values + unit * ratio(shape)) / errors
        design = powers / errors[:, None]
        return np.asarray(left - design @ (np.linalg.pinv(design) @ left))

    # P = (l + c)^(m - 1) to begin with, for c from next to the end where P has a zero to far above the rates
    shifts = 10.0 ** np.arange(-1.5, 2, 0.5) - float(logs.min())
    starts: list[Array] = [np.poly(np.full(shapes, -shift))[1:].astype(np.float64) for shift in shifts]
    best = min(starts, key=lambda shape: float((residuals(shape) ** 2).sum()))
    shape = least_squares(residuals, best, method="lm", x_scale="jac", xtol=FITTED, ftol=FITTED, gtol=FITTED).x
    limit, *_ = np.linalg.pinv(powers / errors[:, None]) @ ((values + unit * ratio(shape)) / errors)
    steps = np.maximum(np.abs(shape), 1.0) * SHAPE_STEP
    slopes = [(ratio(shape + e) - ratio(shape - e)) / (2 * e.sum()) for e in np.diag(steps)]
    design = np.column_stack([powers, *(-unit * slope for slope in slopes)])
    weights = np.linalg.pinv(design / errors[:, None], rcond=DEPENDENT) / errors
    left = residuals(shape) * errors
    return _judged(float(limit), weights[0], left, errors, design.shape[1], independent)


def _floored(values: Array, errors: Array, floor: float = FLOOR) -> Array:
    return np.maximum(errors, max(floor * float(np.abs(values).max()), LEAST_NORMAL))
