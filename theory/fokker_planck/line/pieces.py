"""A line cut at its degenerate points, and what each piece does with the walkers on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.equations.protocol import Equation, plain_drift, share_of
from theory.laws import Grid
from theory.points.degenerate import DegeneratePoint, Feller, Side, drift, find_degenerate_points, noise

CENTRE_MARGIN = 1e-9  # of the grid: a centre so close to a degenerate point lies on it


@dataclass(frozen=True)
class End:
    """One end of a piece: a wall, or one side of a degenerate point.

    Parameters
    ----------
    point, side
        The point and the side of it that lies in the piece; None at a wall.
    leads_on
        Whether walkers that arrive pass on into the next piece; otherwise they stay at the point.
    """

    position: float
    point: DegeneratePoint | None = None
    side: Side | None = None
    leads_on: bool = False

    @property
    def absorbing(self) -> bool:
        """Whether walkers converge to this end; a regular side that the drift does not lead through is a wall."""
        if self.side is None or not self.side.attracting:
            return False
        return self.leads_on or self.side.feller is not Feller.REGULAR

    @property
    def integrable(self) -> bool:
        """Whether the zero-flux density has finite mass at this end."""
        return self.side is None or self.side.integrable


@dataclass(frozen=True)
class Piece:
    """An open interval free of degenerate points; on a circle it may begin below the grid."""

    left: End
    right: End

    @property
    def absorbing_ends(self) -> tuple[End, ...]:
        """The ends that walkers converge to: 0, 1 or 2."""
        return tuple(end for end in (self.left, self.right) if end.absorbing)

    @property
    def quiet(self) -> bool:
        """Whether there is no noise in it: the drift takes all walkers to one end."""
        return any(end.side is not None and end.side.quiet for end in (self.left, self.right))

    @property
    def recurrent(self) -> bool:
        """Whether it holds a stationary law of its own."""
        return not (self.quiet or self.absorbing_ends) and self.left.integrable and self.right.integrable

    @property
    def null(self) -> bool:
        """Whether walkers stay for ever but have no law: the zero-flux density has infinite mass."""
        return not (self.quiet or self.absorbing_ends or self.recurrent)

    @property
    def stranded(self) -> float | None:
        """The wall that the drift takes all walkers to, where nothing moves them on; None where there is none."""
        if not self.quiet or self.absorbing_ends:
            return None
        return self.left.position if self.left.side is None else self.right.position

    def __str__(self) -> str:
        return f"({self.left.position:.6g}, {self.right.position:.6g})"


@dataclass(frozen=True)
class Line:
    """A one-dimensional equation on a grid with its degenerate points, ordered from left to right."""

    sde: Equation
    grid: Grid
    points: tuple[DegeneratePoint, ...]

    @staticmethod
    def of(sde: Equation, grid: Grid) -> Line:
        """The line of `sde` on `grid`.

        Raises
        ------
        InputError
            If the dimension is not 1 or the equation does not say what happens at a zero of D.
        """
        require(grid.dim == 1 and sde.dim == 1, f"a line has 1 dimension, got {sde.dim} on a {grid.dim}-d grid")
        points = find_degenerate_points(sde, grid.lower[0], grid.upper[0])
        if grid.periodic[0] and len(points) > 1 and points[0].left is None and points[-1].right is None:
            seam = DegeneratePoint(points[0].position, points[-1].left, points[0].right)
            points = (seam, *points[1:-1])
        for point in points:
            require(
                len(point.sides) == 2 or not grid.periodic[0],
                f"D must be periodic on a circle, got a zero at {point.position:.6g} with one side only",
            )
            _refuse_undetermined(point)
        return Line(sde, grid, points)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces from left to right; on a circle the first begins at the last point; none without points."""
        if self.grid.periodic[0]:
            before = [(p, p.position - self.length) for p in self.points[-1:]]
            marks = before + [(p, p.position) for p in self.points]
            ends = [(self._end(p, x, "left"), self._end(p, x, "right")) for p, x in marks]
        else:
            lower, upper = self.grid.lower[0], self.grid.upper[0]
            ends = [(self._end(p, p.position, "left"), self._end(p, p.position, "right")) for p in self.points]
            if not self.points or self.points[0].position > lower:
                ends.insert(0, (End(lower), End(lower)))
            if not self.points or self.points[-1].position < upper:
                ends.append((End(upper), End(upper)))
        return tuple(Piece(start[1], stop[0]) for start, stop in pairwise(ends))

    @property
    def length(self) -> float:
        """Length of the grid."""
        return self.grid.upper[0] - self.grid.lower[0]

    @property
    def circulates(self) -> bool:
        """Whether walkers run round a circle for ever: no degenerate point, or gates that all point one way."""
        directions = {point.direction for point in self.points}
        return self.grid.periodic[0] and (not directions or directions in ({1}, {-1}))

    @cached_property
    def natural_sides(self) -> Booleans:
        """Whether the drift has a pole at each side of the grid, which is then no mere end of it, shape (1, 2)."""
        sides = np.array([self.grid.lower[0], self.grid.upper[0]])
        with np.errstate(all="ignore"):
            poles = np.isinf(self.coefficients(sides)[0])
        quiet = [bool(self.pieces) and self.pieces[end].quiet for end in (0, -1)]
        return np.array([poles & ~np.array(quiet)])

    def behind(self, piece: Piece, end: End) -> Piece:
        """The piece behind an end of `piece`."""
        step = 1 if end is piece.right else -1
        return self.pieces[(self.pieces.index(piece) + step) % len(self.pieces)]

    def unwrap(self, w: Array) -> Array:
        """`w` of the grid in the coordinate of the pieces. Shape of `w`."""
        if not (self.grid.periodic[0] and self.pieces):
            return w
        return np.where(w > self.pieces[-1].right.position, w - self.length, w)

    def centres(self, piece: Piece) -> tuple[Array, Integers]:
        """Centres strictly inside `piece`, increasing in its coordinate, and the cells they belong to.

        Shape (n,) each.
        """
        w = self.unwrap(self.grid.axes[0])
        margin = CENTRE_MARGIN * self.length  # a centre on a degenerate point belongs to no piece
        cells: Integers = np.flatnonzero((w > piece.left.position + margin) & (w < piece.right.position - margin))
        cells = cells[np.argsort(w[cells])]
        return w[cells], cells

    @property
    def share(self) -> float:
        """Share of D' in the Ito drift b = h + share D'."""
        return share_of(self.sde)

    def coefficients(self, w: Array) -> tuple[Array, Array]:
        """The derivative h / D of the exponent, and log D: finite where D jumps, as b is not.

        Shape of `w` each.
        """
        points = self._wrapped(w)
        with np.errstate(all="ignore"):
            spread = noise(self.sde, points)
            pull = np.asarray(plain_drift(self.sde, points[..., None])[..., 0], dtype=np.float64)
            return pull / spread, np.log(spread)

    def ratio(self, w: Array) -> Array:
        """The Ito drift over the noise, b / D. Shape of `w`."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.drift(w) / noise(self.sde, self._wrapped(w))

    def drift(self, w: Array) -> Array:
        """The Ito drift b. Shape of `w`."""
        return drift(self.sde, self._wrapped(w))

    def log_noise(self, w: Array) -> Array:
        """Logarithm of D. Shape of `w`."""
        with np.errstate(divide="ignore"):
            return np.log(noise(self.sde, self._wrapped(w)))

    def potential(self, w: Array) -> Array | None:
        """Phi with (b - D') / D = -Phi', or None. Shape of `w`."""
        return self.sde.potential(self._wrapped(w)[..., None])

    def _wrapped(self, w: Array) -> Array:
        return self.grid.wrap(w[..., None])[..., 0]

    def _end(self, point: DegeneratePoint, position: float, facing: str) -> End:
        """The end at `point` of the piece on its left or right."""
        side = point.left if facing == "left" else point.right
        outward = 1 if facing == "left" else -1
        leads_on = len(point.sides) == 2 and point.direction == outward
        return End(position, point, side, leads_on)


def _refuse_undetermined(point: DegeneratePoint) -> None:
    """Refuse a zero of D where the equation has several solutions."""
    types = {side.feller for side in point.sides}
    attracts = any(side.attracting for side in point.sides)
    open_question = (
        point.drift_vanishes
        and len(point.sides) == 2
        and (Feller.REGULAR in types or (Feller.ENTRANCE in types and attracts))
    )
    require(
        point.noise_exponent >= 1 and not open_question,
        f"at {point.position:.6g} the equation does not determine whether walkers stay or leave "
        f"({'; '.join(map(str, point.sides))}); D must vanish at least like u, the drift like u if at all",
    )
