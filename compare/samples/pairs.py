"""Sums over all pairs of points, in blocks, so that memory does not grow with the square of their number."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from compare.samples.contract import Shifting
from theory.base.arrays import Array, Booleans, Integers
from theory.base.kernels import kernel

LARGEST_BLOCK = 2_000_000  # numbers of a block of rows of the matrix of all pairs
LABELLINGS = 256  # that a block is multiplied by at once
AT_ONCE = 1024  # points whose coordinates stay near while others meet them
SOME_PAIRS = 20_000  # that tell how the mean over pairs grows with a shift
DISTANCE, GAUSSIAN = 0, 1  # what is summed: |x - y|, or exp(-|x - y|^2 / (2 width^2))


@kernel(fastmath={"contract", "reassoc", "nsz"})
def fill_pairs(points: Array, begin: int, kind: int, width: float, out: Array) -> None:
    """The function of pairs of points (d, n), a from `begin` on and all behind it, into out (a, n - begin)."""
    for left in range(0, out.shape[1], AT_ONCE):
        for i in range(out.shape[0]):
            line = out[i, left : left + AT_ONCE]
            line[:] = 0.0
            for axis in range(points.shape[0]):
                here, column = points[axis, begin + i], points[axis, begin + left :]
                for j in range(line.shape[0]):
                    gap = column[j] - here
                    line[j] += gap * gap
            if kind == DISTANCE:
                for j in range(line.shape[0]):
                    line[j] = np.sqrt(line[j])
            else:
                for j in range(line.shape[0]):
                    line[j] = np.exp(-line[j] / (2 * width * width))


@kernel(fastmath={"contract", "reassoc", "nsz"})
def pull_pairs(points: Array, kind: int, width: float, out: Array) -> None:
    """Minus the gradient over its size of the function of z, summed over all pairs z of each point (d, n).

    z / |z| of distances, k z / width^2 of kernels, added to out (d, n).
    """
    kept = np.empty(AT_ONCE)
    for left in range(0, points.shape[1], AT_ONCE):
        for i in range(points.shape[1]):
            line = kept[: min(AT_ONCE, points.shape[1] - left)]
            line[:] = 0.0
            for axis in range(points.shape[0]):
                here, column = points[axis, i], points[axis, left:]
                for j in range(line.shape[0]):
                    gap = here - column[j]
                    line[j] += gap * gap
            for j in range(line.shape[0]):
                if kind == DISTANCE:
                    line[j] = 1 / np.sqrt(line[j]) if line[j] > 0 else 0.0
                else:
                    line[j] = np.exp(-line[j] / (2 * width * width)) / (width * width)
            for axis in range(points.shape[0]):
                here, column, total = points[axis, i], points[axis, left:], 0.0
                for j in range(line.shape[0]):
                    total += line[j] * (here - column[j])
                out[axis, i] += total


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums of a function of pairs within and between the two parts of a pooled sample, as a distance.

    The distance is `sign` times the mean over pairs within the first part and within the second, each point with
    itself included, less twice the mean between them.

    Parameters
    ----------
    points
        Shape (d, n), one row in memory for each axis.
    kind, width
        Which function, and its width.
    sign
        -1 of distances, 1 of kernels.
    chosen
        Numbers of the points of some random pairs, shape (2, m), which stand for all of them.
    """

    points: Array = field(repr=False)
    kind: int
    width: float
    sign: float
    chosen: Integers = field(repr=False)

    @staticmethod
    def of(points: Array, kind: int, width: float, sign: float, rng: np.random.Generator) -> PairSums:
        """Those of points (n, d)."""
        first = rng.integers(len(points), size=SOME_PAIRS)
        second = (first + rng.integers(1, len(points), size=SOME_PAIRS)) % len(points)
        return PairSums(np.ascontiguousarray(points.T), kind, width, sign, np.stack([first, second]))

    @property
    def number(self) -> int:
        """Points of both samples."""
        return int(self.points.shape[1])

    @property
    def fixed(self) -> Booleans:
        """None."""
        return np.zeros(self.number, dtype=np.bool_)

    def values(self, labels: Booleans) -> Array:
        """The distances for labels (k, n), shape (k,)."""
        inner, cross, outer = self._sums(labels)
        first = labels.sum(axis=1)
        second = self.number - first
        return np.asarray(self.sign * (inner / first**2 + outer / second**2 - 2 * cross / (first * second)))

    def shifting(self, labels: Booleans, values: Array, ways: Array) -> Shifting:
        """The distances after the second parts have moved: only pairs between the parts change.

        A step adds its mean over some pairs and directions, exact at any length, and to first order what the mean
        gradient across the parts of each labelling says.
        """
        first = labels.sum(axis=1)
        pull = np.einsum("kd,kd->k", labels.astype(np.float64) @ self._pulls().T, ways)
        slopes = -2 * pull / (first * (self.number - first))
        gaps = self.points[:, self.chosen[0]] - self.points[:, self.chosen[1]]
        steps = ways[np.arange(gaps.shape[1]) % len(ways)].T
        still = self._of(gaps).mean()

        def moved(length: float) -> Array:
            both = (self._of(gaps + length * steps).mean() + self._of(gaps - length * steps).mean()) / 2
            return np.asarray(values + length * slopes - 2 * self.sign * (both - still))

        return moved

    def _of(self, gaps: Array) -> Array:
        """The function of differences (d, m), shape (m,)."""
        squares = (gaps**2).sum(axis=0)
        return np.asarray(np.sqrt(squares) if self.kind == DISTANCE else np.exp(-squares / (2 * self.width**2)))

    def _pulls(self) -> Array:
        """`pull_pairs` of all points, shape (d, n)."""
        found = np.zeros_like(self.points)
        pull_pairs(self.points, self.kind, self.width, found)
        return found

    def _sums(self, labels: Booleans) -> tuple[Array, Array, Array]:
        """Sums over pairs within the first parts, between the parts, and within the second, shape (k,) each.

        Each pair is taken once: rows of a block meet themselves, and twice the points behind them.
        """
        inner, along = np.zeros(len(labels)), np.zeros(self.number)
        rows = max(1, LARGEST_BLOCK // self.number)
        block = np.empty(min(rows, self.number) * self.number)
        for begin in range(0, self.number, rows):
            width = self.number - begin
            size = min(rows, width)
            pairs = block[: size * width].reshape(size, width)
            fill_pairs(self.points, begin, self.kind, self.width, pairs)
            along[begin : begin + size] += pairs.sum(axis=1)
            along[begin + size :] += pairs[:, size:].sum(axis=0)
            pairs[:, size:] *= 2
            for k in range(0, len(labels), LABELLINGS):
                chosen = labels[k : k + LABELLINGS, begin:].astype(np.float64)
                inner[k : k + LABELLINGS] += ((chosen @ pairs.T) * chosen[:, :size]).sum(axis=1)
        from_first = labels.astype(np.float64) @ along
        return inner, from_first - inner, float(along.sum()) - 2 * from_first + inner
