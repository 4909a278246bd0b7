"""A line seen over its zero-flux density p0: laws are p0 f with f smooth also where p0 is infinite or ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import comb

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Integers
from theory.base.errors import InputError
from theory.equations.protocol import Equation
from theory.fokker_planck.line import Line, cells_of, exponent, zero_flux
from theory.laws import Grid, NoStationaryDensity

MOST = 9  # powers of the distance from a centre whose means are known
STEEPEST_START = 100.0  # rise of log p0 over nine cells beyond which no polynomial of the law over p0 is of use


@dataclass(frozen=True, eq=False)
class Weights:
    """A positive measure on the cells of a line: masses, and means of powers of the distance from the centre.

    Parameters
    ----------
    grid
        The line.
    log_masses
        Logarithm of the measure of each cell, shape (cells,).
    moments
        Means of (w - centre)^k / h^k over each cell, k = 0 to 8, shape (cells, 9).
    """

    grid: Grid
    log_masses: Array = field(repr=False)
    moments: Array = field(repr=False)

    @staticmethod
    def even(grid: Grid) -> Weights:
        """Lebesgue's measure."""
        powers = np.array([0.5**k / (k + 1) if k % 2 == 0 else 0.0 for k in range(MOST)])
        return Weights(grid, np.zeros(grid.size), np.broadcast_to(powers, (grid.size, MOST)))

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.grid.cells[0]

    def design(self, cells: Integers, origins: Array, count: int, reach: float) -> Array:
        """Means over `cells` (m, c) of the powers 0, ..., count - 1 of w from `origins` (m,) over `reach`."""
        spacing = float(self.grid.spacing[0])
        gap = (self.grid.axes[0][cells] - origins[:, None]) / spacing
        powers = np.stack([gap**k for k in range(count)], axis=-1)
        own = self.moments[cells]
        columns = [
            sum(comb(d, k) * own[..., k] * powers[..., d - k] for k in range(d + 1)) * (spacing / reach) ** d
            for d in range(count)
        ]
        return np.stack(columns, axis=-1)

    def around(self, places: Integers, count: int) -> Integers:
        """The `count` cells about each of these faces (an even count) or cells (odd), within the line."""
        first = np.clip(places - (count - 1) // 2, 0, self.size - count)
        return np.asarray(first[:, None] + np.arange(count))

    def split(self, finer: Weights, masses: Array, count: int) -> Array:
        """Masses of the cells of `finer`, by f of degree count - 1 through its averages over `count` cells."""
        if finer.grid == self.grid:
            return masses
        factor = finer.size // self.size
        cells = self.around(np.arange(self.size), count)
        reach = count * float(self.grid.spacing[0]) / 2
        centres = self.grid.axes[0]
        series = np.linalg.solve(self.design(cells, centres, count, reach), self.over(masses, cells)[..., None])
        parts = np.arange(finer.size).reshape(-1, factor)
        found = (finer.design(parts, centres, count, reach) @ series)[..., 0]
        logs = finer.log_masses.reshape(-1, factor)
        inside = np.exp(logs - np.logaddexp.reduce(logs, axis=1)[:, None])
        return np.asarray((found * inside).ravel())

    def bend(self, masses: Array) -> float:
        """Total variation between averages of f and its values at the means of the cells: 0 of straight f."""
        count = 7
        cells = self.around(np.arange(self.size), count)
        reach = count * float(self.grid.spacing[0]) / 2
        centres = self.grid.axes[0]
        series = np.linalg.solve(self.design(cells, centres, count, reach), self.over(masses, cells)[..., None])
        means = self.moments[:, 1] * float(self.grid.spacing[0]) / reach
        found = sum(series[:, k, 0] * means**k for k in range(count))
        return float(np.abs(found - masses).sum() / 2)

    def over(self, masses: Array, cells: Integers) -> Array:
        """Averages of f over `cells`, times the measure of the cell of the row, shape of `cells`."""
        return np.asarray(masses[cells] * np.exp(self.log_masses[:, None] - self.log_masses[cells]))


@dataclass(frozen=True, eq=False)
class WeightedLine:
    """The zero-flux density of a line in one piece, without a scale.

    Parameters
    ----------
    weights
        Its masses and moments.
    log_values
        Its logarithm at the centres, shape (cells,).
    log_fluxes
        Logarithm of D p0 at the inner faces, shape (cells - 1,).
    walls
        Whether the lower and the upper end are walls, where f has no slope; else the noise or p0 ends there.
    """

    weights: Weights
    log_values: Array = field(repr=False)
    log_fluxes: Array = field(repr=False)
    walls: tuple[bool, bool]

    @staticmethod
    def of(equation: Equation, grid: Grid) -> WeightedLine | None:
        """That of `equation` on `grid`; None where there is none of finite mass, in one piece, not steep."""
        if grid.dim > 1 or grid.periodic[0]:
            return None
        try:
            line = Line.of(equation, grid)
            if len(line.pieces) != 1 or not line.pieces[0].recurrent:
                return None
            piece = line.pieces[0]
            found = zero_flux(line, piece)
            log_fluxes = _log_fluxes(line, found.log_values)
        except (InputError, NoStationaryDensity):
            return None
        if not (np.isfinite(found.log_masses).all() and np.isfinite(log_fluxes).all()):
            return None
        if np.abs(found.log_masses[MOST:] - found.log_masses[:-MOST]).max(initial=0.0) > STEEPEST_START:
            return None
        cells = cells_of(grid, found.points)
        shares = np.exp(found.log_weights - found.log_masses[cells])
        places = (found.points - grid.axes[0][cells]) / grid.spacing[0]
        powers = [np.bincount(cells, shares * places**k, grid.size) for k in range(MOST)]
        moments = np.stack(powers, axis=-1).astype(np.float64)
        natural = line.natural_sides[0]
        walls = piece.left.side is None and not natural[0], piece.right.side is None and not natural[1]
        return WeightedLine(Weights(grid, found.log_masses, moments), found.log_values, log_fluxes, walls)

    def generator(self, order: int) -> sparse.csr_array | None:
        """The matrix of d(masses)/dt of even order, of flux -D p0 f' through each face; columns sum to 0.

        f' from a polynomial through averages of f over as many cells, next to ends the nearest ones, where walls
        add that f has no slope. None where numbers overflow.
        """
        weights, spacing = self.weights, float(self.weights.grid.spacing[0])
        faces = np.arange(weights.size - 1)
        cells, reach = weights.around(faces, order), order * spacing / 2
        places = weights.grid.edges[0][1:-1]
        rows = _slopes(weights.design(cells, places, order, reach))
        clipped = order // 2 - 1
        for near, end, wall in (
            (faces[:clipped], 0, self.walls[0]),
            (faces[len(faces) - clipped :], -1, self.walls[1]),
        ):
            if wall:
                inner = weights.design(cells[near], places[near], order + 1, reach)
                gap = (weights.grid.edges[0][end] - places[near, None]) / reach
                powers = np.arange(order + 1)
                flat = powers * gap ** np.maximum(powers - 1, 0)
                rows[near] = _slopes(np.concatenate([inner, flat[:, None]], axis=1))[:, :-1]
        with np.errstate(over="ignore"):
            flux = -rows / reach * np.exp(self.log_fluxes[:, None] - weights.log_masses[cells])
        if not np.isfinite(flux).all():
            return None
        below, starts, values = np.repeat(faces, order), cells.ravel(), flux.ravel()
        return sparse.csr_array(
            (np.append(-values, values), (np.append(below, below + 1), np.append(starts, starts))),
            shape=(weights.size, weights.size),
        )

    def centres(self, masses: Array) -> Array:
        """Values p0 f at the centres."""
        weights, count = self.weights, 7
        cells = weights.around(np.arange(weights.size), count)
        reach = count * float(weights.grid.spacing[0]) / 2
        design = weights.design(cells, weights.grid.axes[0], count, reach)
        found = np.linalg.solve(design, weights.over(masses, cells)[..., None])[:, 0, 0]
        return np.asarray(found * np.exp(self.log_values - weights.log_masses))


def _slopes(designs: Array) -> Array:
    """Weights of averages in the slope at the origin, for each design, shape (m, c)."""
    unit = np.zeros(designs.shape[-1])
    unit[1] = 1.0
    return np.asarray(
        np.linalg.solve(np.swapaxes(designs, -1, -2), np.broadcast_to(unit[:, None], (*designs.shape[:-1], 1)))[
            ..., 0
        ]
    )


def _log_fluxes(line: Line, log_values: Array) -> Array:
    """Logarithm of D p0 at the inner faces, on the scale of `log_values`."""
    faces = line.grid.edges[0][1:-1]
    known = line.potential(faces)
    if known is not None:
        return np.asarray(line.log_noise(faces) - known)
    middle = int(np.argmax(np.where(np.isfinite(log_values), log_values, -np.inf)))
    anchor = line.grid.axes[0][[middle]]
    path = exponent(line.coefficients, np.union1d(faces, anchor), line.share)
    rise = path.at_edges[np.searchsorted(path.edges, faces)] - path.at_edges[np.searchsorted(path.edges, anchor)]
    here = log_values[middle] + (1 - line.share) * line.log_noise(anchor)
    return np.asarray(here + rise + line.share * line.log_noise(faces))
