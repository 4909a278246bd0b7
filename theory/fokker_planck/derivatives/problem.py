"""What a derivative of a stationary expectation asks for, and the derivative on one mesh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike, Booleans, evaluated
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import finite_at_centres
from theory.laws import Grid

EquationAt = Callable[[float], Equation]
Observable = Callable[[Array], ArrayLike]
OUTER_SHELL = 1e-12  # of the derivative in its outer shell, below which nothing lies beyond
SHELL = 5 / 6  # of the distance to a side
SAFETY_OF_POWERS = 2.0  # as what falls like a power may have a logarithm
SLOWEST_RATIO = 0.98  # of a shell to the one before: one that falls more slowly tells nothing of what lies beyond
RESTING = 0.8  # ratio from which a law does not fall towards a side


@dataclass(frozen=True)
class DerivativeProblem:
    """d<f>/da of the stationary law of `equation_at(a)` at a = `parameter`, with differences over `step`.

    Parameters
    ----------
    walls
        Which sides were asked for as walls, shape (d, 2): beyond the others the law goes on. None: beyond those
        towards which it falls.
    """

    equation_at: EquationAt
    parameter: float
    grid: Grid
    observable: Observable
    step: float
    walls: Booleans | None = field(repr=False)

    def at(self, steps: float) -> Equation:
        """The equation so many steps from the parameter."""
        return self.equation_at(self.parameter + steps * self.step)

    @property
    def held(self) -> Booleans:
        """Which sides may hold a law, shape (d, 2)."""
        return np.ones((self.grid.dim, 2), dtype=bool) if self.walls is None else self.walls

    def values(self, grid: Grid) -> Array:
        """The observable at the centres of a grid, shape `grid.shape`."""
        return finite_at_centres(evaluated(self.observable, grid.centers, "observable"), "observable", grid)


def beyond(
    problem: DerivativeProblem, law: Array, centred: Array, tangent: Array, ends: Booleans | None = None
) -> float:
    """What lies beyond the sides that are no walls, as far as the derivative falls there as it does before them.

    Shells at 5/6 and 25/36 of the distance from the mean to a side tell how: right for powers, too much for laws
    that fall ever faster. `law` are masses, `centred` values of f - <f> and `tangent` derivatives of masses, shape
    `grid.shape`. At `ends` (d, 2) the law ends by itself.
    """
    grid, sizes, total = problem.grid, np.abs(centred * tangent), 0.0
    whole = float(sizes.sum())
    for axis in range(grid.dim):
        if grid.periodic[axis]:
            continue
        others = tuple(k for k in range(grid.dim) if k != axis)
        places, along = grid.axes[axis], sizes.sum(axis=others)
        mean = float(places @ law.sum(axis=others))
        for end, side in enumerate((grid.lower[axis], grid.upper[axis])):
            if ends is not None and ends[axis, end]:
                continue
            share, cell = (places - mean) / (side - mean), grid.spacing[axis] / abs(side - mean)
            last, both = (float(along @ np.clip((share - s) / cell + 0.5, 0, 1)) for s in (SHELL, SHELL**2))
            before = both - last
            ratio = min(last / before, SLOWEST_RATIO) if before else SLOWEST_RATIO
            wall = problem.held[axis, end] if problem.walls is not None else ratio > RESTING
            if not wall and last > OUTER_SHELL * whole:
                total += SAFETY_OF_POWERS * last * ratio / (1 - ratio)
    return total
