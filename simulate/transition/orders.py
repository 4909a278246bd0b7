"""Orders in which an epoch goes through a data set, batch by batch."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from theory.base.arrays import Integers


class Branches(NamedTuple):
    """The next batch of each way: the way before it, (p,), and its examples, (p, b)."""

    parents: Integers
    members: Integers


def batches_of_epoch(examples: int, batch: int) -> list[int]:
    """Sizes of the batches of an epoch; the last holds what is left."""
    whole, rest = divmod(examples, batch)
    return [batch] * whole + ([rest] if rest else [])


def number_of_orders(examples: int, batch: int) -> int:
    """In how many ways an epoch shares out the data set: N! over the factorials of the sizes of its batches."""
    whole, rest = divmod(examples, batch)
    alike: int = math.factorial(batch) ** whole * math.factorial(rest)
    return math.factorial(examples) // alike


def all_orders(examples: int, batch: int) -> list[Branches]:
    """Every way through an epoch as a tree, step by step: ways that began alike share their steps."""
    left = [tuple(range(examples))]
    levels = []
    for size in batches_of_epoch(examples, batch):
        parents, members, rest = [], [], []
        for k, some in enumerate(left):
            for chosen in combinations(some, size):
                parents.append(k)
                members.append(chosen)
                rest.append(tuple(i for i in some if i not in chosen))
        levels.append(Branches(np.array(parents), np.array(members)))
        left = rest
    return levels


def some_orders(examples: int, batch: int, orders: int, rng: np.random.Generator) -> list[Branches]:
    """So many orders, drawn anew each, as a tree that parts at its first step."""
    drawn = rng.permuted(np.tile(np.arange(examples), (orders, 1)), axis=1)
    ends = np.cumsum([0, *batches_of_epoch(examples, batch)])
    first = np.zeros(orders, dtype=np.int64)
    return [
        Branches(first if k == 0 else np.arange(orders), drawn[:, begin:end])
        for k, (begin, end) in enumerate(pairwise(ends.tolist()))
    ]
