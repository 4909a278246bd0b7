"""The derivative of a stationary mean of SGD from its transition operator."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from simulate.sensitivity.nodes import OnNodes, derivative_on
from simulate.sensitivity.parameter import Parameter
from simulate.sgd import SGD
from simulate.transition.operator import FEWEST_CELLS, TransitionOperator
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.laws import Grid
from theory.models import FreshModel

SHARE = 0.002  # of the number, as the step of its difference: a wider one costs accuracy, a narrower one digits
REACH = 4.0  # steps to either side
NOTHING = 1e-13  # of the derivative, that leaves the grid
LEAKED = 3.0  # normal laws cut at 3.5 to 7 deviations miss up to twice what leaves and its growth say
CUT = 12  # a part of the cells at each end
SAFETY = 2.0  # as what falls like a power may have a logarithm
SLOWEST = 0.98  # ratio at which what leaves may fall: nearer to 1 the two grids say nothing of what lies beyond
FINER, COARSER = (5, 6), (2, 3)  # of the cells of a plane
SECOND_ORDER = 11 / 31.25  # the distance from 5/6 of the cells over that from 2/3 of them, at the second order
SECOND, FIRST = 25 / 11, 5.0  # times the distance from 5/6 of the cells, what an order leaves
CHANCE = 50.0  # cells may agree by chance
CHANCE_AT_KINKS = 200.0  # the same of a quarter of the nodes of a line, of at least the third order
On = Callable[[Grid | TransitionOperator], OnNodes]


def transition_sensitivity(
    model: FreshModel,
    sgd: SGD,
    grid: Grid,
    observable: Callable[[Array], ArrayLike],
    *,
    parameter: str = "learning_rate",
    step: float | None = None,
) -> Estimate:
    """dE[f]/da of SGD's own stationary law with fresh data, a the learning rate, batch size or momentum.

    `observable` maps points (..., d) to values (...).
    With P p = p and (I - P') g = f - E f it is g' (dP/da) p. On a line g comes of one solve with the adjoint, by
    elimination without subtraction where entries are positive; where wells are so far apart that g loses its
    digits, laws are subtracted. In the plane the tangent (I - P) x = (dP/da) p is solved by GMRES, and it is f' x.
    (dP/da) p is a central difference in a of sixth order on the nodes of the law. `error` is the distance from
    half the nodes, in the plane from 5/6 and 2/3 of the cells, the last step of the difference, rounding, and what
    lies beyond the grid, by what leaves it and by a grid with 5/6 of the box.

    Parameters
    ----------
    grid
        As that of `transition_operator`: with momentum its axes are position and velocity.
    observable
        f, mapping points (..., axes of the grid) to values (...); it does not depend on the parameter.
    parameter
        "learning_rate"; "batch_size", of a NoisyGradient, as a real number; or "momentum", above 0.
    step
        Of the difference, by default 1/500 of the number; four of them must fit to either side.

    Raises
    ------
    InputError
        If the law is no smooth function of the parameter, a value of f is not finite, or as `transition_operator`.
    NoStationaryDensity
        As `TransitionOperator.stationary`.

    References
    ----------
    Schweitzer (1968), "Perturbation theory and finite Markov chains".
    """
    require(not sgd.schedules, f"derivatives are of laws without a schedule, got {sgd.schedule!r}; leave it out")
    varied = Parameter(model, sgd, parameter)
    width = varied.width(SHARE, REACH, step)
    operator = TransitionOperator(model, sgd, grid)
    operator.stationary()

    def on(grid: Grid | TransitionOperator) -> OnNodes:
        one = TransitionOperator(model, sgd, grid) if isinstance(grid, Grid) else grid
        return derivative_on(one, varied, width, observable)

    own = on(operator)
    error = own.error + _of_meshes(operator, own.value, on)
    if own.escaping > NOTHING * abs(own.value):
        error += _beyond(grid, own, on)
    return Estimate(own.value, error)


def _of_meshes(operator: TransitionOperator, value: float, on: On) -> float:
    """What fewer nodes say of the error; nan where there are no fewer."""
    if operator.grid.dim == 1:
        if not operator.coarser:
            return math.nan
        half, mesh = operator.coarser[0], operator.lasting.mesh
        near = abs(value - on(half).value)
        bent = mesh is not None and mesh.sharp and len(mesh.kinks) > 0
        return max(near, abs(value - on(half.coarser[0]).value) / CHANCE_AT_KINKS) if bent else near
    grids = [operator.with_cells(*part) for part in (FINER, COARSER)]
    distances = [abs(value - on(grid).value) for grid in grids if grid is not None]
    if len(distances) < 2:
        return math.nan
    near, far = distances
    return max((SECOND if near <= SECOND_ORDER * far else FIRST) * near, far / CHANCE)


def _beyond(grid: Grid, own: OnNodes, on: On) -> float:
    """What lies beyond the grid: what the last sixth of it holds, as far as that falls as the leak does."""
    smaller = _cut(grid)
    if smaller is None:
        return math.nan
    cut = on(smaller)
    ratio = min(own.escaping / cut.escaping, SLOWEST) if cut.escaping else 0.0
    return max(LEAKED * own.escaping, SAFETY * abs(own.value - cut.value) * ratio / (1 - ratio))


def _cut(grid: Grid) -> Grid | None:
    """The grid without a twelfth of its cells at each end that is none of a circle."""
    cells = np.array(grid.cells)
    removed = np.where(grid.periodic, 0, -(-cells // CUT))
    left = cells - 2 * removed
    if left.min() < FEWEST_CELLS:
        return None
    inset = removed * np.array(grid.spacing)
    lower, upper = np.array(grid.lower) + inset, np.array(grid.upper) - inset
    return Grid(lower.tolist(), upper.tolist(), left.tolist(), grid.periodic)
