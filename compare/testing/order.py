"""Whether errors fall with the step as a method of an order should."""

from __future__ import annotations

from compare.testing.check import POWER, Check, judged, require_levels
from theory.base.arrays import ArrayLike, finite
from theory.base.errors import require
from theory.statistics import fit_power_law

CURVED = 2.0  # tolerances of the order that its change over the steps has: at the smallest step half of it is left


def assert_order(
    steps: ArrayLike,
    errors: ArrayLike,
    expected: float,
    *,
    standard_errors: ArrayLike | None = None,
    alpha: float,
    tolerance: float = 0.1,
    resolution: float | None = None,
) -> Check:
    """The check that errors fall like steps^expected; it fails by chance with probability `alpha`.

    Two tests, each with half of alpha: that the slope of a straight line in logarithms is the order, and that the
    slope does not change over the steps (a parabola), as it would where they are not yet small enough. What is
    tested is that both hold to within `tolerance` (twice that for the change); a power law of just this order is
    rejected with probability alpha if `tolerance` is 0, else more rarely.

    Parameters
    ----------
    steps, errors
        Positive, of one length (n,): at least three different steps, four without `standard_errors`.
    expected
        The order.
    standard_errors
        Of the errors, (n,), at most .3 of each. Without them the scatter about the fits is taken for noise, equal
        in all logarithms and independent: what bends the errors widens the interval of the order.
    tolerance
        Difference from the order that is none.
    resolution
        Difference of orders that must be found with probability .9, else the check fails.

    Raises
    ------
    AssertionError
        If the order differs, it changes with the step, or the data cannot tell.
    InputError
        If there are too few steps, an error is not positive or too uncertain, or `alpha` is no chance.
    """
    __tracebackhide__ = True
    require_levels(alpha, resolution)
    require(tolerance >= 0, f"`tolerance` must not be negative, got {tolerance}")
    known = None if standard_errors is None else finite(standard_errors, "standard_errors")
    law = fit_power_law(finite(steps, "steps"), finite(errors, "errors"), known)
    order, bend = law.exponent, law.bend
    chances = [order.p_value(expected, tolerance), bend.p_value(0.0, CURVED * tolerance)]
    width, wide = order.half_width(alpha / 2), bend.half_width(alpha / 2)
    words = (
        f"order {float(order.value):.4g} in [{order.value - width:.4g}, {order.value + width:.4g}], expected "
        f"{expected:g} +- {tolerance:g}, changing by {float(bend.value):.3g} in "
        f"[{bend.value - wide:.3g}, {bend.value + wide:.3g}] over the steps"
    )
    if 2 * chances[1] < alpha:
        words += ": not yet a power law, take smaller steps"
    smallest = order.detectable(alpha / 2, tolerance, POWER)
    return judged(Check("assert_order", words, min(1.0, 2 * min(chances)), alpha, smallest, "order"), resolution)
