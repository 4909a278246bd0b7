"""The stationary loss from laws on grids: of SGD itself, and of its continuous limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from compare.slope.fitted import FittedGrid
from compare.slope.method import StationaryLoss, constant_noise
from simulate.sgd import SGD
from simulate.transition import transition_operator
from theory.base.arguments.words import shown
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.equations import Langevin, langevin_limit
from theory.fokker_planck import FokkerPlanck
from theory.laws import Grid
from theory.models import DatasetModel, Model, NoisyGradient, ProductModel
from theory.points import LossMinimum
from theory.tensors import Constant

GridOf = Grid | Callable[[float], Grid]
ROUNDING_OF_LOSSES = 1e-13  # relative
BATCH_RULE = 1e-12  # relative, of the quadrature over batches, whose coarsest rule is right to 1e-13
FEWEST_CELLS = 16
TAILS = 2.5  # times what the cut shows: all that a mean with a tail r^-p misses beyond the box, p above 1.9
CUT = 12  # parts of an axis, one of which is cut from each open side


@dataclass(frozen=True)
class _OnGrid:
    """A method on a grid for all rates, or on one that is a function of the rate."""

    grid: GridOf
    statistical: ClassVar[bool] = False

    @property
    def search_grid(self) -> Grid | None:
        """The grid, where there is one for all rates."""
        return self.grid if isinstance(self.grid, Grid) else None


@dataclass(frozen=True)
class ByTransitionOperator(_OnGrid):
    """The mean loss under the exact stationary law of SGD with fresh data, in one or two dimensions.

    The error is the distance to the same on half the cells of 5/6 of the box, so that it shows what the tails miss
    beyond the grid, too; where the noise changes with w, and tails are powers, 2.5 times that.

    Parameters
    ----------
    grid
        A grid for all rates, or a function of the rate.
    """

    jumps: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """What it is, after "the loss"."""
        return f"by its exact law, the transition operator on {_in_words(self.grid)}"

    def measure(
        self, model: Model, sgd: SGD, minimum: LossMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss:
        """The stationary loss at the rate of `sgd`.

        Raises
        ------
        InputError
            If there is momentum, data are not fresh, or the grid does not fit.
        NoStationaryDensity
            If there is no unique stationary law on the grid.
        """
        require(
            not sgd.momentum,
            f"the transition operator of positions alone needs no momentum, got {sgd.momentum}; take BySampling",
        )
        if not isinstance(model, ProductModel | NoisyGradient):
            kind = "DatasetModel" if isinstance(model, DatasetModel) else type(model).__name__
            raise InputError(f"a transition operator needs fresh data, got a {kind}; take BySampling")

        def excess(grid: Grid) -> float:
            law = transition_operator(model, sgd, grid).stationary()
            return law.expect(lambda w: model.value(w) - minimum.loss)

        floor = BATCH_RULE if isinstance(model, ProductModel) else ROUNDING_OF_LOSSES
        return _on_two(excess, self.grid, sgd.learning_rate, floor, _tails(model))


@dataclass(frozen=True)
class ByFokkerPlanck(_OnGrid):
    """The mean loss under the stationary law of the continuous limit of SGD, order 1, on a grid.

    It has the slope of SGD at rate 0, not its curvature. The law is that on the box: where walls hold walkers in,
    they belong to the question. The error is the distance to the same on half the cells.

    Parameters
    ----------
    grid
        A grid for all rates, or a function of the rate.
    walls
        Whether the sides are walls of the question; else the error holds what lies beyond, as that of
        `ByTransitionOperator` does.
    """

    walls: bool = True
    jumps: ClassVar[bool] = False

    @property
    def words(self) -> str:
        """What it is, after "the loss"."""
        return f"by its continuous limit, the Fokker-Planck equation on {_in_words(self.grid)}"

    def measure(
        self, model: Model, sgd: SGD, minimum: LossMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss:
        """The stationary loss at the rate of `sgd`.

        Raises
        ------
        InputError
            If the grid does not fit.
        NoStationaryDensity
            If there is no unique stationary density on the grid.
        """
        equation = limit_of(model, sgd)

        def excess(grid: Grid) -> float:
            law = FokkerPlanck(equation, grid).stationary()
            return law.expect(lambda w: model.value(w) - minimum.loss)

        return _on_two(
            excess, self.grid, sgd.learning_rate, ROUNDING_OF_LOSSES, 0.0 if self.walls else _tails(model)
        )


def _in_words(grid: GridOf) -> str:
    if isinstance(grid, FittedGrid):
        return f"grids of {' x '.join([str(grid.cells)] * grid.model.dim)} cells fitted at each rate"
    if not isinstance(grid, Grid):
        return "a grid of its own at each rate"
    ends = [f"[{', '.join(f'{x:.6g}' for x in side)}]" for side in (grid.lower, grid.upper)]
    return f"a grid of {' x '.join(map(str, grid.cells))} cells from {ends[0]} to {ends[1]}"


def limit_of(model: Model, sgd: SGD) -> Langevin:
    """`langevin_limit`, whose potential is known where the noise is constant."""
    noise = constant_noise(model)
    if isinstance(model, NoisyGradient) and noise is not None:
        return Langevin(model.landscape, Constant(sgd.time_step / (2 * sgd.batch_size) * noise))
    return langevin_limit(model, sgd)


def _tails(model: Model) -> float:
    """By how much what a cut of the box shows is to be multiplied."""
    return TAILS if constant_noise(model) is None else 1.0


def _on_two(
    excess: Callable[[Grid], float], grid: GridOf, rate: float, floor: float, tails: float
) -> StationaryLoss:
    """The loss on the grid, with its distance to that on half the cells as error.

    If `tails` is not 0, they are those of 5/6 of the box, and the error is `tails` times the distance. `floor` is
    a relative error that no mesh shows.
    """
    found = grid if isinstance(grid, Grid) else grid(rate)
    require(isinstance(found, Grid), f"`grid` must map a learning rate to a Grid, got {shown(found)}")
    require(
        min(found.cells) >= FEWEST_CELLS,
        f"a loss with its mesh error needs at least {FEWEST_CELLS} cells along each axis, got {min(found.cells)}",
    )
    fine, coarse = excess(found), excess(_half(found, tails > 0))
    return StationaryLoss(rate, Estimate(fine, max(1.0, tails) * abs(fine - coarse) + floor * abs(fine)))


def _half(grid: Grid, cut: bool) -> Grid:
    """Half the cells, without a twelfth of them at each closed end if `cut`."""
    cells = np.array(grid.cells) // 2
    removed = np.where(np.array(grid.periodic) | (not cut), 0, -(-cells // CUT))
    lower, upper = np.array(grid.lower), np.array(grid.upper)
    inset = removed * (upper - lower) / cells
    left = (cells - 2 * removed).tolist()
    return Grid((lower + inset).tolist(), (upper - inset).tolist(), left, grid.periodic)
