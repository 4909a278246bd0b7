"""A law between its cell centres: local polynomials of the logarithm, along one axis after the other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Booleans, Integers
from theory.base.kernels import kernel

SHORT = 5  # cells of a window that shows whether log p is smooth; axes of fewer cells are taken as they are


class LocalFit:
    """Positive values anywhere in the cells, of order `degree` + 1, from values at the centres.

    log p is interpolated by Lagrange's polynomial through the `degree` + 1 centres next to the cell, along each
    axis: a normal law comes out exactly, however narrow. At walls, and beside cells without mass, the window stays
    on the side of the cell; periodic axes go round.

    Parameters
    ----------
    logs
        log p at the centres, -inf where there is no mass.
    """

    def __init__(self, logs: Array, periodic: tuple[bool, ...], degree: int) -> None:
        self.logs, self.degree = logs, degree
        self._windows = [
            _windows(np.isfinite(logs), axis, wraps, degree + 1 if logs.shape[axis] >= SHORT else 1)
            for axis, wraps in enumerate(periodic)
        ]

    def misses(self) -> Array:
        """By how much log p at each centre misses the polynomial of the other centres of its window.

        Summed over the axes; 0 along axes of fewer than 5 cells.
        """
        missed = np.zeros(self.logs.shape)
        held = np.isfinite(self.logs)
        for axis in range(self.logs.ndim):
            if self.logs.shape[axis] >= SHORT:
                foreseen = self._apply(self.logs, axis, _weights_of_others(self.degree + 1))
                missed[held] += np.abs(foreseen[held] - self.logs[held])
        return missed

    @property
    def narrow(self) -> Booleans:
        """Cells with mass whose window along some axis is too short to foresee its own centres."""
        found = np.zeros(self.logs.shape, dtype=bool)
        for axis, (_, width) in enumerate(self._windows):
            moved = np.moveaxis(self.logs, axis, -1)
            short = (width < min(SHORT, moved.shape[-1])).reshape(moved.shape)
            found |= np.moveaxis(short, -1, axis)
        return found & np.isfinite(self.logs)

    def nodes(self, order: int) -> Iterator[tuple[Array, float, Array]]:
        """Places in a cell (d,) from -1/2 to 1/2, their Gauss weights, and the values there in all cells."""
        places, weights = np.polynomial.legendre.leggauss(order)
        chosen = list(zip(places / 2, weights / 2, strict=True))
        yield from self._nodes(self.logs, 0, chosen, (), 1.0)

    def at(self, place: tuple[float, ...]) -> Array:
        """The values at one place in all cells, (d,) from -1/2 to 1/2."""
        with np.errstate(over="ignore"):
            return np.exp(self.logs_at(place))

    def logs_at(self, place: tuple[float, ...]) -> Array:
        """Their logarithms there."""
        logs = self.logs
        for axis, x in enumerate(place):
            logs = self._along(logs, axis, x)
        return logs

    def matrix(self, place: float) -> sparse.csr_array:
        """What takes the logarithms of a line to those at one place in every cell; rows of 0 without mass."""
        (first, width), n = self._windows[0], self.logs.size
        offsets, size = np.arange(self.degree + 1), width[0]
        cell = np.where(size > 0, np.arange(n) - first[0], 0)
        weights = _weights(self.degree + 1, place)[size, cell] * (offsets < size[:, None])
        columns = (first[0][:, None] + offsets) % n
        rows = np.repeat(np.arange(n), offsets.size)
        return sparse.csr_array((weights.ravel(), (rows, columns.ravel())), shape=(n, n))

    def _nodes(
        self, logs: Array, axis: int, chosen: list[tuple[float, float]], place: tuple[float, ...], weight: float
    ) -> Iterator[tuple[Array, float, Array]]:
        if axis == self.logs.ndim:
            with np.errstate(over="ignore"):  # a rough law may swing beyond all numbers: its caller looks
                yield np.array(place), weight, np.exp(logs)
            return
        for x, w in chosen:
            yield from self._nodes(self._along(logs, axis, x), axis + 1, chosen, (*place, x), weight * w)

    def _along(self, logs: Array, axis: int, place: float) -> Array:
        """Log values at the same place along one axis in every cell."""
        return self._apply(logs, axis, _weights(self.degree + 1, place))

    def _apply(self, logs: Array, axis: int, weights: Array) -> Array:
        moved = np.ascontiguousarray(np.moveaxis(logs, axis, -1))
        found = np.empty_like(moved)
        lines = (-1, moved.shape[-1])
        first, width = self._windows[axis]
        _interpolate(moved.reshape(lines), first, width, weights, found.reshape(lines))
        return np.moveaxis(found, -1, axis)


def _windows(held: Booleans, axis: int, periodic: bool, most: int) -> tuple[Integers, Integers]:
    lines = np.ascontiguousarray(np.moveaxis(held, axis, -1)).reshape(-1, held.shape[axis])
    first, width = np.zeros(lines.shape, dtype=np.int64), np.zeros(lines.shape, dtype=np.int64)
    _find_windows(lines, periodic, most, first, width)
    return first, width


@cache
def _weights(most: int, place: float) -> Array:
    """Lagrange's weights at `cell + place` for windows 0, ..., width - 1, shape (width, cell, window)."""
    weights = np.zeros((most + 1, most, most))
    for width, cell, k in product(range(1, most + 1), range(most), range(most)):
        if cell < width and k < width:
            factors = [(cell + place - j) / (k - j) for j in range(width) if j != k]
            weights[width, cell, k] = np.prod(factors)
    return weights


@cache
def _weights_of_others(most: int) -> Array:
    """Lagrange's weights at a centre from the others of its window, shape (width, cell, window)."""
    weights = np.zeros((most + 1, most, most))
    for width, cell, k in product(range(1, most + 1), range(most), range(most)):
        if cell < width and k < width and k != cell:
            weights[width, cell, k] = np.prod([(cell - j) / (k - j) for j in range(width) if j not in (k, cell)])
    return weights


@kernel
def _find_windows(held: Booleans, periodic: bool, most: int, first: Integers, width: Integers) -> None:
    """First cell and width, up to `most`, of the window about each cell in which every cell has mass."""
    lines, cells = held.shape
    for line in range(lines):
        for cell in range(cells):
            if not held[line, cell]:
                continue
            left = 0
            while left < most - 1 and (periodic or cell - left > 0) and held[line, (cell - left - 1) % cells]:
                left += 1
            right = 0
            while (
                right < most - 1
                and (periodic or cell + right + 1 < cells)
                and held[line, (cell + right + 1) % cells]
            ):
                right += 1
            size = min(most, left + right + 1, cells)
            first[line, cell] = cell - min(left, max(size // 2, size - 1 - right))
            width[line, cell] = size


@kernel
def _interpolate(logs: Array, first: Integers, width: Integers, weights: Array, found: Array) -> None:
    lines, cells = logs.shape
    for line in range(lines):
        for cell in range(cells):
            size, start = width[line, cell], first[line, cell]
            if size == 0:
                found[line, cell] = -np.inf
                continue
            summed = 0.0
            for k in range(size):
                summed += weights[size, cell - start, k] * logs[line, (start + k) % cells]
            found[line, cell] = summed
