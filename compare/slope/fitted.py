"""Grids that follow the stationary law from rate to rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from compare.slope.method import at_rate, constant_noise
from compare.slope.minimum import LossMinimum
from simulate.sgd import SGD
from simulate.sources import Model
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.formulas.quadratic import linear_regression_covariance, sgd_covariance
from theory.laws.grid import Grid
from theory.models.product import ProductModel

CELLS = {1: 400, 2: 64}  # along each axis, by dimension
DEVIATIONS = {1: 10.0, 2: 8.0}  # standard deviations on each side of a regular minimum
WIDE = (96, 10.0)  # both, in the plane where a cell costs little
TEMPERATURES = 40.0  # of loss at the sides about a degenerate one
STEPS = 3.0  # standard deviations of one step's noise beyond that
LOWEST_FACE = 0.75  # of that, anywhere on a side
SIZES = np.geomspace(1e-6, 1e6, 2401)  # tried, in lengths of the minimum
ROUNDS, GROWTH = 40, 1.15
HARDLY = "the width of the law is not known next to this minimum, next to which the loss hardly rises"
PLACES = 41  # on a side, where the loss is looked at


@dataclass(frozen=True)
class FittedGrid:
    """The grid that holds the stationary law of a rate and resolves it, in one or two dimensions.

    About a regular minimum some standard deviations along the axis to each side: of linear
    regression those of SGD itself, else of SGD on the quadratic loss there. About a degenerate one with constant
    noise to where the loss is 40 temperatures higher.

    Parameters
    ----------
    model, sgd, minimum
        Whose law it is.
    cells
        Along each axis.
    deviations
        Standard deviations on each side of a regular minimum.
    """

    model: Model = field(repr=False)
    sgd: SGD = field(repr=False)
    minimum: LossMinimum = field(repr=False)
    cells: int
    deviations: float

    def __call__(self, rate: float) -> Grid:
        """The grid at this learning rate.

        Raises
        ------
        InputError
            If SGD is not stable, the loss does not rise far enough along every axis, or the grid leaves its
            domain.
        """
        sgd, place = at_rate(self.sgd, rate), np.asarray(self.minimum.position)
        if self.minimum.regular:
            below = above = self.deviations * np.sqrt(np.diag(self._covariance(sgd)))
        else:
            below, above = self._rises(sgd)
        grid = Grid((place - below).tolist(), (place + above).tolist(), [self.cells] * len(place))
        with np.errstate(all="ignore"):
            defined = bool(np.isfinite(self.model.value(grid.centers)).all())
        require(
            defined,
            f"the grid fitted to the law at the rate {rate:g}, from {_rounded(grid.lower)} to "
            f"{_rounded(grid.upper)}, leaves the domain of the loss; take lower rates",
        )
        return grid

    def _covariance(self, sgd: SGD) -> Array:
        if isinstance(self.model, ProductModel) and not sgd.momentum:
            try:
                return linear_regression_covariance(self.model, sgd.learning_rate, sgd.batch_size)
            except InputError:  # not affine; one that is not stable has been refused
                pass
        batch = self.minimum.covariance / sgd.batch_size
        return sgd_covariance(self.minimum.hessian, batch, sgd.learning_rate, sgd.momentum)

    def _rises(self, sgd: SGD) -> tuple[Array, Array]:
        """How far to go down and up each axis (d,) until the loss is high enough on whole sides."""
        noise = constant_noise(self.model)
        if noise is None:
            raise InputError("no grid can be fitted about a degenerate minimum where the noise changes")
        largest = float(np.linalg.eigvalsh(noise)[-1]) / sgd.batch_size
        rise, dim = TEMPERATURES * sgd.time_step * largest / 2, self.model.dim
        reach = np.array([first_rise(self.model, self.minimum, sign, rise) for sign in (-1.0, 1.0)])
        require(bool(np.isfinite(reach).all()), HARDLY)
        for _ in range(ROUNDS if dim > 1 else 0):
            low = [
                (side, axis)
                for side in (0, 1)
                for axis in range(dim)
                if self._lowest(reach, side, axis) < LOWEST_FACE * rise
            ]
            if not low:
                break
            for one in low:
                reach[one] *= GROWTH
        else:
            require(dim == 1, HARDLY)
        reach += STEPS * sgd.learning_rate * np.sqrt(largest)
        return reach[0], reach[1]

    def _lowest(self, reach: Array, side: int, axis: int) -> float:
        """The lowest loss on one side of the box."""
        place = np.asarray(self.minimum.position)
        ends = [np.linspace(place[k] - reach[0, k], place[k] + reach[1, k], PLACES) for k in range(len(place))]
        ends[axis] = np.array([place[axis] + (reach[1, axis] if side else -reach[0, axis])])
        points = np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(-1, len(place))
        return float(np.nan_to_num(_excess(self.model, self.minimum, points), nan=-np.inf).min())


def _rounded(place: Sequence[float]) -> list[float]:
    return [float(f"{x:.3g}") for x in place]


def first_rise(model: Model, minimum: LossMinimum, sign: float, rise: float) -> Array:
    """The first distance along each axis (d,) at which the loss is higher by `rise`, infinite where none is."""
    found = []
    for axis, length in enumerate(minimum.lengths):
        points = np.tile(minimum.position, (len(SIZES), 1))
        points[:, axis] += sign * SIZES * length
        high = _excess(model, minimum, points) >= rise
        found.append(SIZES[np.argmax(high)] * length if high.any() else np.inf)
    return np.array(found)


def settling_steps(model: Model, sgd: SGD, minimum: LossMinimum) -> float:
    """About how many steps the law takes to settle, r^2 / (2 T) in time, the loss being higher by T at r.

    1 / (eta h) at a regular minimum, whose flattest axis counts; infinite where no loss or noise says it.
    """
    noise = float(np.trace(minimum.covariance)) / model.dim / sgd.batch_size
    temperature = sgd.time_step * noise / 2
    if minimum.regular:
        return 1 / (sgd.time_step * float(np.linalg.eigvalsh(minimum.hessian)[0]))
    if temperature <= 0:
        return float("inf")
    reach = max(float(first_rise(model, minimum, sign, temperature).max()) for sign in (-1.0, 1.0))
    return reach**2 / (2 * temperature * sgd.time_step)


def _excess(model: Model, minimum: LossMinimum, points: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(model.value(points) - minimum.loss)


def fitted_grid(model: Model, sgd: SGD, minimum: LossMinimum, rates: Array, *, wide: bool = False) -> FittedGrid:
    """The grids of these rates, in the plane with more cells if `wide`; raises InputError where there is none."""
    dim = model.dim
    require(dim in CELLS, f"grids are fitted in 1 or 2 dimensions, got {dim}")
    size = WIDE if wide and dim == 2 else (CELLS[dim], DEVIATIONS[dim])
    found = FittedGrid(model, sgd, minimum, *size)
    for rate in rates:
        found(float(rate))
    return found
