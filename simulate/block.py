"""A block of walkers: the arrays that compiled loops change, the numbers that they share, and what Python adds.

Loops take arrays out of a record once: doing so counts a reference, which in an inner loop is what costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulate.watch import Watch
from theory.base.arrays import Array, Integers


class Block(NamedTuple):
    """The arrays of a block of n walkers in d dimensions, which the loops change in place.

    Parameters
    ----------
    w, v
        Positions and velocities, shape (d, n).
    scratch
        Rows that the formula fills, shape (rows, n).
    noise
        Random numbers of a step, shape (channels, n).
    order
        Each walker's order of the N examples, shape (n, N), shuffled as far as it is read; with no column they are
        drawn with replacement.
    place
        Examples of the epoch that are used, and steps made, shape (2,).
    x, y
        Examples, shapes (N, m) and (N,).
    torus
        Lower ends and periods of the axes, 0 for an open one, shape (2, d).
    settled, lost
        Step at which each walker had its event or diverged, and at which it diverged, -1 before, shape (n,).
    """

    w: Array
    v: Array
    scratch: Array
    noise: Array
    order: NDArray[np.int32]
    place: Integers
    x: Array
    y: Array
    torus: Array
    settled: Integers
    lost: Integers


class Examples(NamedTuple):
    """The law of the examples of a batch; infinite degrees are those of normal numbers."""

    loss_scale: float
    noise_std: float
    label_std: float  # of what is added to the labels
    outputs: int
    input_degrees: float
    label_degrees: float


class Changes(NamedTuple):
    """What variants make of the gradient of a batch.

    Parameters
    ----------
    momentum
        Heavy-ball momentum.
    look_ahead
        How far along the velocity the gradient is taken.
    rows
        Independent numbers added to every component, one law a row: kind, scale, index, skew; shape (k, 4).
    matrix
        The preconditioner, shape (d, d), or (0, 0) for none.
    rules, memory
        The step rules, one a row, shape (k, 4), and what they average, shape (m, d, n).
    """

    momentum: float
    look_ahead: float
    rows: Array
    matrix: Array
    rules: Array
    memory: Array


@dataclass(frozen=True, eq=False)
class Walkers:
    """A block as a run hands it over.

    Parameters
    ----------
    w
        Positions, shape (d, n).
    stream
        Random numbers of the block.
    first
        Number of the first walker among all of the run.
    watch
        The region that is watched, and what was seen of these walkers.
    """

    w: Array
    stream: np.random.Generator
    first: int
    watch: Watch | None

    @property
    def number(self) -> int:
        """How many they are."""
        return int(self.w.shape[1])
