"""The drift that noise without full rank cannot fit: upwinded along the axes."""

from __future__ import annotations

import numpy as np

from theory.equations.protocol import Equation
from theory.fokker_planck.generator.coefficients import unfitted_drift
from theory.fokker_planck.generator.edges import Edges
from theory.laws import Grid
from theory.laws.neighbours import along_axis


def upwind_edges(equation: Equation, grid: Grid) -> Edges:
    """Edges that carry the part r of b - div D outside the range of D: |r_i| / h_i to the neighbour down the wind.

    Rates are >= 0, no edge leaves the box, and a cell of full rank sends nothing. First order in the spacing: the
    flux is that of r with a numerical diffusion |r_i| h_i / 2 along each axis.

    Raises
    ------
    InputError
        If a coefficient is not finite.

    References
    ----------
    Courant, Isaacson & Rees (1952), "On the solution of nonlinear hyperbolic differential equations".
    """
    rates = unfitted_drift(equation, grid).reshape(grid.size, grid.dim) / grid.spacing
    found = []
    for axis in range(grid.dim):
        sources, targets, steps = along_axis(grid, axis)
        forward, back = np.maximum(rates[sources, axis], 0.0), np.maximum(-rates[targets, axis], 0.0)
        blown = (forward > 0) | (back > 0)
        found.append((sources[blown], targets[blown], steps[blown], forward[blown], back[blown]))
    return Edges(grid, *(np.concatenate(parts) for parts in zip(*found, strict=True)))
