"""The edges between cells along which a Fokker-Planck flux runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.equations.leaps import falls_over_leaps, noise_leaps
from theory.equations.protocol import Equation, share_of
from theory.fokker_planck.generator.coefficients import carrying_drift, finite_at_centres, transport, transport_at
from theory.fokker_planck.generator.exits import Exits, selling_exits, way_out
from theory.fokker_planck.generator.exponential_fitting import bernoulli
from theory.fokker_planck.generator.jumps import has_jumps, integrals, jumping
from theory.fokker_planck.generator.kernels import assembled, halves
from theory.fokker_planck.generator.selling import check_tensor, selling_decomposition
from theory.fokker_planck.line import line_rates
from theory.laws import Grid
from theory.laws.neighbours import along_axis


@dataclass(frozen=True, eq=False)
class Edges:
    """Pairs of cells with the rates between them; m edges, and a pair may occur more than once.

    Parameters
    ----------
    grid
        The grid whose cells, by flat index, are joined.
    sources, targets
        The two cells of each edge, shape (m,).
    steps
        Offset from source to target in cells, across periodic sides where it is so, shape (m, d).
    forward, back
        Rates from source to target and back, shape (m,).
    known_falls
        What `falls` is to say of these edges, shape (m,), where it is not for coefficients at the centres to say.
    """

    grid: Grid
    sources: Integers = field(repr=False)
    targets: Integers = field(repr=False)
    steps: Integers = field(repr=False)
    forward: Array = field(repr=False)
    back: Array = field(repr=False)
    known_falls: Array | None = field(default=None, repr=False)

    def generator(self) -> sparse.csc_array:
        """The matrix of the rates: entry (i, j) is the rate from cell j to cell i, and columns sum to 0."""
        size = self.grid.size
        ends, rows, rates = assembled(size, self.sources, self.targets, self.forward, self.back)
        return sparse.csc_array((rates, rows, ends), shape=(size, size))

    def flows(self, masses: Array) -> tuple[Array, Array]:
        """Mass per unit of time from source to target and back, for `masses` of the cells, shape (size,)."""
        return self.forward * masses[self.sources], self.back * masses[self.targets]

    def joined(self, other: Edges) -> Edges:
        """These edges and those of `other`, on the same grid."""
        names = ("sources", "targets", "steps", "forward", "back")
        return Edges(self.grid, *(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))


def selling_edges(equation: Equation, grid: Grid) -> Edges:
    """Diffusion alone along Selling's offsets: x to x + e at the rate (rho_e(x) + rho_e(x + e)) / 2, in halves.

    All rates are >= 0. Edges that leave the box carry nothing. The source of an edge owns it: the rate is the half
    that its tensor gives.

    Raises
    ------
    InputError
        If dimensions differ, or D is not finite, symmetric and positive semidefinite.

    References
    ----------
    Bonnans, Bonnet & Mirebeau (2022), "Monotone and second order consistent schemes".
    """
    return edges_and_exits(equation, grid, np.zeros((grid.dim, 2), dtype=bool))[0]


def edges_and_exits(equation: Equation, grid: Grid, open_sides: Booleans) -> tuple[Edges, Exits]:
    """The edges of `selling_edges`, and the steps out of the box through the `open_sides`, shape (d, 2).

    Raises
    ------
    InputError
        As `selling_edges`.
    """
    weights, offsets = selling_decomposition(_tensor(equation, grid), grid)
    stencil = weights.reshape(grid.size, -1), offsets.reshape(grid.size, -1, grid.dim)
    exits = selling_exits(*stencil, grid, open_sides)
    rates = line_rates(equation, grid) if grid.dim == 1 else None
    return (_diffusion(*stencil, grid, open_sides) if rates is None else _on_line(grid, *rates)), exits


def _on_line(grid: Grid, log_forward: Array, log_back: Array) -> Edges:
    """Edges of a line, in halves, whose rates with the fitted flux are those given."""
    sources, targets, steps = along_axis(grid, 0)
    z = log_forward - log_back
    half = np.exp(log_forward - np.log(bernoulli(-z))) / 2
    pairs = np.concatenate([sources, targets]), np.concatenate([targets, sources])
    halves = np.concatenate([half, half])
    return Edges(grid, *pairs, np.concatenate([steps, -steps]), halves, halves, np.concatenate([z, -z]))


def nearest_edges(equation: Equation, grid: Grid) -> Edges:
    """Diffusion alone along axes and diagonals of planes: D_ij / 2 on e_i + e_j and -D_ij / 2 on e_i - e_j.

    The central differences of the second order. Rates of either sign, edges of one cell at any anisotropy.

    Raises
    ------
    InputError
        As `selling_edges`.
    """
    tensor = _tensor(equation, grid)
    check_tensor(tensor, grid)
    scaled = (tensor / np.outer(grid.spacing, grid.spacing)).reshape(grid.size, grid.dim, grid.dim)
    unit = np.eye(grid.dim, dtype=np.int64)
    parts = [(scaled[:, i, i], unit[i]) for i in range(grid.dim)]
    for i in range(grid.dim):
        for j in range(i):
            parts += [(sign / 2 * scaled[:, i, j], unit[i] + sign * unit[j]) for sign in (1, -1)]
    weights = np.stack([weight for weight, _ in parts], axis=1)
    offsets = np.broadcast_to(np.stack([e for _, e in parts]), (grid.size, len(parts), grid.dim))
    return _diffusion(weights, offsets, grid, np.zeros((grid.dim, 2), dtype=bool))


def drift_edges(equation: Equation, grid: Grid, whole: Booleans) -> Edges:
    """Drift alone along the axes: the flux between two cells is the mean of (b - div D) p in both.

    A cell in `whole`, shape (size,), gives all at a wall to its one neighbour, as `skew_cells` do with diffusion.

    Raises
    ------
    InputError
        If a coefficient is not finite.
    """
    speed = carrying_drift(equation, grid).reshape(grid.size, grid.dim) / grid.spacing
    cells = np.arange(grid.size).reshape(grid.shape)
    found = []
    for axis, (n, periodic) in enumerate(zip(grid.shape, grid.periodic, strict=True)):
        at_wall = np.zeros(grid.shape, dtype=bool)
        if not periodic:
            np.moveaxis(at_wall, axis, 0)[[0, -1]] = True
        rate = np.where(whole & at_wall.ravel(), 1.0, 0.5) * speed[:, axis]
        sources = np.take(cells, np.arange(n if periodic and n > 1 else n - 1), axis).ravel()
        targets = np.take(np.roll(cells, -1, axis), np.arange(n if periodic and n > 1 else n - 1), axis).ravel()
        steps = np.zeros((len(sources), grid.dim), dtype=np.int64)
        steps[:, axis] = 1
        found.append((sources, targets, steps, rate[sources], -rate[targets]))
    return Edges(grid, *(np.concatenate(parts) for parts in zip(*found, strict=True)))


def skew_cells(edges: Edges) -> Booleans:
    """Whether a cell has an edge along no axis, shape (size,)."""
    skew = np.zeros(edges.grid.size, dtype=bool)
    skew[edges.sources[np.count_nonzero(edges.steps, axis=1) > 1]] = True
    return skew


def falls(equation: Equation, edges: Edges) -> Array:
    """z, the integral of v = D^-1 (b - div D) along each edge, shape (m,).

    Trapezoidal; in 128 pieces where v jumps; the difference of the potential where that is known.

    Raises
    ------
    InputError
        If a coefficient is not finite.
    """
    grid = edges.grid
    if edges.known_falls is not None:
        return edges.known_falls
    potential = equation.potential(grid.centers)
    if potential is None and share_of(equation) < 1 and noise_leaps(equation, grid):
        return falls_over_leaps(equation, grid, edges.sources, edges.targets, edges.steps)
    if potential is None:
        velocity = transport(equation, grid).reshape(grid.size, -1)
        middle = (velocity[edges.sources] + velocity[edges.targets]) / 2
        z = np.asarray((middle * edges.steps * grid.spacing).sum(axis=1))
        if has_jumps(equation, grid):  # none is met on a longer step that neighbours do not show
            jumps = jumping(equation, grid, velocity, edges.sources, edges.targets, edges.steps)
            z[jumps] = integrals(equation, grid, edges.sources[jumps], edges.steps[jumps])
        return z
    potential = finite_at_centres(potential, "potential", grid).ravel()
    return potential[edges.sources] - potential[edges.targets]


def falls_between(equation: Equation, starts: Array, ends: Array) -> Array:
    """The integral z of v from `starts` to `ends`, points (m, d), shape (m,): as `falls`."""
    potentials = equation.potential(starts), equation.potential(ends)
    if potentials[0] is not None and potentials[1] is not None:
        return np.asarray(potentials[0] - potentials[1])
    middle = (transport_at(equation, starts) + transport_at(equation, ends)) / 2
    return np.asarray((middle * (ends - starts)).sum(axis=1))


def _tensor(equation: Equation, grid: Grid) -> Array:
    require(
        equation.dim == grid.dim,
        f"the equation and the grid must have one dimension, got {equation.dim} and {grid.dim}",
    )
    return equation.tensor(grid.centers)


def _diffusion(weights: Array, offsets: Integers, grid: Grid, open_sides: Booleans) -> Edges:
    """Edges from weights (cells, m) on offsets (cells, m, d): half of each to x + e and half to x - e.

    Where only one of the two lies in the box, a cell with a skew stencil gives it all to that one, so that its
    energy is that of the whole tensor and walls stay of second order; on aligned stencils dropping does that.
    Where neither does, as in corners, the end is moved to the nearest cell, so that no cell is cut off.
    """
    size, count, dim = offsets.shape
    leaves = np.zeros((2, size, count), dtype=bool)
    if open_sides.any():
        here = np.stack(np.unravel_index(np.arange(size), grid.shape), axis=-1)
        for k in range(count):
            for side, sign in enumerate((1, -1)):
                leaves[side, :, k] = way_out(here, sign * offsets[:, k], grid, open_sides)[1]
    most = 2 * size * count
    cells, steps, rates = np.empty((2, most), np.int64), np.empty((most, dim), np.int64), np.empty(most)
    shape, wraps = np.array(grid.shape), np.array(grid.periodic)
    sources, targets = cells
    found = halves(
        np.ascontiguousarray(weights),
        np.ascontiguousarray(offsets),
        shape,
        wraps,
        leaves,
        sources,
        targets,
        steps,
        rates,
    )
    return Edges(grid, sources[:found], targets[:found], steps[:found], rates[:found], rates[:found])
