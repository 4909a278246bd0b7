"""Whether the slope of the loss is what theory says."""

from __future__ import annotations

from compare.slope import LossSlope
from compare.testing.check import Check, judged, require_levels
from compare.testing.estimate import of_estimate
from theory.base.errors import require
from theory.base.estimate import Estimate


def assert_slope(
    slope: LossSlope | Estimate,
    expected: Estimate | float | None = None,
    *,
    alpha: float,
    resolution: float | None = None,
) -> Check:
    """The check that a slope is as expected; it fails by chance with probability `alpha`, if its error is right.

    The slope is taken as normal about the truth with its standard error, which also holds what the extrapolation
    leaves open; where that rules, or the losses were computed, false alarms are rarer than alpha.

    Parameters
    ----------
    slope
        A LossSlope, or a number with its standard error.
    expected
        The slope; by default the prediction of the LossSlope. The error of an Estimate counts as a bound.
    resolution
        Difference of slopes that must be found with probability .9, else the check fails.

    Raises
    ------
    AssertionError
        If the slope differs, or the data cannot tell.
    InputError
        If there is nothing to expect, an error is not known, or `alpha` is no chance.
    """
    __tracebackhide__ = True
    require_levels(alpha, resolution)
    if isinstance(slope, LossSlope):
        if expected is None:
            require(
                slope.prediction.value is not None,
                f"there is no prediction, {slope.prediction.reason}; give `expected`",
            )
            expected = slope.prediction.value
        slope = slope.slope
    require(expected is not None, "an Estimate needs a number beside it, got None; give `expected`")
    assert expected is not None
    return judged(of_estimate("assert_slope", slope, expected, alpha, "slope"), resolution)
