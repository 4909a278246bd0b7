"""The minimum above which a loss is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import InputError, require
from theory.base.renamed import OldName, renamed
from theory.base.rounding import EPSILON
from theory.base.showing import told
from theory.base.whole_numbers import decade
from theory.laws import Grid
from theory.manifold.point import length_at
from theory.models import Model
from theory.points.minima import find_minima
from theory.points.surroundings import look_around

FLAT = 1e-7  # of the largest eigenvalue of the Hessian: below it a direction has no curvature
SLOPE = 1e-7  # of the gradients a length away: below it a gradient is 0
AT_REST = 1e-3  # of a length: a step of Newton's method beyond which it has found nothing
EQUAL = 1e-9  # of the loss differences a length away: below it two losses are equal
OF_BOX = 1 / 4  # a length, where a grid says how far the question reaches
NEWTON_STEPS = 30
DIGITS = 10
KINK = 10.0 ** np.arange(-8.0, -3.0)  # of a length: steps on which a loss without a kink follows its gradient
ROUNDINGS = 64.0  # of the loss, from which a fall along its slope is one
SAMPLES = 64  # points between two minima where a barrier is looked for


@renamed(covariance="gradient_covariance")
@dataclass(frozen=True, eq=False)
class LossMinimum:
    """A minimum of a model with what a slope needs of it.

    Parameters
    ----------
    position
        Its place, shape (d,).
    loss
        L there.
    hessian, gradient_covariance
        Hessian and covariance of one example's gradient there, (d, d) each.
    curvature_around
        The largest curvature a length away.
    lengths
        What counts as far along each axis, shape (d,): a quarter of the grid, or the length on which the curvature
        changes or |w|, whichever is longer.
    others
        Places of other minima that a path without barrier does not join to this one, where a grid was searched.
    """

    position: Array
    loss: float
    hessian: Array = field(repr=False)
    gradient_covariance: Array = field(repr=False)
    curvature_around: float
    lengths: Array = field(repr=False)
    others: tuple[tuple[float, ...], ...] = ()
    covariance = OldName("gradient_covariance")

    def __repr__(self) -> str:
        return told(
            "LossMinimum",
            position=self.position,
            loss=self.loss,
            hessian=self.hessian,
            gradient_covariance=self.gradient_covariance,
            others=self.others or None,
        )

    @property
    def regular(self) -> bool:
        """Whether the Hessian is positive definite, beyond what rounding leaves of the curvature around."""
        curvatures = np.linalg.eigvalsh(self.hessian)
        return bool(curvatures[0] > max(FLAT * curvatures[-1], FLAT**2 * self.curvature_around))

    @property
    def around(self) -> Array:
        """Points a length away along each axis, both ways, shape (2d, d)."""
        return _around(self.position, self.lengths)

    @property
    def sharpness(self) -> float:
        """Largest eigenvalue of the Hessian."""
        return float(np.linalg.eigvalsh(self.hessian)[-1])


def locate_minimum(model: Model, given: ArrayLike | None = None, grid: Grid | None = None) -> LossMinimum:
    """The minimum of `model` at or next to `given`, the lowest one on `grid`, or what Newton finds from 0.

    `given` has shape (d,).
    Where the Hessian is positive definite the place is polished by Newton's method; then it is rounded to the
    fewest digits at which neither gradient nor loss is larger. No unit of w or of L matters.

    Raises
    ------
    InputError
        If nothing says where to look, nothing is found, or `given` is no minimum.
    """
    dim, named, remedy = model.dim, "`minimum`", ""
    if given is not None:
        point = np.atleast_1d(np.asarray(given, dtype=np.float64))
        require(
            point.shape == (dim,) and bool(np.isfinite(point).all()),
            f"`minimum` must be {dim} finite numbers, got {np.asarray(given).tolist()}",
        )
    elif grid is not None:
        named = "the lowest place on the grid"
        found = find_minima(model, grid)
        require(
            len(found) > 0, "the loss must have a minimum on the grid, got none; move the grid or give `minimum`"
        )
        point = np.array(min(found, key=lambda one: one.loss).position)
    else:
        named, remedy = "the place that Newton's method finds from 0", "; give `minimum`"
        point = _newton(model, np.zeros(dim))
        _refuse_kink(model, point, _lengths(model, point, None), named)
        require(
            bool(np.isfinite(point).all()) and _is_flat(model, point, _lengths(model, point, None)),
            "without a grid Newton's method from 0 must find the minimum, it did not; give `minimum`",
        )
    place = _polished(model, point, _lengths(model, point, grid))
    lengths = _lengths(model, place, grid)
    _refuse_kink(model, place, lengths, named)
    require(
        _is_flat(model, place, lengths),
        f"{named} must be a minimum, the gradient at {place.tolist()} is "
        f"{np.abs(model.gradient(place)).max():.3g}{remedy}",
    )
    hessian = np.asarray(model.hessian(place))
    curvatures = np.linalg.eigvalsh(hessian)
    if curvatures[0] > FLAT * curvatures[-1] > 0:
        step = np.abs(np.linalg.solve(hessian, model.gradient(place)))
        require(
            bool((step <= AT_REST * lengths).all()),
            f"{named} must be a minimum, Newton's method does not come to rest and is at "
            f"{[float(f'{x:.4g}') for x in place]}: the loss may fall for ever; give `minimum`",
        )
    require(
        bool(curvatures[0] >= -FLAT * abs(curvatures[-1])),
        f"{named} must be a minimum, the Hessian at {place.tolist()} has the eigenvalue {curvatures[0]:.3g}"
        f"{remedy}",
    )
    with np.errstate(all="ignore"):
        far = np.abs(model.hessian(_around(place, lengths)))
    others = () if grid is None else _others(model, place, lengths, grid)
    covariance = np.asarray(model.gradient_covariance(place[None])[0])
    lowest = LossMinimum(
        read_only(place),
        float(model.value(place)),
        read_only(hessian),
        read_only(covariance),
        float(far[np.isfinite(far)].max(initial=0.0)),
        lengths,
        others,
    )
    if not lowest.regular:
        _refuse_no_minimum(model, lowest, named, remedy)
    return lowest


def _refuse_no_minimum(model: Model, found: LossMinimum, named: str, remedy: str) -> None:
    """Raise `InputError` where the loss falls from a place at which its Hessian is not positive definite."""
    seen, here = look_around(model, np.asarray(found.position), np.asarray(found.lengths)), found.position.tolist()
    require(seen.changes, f"the loss must have a minimum, it is flat about {here}: no rate has a stationary law")
    if seen.lower is not None:
        place = [float(f"{x:.4g}") for x in seen.lower]
        raise InputError(
            f"{named} must be a minimum, the loss falls to {float(model.value(seen.lower)):.6g} at {place}, below "
            f"{found.loss:.6g} at {here}{remedy}"
        )


def _refuse_kink(model: Model, place: Array, lengths: Array, named: str) -> None:
    """Raise `InputError` where the loss rises against its gradient, however near: there is none."""
    with np.errstate(all="ignore"):
        slope, loss = np.asarray(model.gradient(place)), float(model.value(place))
        size = float(np.linalg.norm(slope))
        if not (np.isfinite(size) and size > 0 and np.isfinite(loss)) or _is_flat(model, place, lengths):
            return
        steps = KINK * float(lengths.max())
        down = np.asarray(model.value(place - steps[:, None] * slope / size)) - loss
    if bool((down >= 0).all() and (down > 0).any() and (steps * size > ROUNDINGS * EPSILON * abs(loss)).all()):
        raise InputError(
            f"{named} must be a minimum with a gradient, the loss has a kink at {place.tolist()}, where it rises "
            "on either side; the slope is known of minima with a gradient, take a smooth loss"
        )


def _newton(model: Model, point: Array) -> Array:
    """Newton's iteration while it reduces the gradient; the start itself where the Hessian is singular."""
    gradient = model.gradient(point)
    for _ in range(NEWTON_STEPS):
        try:
            trial = point - np.linalg.solve(model.hessian(point), gradient)
        except np.linalg.LinAlgError:
            break
        slope = model.gradient(trial)
        if not np.abs(slope).max() < np.abs(gradient).max():
            break
        point, gradient = trial, slope
    return point


def _lengths(model: Model, point: Array, grid: Grid | None) -> Array:
    """See `LossMinimum.lengths`."""
    if grid is not None:
        return np.asarray(OF_BOX * (np.array(grid.upper) - np.array(grid.lower)))
    return np.full(len(point), length_at(model, point))


def _polished(model: Model, point: Array, lengths: Array) -> Array:
    curvatures = np.linalg.eigvalsh(model.hessian(point))
    if curvatures[0] > FLAT * curvatures[-1] > 0:
        point = _newton(model, point)
    size, loss = np.abs(model.gradient(point)).max(), model.value(point)
    first = -decade(lengths.max())  # the decimal that is a tenth of a length, or more
    for digits in range(DIGITS):
        near = np.round(point, first + digits) + 0.0
        close = bool((np.abs(near - point) <= lengths * 10.0 ** -min(digits, 2)).all())
        if close and np.abs(model.gradient(near)).max() <= size and model.value(near) <= loss:
            return np.asarray(near)
    return point


def _around(point: Array, lengths: Array) -> Array:
    return np.asarray(point + np.concatenate([np.diag(lengths), -np.diag(lengths)]))


def _is_flat(model: Model, point: Array, lengths: Array) -> bool:
    """Whether the gradient, over a length along each axis, is rounding beside those a length away."""
    with np.errstate(all="ignore"):
        around = np.abs(model.gradient(_around(point, lengths)) * lengths)
        here = np.abs(model.gradient(point) * lengths).max()
    return bool(here <= SLOPE * around[np.isfinite(around)].max(initial=0.0))


def _others(model: Model, place: Array, lengths: Array, grid: Grid) -> tuple[tuple[float, ...], ...]:
    """Minima with a barrier towards `place`, or at another loss."""
    loss = float(model.value(place))
    with np.errstate(all="ignore"):
        changes = np.abs(model.value(_around(place, lengths)) - loss)
    size = float(changes[np.isfinite(changes)].max(initial=0.0))
    parts = np.linspace(0, 1, SAMPLES)[:, None]
    found = []
    for one in find_minima(model, grid):
        other = np.array(one.position)
        between = model.value(place + parts * (other - place)) - loss
        if np.abs(other - place).max() > grid.spacing.max() and np.abs(between).max() > EQUAL * size:
            found.append(one.position)
    return tuple(found)
