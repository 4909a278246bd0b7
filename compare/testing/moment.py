"""Whether moments of walkers are what they should be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from compare.testing.check import POWER, Check, judged, require_levels
from theory.base.arguments.answers import called
from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arrays import Array, ArrayLike, finite
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.laws import Ensemble
from theory.statistics import StudentisedMeans

KINDS = ("mean", "covariance")


def assert_moment(
    sample: Ensemble | ArrayLike,
    expected: ArrayLike,
    *,
    of: str | Callable[[Array], ArrayLike] = "mean",
    alpha: float,
    error: ArrayLike = 0.0,
    resolution: float | None = None,
) -> Check:
    """The check that means over independent walkers are as expected; it fails by chance with probability `alpha`.

    Student's statistic of each component after Hall's transformation, which takes out the skewness that is seen in
    the sample; of several components the one farthest off counts, corrected for their number and correlations
    (`theory.statistics.StudentisedMeans`). Measured false alarms are near alpha, and rarer for values on a few
    points (docs/coverage.md). Values that have no variance as far as their tails show (Hill's power below 2), and
    samples too small for their skewness (skewness^2 / n above .1, less below alpha = .01), are refused: of such,
    no statistic keeps its false alarms. Tails that did not show in the sample cannot be known. Walkers must be
    independent, which positions do not tell.

    Parameters
    ----------
    sample
        An Ensemble, whose last positions count, or points (walkers, d), (walkers,) on a line.
    expected
        The moment: a number, (d,) for the mean, (d, d) for the covariance, or what `of` gives for a walker. An
        Estimate brings its error.
    of
        "mean", "covariance", or a function of points (walkers, d) to values (walkers,) or (walkers, k).
    error
        Of `expected`, a bound: no truth within it is rejected more often than `alpha` says.
    resolution
        Difference that must be found with probability .9 in each component, else the check fails.

    Raises
    ------
    AssertionError
        If a moment differs, a walker diverged, so that there is none, or the data cannot tell.
    InputError
        If shapes do not fit, a point is not finite, the values have no variance, there are too few for their
        skewness, or `alpha` is no chance.
    """
    __tracebackhide__ = True
    require_levels(alpha, resolution)
    values = _values(_points(sample), of)
    known, bound = _expected(expected, error, of, values.shape[1])
    means = StudentisedMeans.of(values)
    means.refuse_unless_enough(alpha)
    off, smallest = means.deviations(known, bound), means.detectable(alpha, bound, POWER)
    worst = int(np.argmax(np.abs(off)))
    low, high = (end[worst] for end in means.interval(alpha))
    name = of if isinstance(of, str) else "mean of the function"
    which = "" if len(known) == 1 else f" in component {_place(worst, of, len(known))} of {len(known)}"
    words = (
        f"{name}{which}: {means.mean[worst]:.6g} in [{low:.6g}, {high:.6g}], expected {known[worst]:.6g}"
        f"{f' +- {bound[worst]:.2g}' if bound[worst] else ''}, t = {off[worst]:.3g}, {means.number} walkers"
    )
    unit = name if len(known) == 1 else f"{name} (least sure component)"
    found = means.p_value(known, bound)
    return judged(Check("assert_moment", words, found, alpha, float(smallest.max()), unit), resolution)


def _points(sample: Ensemble | ArrayLike) -> Array:
    """The last positions, (walkers, d)."""
    __tracebackhide__ = True
    if isinstance(sample, Ensemble):
        if sample.diverged:
            raise AssertionError(
                f"assert_moment: {sample.diverged} of {sample.walkers} walkers diverged: there is no moment; "
                "reduce the learning rate, or test the law by assert_law"
            )
        return sample.final
    points = finite(sample, "sample")
    points = points[:, None] if points.ndim == 1 else points
    require(points.ndim == 2, f"`sample` must be points (walkers, d), got shape {points.shape}")
    return points


def _values(points: Array, of: str | Callable[[Array], ArrayLike]) -> Array:
    """What is averaged, a row a walker, (walkers, k)."""
    if not isinstance(of, str):
        found = numbers_of(called(of, points, "of"))
        fits = found is not MISFIT and found.ndim in (1, 2) and len(found) == len(points)
        require(
            fits, f"`of` must map points {points.shape} to values ({len(points)},) or ({len(points)}, k); mend it"
        )
        values = finite(found, "of")
        return values[:, None] if values.ndim == 1 else values
    require(of in KINDS, f"`of` must be 'mean', 'covariance' or a function, got {of!r}")
    if of == "mean":
        return points
    away = points - points.mean(axis=0)
    rows, columns = np.tril_indices(points.shape[1])
    return np.asarray(away[:, rows] * away[:, columns]) * (len(points) / max(len(points) - 1, 1))


def _expected(
    expected: ArrayLike, error: ArrayLike, of: str | Callable[[Array], ArrayLike], components: int
) -> tuple[Array, Array]:
    """The expected components and bounds of their errors, (k,)."""
    known, bound = finite(expected, "expected"), finite(error, "error")
    if isinstance(expected, Estimate):
        bound = bound + finite(expected.error, "error of `expected`")
    require(bool((bound >= 0).all()), f"`error` must not be negative, got {float(bound.min()):.3g}")
    require(
        bound.ndim == 0 or bound.shape == known.shape,
        f"`error` must be a number or of the shape {known.shape} of `expected`, got {bound.shape}",
    )
    bound = np.broadcast_to(bound, known.shape)
    if of == "covariance":
        size = int((2 * components) ** 0.5)
        known, bound = (one.reshape(1, 1) if one.size == 1 else one for one in (known, bound))
        require(
            known.shape == (size, size) and np.allclose(known, known.T),
            f"`expected` must be a symmetric matrix ({size}, {size}), got shape {known.shape}",
        )
        rows, columns = np.tril_indices(size)
        return known[rows, columns], bound[rows, columns]
    require(
        known.size == components and known.ndim <= 1,
        f"`expected` must have {components} components, got shape {known.shape}",
    )
    return known.reshape(components), bound.reshape(components)


def _place(worst: int, of: str | Callable[[Array], ArrayLike], components: int) -> str:
    if of != "covariance":
        return str(worst)
    rows, columns = np.tril_indices(int((2 * components) ** 0.5))
    return f"({rows[worst]}, {columns[worst]})"
