"""The limit of C against H at the end of a path: exact by series, or extrapolated with its error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.rounding import EPSILON
from theory.models import ProductModel
from theory.noise.proportionality.comparison import NoisyCurvature, matrices, norm
from theory.noise.proportionality.path import Path, points_on, read_path
from theory.noise.proportionality.series import judge_exactly
from theory.noise.proportionality.verdict import Proportionality, Reason

HALVINGS = 10
ORDER_TOLERANCE = 1e-2  # of the difference of two powers of the distance
LIMIT_RANK_TOLERANCE = 1e-5  # of an extrapolated matrix
RANK_ERRORS = 5.0  # errors above which a singular value of the limit is not zero
PLACES_LOST = 4.0  # last places of the limit that rounding may take


def judge_proportionality(
    model: NoisyCurvature, path: Path, *, distance: float = 0.1, tolerance: float = 1e-6
) -> Proportionality:
    """Whether C = c H in the limit at the end w(0) of `path`, with which constant, and if not, why not.

    Of a `ProductModel` along polynomials that end exactly at a critical point the leading terms of C and H are
    found in rational arithmetic. Otherwise both are taken at `distance` halved ten times and extrapolated to 0 by
    polynomials in u (Neville), the error being the larger difference to the two neighbours in the tableau; that
    wants C and H that are smooth along the path. The verdict belongs to the path: at a crossing of minima another
    path may have another limit.

    Parameters
    ----------
    path
        One formula in u for each component, as ["u", "1 + u**2"] or `line(at, direction)`; or a function of
        distances (n,) with points (n, d).
    distance
        The farthest u that is used.
    tolerance
        Largest misfit of C = c H that counts as none, where it is not exact.

    Raises
    ------
    InputError
        If the path does not fit, C and H are not finite along it or both vanish on it, or the misfit at the end
        cannot be told from the tolerance.

    References
    ----------
    Corlouer & Mace (2024), Degeneracies are sticky for SGD, state C ~ H around critical points.
    """
    for name, number in (("distance", distance), ("tolerance", tolerance)):
        require(math.isfinite(number) and number > 0, f"`{name}` must be positive and finite, got {number}")
    read = read_path(path, model.dim)
    if isinstance(model, ProductModel) and not callable(read):
        found = judge_exactly(model, read, distance)
        if found is not None:
            return found
    return _judge(model, read, distance, tolerance)


def _judge(
    model: NoisyCurvature,
    path: tuple[object, ...] | Callable[[Array], ArrayLike],
    distance: float,
    tolerance: float,
) -> Proportionality:
    distances = distance * 0.5 ** np.arange(HALVINGS + 1)
    points = points_on(path, distances, model.dim)  # type: ignore[arg-type]
    require(
        bool(np.isfinite(points).all()), "the path must be finite, it is not; reduce `distance` or change the path"
    )
    covariance, hessian = matrices(model, points)
    sizes = norm(covariance), norm(hessian)
    present = [bool((size > 0).all()) for size in sizes]
    for size, name in zip(sizes, ("C", "H"), strict=True):
        require(
            bool((size > 0).all() or (size == 0).all()),
            f"{name} must vanish everywhere or nowhere on the path before its end, it does at some distances; "
            "reduce `distance`",
        )
    require(
        any(present), "C and H both vanish all along the path: there is nothing to compare; choose another path"
    )
    powers = _power(covariance, sizes[0]), _power(hessian, sizes[1])
    orders, ranks = (powers[0][0], powers[1][0]), (powers[0][1], powers[1][1])
    gap = orders[0] - orders[1]
    if not all(present):
        reason = Reason.HESSIAN_VANISHES if present[0] else Reason.COVARIANCE_VANISHES
        constant, misfit = Estimate(math.inf if present[0] else 0.0, 0.0), Estimate(math.nan, math.nan)
        return Proportionality(False, reason, constant, misfit, *orders, *ranks)
    unit = covariance / sizes[0][:, None, None], hessian / sizes[1][:, None, None]
    cosine = np.einsum("nij,nij->n", *unit)
    rest, rest_error = _extrapolated(unit[0] - cosine[:, None, None] * unit[1])
    misfit = Estimate(float(norm(rest)), rest_error)
    if abs(gap) > ORDER_TOLERANCE:
        reason = Reason.COVARIANCE_VANISHES if gap > 0 else Reason.HESSIAN_VANISHES
        return Proportionality(False, reason, Estimate(0.0 if gap > 0 else math.inf, 0.0), misfit, *orders, *ranks)
    limit, error = _extrapolated(cosine * sizes[0] / sizes[1])
    constant = Estimate(float(limit), error)
    if abs(misfit - tolerance) <= misfit.error and misfit.error > tolerance:
        raise InputError(
            f"the misfit at the end of the path is {misfit!r} and cannot be told from {tolerance:.3g}; change "
            "`distance`, raise `tolerance`, or give the path as polynomials that end at the critical point"
        )
    if misfit <= tolerance:
        reason = Reason.PROPORTIONAL if constant > 0 else Reason.SIGN
    else:
        reason = Reason.DIRECTION if ranks[0] == ranks[1] else Reason.RANK
    return Proportionality(reason is Reason.PROPORTIONAL, reason, constant, misfit, *orders, *ranks)


def _power(matrix: Array, sizes: Array) -> tuple[float, int]:
    """The power of the distance with which a matrix goes to 0 along the path, and the rank of its leading part."""
    if not sizes.any():
        return math.inf, 0
    order, error = _extrapolated(np.log2(sizes[:-1] / sizes[1:]))
    require(
        error <= ORDER_TOLERANCE,
        f"C and H must follow powers of the distance, got the order {float(order):.3g} +- {error:.2g}; change "
        "`distance`",
    )
    limit, error = _extrapolated(matrix / sizes[:, None, None])
    values = np.linalg.svd(limit, compute_uv=False)
    return float(order), int((values > max(LIMIT_RANK_TOLERANCE, RANK_ERRORS * error) * values[0]).sum())


def _extrapolated(values: Array) -> tuple[Array, float]:
    """The limit of `values` (n, ...) at distances halved n - 1 times, and its error (Neville's tableau)."""
    best, least = values[-1], math.inf
    column = values
    for j in range(1, len(values)):
        finer = column[1:] + (column[1:] - column[:-1]) / (2**j - 1)
        for k in range(len(finer)):
            error = max(_size(finer[k] - column[k + 1]), _size(finer[k] - column[k]))
            if error < least:
                best, least = finer[k], error
        column = finer
    return best, least + PLACES_LOST * EPSILON * _size(best)


def _size(values: Array) -> float:
    return float(np.linalg.norm(np.ravel(values)))
