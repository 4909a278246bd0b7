"""First passages on a line by quadrature of the scale and the speed, in logarithms and without subtraction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.base.arrays import Array, Booleans
from theory.base.errors import require
from theory.base.rounding import EPSILON, LARGEST_NUMBER
from theory.equations.protocol import Equation
from theory.fokker_planck.line import NODES, STEEPEST_PANEL, Exponent, Line, exponent
from theory.fokker_planck.passages.intervals import WALL, Interval, intervals
from theory.laws import Field, Grid
from theory.laws.region import Region
from theory.points.degenerate import find_degenerate_points

ROUNDING_OF_LOGARITHMS = 4 * EPSILON  # of a logarithm, each time that something is added to it
LARGEST = float(np.log(LARGEST_NUMBER))


def free_intervals(
    equation: Equation, grid: Grid, open_sides: Booleans, regions: tuple[Region, ...]
) -> tuple[Interval, ...] | None:
    """The intervals where walkers run, or None where the noise vanishes in one of them.

    Raises
    ------
    InputError
        If D is not valid.
    """
    found = intervals(grid, open_sides, regions)
    turn = grid.upper[0] - grid.lower[0]
    for point in find_degenerate_points(equation, grid.lower[0], grid.upper[0]):
        for x in (point.position, point.position + turn) if grid.periodic[0] else (point.position,):
            if any(one.lower <= x <= one.upper for one in found):
                return None
    return found


def passage_times_line(equation: Equation, grid: Grid, found: tuple[Interval, ...]) -> tuple[Field, Field]:
    """Mean and standard deviation of the time to the ends of the intervals, exact but for quadrature.

    The mean is the integral of Green's function, which is made of scale functions; the variance is that mean of
    2 D m'^2, with m the mean. Both relative errors are those of rounding, however high the barriers.

    Raises
    ------
    InputError
        If a time is above the largest floating point number, or a coefficient is not finite.

    References
    ----------
    Karlin & Taylor (1981), "A second course in stochastic processes", chapter 15.3; Gardiner (2004), chapter 5.5.
    """

    def times(scale: Scale) -> tuple[Array, Array]:
        mean, slope = scale.collected(np.zeros(scale.path.partial_rises.shape))
        variance, _ = scale.collected(np.log(2) + scale.path.log_noise + 2 * slope)
        return mean, variance / 2

    mean, deviation = _fields(equation, grid, found, times, 2)
    return mean, deviation


def committor_line(equation: Equation, grid: Grid, found: tuple[Interval, ...], number: int) -> Field:
    """Probability that the first end that is met is the region of this `number`: ratios of scale functions.

    Raises
    ------
    InputError
        If a coefficient is not finite.
    """

    def chance(scale: Scale) -> tuple[Array]:
        return (scale.arrivals(number),)

    (field,) = _fields(equation, grid, found, chance, 1)
    return field


@dataclass(frozen=True, eq=False)
class Scale:
    """The exponent of a line between the ends of an interval, with its integrals."""

    interval: Interval
    path: Exponent

    @staticmethod
    def of(line: Line, interval: Interval, centres: Array, nodes: int) -> Scale:
        """The scale on panels that end at the centres."""
        edges = np.unique([interval.lower, *centres, interval.upper])
        path = exponent(line.coefficients, edges, line.share, nodes=nodes, steepest=STEEPEST_PANEL)
        return Scale(interval, path)

    def collected(self, logs: Array) -> tuple[Array, Array]:
        """Logarithm of the mean of int exp(`logs`) dt until an end is met, at the edges, and of its slope.

        `logs` at the nodes; the size of the slope also at the nodes.
        """
        speed = self.path.at_nodes - self.path.log_noise + logs
        left, right = self.interval.left != WALL, self.interval.right != WALL
        below, above = self.scales
        if left and right:
            risen, fallen = self._sums(speed + below[1])[0], self._sums(speed + above[1])[1]
            whole = below[0][-1]
            mean = np.logaddexp(above[0] + risen[0], below[0] + fallen[0]) - whole
            return mean, -self.path.at_nodes - whole + _log_gap(risen[1], fallen[1])
        before, after = self._sums(speed)
        slope = -self.path.at_nodes + (before[1] if right else after[1])
        to_left, to_right = self._sums(slope)
        return (to_right[0] if right else to_left[0]), slope

    def arrivals(self, number: int) -> Array:
        """Logarithm of the probability that the end that is met has this number, at the edges."""
        below, above = self.scales
        hits = [end == number for end in (self.interval.left, self.interval.right)]
        walls = [end == WALL for end in (self.interval.left, self.interval.right)]
        none = np.full(len(self.path.edges), -np.inf)
        if all(hit or wall for hit, wall in zip(hits, walls, strict=True)):
            return np.zeros(len(none)) if any(hits) else none
        if not any(hits) or any(walls):
            return none
        chance: Array = (above if hits[0] else below)[0] - below[0][-1]
        return chance

    @cached_property
    def scales(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Logarithms of int exp(-F) from the lower end on, and up to the upper end; each at edges and nodes."""
        return self._sums(-self.path.at_nodes)

    def _sums(self, logs: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        whole, before, after = self.path.log_integrals(logs)
        start = [-np.inf]
        up = np.logaddexp.accumulate(np.concatenate([start, whole]))
        down = np.logaddexp.accumulate(np.concatenate([start, whole[::-1]]))[::-1]
        return (up, np.logaddexp(up[:-1, None], before)), (down, np.logaddexp(down[1:, None], after))

    @property
    def rounding(self) -> float:
        """What rounding leaves of a sum of logarithms along the interval."""
        size = 1 + np.abs(self.path.at_edges).max()
        return float(ROUNDING_OF_LOGARITHMS * size * np.sqrt(len(self.path.edges)))


def _log_gap(a: Array, b: Array) -> Array:
    """Logarithm of |exp(a) - exp(b)|, whose error is that of the larger one."""
    high, low = np.maximum(a, b), np.minimum(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap: Array = high + np.log(-np.expm1(low - high))
    return np.where(np.isneginf(high), -np.inf, gap)


def _fields(
    equation: Equation,
    grid: Grid,
    found: tuple[Interval, ...],
    solve: Callable[[Scale], tuple[Array, ...]],
    count: int,
) -> list[Field]:
    """What `solve` says in logarithms at the edges, at the centres, 0 outside; the error from half the nodes."""
    line = Line(equation, grid, ())
    logs = [np.full(grid.size, -np.inf) for _ in range(count)]
    errors = [np.zeros(grid.size) for _ in range(count)]
    for interval in found:
        cells, w = interval.cells(grid)
        if not len(cells):
            continue
        fine, rough = (Scale.of(line, interval, w, nodes) for nodes in (NODES, NODES // 2))
        for k, (values, other) in enumerate(zip(solve(fine), solve(rough), strict=True)):
            logs[k][cells] = values[np.searchsorted(fine.path.edges, w)]
            other = other[np.searchsorted(rough.path.edges, w)]
            with np.errstate(invalid="ignore"):
                gap = np.where(np.isneginf(other), 0.0, np.abs(logs[k][cells] - other))
            errors[k][cells] = gap + fine.rounding
    top = max(float(one.max()) for one in logs)
    require(
        top < LARGEST,
        f"mean times must be below the largest floating point number, got exp({top:.6g}): raise the temperature",
    )
    return [
        Field(grid, np.exp(one), np.exp(one) * np.expm1(error)) for one, error in zip(logs, errors, strict=True)
    ]
