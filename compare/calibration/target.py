"""A law of which one mean is known exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from theory.base.arrays import Array
from theory.base.estimate import Estimate
from theory.base.packages import optional_package
from theory.base.traced import Traced
from theory.equations import gibbs
from theory.landscapes import SymbolicLandscape
from theory.laws import Grid

COARSE = 2  # how many times fewer cells the second grid of a quadrature has


@dataclass(frozen=True)
class CalibrationTarget:
    """The density exp(-U), and the mean of a quantity under it.

    Parameters
    ----------
    name, family
        What it is called, and what kind of law it is.
    potential, quantity
        Formulas of U and of the quantity.
    variables
        Their order.
    start
        Where chains start, shape (d,); they are spread by a tenth.
    exact
        The mean.
    box
        Half the side of a box about 0 that holds the law, and cells along it that show the mean.
    wall
        Whether the law lives at w > 0 alone.
    source
        Where the number comes from.
    """

    name: str
    family: str
    potential: str
    quantity: str
    variables: tuple[str, ...]
    start: tuple[float, ...]
    exact: float
    box: tuple[float, int] = (6.0, 600)
    wall: bool = False
    source: str = field(default="quadrature on grids that are finer towards 0, until all digits stay")

    @cached_property
    def landscape(self) -> SymbolicLandscape:
        """U without the wall."""
        return SymbolicLandscape(self.potential, self.variables)

    @cached_property
    def observed(self) -> SymbolicLandscape:
        """The quantity."""
        return SymbolicLandscape(self.quantity, self.variables)

    def by_quadrature(self) -> Estimate:
        """The mean on a grid over the box, with the difference to one of half the cells."""
        half, cells = self.box
        dim, means = len(self.variables), []
        for number in (cells, cells // COARSE):
            grid = Grid((0.0 if self.wall else -half,) * dim, (half,) * dim, (number,) * dim)
            density = gibbs(self.landscape, 1.0, grid)
            means.append(float(np.sum(density.probabilities * self.observed.value(grid.centers))))
        return Estimate(means[0], abs(means[0] - means[1]))


@dataclass
class CountedPotential:
    """U and its slope for chains (n, d), as samplers ask for them; how often is counted.

    Parameters
    ----------
    target
        The law.
    calls
        Evaluations so far, one for each chain.
    """

    target: CalibrationTarget
    calls: int = 0

    @property
    def dim(self) -> int:
        """Dimension d."""
        return len(self.target.variables)

    def traced(self) -> Traced:
        """U of one point, for JAX, infinite behind the wall.

        Raises
        ------
        InputError
            If JAX is not installed.
        """
        found = self.target.landscape.traced()
        if not self.target.wall:
            return found
        jnp = optional_package("jax.numpy", "a wall in JAX")
        return Traced(lambda w: jnp.where((w > 0).all(), found.function(w), jnp.inf))

    def __call__(self, w: Array) -> tuple[Array, Array]:
        """U (n,) and its slope (n, d) at w (n, d); infinite behind the wall."""
        self.calls += len(w)
        with np.errstate(all="ignore"):
            value, slope = self.target.landscape.value(w), self.target.landscape.gradient(w)
        if self.target.wall:
            value = np.where((w > 0).all(axis=1), value, np.inf)
        return np.asarray(value), np.asarray(slope)
