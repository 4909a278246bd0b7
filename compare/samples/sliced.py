"""The sliced Wasserstein distance."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from compare.samples.contract import Shifting, splits_of
from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.base.kernels import kernel

LABELLINGS = 256  # that run along a line together


@kernel
def along_lines(sorted_values: Array, order: Integers, first: Array, up: Array, down: Array, out: Array) -> None:
    """Add integrals of |F - G| along lines, sorted (k, n), for labels `first` (n, m), 1 or 0, to out (m,)."""
    run = np.empty(out.shape[0])
    for line in range(order.shape[0]):
        run[:] = 0.0
        for j in range(order.shape[1] - 1):
            gap = sorted_values[line, j + 1] - sorted_values[line, j]
            labels = first[order[line, j]]
            for k in range(out.shape[0]):
                run[k] += labels[k] * (up[k] + down[k]) - down[k]
                out[k] += abs(run[k]) * gap


@dataclass(frozen=True)
class SlicedWasserstein:
    """The mean over random directions of the Wasserstein distance of order 1 between coordinates along them.

    Parameters
    ----------
    directions
        How many, uniform on the sphere; on a line there is one, and the distance is that of order 1 itself.

    Raises
    ------
    InputError
        If there is none.

    References
    ----------
    Rabin, Peyre, Delon & Bernot (2011), Wasserstein barycenter and its application to texture mixing; Bonneel,
    Rabin, Peyre & Pfister (2015), Sliced and Radon Wasserstein barycenters of measures.
    """

    directions: int = 100

    def __post_init__(self) -> None:
        require(
            self.directions >= 1 and self.directions % 1 == 0,
            f"`directions` must be a whole number, at least 1, got {self.directions}",
        )

    @property
    def words(self) -> str:
        """What it is, for a line of text."""
        return f"sliced Wasserstein distance, {self.directions} directions"

    def prepare(self, points: Array, labels: Booleans, rng: np.random.Generator) -> SlicedSample:
        """Points (n, d) of both samples made ready, with labels (n,); see `SampleDistance`."""
        vectors = np.ones((1, 1))
        if points.shape[1] > 1:
            vectors = rng.standard_normal((self.directions, points.shape[1]))
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return SlicedSample(vectors, vectors @ points.T)


@dataclass(frozen=True, eq=False)
class SlicedSample:
    """Directions (k, d), and the coordinates of all points along them, shape (k, n)."""

    vectors: Array = field(repr=False)
    along: Array = field(repr=False)

    @property
    def fixed(self) -> Booleans:
        """None."""
        return np.zeros(self.along.shape[1], dtype=np.bool_)

    def values(self, labels: Booleans) -> Array:
        """The distances for labels (k, n), shape (k,)."""
        order = np.argsort(self.along, axis=1)
        ordered, found = np.take_along_axis(self.along, order, axis=1), np.zeros(len(labels))
        for begin in range(0, len(labels), LABELLINGS):
            some = labels[begin : begin + LABELLINGS]
            first = np.ascontiguousarray(some.T, dtype=np.float64)
            along_lines(
                ordered, order, first, 1 / some.sum(axis=1), 1 / (~some).sum(axis=1),
                found[begin : begin + LABELLINGS],
            )  # fmt: skip
        return found / len(self.along)

    def shifting(self, labels: Booleans, values: Array, ways: Array) -> Shifting:
        """The distances of a few labellings after the second parts have moved."""
        few = labels[: splits_of(self.along.shape[1])]
        order = np.argsort(self.along, axis=1)
        parts = [_parts(order, row) for row in few]

        def moved(length: float) -> Array:
            found = []
            for row, (both, size), way in zip(few, parts, ways, strict=False):
                ordered = np.take_along_axis(self.along, both, axis=1)
                ordered[:, size:] += length * (self.vectors @ way)[:, None]
                merged = np.argsort(ordered, axis=1, kind="stable")  # which merges what is sorted
                ordered, first = np.take_along_axis(ordered, merged, axis=1), np.arange(len(row)) < size
                up, down, out = np.array([1 / size]), np.array([1 / (len(row) - size)]), np.zeros(1)
                along_lines(ordered, merged, first[:, None].astype(np.float64), up, down, out)
                found.append(float(out[0]) / len(self.along))
            return np.array(found)

        return moved


def _parts(order: Integers, row: Booleans) -> tuple[Integers, int]:
    """The points with label True in their orders (k, n) along lines, then the others; how many are first."""
    first = row[order]
    return np.concatenate([order[one].reshape(len(order), -1) for one in (first, ~first)], axis=1), int(row.sum())
