"""The law of the mean of a batch's numbers, where there are too many batches to go through them."""

from __future__ import annotations

import math

import numpy as np

from simulate.transition.line import cubic
from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel

FINENESS = 48  # lattice points a standard deviation of the mean
UNSEEN = 1e-16  # chance of a mean beyond the lattice
MOST_POINTS = 1 << 15  # of a lattice on a line
MOST_IN_PLANE = 256  # along each axis of a plane
ROOM = 8  # lattice points beyond


def mean_laws(numbers: Array, chances: Array, batch: int, fineness: int = FINENESS) -> tuple[Array, Array]:
    """Values (n, m) of the mean of `batch` of `numbers` (n, N), drawn with `chances` (N,), and theirs, (n, m).

    The N numbers, centred, are put on a lattice by weights that keep mean, variance and skewness; the law of the
    sum of B is the B-th power of its Fourier transform. It reaches as far as Bernstein's inequality asks, and
    what the lattice changes falls with the fourth power of its spacing.

    References
    ----------
    Bernstein's inequality as in Boucheron, Lugosi & Massart (2013), "Concentration Inequalities", section 2.8.
    """
    centre = numbers @ chances
    terms = (numbers - centre[:, None]) / batch
    std = np.sqrt(batch * (terms**2 @ chances))
    largest = np.abs(terms).max(axis=1)
    spacing, (count,), divisor = _lattices(largest[:, None], std[:, None], batch, fineness, MOST_POINTS)
    lattice = np.zeros((len(numbers), count))
    _put(lattice, terms / divisor, chances)
    law = np.fft.irfft(np.fft.rfft(lattice, axis=1) ** batch, n=int(count), axis=1)
    place = np.fft.fftfreq(count, 1 / count)
    return centre[:, None] + spacing * place, law


def mean_laws_in_plane(numbers: Array, chances: Array, batch: int, fineness: int) -> tuple[Array, Array]:
    """The same of the mean of vectors (n, N, 2): values (n, m, 2) along both axes, and chances (n, m)."""
    centre = np.einsum("nka,k->na", numbers, chances)
    terms = (numbers - centre[:, None]) / batch
    variance = batch * np.einsum("nka,k->na", terms**2, chances)
    largest, std = np.abs(terms).max(axis=1), np.sqrt(variance)
    spacing, counts, divisor = _lattices(largest, std, batch, fineness, MOST_IN_PLANE)
    first, second = (int(count) for count in counts)
    lattice = np.zeros((len(numbers), first, second))
    _put_in_plane(lattice, terms / divisor[:, None], chances)
    law = np.fft.irfft2(np.fft.rfft2(lattice) ** batch, s=(first, second))
    place = np.stack(np.meshgrid(*(np.fft.fftfreq(n, 1 / n) for n in (first, second)), indexing="ij"), axis=-1)
    values = centre[:, None] + spacing[:, None] * place.reshape(-1, 2)
    return values, law.reshape(len(numbers), -1)


def _lattices(largest: Array, std: Array, batch: int, fineness: int, most: int) -> tuple[Array, Integers, Array]:
    """Spacings of lattices that hold means, 0 where these do not vary, and their sizes, those along an axis alike.

    The third are spacings to divide by. `largest` term and standard deviation of the mean have shape (n, axes).
    """
    rare = math.log(2 / UNSEEN)
    reach = largest * rare / 3 + np.sqrt((largest * rare / 3) ** 2 + 2 * rare * std**2)
    reach = np.minimum(reach, largest * batch)
    width = np.where(std > 0, std, 1.0)
    needed = (2 * fineness * reach / width).max(axis=0) + ROOM
    mantissa, exponent = np.frexp(np.maximum(needed, 2 * ROOM))
    powers = np.ldexp(
        1.0, exponent - (mantissa == np.frexp(1.0)[0])
    )  # the least powers of two that are no smaller
    counts = np.minimum(most, powers).astype(np.int64)
    spacing = np.maximum(width / fineness, (2 * reach + ROOM * width / fineness) / counts)
    return np.where(std > 0, spacing, 0.0), counts, spacing


@kernel
def _put(lattice: Array, places: Array, chances: Array) -> None:
    """Put the chances at their places, in spacings, on a lattice that closes."""
    weights = np.empty(4)
    count = lattice.shape[1]
    for j in range(len(places)):
        for k in range(len(chances)):
            first = cubic(places[j, k], count, True, weights)
            for m in range(4):
                lattice[j, (first + m) % count] += chances[k] * weights[m]


@kernel
def _put_in_plane(lattice: Array, places: Array, chances: Array) -> None:
    """Put the chances at their places (n, N, 2), in spacings, on lattices that close along both axes."""
    one, other = np.empty(4), np.empty(4)
    rows, across = lattice.shape[1], lattice.shape[2]
    for j in range(len(places)):
        for k in range(len(chances)):
            first = cubic(places[j, k, 0], rows, True, one)
            second = cubic(places[j, k, 1], across, True, other)
            for m in range(4):
                for n in range(4):
                    share = chances[k] * one[m] * other[n]
                    lattice[j, (first + m) % rows, (second + n) % across] += share
