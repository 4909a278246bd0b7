"""Stationary and limit laws in one dimension: integrals in logarithms, piece by piece between zeros of D."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from theory.base.arrays import Booleans
from theory.base.errors import require
from theory.equations.protocol import Equation
from theory.fokker_planck.line.logarithms import mass_between, split
from theory.fokker_planck.line.pieces import Line, Piece
from theory.fokker_planck.line.recurrent import LARGEST_SHIFT, Home, SolvedLine, solved_line
from theory.laws import Density, DensityClass, Grid, LimitLaw, NoStationaryDensity, PointMass
from theory.laws.limit_law import RecurrentClass
from theory.laws.tails import power_tails

NEGLIGIBLE = 1e-14  # of the mass: what of a start's tails the drift leads to a wall
EQUAL_DENSITIES = 1e-9  # relative, of two density values that may be equal


def stationary_line(
    sde: Equation, grid: Grid, walls: Booleans | None = None, solved: SolvedLine | None = None
) -> Density:
    """The stationary density of a one-dimensional equation: zero flux, or a constant current on a circle.

    p = D^(share - 1) exp(F) at the centres with F = int h / D, where the Ito drift is h + share D' (exp(-Phi)
    where the potential is known): right also where D jumps, as F does not. On a circle p = exp(B) / D times
    int exp(-B) over one turn ahead, B = F + share log D. Gauss-Legendre panels, logarithms, no subtraction.
    `error` is that of the masses, which are known beside the values: the distance to half the quadrature nodes.
    `walls` says which sides were asked for, shape (1, 2): there the density may be largest.

    Raises
    ------
    NoStationaryDensity
        If there is not exactly one recurrent class, it is a point or has infinite mass, or its density is
        largest at a wall or not resolved by the grid. `classes` holds the recurrent classes.
    InputError
        If D is not valid or the equation does not say what happens at one of its zeros.

    References
    ----------
    Gardiner, Handbook of Stochastic Methods (2004), chapter 5.3; Risken, The Fokker-Planck Equation (1989),
    chapter 11.3.
    """
    solved = solved or solved_line(sde, grid)
    line, classes = solved.line, solved.classes
    for piece in line.pieces:
        _refuse_stranded(piece, walls)
    found = tuple(classes.values())
    if len(found) != 1 or isinstance(found[0], PointMass) or any(piece.null for piece in line.pieces):
        raise NoStationaryDensity(_why_none(line, found), found)
    held = _held(line, walls)
    _refuse_unfit(*next(iter(classes.items())), held)
    return replace(found[0].law, walls=((bool(held[0]), bool(held[1])),))


def limit_law_line(
    sde: Equation, grid: Grid, initial: Density, walls: Booleans | None = None, solved: SolvedLine | None = None
) -> LimitLaw:
    """The law at infinite time from `initial`: recurrent classes with the probabilities to end up in them.

    Mass between two attracting ends is split by the scale function, e^-F integrated in logarithms with its
    leading power at the ends; mass at a one-way gate passes on; the rest follows from the signs of exponents.
    `initial` counts as constant on its cells; a cell that a zero of D cuts is cut. `walls`: shape (1, 2).

    Raises
    ------
    NoStationaryDensity
        If mass goes where the zero-flux density is infinite, or to a law that is largest at a wall or not
        resolved by the grid.
    InputError
        If `initial` lives on another grid, or as in `stationary_line`.
    """
    require(initial.grid == grid, f"`initial` must live on {grid}, got {initial.grid}")
    solved = solved or solved_line(sde, grid)
    line, classes = solved.line, solved.classes
    arrived: dict[Home, float] = {}

    def settle(piece: Piece, mass: float) -> None:
        """Send the mass that starts in `piece`, or enters it, to where it ends."""
        ends = piece.absorbing_ends
        if not ends:
            arrived[piece] = arrived.get(piece, 0.0) + mass
        shares = split(line, piece, initial) if len(ends) == 2 else (mass,) * len(ends)
        for end, share in zip(ends, shares, strict=True):
            if end.leads_on:
                settle(line.behind(piece, end), share)  # which has no second end that attracts
            elif end.point is not None:
                arrived[end.point] = arrived.get(end.point, 0.0) + share

    total = mass_between(initial, grid.lower[0], grid.upper[0])
    if line.circulates:
        arrived[None] = total
    else:
        for piece in line.pieces:
            settle(piece, mass_between(initial, piece.left.position, piece.right.position))
    for home, mass in list(arrived.items()):
        if isinstance(home, Piece) and home.stranded is not None and mass <= NEGLIGIBLE * total:
            del arrived[home]
        elif mass > 0 and isinstance(home, Piece) and home.null:
            raise NoStationaryDensity(
                f"no limit law: mass {mass:.3g} spreads for ever in {home}, where the zero-flux density has "
                "infinite mass; choose another start or change the drift",
                tuple(classes.values()),
            )
        elif mass > 0:
            if isinstance(home, Piece):
                _refuse_stranded(home, walls)
            _refuse_unfit(home, classes[home], _held(line, walls))
    reached = {home: c for home, c in classes.items() if arrived.get(home, 0.0) > 0}
    return LimitLaw(grid, tuple(reached.values()), tuple(arrived[home] / total for home in reached))


def _held(line: Line, walls: Booleans | None) -> Booleans:
    """The two sides that may hold a law: walls that were asked for, and poles of the drift, shape (2,)."""
    return np.asarray(line.natural_sides[0] if walls is None else walls[0] | line.natural_sides[0])


def _refuse_stranded(piece: Piece, walls: Booleans | None) -> None:
    """Refuse a piece without noise whose drift ends at a wall that nobody asked for."""
    wall = piece.stranded
    asked = walls is not None and walls[0, 0 if piece.left.position == wall else 1]
    if wall is not None and not asked:
        raise NoStationaryDensity(
            f"no stationary density: on {piece} nothing diffuses, and the drift leads walkers to the wall "
            f"{wall:.6g}, where they stay; widen the grid, check that the drift confines, or ask for the wall by "
            "boundary=Reflecting()"
        )


def _refuse_unfit(home: Home, found: RecurrentClass, held: Booleans) -> None:
    """Refuse a density that the grid does not resolve, or that is largest at a wall that nobody asked for."""
    if isinstance(found, PointMass):
        return
    law = found.law
    if (law.error or 0.0) > LARGEST_SHIFT:
        raise NoStationaryDensity(
            f"the grid does not resolve the density on {found.region}: values at the centres miss it by "
            f"{law.error:.2g} in total variation, cells being too wide; take more than {law.grid.cells[0]} cells",
            (found,),
            law,
        )
    if not isinstance(home, Piece):
        return
    inside = law.values[1:-1].max(initial=0.0) * (1 + EQUAL_DENSITIES)
    for end, cell, known in ((home.left, 0, held[0]), (home.right, -1, held[1])):
        if not known and end.side is None and law.values.size > 2 and law.values[cell] > inside:
            raise NoStationaryDensity(
                f"the density on {found.region} is largest at the wall {end.position:.6g}, with "
                f"{law.probabilities[cell]:.3g} of the mass in that cell; widen the grid, check that the "
                "drift confines, or ask for the wall by boundary=Reflecting()",
                (found,),
                law,
            )
    for tail in power_tails(law):
        end, known = (home.left, held[0]) if tail.side == law.grid.lower[0] else (home.right, held[1])
        if not known and end.side is None and tail.moment == "mass":
            raise NoStationaryDensity(
                f"the density on {found.region} rests on the wall {tail.side:.6g}: it falls there like "
                f"distance^-{tail.power:.3g}, which has infinite mass beyond; check that the drift confines, or "
                "ask for the wall by boundary=Reflecting()",
                (found,),
                law,
            )


def _why_none(line: Line, classes: tuple[RecurrentClass, ...]) -> str:
    """The reason why there is no unique stationary density."""
    parts = [
        f"a density on {c.region}" if isinstance(c, DensityClass) else f"a point mass at {c.position[0]:.6g}"
        for c in classes
    ]
    parts += [f"infinite mass on {piece}" for piece in line.pieces if piece.null]
    barriers, gates = (
        ", ".join(f"{point.position:.6g}" for point in line.points if point.drift_vanishes == still)
        for still in (True, False)
    )
    crossed = (f"; never crossed: {barriers}" if barriers else "") + (
        f"; crossed by drift alone, one way: {gates}" if gates else ""
    )
    return (
        f"no unique stationary density, recurrent classes: {len(classes)} ({', '.join(parts)}){crossed}; "
        "take the limit law from an initial density, or a grid with one class"
    )
