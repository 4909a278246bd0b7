"""Masses of cells next to gates, behind which a density is a power of the distance."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import transport_at
from theory.fokker_planck.lattice.barriers import Barriers
from theory.laws import Grid
from theory.laws.local_fit import LocalFit

NEAREST_CENTRE = 0.05  # of a cell: a centre so near to a gate tells nothing
CELLS_BEHIND = 5  # cells behind a gate that tell how the density departs from its power
LEAST_POWER = 1e-3  # power of a mass that is finite
READ = (1 / 128, 1 / 64, 1 / 32)  # of a cell: distances at which powers are read
STEEPEST_POWER = 30.0  # power of the mass beyond which there is none next to the gate
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
ROUGH = 1.0  # miss of log p at a centre beyond which nothing is read between it and its neighbours
UNDERFLOWN = -690.0  # logarithm, relative to the largest, from which on numbers lose their digits


def behind(barriers: Barriers) -> tuple[Integers, Integers, Array]:
    """For each gate the cell that it leads to, the step to the next one, its distance along the axis in cells."""
    forward = barriers.gates > 0
    cells = np.where(forward, barriers.targets, barriers.sources)
    return cells, np.where(forward, 1, -1), np.where(forward, 1 - barriers.fractions, barriers.fractions)


def mass_powers(equation: Equation, grid: Grid, barriers: Barriers) -> Array:
    """The power of the mass within a distance u behind each gate: 1 + lim u v.n with v the slope of log p."""
    outward = np.where(barriers.gates > 0, 1.0, -1.0)[:, None] * barriers.normals
    step = float(grid.spacing.min())
    near, middle, far = (
        u * (transport_at(equation, grid.wrap(barriers.positions + u * outward)) * outward).sum(axis=1)
        for u in step * np.array(READ)
    )
    return np.asarray(1 + (8 * near - 6 * middle + far) / 3)


def cell_masses(grid: Grid, values: Array, barriers: Barriers, powers: Array) -> Array:
    """Masses of cells, not scaled, from values (*shape) at the centres, 0 outside the class behind the gates.

    Along each axis integrals of exp of local polynomials of log p, and next to a gate of u^(power - 1) times exp
    of such a polynomial, from the gate on, also in the cell whose centre lies before it.
    """
    shape, flat = grid.shape, values.ravel()
    with np.errstate(divide="ignore"):
        logs = np.log(flat)
    factors = _smooth(grid, values)
    flats = [factor.ravel() for factor in factors]
    added: dict[tuple[int, int], tuple[int, float]] = {}  # cell before a gate, axis: one behind, share
    strides = np.array([int(np.prod(shape[axis + 1 :])) for axis in range(grid.dim)])
    for cell, sign, u, power, axis in zip(*behind(barriers), powers, barriers.axes, strict=True):
        place = int(cell // strides[axis] % shape[axis])
        places = place + sign * np.arange(-1, CELLS_BEHIND)
        if not grid.periodic[axis] and not ((places >= 0) & (places < shape[axis])).all():
            continue
        row = cell + (places % shape[axis] - place) * strides[axis]
        offsets = u + np.arange(-1.0, CELLS_BEHIND)
        seen = np.flatnonzero(offsets > NEAREST_CENTRE)
        held = np.append(flat[row[seen]] > 0, False)
        told = seen[: int(np.argmin(held))]  # up to where another gate cuts the row
        if len(told) < 2 or not LEAST_POWER < power < STEEPEST_POWER or flat[row[0]] > 0:
            continue
        rest = logs[row[told]] - (power - 1) * np.log(offsets[told])
        shape_of = np.polynomial.Polynomial.fit(offsets[told], rest, len(told) - 1)
        low, high = np.maximum(offsets - 0.5, 0.0) ** power, np.maximum(offsets + 0.5, 0.0) ** power
        t = (low + high)[:, None] / 2 + (high - low)[:, None] / 2 * NODES
        log_size = float(logs[row[told[0]]])
        inside = np.exp(shape_of(t ** (1 / power)) - log_size)
        shares = (inside @ WEIGHTS) * (high - low) / 2 / power
        for here, share in zip(row[: told[-1]], shares, strict=False):  # the last one only tells of the others
            if flat[here] > 0:
                flats[axis][here] = share * np.exp(log_size - logs[here])
            elif share > 0:
                added[int(here), int(axis)] = int(row[told[0]]), float(share)
    masses = flat * np.prod(flats, axis=0)
    for (before, axis), (after, share) in added.items():
        others = np.prod([flats[k][after] for k in range(grid.dim) if k != axis])
        masses[before] += share * flat[after] * others
    return np.asarray(masses.reshape(shape) * grid.cell_volume)


def unseen(grid: Grid, barriers: Barriers) -> Booleans:
    """Cells whose centre lies on a gate or too near behind it, shape (size,)."""
    cells, _, distance = behind(barriers)
    found = np.zeros(grid.size, dtype=bool)
    found[cells[distance <= NEAREST_CENTRE]] = True
    return found


def _smooth(grid: Grid, values: Array) -> Array:
    """The mean of p along each axis over p at the centre, shape (d, *shape); 1 where neighbours tell nothing."""
    with np.errstate(divide="ignore"):
        logs = np.log(values) - np.log(values.max())
    logs[logs < UNDERFLOWN] = -np.inf
    fit = LocalFit(logs, grid.periodic, 6)
    centres, misses = np.exp(logs), fit.misses()
    factors = np.ones((grid.dim, *grid.shape))
    for axis in range(grid.dim):
        total = np.zeros(grid.shape)
        for x, weight in zip(NODES / 2, WEIGHTS / 2, strict=True):
            place = tuple(x if k == axis else 0.0 for k in range(grid.dim))
            total += weight * fit.at(place)
        good = (centres > 0) & (misses < ROUGH) & np.isfinite(total)
        np.divide(total, centres, out=factors[axis], where=good)
    return factors
