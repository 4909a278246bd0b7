"""The rate matrix of a Fokker-Planck equation with a full diffusion tensor, and its recurrent classes."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from theory.arrays import Array, Integers
from theory.errors import require
from theory.fokker_planck.selling import selling_decomposition
from theory.grid import Grid

RANK_TOLERANCE = 1e-10


class Equation(Protocol):
    """What a grid needs of dw = b dt + sqrt(2 D) dW (Ito), vectorised over the leading axes of w (..., d)."""

    @property
    def dim(self) -> int:
        """Dimension d."""
        ...

    def drift(self, w: Array) -> Array:
        """Ito drift b, shape (..., d)."""
        ...

    def tensor(self, w: Array) -> Array:
        """D, shape (..., d, d)."""
        ...

    def divergence(self, w: Array) -> Array:
        """Row divergence (div D)_i = sum_j d_j D_ij, shape (..., d)."""
        ...

    def potential(self, w: Array) -> Array | None:
        """Phi, shape (...), where b - div D = -D grad Phi is known exactly; else None."""
        ...


def build_generator(equation: Equation, grid: Grid) -> sparse.csc_array:
    """Rate matrix G of dp/dt = G p for cell masses: columns sum to 0, off-diagonals >= 0.

    The flux J = D (v p - grad p) with v = D^-1 (b - div D) runs along the offsets e of Selling's decomposition:
    the edge from x to x + e carries the weight (rho_e(x) + rho_e(x + e)) / 2 and the rates rho B(-z) forward,
    rho B(z) back, with B(z) = z / (exp(z) - 1) and z the integral of v along the edge (trapezoidal; exact where
    the potential is known, and then exp(-Phi) is stationary to rounding). Second order in the spacing. Sides
    reflect unless the grid is periodic there: edges that leave the box carry nothing.

    Raises
    ------
    InputError
        If dimensions differ, or a coefficient is not finite, or D is not symmetric and positive semidefinite.

    References
    ----------
    Scharfetter & Gummel (1969); Bonnans, Bonnet & Mirebeau (2022).
    """
    require(
        equation.dim == grid.dim,
        f"the equation and the grid must have one dimension, got {equation.dim} and {grid.dim}",
    )
    weights, offsets = selling_decomposition(equation.tensor(grid.centers), grid)
    sources, targets, steps, shares = _edges(
        weights.reshape(grid.size, -1), offsets.reshape(grid.size, -1, grid.dim), grid
    )
    potential = equation.potential(grid.centers)
    if potential is None:
        velocity = transport(equation, grid).reshape(grid.size, -1)
        z = ((velocity[sources] + velocity[targets]) / 2 * steps * grid.spacing).sum(axis=1)
    else:
        potential = finite(potential, "potential", grid).ravel()
        z = potential[sources] - potential[targets]
    forward, back = shares * bernoulli(-z), shares * bernoulli(z)
    rows = np.concatenate([targets, sources, sources, targets])
    columns = np.concatenate([sources, targets, sources, targets])
    rates = np.concatenate([forward, back, -forward, -back])
    return sparse.csc_array((rates, (rows, columns)), shape=(grid.size, grid.size))


def _edges(weights: Array, offsets: Integers, grid: Grid) -> tuple[Integers, Integers, Integers, Array]:
    """Sources, targets, steps in cells, and weights: each cell gives half of rho to x + e and half to x - e.

    Where only one of the two lies in the box, a cell with a skew stencil gives it all to that one, so that its
    energy is that of the whole tensor and walls stay of second order; on aligned stencils dropping does that.
    Where neither does, as in corners, the end is moved to the nearest cell, so that no cell is cut off.
    """
    shape, wraps = np.array(grid.shape), np.array(grid.periodic)
    here = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)
    skew = ((np.count_nonzero(offsets, axis=2) > 1) & (weights > 0)).any(axis=1)
    found = []
    for weight, offset in zip(weights.T, np.moveaxis(offsets, 1, 0), strict=True):
        ends = [here + offset, here - offset]
        inside = [(wraps | ((end >= 0) & (end < shape))).all(axis=1) for end in ends]
        stranded = ~inside[0] & ~inside[1]
        for end, fits, opposite in zip(ends, inside, inside[::-1], strict=True):
            end = np.where(wraps | fits[:, None], end, np.clip(end, 0, shape - 1))
            target = np.ravel_multi_index(tuple((end % shape).T), grid.shape)
            kept = np.flatnonzero((weight > 0) & (fits | stranded) & (target != np.arange(grid.size)))
            share = np.where(skew & fits & ~opposite, 1.0, 0.5) * weight
            found.append((kept, target[kept], (end - here)[kept], share[kept]))
    sources, targets, steps, shares = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return sources, targets, steps, shares


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


def bernoulli(z: Array) -> Array:
    """B(z) = z / (exp(z) - 1) with relative accuracy for every z; B(z) = exp(-z) B(-z)."""
    size = np.abs(z)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        ratio = size / np.where(z > 0, np.expm1(size), -np.expm1(-size))
    return np.where(z == 0, 1.0, ratio)


def recurrent_classes(generator: sparse.csc_array) -> list[Integers]:
    """The states of each recurrent class (closed and strongly connected), the class of the first state first."""
    rates = generator.tocoo()
    moves = (rates.data > 0) & (rates.row != rates.col)
    targets, sources = rates.row[moves], rates.col[moves]
    graph = sparse.csr_array((np.ones(len(sources)), (sources, targets)), shape=generator.shape)
    count, label = connected_components(graph, connection="strong")
    leaks = label[sources] != label[targets]
    closed = np.setdiff1d(np.arange(count), label[sources[leaks]])
    return [np.flatnonzero(label == one) for one in closed]


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
