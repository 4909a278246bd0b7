"""The recurrent classes of a line: the laws that walkers of each piece between zeros of D settle to."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.rounding import EPSILON, LARGEST_EXPONENT
from theory.equations.protocol import Equation
from theory.fokker_planck.line.density import LineDensity
from theory.fokker_planck.line.logarithms import log_through_gates, profile_on_circle
from theory.fokker_planck.line.pieces import CENTRE_MARGIN, Line, Piece
from theory.fokker_planck.line.profile import Profile, scaled, zero_flux
from theory.fokker_planck.line.scale import NODES
from theory.laws import Density, DensityClass, Grid, PointMass
from theory.laws.limit_law import RecurrentClass
from theory.points.degenerate import DegeneratePoint

Home = Piece | DegeneratePoint | None  # of a recurrent class; None is a circle round which walkers run
LARGEST_SHIFT = 0.1  # total variation between a grid and the same cut in three beyond which it is too coarse


@dataclass(frozen=True)
class SolvedLine:
    """An equation on a grid of one dimension with its recurrent classes, found once for all that asks for them."""

    line: Line

    @cached_property
    def classes(self) -> dict[Home, RecurrentClass]:
        """The recurrent classes by where they live, from left to right."""
        return _classes(self.line)


def solved_line(sde: Equation, grid: Grid) -> SolvedLine:
    """The line of `sde` on `grid`, to give to `stationary_line` and `limit_law_line`.

    Raises
    ------
    InputError
        As `Line.of`.
    """
    return SolvedLine(Line.of(sde, grid))


def recurrent_classes_line(sde: Equation, grid: Grid) -> tuple[RecurrentClass, ...]:
    """The recurrent classes of a one-dimensional equation from left to right: densities and point masses.

    Raises
    ------
    InputError
        As `Line.of`, or if a piece has no cell centre.
    """
    return tuple(solved_line(sde, grid).classes.values())


def _classes(line: Line) -> dict[Home, RecurrentClass]:
    """The recurrent classes by where they live, from left to right."""
    if line.circulates:
        region = f"the circle [{line.grid.lower[0]:.6g}, {line.grid.upper[0]:.6g})"
        return {None: DensityClass(_density(line, None), region)}
    classes: dict[Home, RecurrentClass] = {}
    for piece in line.pieces:
        for end in (piece.left, piece.right):
            if end.absorbing and not end.leads_on and end.point is not None:
                classes[end.point] = PointMass(
                    (end.point.position,), f"walkers converge to the point and stay: {end.side}"
                )
        if piece.stranded is not None:
            reason = "the drift leads walkers to the wall, where nothing diffuses"
            classes[piece] = PointMass((piece.stranded,), reason)
        if piece.recurrent:
            classes[piece] = DensityClass(_density(line, piece), str(piece))
    return classes


def _density(line: Line, piece: Piece | None) -> Density:
    """The law of a recurrent piece, or of the circle (None), with its error in total variation."""
    if piece is None and line.points:
        law, finer, rougher = (
            _through_gates(one, nodes)
            for one, nodes in (
                (line, NODES),
                (replace(line, grid=line.grid.refined(3)), NODES),
                (line, NODES // 2),
            )
        )
        masses = finer.probabilities.reshape(-1, 3).sum(axis=1)
        differences = np.abs(law.probabilities - masses) + np.abs(law.probabilities - rougher.probabilities)
        return replace(law, error=float(differences.sum() / 2))
    fine, rough = (_profile(line, piece, nodes) for nodes in (NODES, NODES // 2))
    shares, grid = fine.shares, line.grid
    doubt = float(np.abs(shares - rough.shares).sum() / 2 + fine.doubt) + EPSILON * grid.size  # of masses
    averages = fine.infinite or _centred(line, piece)
    values = shares / grid.cell_volume if averages else Density.from_log(grid, fine.log_values).values
    misscaled = 0.0 if averages else _misscaled(fine, grid)
    error = doubt + misscaled if misscaled > LARGEST_SHIFT else doubt  # cells too wide for values at centres
    weights = scaled(fine.log_weights)
    return LineDensity(
        grid, values, error, cell_averages=averages, masses=shares, points=fine.points, weights=weights
    )


def _misscaled(found: Profile, grid: Grid) -> float:
    """Total variation between the values at the centres, scaled to sum to 1, and those of the law itself."""
    logs, masses = (np.logaddexp.reduce(one) for one in (found.log_values, found.log_masses))
    return abs(math.expm1(min(logs + math.log(grid.cell_volume) - masses, LARGEST_EXPONENT))) / 2


def _profile(line: Line, piece: Piece | None, nodes: int) -> Profile:
    """The law in every cell of the line's grid; cells outside the piece are empty."""
    if piece is None:
        return profile_on_circle(line, nodes)
    _refuse_unresolved(piece, line.centres(piece)[0])
    return zero_flux(line, piece, nodes)


def _through_gates(line: Line, nodes: int) -> Density:
    """The law round a circle with gates, which all lead one way, at the centres."""
    logs = np.full(line.grid.cells[0], -np.inf)
    for part in line.pieces:
        w, cells = line.centres(part)
        _refuse_unresolved(part, w)
        logs[cells] = log_through_gates(line, part, w, nodes)
    _fill_gates(line, logs)
    return Density.from_log(line.grid, logs)


def _fill_gates(line: Line, logs: Array) -> None:
    """The unit current at a centre on a gate, where D = 0: p = 1 / |b|."""
    for cell in np.flatnonzero(np.isneginf(logs)):
        logs[cell] = -np.log(np.abs(line.drift(line.grid.axes[0][cell : cell + 1])[0]))


def _refuse_unresolved(piece: Piece, w: Array) -> None:
    """Refuse a piece without a centre."""
    require(w.size > 0, f"a piece between zeros of D needs a cell centre, got none in {piece}; take more cells")


def _centred(line: Line, piece: Piece | None) -> bool:
    """Whether a centre lies on an end of the piece where the density does not vanish, and so tells nothing."""
    ends = () if piece is None else (piece.left, piece.right)
    near = CENTRE_MARGIN * line.length
    return any(
        end.side is not None
        and end.side.ratio <= end.side.noise_exponent
        and float(np.abs(line.unwrap(line.grid.axes[0]) - end.position).min()) <= near
        for end in ends
    )
