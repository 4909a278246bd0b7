"""A Markov chain on a lattice until it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.base.showing import span, told
from theory.markov.classes import recurrent_classes
from theory.markov.elimination.solve import Elimination, eliminate


@dataclass(frozen=True, eq=False)
class Walk:
    """Rates between the cells where a walk runs, and out of them.

    Parameters
    ----------
    cells
        Index of each of the n cells where the walk runs, among all.
    positions
        Lattice index of each, shape (n, d).
    generator
        Entry (i, j) is the rate from cell j to cell i; the diagonal holds all that leaves, exits included; (n, n).
    exits
        Rates into each end, shape (ends, n): the regions in their order, and last the absorbing sides.
    shares
        Share of its volume that a cell has on this side of the end, near enough, shape (n,).
    underflown
        Cell that is left and cell that is entered, -1 for an end, of moves whose rates are positive but below
        floating point numbers, shape (2, m).
    """

    cells: Integers = field(repr=False)
    positions: Integers = field(repr=False)
    generator: sparse.csc_array = field(repr=False)
    exits: Array = field(repr=False)
    shares: Array = field(repr=False)
    underflown: Integers = field(repr=False, default_factory=lambda: np.zeros((2, 0), dtype=np.int64))

    def __repr__(self) -> str:
        return told("Walk", cells=len(self.cells), rates=self.generator.nnz, exits=span(self.exits))

    @property
    def closed_classes(self) -> int:
        """How many recurrent classes never end, underflown moves being made all the same."""
        left, entered = self.underflown
        ending = self.exits.sum(axis=0) > 0
        ending[left[entered < 0]] = True
        left, entered = left[entered >= 0], entered[entered >= 0]
        more = sparse.csc_array((np.ones(len(left)), (entered, left)), shape=self.generator.shape)
        moves = sparse.csc_array(abs(self.generator)) + more
        return sum(not ending[states].any() for states in recurrent_classes(moves))

    @cached_property
    def elimination(self) -> Elimination:
        """The factors of the walk; raises `RangeExceeded` where a cell cannot be left."""
        return eliminate(self.generator, self.positions, self.exits.sum(axis=0))

    @property
    def peclet(self) -> float:
        """Median over the cells of the largest |log(rate / rate back)| of their moves; infinite one way."""
        moves = self.generator.tocoo()
        kept = (moves.row != moves.col) & (moves.data > 0)
        if not kept.any():
            return 0.0
        rows, columns, rates = moves.row[kept], moves.col[kept], moves.data[kept]
        ahead = sparse.csr_array((rates, (rows, columns)), shape=moves.shape)
        back = np.asarray(ahead.T.tocsr()[rows, columns]).ravel()
        with np.errstate(divide="ignore"):
            falls = np.abs(np.log(rates) - np.log(back))
        largest = np.zeros(len(self.cells))
        np.maximum.at(largest, columns, falls)
        return float(np.median(largest))


def walk_on(generator: sparse.csc_array, positions: Integers, ends: Sequence[Booleans]) -> Walk:
    """The walk of a chain until it enters one of the `ends`, masks of shape (states,), as cells or states.

    Raises
    ------
    InputError
        If an end is no mask of the states, is empty or overlaps another, or together they are everything.
    """
    states = generator.shape[1]
    for end in ends:
        require(
            end.shape == (states,) and end.dtype == np.bool_ and bool(end.any()),
            f"an end must be flags of {states} states, not all False, got {end.dtype} of shape {end.shape} with "
            f"{np.count_nonzero(end)} True",
        )
    times = np.sum(ends, axis=0)
    overlap, left = int(np.count_nonzero(times > 1)), int(np.count_nonzero(times == 0))
    require(overlap == 0, f"two ends must not overlap, got {overlap} states in both; shrink one")
    require(left > 0, f"a walk needs states where it goes on, got ends that hold all {states}; shrink one")
    rates = generator.tocsr()
    cells = np.flatnonzero(times == 0)
    exits: Array = np.stack([np.asarray(rates[end].sum(axis=0)).ravel()[cells] for end in ends]).astype(np.float64)
    return Walk(cells, positions[cells], rates[cells].tocsc()[:, cells], exits, np.ones(len(cells)))
