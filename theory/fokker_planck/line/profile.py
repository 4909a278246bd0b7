"""What a law on a line is in every cell: its value at the centre and its mass, before it is scaled."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.base.rounding import EPSILON
from theory.fokker_planck.line.corner import INTEGRABLE, corner_at
from theory.fokker_planck.line.pieces import Line, Piece
from theory.fokker_planck.line.scale import (
    LEAST_WIDTH,
    NARROWEST,
    NODES,
    TAILS,
    Exponent,
    exponent,
    integrated,
    log_weights,
    nodes_of,
    series_tail,
)
from theory.laws import Grid, NoStationaryDensity

CLOSEST = 2.0**-23  # of the grid: distance to an end from where its power takes over
ORIGIN = 1e-14  # of the grid: distance from 0 that is rounding
NEGLIGIBLE = 60.0  # below the largest logarithm: masses that need no digits
GENTLE = 12.0  # rise of log p over a panel that Gauss's rule integrates
MOST_PANELS = 2**20
ROUNDED = 16.0  # units in the last place of log p, of which its series cannot tell
MARGIN = 1e-9  # of the line: a face as near to an end is the end


@dataclass(frozen=True, eq=False)
class Profile:
    """A law on a line, unscaled: nothing outside its piece.

    Parameters
    ----------
    log_values
        Logarithm at the centres, shape (cells,); -inf outside, +inf at a centre where the density is infinite.
    log_masses
        Logarithm of the masses of the cells, shape (cells,).
    doubt
        Share of the mass that rounding and unresolved panels leave open.
    infinite
        Whether the density is infinite somewhere, so that its value at a centre says nothing of the cell.
    points, log_weights
        Points in the cells, and the logarithms of the masses that they stand for.
    """

    log_values: Array = field(repr=False)
    log_masses: Array = field(repr=False)
    doubt: float
    infinite: bool
    points: Array = field(repr=False)
    log_weights: Array = field(repr=False)

    @property
    def shares(self) -> Array:
        """Masses of the cells, scaled to 1."""
        return scaled(self.log_masses)


def scaled(logs: Array) -> Array:
    """Exponentials of `logs`, scaled to the sum 1. Shape of `logs`."""
    masses = np.exp(logs - logs.max())
    return np.asarray(masses / masses.sum())


def zero_flux(line: Line, piece: Piece | None, nodes: int = NODES) -> Profile:
    """D^(share - 1) exp(F) on one piece, or on the whole line where the potential is known and gives exp(-Phi).

    Masses by Gauss's rule on panels between centres and faces that are halved until they resolve the density;
    towards an end where D vanishes, or where the potential has a pole, at halved distances, with the power of the
    density there for the last stretch. With fewer nodes the last stretch begins farther off.

    Raises
    ------
    InputError
        If a coefficient is not finite at a centre.
    """
    grid = line.grid
    if piece is None:
        w, cells = grid.axes[0], np.arange(grid.cells[0])
        left, right, sided = grid.lower[0], grid.upper[0], (False, False)
    else:
        w, cells = line.centres(piece)
        left, right = piece.left.position, piece.right.position
        sided = (piece.left.side is not None, piece.right.side is not None)
    w = np.where(np.abs(w) < ORIGIN * line.length, 0.0, w)  # centres that are 0 but for rounding
    known = line.potential(w)
    faces = line.unwrap(grid.edges[0])
    margin = MARGIN * line.length
    faces = faces[(faces > left + margin) & (faces < right - margin)]
    faces = np.where(np.abs(faces) < ORIGIN * line.length, 0.0, faces)
    marks = np.unique(np.concatenate([w, faces, [left, right]]))
    if (
        left < 0 < right and _poles(line, np.zeros(1), known is not None)[0]
    ):  # where floating point numbers are dense
        marks = np.union1d(marks, [0.0])
    poles = _poles(line, marks, known is not None)
    poles[0] |= sided[0]
    poles[-1] |= sided[1]
    closest = CLOSEST * line.length * (1 if nodes == NODES else 4)
    corners = [
        corner_at(line, marks[k], sign, abs(marks[k + sign] - marks[k]), closest, known is not None)
        for k in np.flatnonzero(poles)
        for sign in (-1, 1)
        if 0 <= k + sign < marks.size
    ]
    places = np.unique(np.concatenate([marks[~poles], *(corner.places for corner in corners)]))
    path = None if known is not None else exponent(line.coefficients, places, line.share, nodes=nodes)
    log_values = np.full(grid.cells[0], -np.inf)
    if path is None:
        log_values[cells] = -np.asarray(known)
        at_places = -np.asarray(line.potential(places))
        edges = places
    else:
        at_places = path.at_edges[np.searchsorted(path.edges, places)] + (line.share - 1) * line.log_noise(places)
        log_values[cells] = at_places[np.searchsorted(places, w)]
        edges = path.edges
    breaks = marks[poles]
    kept = np.searchsorted(breaks, edges[:-1], side="right") == np.searchsorted(breaks, edges[1:], side="left")
    points, weights, broken = _panel_masses(line, path, edges, kept, nodes)
    middles, sizes = points.mean(axis=1), np.logaddexp.reduce(weights, axis=1)
    log_masses = np.full(grid.cells[0], -np.inf)
    np.logaddexp.at(log_masses, cells_of(grid, middles), sizes)
    top = log_masses.max()
    infinite, doubt = False, float(np.exp(sizes[broken] - top).sum() + np.spacing(abs(top)))
    last: list[tuple[float, float]] = []
    for corner in corners:
        logs = at_places[np.searchsorted(places, corner.places)]
        size, power = corner.closed(logs)
        _refuse_pole(corner.start, size, power, marks)
        if size == -math.inf:
            continue
        middle = (1 + power) / (2 + power)
        last.append((corner.start + middle * (corner.places[-1] - corner.start), size))
        infinite |= power < -INTEGRABLE
        cell = cells_of(grid, corner.places[-1:])
        np.logaddexp.at(log_masses, cell, size)
        u = abs(corner.places[-1] - corner.start)
        doubt += math.exp(min(size - top, 0.0)) * float(np.spacing(abs(corner.start))) / u  # place of the end
    bad = np.flatnonzero(np.isnan(log_values))
    require(
        bad.size == 0,
        f"the potential must be a number at every cell centre, it is none at w = {grid.axes[0][bad[:1]]}; check "
        "its formula there, or change the number of cells by one",
    )
    infinite |= bool(np.isposinf(log_values).any())
    all_points = np.concatenate([points.ravel(), [w for w, _ in last]])
    all_weights = np.concatenate([weights.ravel(), [size for _, size in last]])
    return Profile(log_values, log_masses, doubt, infinite, all_points, all_weights)


def _refuse_pole(place: float, size: float, power: float, marks: Array) -> None:
    """Refuse an end or pole where the density has infinite mass, or a pole inside that nobody passes."""
    if size == math.inf:
        raise NoStationaryDensity(
            f"no stationary density: it has infinite mass at {place:.6g}, where it goes with the power "
            f"{power:.4g} of the distance; change the drift there, or choose a grid without the point"
        )
    if marks[0] < place < marks[-1] and power >= 1:
        raise NoStationaryDensity(
            f"no unique stationary density: the drift has a pole at {place:.6g}, where the density goes with the "
            f"power {power:.4g} of the distance, and nobody passes it; take a grid on one side"
        )


def round_circle(line: Line, path: Exponent, log_flux: tuple[Array, Array]) -> Profile:
    """The density with a current: `log_flux` is the logarithm of int e^-B a turn ahead, at edges and at nodes."""
    grid, (at_edges, at_nodes) = line.grid, log_flux
    w = grid.axes[0]
    index = np.searchsorted(path.edges, w)
    log_values = path.at_edges[index] + at_edges[index] + (line.share - 1) * line.log_noise(w)
    logs = path.at_edges[:-1, None] + path.partial_rises + (line.share - 1) * path.log_noise + at_nodes
    weights = logs + np.log(path.node_weights)
    sizes = np.logaddexp.reduce(weights, axis=1)
    log_masses = np.full(grid.cells[0], -np.inf)
    np.logaddexp.at(log_masses, cells_of(grid, (path.edges[:-1] + path.edges[1:]) / 2), sizes)
    points, _ = nodes_of(path.edges[:-1], path.edges[1:], weights.shape[1])
    return Profile(log_values, log_masses, 0.0, False, points.ravel(), weights.ravel())


def cells_of(grid: Grid, w: Array) -> Integers:
    """Index of the cell that holds each point, on a circle after wrapping. Shape of `w`."""
    inside = grid.wrap(w[:, None])[:, 0]
    found: Integers = np.clip(np.searchsorted(grid.edges[0], inside, side="right") - 1, 0, grid.cells[0] - 1)
    return found


def _poles(line: Line, marks: Array, known: bool) -> Booleans:
    """Marks at which the potential, or else the derivative of the exponent, is not finite."""
    if known:
        with np.errstate(all="ignore"):
            finite = np.isfinite(np.asarray(line.potential(marks), dtype=np.float64))
            return np.asarray(~finite, dtype=np.bool_)
    poles = np.zeros(marks.size, dtype=bool)
    for end in (0, -1) if marks.size > 1 else ():
        poles[end] = not np.isfinite(line.coefficients(marks[[end]])).all()
    return poles


def _panel_masses(
    line: Line, path: Exponent | None, edges: Array, kept: Booleans, nodes: int
) -> tuple[Array, Array, Booleans]:
    """Points of panels that resolve the density, logarithms of their masses, and which panels hold a jump."""
    left, right = edges[:-1][kept], edges[1:][kept]
    levels = np.zeros(left.size) if path is None else path.at_edges[:-1][kept]
    done: list[tuple[Array, Array, Booleans]] = []
    top = -np.inf
    while left.size:
        rises, at_ends, _ = _log_density(line, left, right, path is None, nodes)
        logs = levels[:, None] + rises
        top = max(top, float(logs.max()))
        largest = logs.max(axis=1)
        spacing = np.spacing(np.maximum(np.abs(left), np.abs(right)))
        narrow = right - left <= np.maximum(NARROWEST * spacing, LEAST_WIDTH * line.length)
        least = ROUNDED * EPSILON * np.abs(rises).max(axis=1)  # of the panel's own: levels may be of any size
        fits = series_tail(rises, at_ends) <= np.maximum(TAILS[nodes], least)
        resolved = fits & (np.ptp(rises, axis=1) <= GENTLE)
        resolved |= largest < top - NEGLIGIBLE
        finished = np.asarray(resolved | narrow, dtype=np.bool_)
        points, half_width = nodes_of(left[finished], right[finished], nodes)
        done.append((points, logs[finished] + log_weights(half_width, nodes), ~resolved[finished]))
        left, right, levels = left[~finished], right[~finished], levels[~finished]
        middle = (left + right) / 2
        require(left.size <= MOST_PANELS, "the density must be resolved by a million panels; take stronger noise")
        lifted = levels
        if path is not None and left.size:
            lifted = levels + _log_density(line, left, middle, False, nodes)[2]
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        levels = np.concatenate([levels, lifted])
    all_points, weights, broken = zip(*done, strict=True)
    return np.concatenate(all_points), np.concatenate(weights), np.concatenate(broken)


def _log_density(line: Line, left: Array, right: Array, known: bool, nodes: int) -> tuple[Array, Array, Array]:
    """Log p at the nodes of panels and just inside the ends, where F is 0 at the left, and the rise of F."""
    points, half_width = nodes_of(left, right, nodes)
    inner = NARROWEST * np.spacing(np.maximum(np.abs(left), np.abs(right)))
    ends = np.stack([left + inner, right - inner], axis=1)
    if known:
        with np.errstate(all="ignore"):
            return -np.asarray(line.potential(points)), -np.asarray(line.potential(ends)), np.zeros(left.size)
    ratio, log_noise = line.coefficients(points)
    partial = integrated(ratio, 2 * half_width, partial=True)
    rises = integrated(ratio, 2 * half_width)
    at_ends = np.stack([np.zeros(left.size), rises], axis=1)
    weight = line.share - 1
    return partial + weight * log_noise, at_ends + weight * line.coefficients(ends)[1], rises
