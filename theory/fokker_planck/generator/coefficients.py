"""What a grid needs of an equation: drift, tensor, and what follows from them at the cell centres."""

from __future__ import annotations

import numpy as np

from theory.arrays import Array
from theory.equation import Equation
from theory.errors import require
from theory.grid import Grid

RANK_TOLERANCE = 1e-10


def carrying_drift(equation: Equation, grid: Grid) -> Array:
    """The field b - div D at the centres, shape (*grid.shape, d): it carries walkers where the noise does not."""
    drift = finite(equation.drift(grid.centers), "drift", grid)
    return drift - finite(equation.divergence(grid.centers), "divergence of the diffusion tensor", grid)


def transport(equation: Equation, grid: Grid) -> Array:
    """The field v = D^-1 (b - div D) at the centres, shape (*grid.shape, d); pseudo-inverse where D loses rank."""
    tensor = equation.tensor(grid.centers)
    residual = carrying_drift(equation, grid)[..., None]
    eigenvalues = np.linalg.eigvalsh(tensor)
    full = eigenvalues[..., 0] > RANK_TOLERANCE * eigenvalues[..., -1]
    velocity = np.empty(residual.shape[:-1])
    velocity[full] = np.linalg.solve(tensor[full], residual[full])[..., 0]
    inverse = np.linalg.pinv(tensor[~full], rcond=RANK_TOLERANCE, hermitian=True)
    velocity[~full] = (inverse @ residual[~full])[..., 0]
    return velocity


def finite(values: Array, name: str, grid: Grid) -> Array:
    """`values` at the centres, or `InputError` with the first cell where they are not finite."""
    values = np.asarray(values, dtype=np.float64)
    broken = ~np.isfinite(values).reshape(grid.size, -1).all(axis=1)
    first = grid.centers.reshape(-1, grid.dim)[int(np.argmax(broken))]
    require(
        not broken.any(),
        f"the {name} must be finite at every cell centre, got {np.count_nonzero(broken)} cells where it is not, "
        f"first w = ({', '.join(f'{x:.6g}' for x in first)}); check its formula or move the grid",
    )
    return values
