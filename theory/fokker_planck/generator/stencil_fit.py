"""Whether a grid holds the stencils of a diffusion tensor."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, Integers
from theory.base.errors import InputError
from theory.base.shares import percent
from theory.fokker_planck.generator.selling import cell_in_words, selling_decomposition
from theory.laws import Grid

MOST_UNFIT = 0.1  # share of cells whose stencils may exceed the grid: those near a curve where noise vanishes
FACTOR = 1.25  # in which the anisotropy that a grid carries is searched
JUST_FITS = 1e-9  # cells that rounding may add to those that are needed


def check_stencils(tensor: Array, grid: Grid) -> None:
    """Refuse stencils that exceed the grid on more than a tenth of its cells.

    Fewer cells are left to the mesh: near a curve where a direction of the noise vanishes there are always some.
    Tensors without full rank have short stencils. `tensor` holds D at the centres, shape (*grid.shape, d, d).

    Raises
    ------
    InputError
        If they do; the message says how many cells would hold them.
    """
    excess, reach = _excess(tensor, grid, grid.shape)
    unfit = float(np.mean(excess > 1))
    if unfit <= MOST_UNFIT:
        return
    cells, worst = np.array(grid.shape), int(np.argmax(excess))
    matrix = tensor.reshape(-1, grid.dim, grid.dim)[worst]
    low, *_, high = np.linalg.eigvalsh(matrix)
    needed = np.ceil(cells * excess[worst] - JUST_FITS).astype(int)
    raise InputError(
        f"the grid must hold the stencil of the diffusion tensor, got {_times(cells)} cells and a stencil of "
        f"{_times(reach[worst])} at {cell_in_words(grid, worst)}, where the eigenvalues {low:.3g} and {high:.3g} "
        f"have the ratio {high / low:.2g}, and stencils too long on {percent(unfit)} of the cells; take at least "
        f"{_times(needed)} cells, turn the axes towards the noise, or keep the ratio below about "
        f"{_carried_ratio(matrix, grid):.2g}"
    )


def _excess(tensor: Array, grid: Grid, shape: tuple[int, ...]) -> tuple[Array, Integers]:
    """Cells that each stencil needs over those of `shape`, at most along an axis, and its reach in cells."""
    weights, offsets = selling_decomposition(tensor, grid)
    reach = (np.abs(offsets) * (weights > 0)[..., None]).max(axis=-2).reshape(-1, grid.dim)
    return np.where(np.array(shape) > 1, (reach + 1) / np.array(shape), 0.0).max(axis=1), reach


def _carried_ratio(matrix: Array, grid: Grid) -> float:
    """Ratio of the eigenvalues of `matrix` plus as much isotropic noise as makes its stencil fit."""
    low, *_, high = np.linalg.eigvalsh(matrix)
    cell = Grid([0] * grid.dim, grid.spacing.tolist(), [1] * grid.dim)
    added = 0.0
    while added < high:
        widened = (matrix + added * np.eye(grid.dim)).reshape(*cell.shape, grid.dim, grid.dim)
        if _excess(widened, cell, grid.shape)[0][0] <= 1:
            break
        added = FACTOR * (low + added) - low
    return float((high + added) / (low + added))


def _times(numbers: Integers) -> str:
    return " x ".join(map(str, numbers))
