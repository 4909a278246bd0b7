"""Which batches a step may see: the multisets of a data set with their chances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from scipy.special import gammaln

from theory.base.arguments.words import shown
from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.showing import told

MOST_CHOICES = 20_000  # batches or orders that are followed one by one
WAYS = ("one by one", "by their mean's law", "by a sample", "by a group", "by Gauss's rules")
MOST_DIGITS = 15  # of a number that is told in full


@dataclass(frozen=True, repr=False)
class BatchCount:
    """How many batches of a data set differ, or orders of an epoch, and what sums over them.

    Parameters
    ----------
    number
        Batches or orders; infinite beyond floats.
    way
        "one by one", "by their mean's law", "by Gauss's rules" or, of orders, "by a sample" or "by a group" of it.
    followed
        How many are followed one by one.

    Raises
    ------
    InputError
        If a number is out of range, or the way is none of these.
    """

    number: float
    way: str
    followed: int

    def __post_init__(self) -> None:
        require(self.number >= 1, f"`number` must be at least 1, got {self.number}")
        require(self.way in WAYS, f"`way` must be one of {', '.join(WAYS)}, got {shown(self.way)}")
        require(self.followed >= 0, f"`followed` must not be negative, got {self.followed}")

    @property
    def exact(self) -> bool:
        """Whether all are followed."""
        return self.way == "one by one"

    def __repr__(self) -> str:
        return told("BatchCount", number=in_words(self.number), way=self.way, followed=self.followed)


def as_float(number: int) -> float:
    """A whole number as a float, infinite beyond all."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def in_words(number: float) -> str:
    """A whole number in full, or to two digits with its power of ten."""
    if number == math.inf:
        return "inf"
    exponent = math.log10(number)
    if exponent < MOST_DIGITS:
        return str(int(number))
    whole = math.floor(exponent)
    return f"{10 ** (exponent - whole):.2g}e{whole}"


def number_of_batches(kinds: int, batch: int) -> int:
    """How many batches of `batch` examples, drawn with replacement from `kinds`, differ."""
    return math.comb(kinds + batch - 1, batch)


def multisets(chances: Array, batch: int) -> tuple[Array | None, Array]:
    """The share of each kind in each batch, (batches, kinds), and the chances of the batches, (batches,).

    No shares where a batch is one example.

    Multinomial: B! prod_i p_i^{c_i} / c_i! of counts c, sum 1 to rounding.
    """
    kinds = len(chances)
    if batch == 1:
        return None, chances / chances.sum()
    chosen = np.array(list(combinations_with_replacement(range(kinds), batch)))
    counts = np.zeros((len(chosen), kinds))
    np.add.at(counts, (np.arange(len(chosen))[:, None], chosen), 1.0)
    logs = gammaln(batch + 1) - gammaln(counts + 1).sum(axis=1) + counts @ np.log(chances)
    found = np.exp(logs)
    return counts / batch, found / found.sum()
