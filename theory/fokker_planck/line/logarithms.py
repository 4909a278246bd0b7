"""Logarithms of one-dimensional densities, and who arrives where, from the exponent and the scale."""

from __future__ import annotations

import math

import numpy as np

from theory.base.arrays import Array
from theory.base.whole_numbers import doublings
from theory.fokker_planck.line.pieces import End, Line, Piece
from theory.fokker_planck.line.profile import Profile, round_circle, zero_flux
from theory.fokker_planck.line.scale import STEEPEST_PANEL, exponent
from theory.laws import Density

CLOSEST = 2.0**-23  # of the grid: distance to an end at which the leading power of the scale takes over
ONE_POWER = 0.05  # relative change of u^(power + 1) b / D towards a strong end below which F is one power
FAR_BEYOND = 100.0  # rise of F towards a strong end after which e^-F has vanished
TURN_LEFT_BY_ROUNDING = 1e-9  # of the variation of F: a rise over the whole circle that may be zero


def profile_on_circle(line: Line, nodes: int) -> Profile:
    """The density on a circle where D > 0, with its current.

    exp(B) / D times int exp(-B) over a turn ahead, B = int b / D = F + share log D; exp(-Phi) where the potential
    is known and has no rise over a turn.
    """
    w = line.grid.axes[0]
    places = np.unique(np.concatenate([w, line.grid.edges[0]]))
    path = exponent(line.coefficients, places, line.share, nodes=nodes, steepest=STEEPEST_PANEL)
    turn = path.rises.sum()
    if abs(turn) <= TURN_LEFT_BY_ROUNDING * (1 + np.abs(path.rises).sum()) and line.potential(w) is not None:
        return zero_flux(line, None, nodes)
    ahead, behind = _from_right(path.log_scales), _from_left(path.log_scales)
    to_node, past_node = path.log_partial_scales
    at_nodes = np.logaddexp(
        np.logaddexp(past_node, ahead[1:, None]), np.logaddexp(to_node, behind[:-1, None]) - turn
    )
    return round_circle(line, path, (np.logaddexp(ahead, behind - turn), at_nodes))


def log_through_gates(line: Line, piece: Piece, w: Array, nodes: int) -> Array:
    """Log density of the unit current through a piece between two gates: exp(B) / D times int exp(-B) ahead.

    Without noise it is 1 / |b|.
    """
    if piece.quiet:
        return -np.log(np.abs(line.drift(w)))
    forward = piece.right.absorbing
    end = piece.right if forward else piece.left
    sign = -1 if forward else 1
    u, kappa = _approach(line, end, sign, abs(end.position - (w[-1] if forward else w[0])))
    places = np.unique([*w, *(end.position + sign * u)])
    path = exponent(line.coefficients, places, line.share, nodes=nodes, steepest=STEEPEST_PANEL)
    levels = path.at_edges
    tail = _log_tail(line, end.position + sign * u[-1], u[-1], kappa) - levels[-1 if forward else 0]
    ahead = _from_right(path.log_scales, tail) if forward else _from_left(path.log_scales, tail)
    return (levels + ahead)[np.searchsorted(path.edges, w)] + (line.share - 1) * line.log_noise(w)


def split(line: Line, piece: Piece, initial: Density) -> tuple[float, float]:
    """Masses of the start in `piece` that end at its left and right end, both attracting."""
    left, right = piece.left.position, piece.right.position
    below, kappa_below = _approach(line, piece.left, 1, (right - left) / 4)
    above, kappa_above = _approach(line, piece.right, -1, (right - left) / 4)
    first, last = left + below[-1], right - above[-1]
    faces = line.unwrap(line.grid.edges[0])
    faces = faces[(faces > first) & (faces < last)]
    places = np.unique([*(left + below), *faces, *(right - above)])
    path = exponent(line.coefficients, places, line.share, steepest=STEEPEST_PANEL)
    # Below `first` the scale is its leading power u^(1 - kappa), and so above `last`.
    tail_below = _log_tail(line, first, below[-1], kappa_below) - path.at_edges[0]
    tail_above = _log_tail(line, last, above[-1], kappa_above) - path.at_edges[-1]
    from_left = _from_left(path.log_scales, tail_below)
    from_right = _from_right(path.log_scales, tail_above)
    whole = np.logaddexp(from_left[-1], tail_above)
    to_node, past_node = path.log_partial_scales
    middles = (path.edges[:-1] + path.edges[1:]) / 2
    cells, _ = line.grid.locate(middles[:, None])
    masses = initial.values[cells][:, None] * path.node_weights
    to_right = float((masses * np.exp(np.logaddexp(from_left[:-1, None], to_node) - whole)).sum())
    to_left = float((masses * np.exp(np.logaddexp(from_right[1:, None], past_node) - whole)).sum())
    mass_below, mass_above = mass_between(initial, left, first), mass_between(initial, last, right)
    crossing_below = mass_below * math.exp(tail_below - whole) / (2 - kappa_below)
    crossing_above = mass_above * math.exp(tail_above - whole) / (2 - kappa_above)
    return (
        to_left + (mass_below - crossing_below) + crossing_above,
        to_right + (mass_above - crossing_above) + crossing_below,
    )


def _approach(line: Line, end: End, sign: int, reach: float) -> tuple[Array, float]:
    """Distances from `reach` down to where the scale is its leading power, and u b / D at the last."""
    side = end.side
    assert side is not None
    halvings = max(1, doublings(reach / (CLOSEST * line.length)))
    u = np.ldexp(reach, -np.arange(halvings))
    kappa = sign * u * line.ratio(end.position + sign * u)
    if math.isinf(side.ratio):
        # F ~ strength u^-power / power: go on until e^-F has vanished, which may be far from u = 0.
        power = side.noise_exponent - 1 - side.drift_exponent
        strength = abs(side.drift_coefficient) / side.noise_coefficient
        leading = np.flatnonzero(np.abs(kappa * u**power + strength) < ONE_POWER * strength)
        if leading.size:
            u = u[: leading[0] + 1]
            u = np.append(u, (u[-1] ** -power + FAR_BEYOND * power / strength) ** (-1 / power))
            kappa = sign * u * line.ratio(end.position + sign * u)
    return u, float(kappa[-1])


def _log_tail(line: Line, w: float, u: float, kappa: float) -> float:
    """Logarithm of int e^-F D^-share from `w` to an end at the distance `u`, a power of it; F from `w`."""
    return math.log(u / (1 - kappa)) - line.share * float(line.log_noise(np.array([w]))[0])


def _from_left(logs: Array, start: float = -np.inf) -> Array:
    """Logarithms of the sums before each edge, beginning with `start`."""
    return np.logaddexp.accumulate(np.concatenate([[start], logs]))


def _from_right(logs: Array, start: float = -np.inf) -> Array:
    """Logarithms of the sums behind each edge, ending with `start`."""
    return _from_left(logs[::-1], start)[::-1]


def mass_between(initial: Density, lower: float, upper: float) -> float:
    """Mass of `initial`, constant on its cells, between two points, perhaps a turn below the grid."""
    grid = initial.grid
    length = grid.upper[0] - grid.lower[0]
    cumulative = np.concatenate([[0.0], np.cumsum(initial.values * grid.cell_volume)])
    turns, rest = np.divmod(np.array([lower, upper]) - grid.lower[0], length)
    below = turns * cumulative[-1] + np.interp(rest, grid.edges[0] - grid.lower[0], cumulative)
    return float(below[1] - below[0])
