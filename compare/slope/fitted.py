"""Grids that follow the stationary law from rate to rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from compare.slope.method import at_rate, constant_noise
from simulate.sgd import SGD
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.formulas import linear_regression_covariance, sgd_covariance
from theory.laws import Grid
from theory.models import Model, ProductModel
from theory.points import LossMinimum, first_rise, risen_box

CELLS = {1: 400, 2: 64}  # along each axis, by dimension
DEVIATIONS = {1: 10.0, 2: 8.0}  # standard deviations on each side of a regular minimum
WIDE = (96, 10.0)  # both, in the plane where a cell costs little
TEMPERATURES = 40.0  # of loss at the sides about a degenerate one
STEPS = 3.0  # standard deviations of one step's noise beyond that


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
        batch = self.minimum.gradient_covariance / sgd.batch_size
        return sgd_covariance(self.minimum.hessian, batch, sgd.learning_rate, sgd.momentum)

    def _rises(self, sgd: SGD) -> tuple[Array, Array]:
        """How far to go down and up each axis (d,) until the loss is high enough on whole sides."""
        noise = constant_noise(self.model)
        if noise is None:
            raise InputError("no grid can be fitted about a degenerate minimum where the noise changes")
        largest = float(np.linalg.eigvalsh(noise)[-1]) / sgd.batch_size
        reach = risen_box(self.model, self.minimum, TEMPERATURES * sgd.time_step * largest / 2)
        reach += STEPS * sgd.learning_rate * np.sqrt(largest)
        return reach[0], reach[1]


def _rounded(place: Sequence[float]) -> list[float]:
    return [float(f"{x:.3g}") for x in place]


def settling_steps(model: Model, sgd: SGD, minimum: LossMinimum) -> float:
    """About how many steps the law takes to settle, r^2 / (2 T) in time, the loss being higher by T at r.

    1 / (eta h) at a regular minimum, whose flattest axis counts; infinite where no loss or noise says it.
    """
    noise = float(np.trace(minimum.gradient_covariance)) / model.dim / sgd.batch_size
    temperature = sgd.time_step * noise / 2
    if minimum.regular:
        return 1 / (sgd.time_step * float(np.linalg.eigvalsh(minimum.hessian)[0]))
    if temperature <= 0:
        return float("inf")
    reach = max(float(first_rise(model, minimum, sign, temperature).max()) for sign in (-1.0, 1.0))
    return reach**2 / (2 * temperature * sgd.time_step)


def fitted_grid(model: Model, sgd: SGD, minimum: LossMinimum, rates: Array, *, wide: bool = False) -> FittedGrid:
    """The grids of these rates, in the plane with more cells if `wide`.

    Raises
    ------
    InputError
        If there are more than 2 dimensions.
    """
    dim = model.dim
    require(dim in CELLS, f"grids are fitted in 1 or 2 dimensions, got {dim}")
    size = WIDE if wide and dim == 2 else (CELLS[dim], DEVIATIONS[dim])
    found = FittedGrid(model, sgd, minimum, *size)
    for rate in rates:
        found(float(rate))
    return found
