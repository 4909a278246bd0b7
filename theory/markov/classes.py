"""The recurrent classes of a Markov chain."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from theory.base.arrays import Integers


def recurrent_classes(generator: sparse.csc_array) -> list[Integers]:
    """The states of each recurrent class (closed and strongly connected), the class of the first state first.

    Each has shape (states,).
    """
    rates = generator.tocoo()
    moves = (rates.data > 0) & (rates.row != rates.col)
    targets, sources = rates.row[moves], rates.col[moves]
    graph = sparse.csr_array((np.ones(len(sources)), (sources, targets)), shape=generator.shape)
    count, label = connected_components(graph, connection="strong")
    leaks = label[sources] != label[targets]
    closed = np.setdiff1d(np.arange(count), label[sources[leaks]])
    classes = [np.flatnonzero(label == one) for one in closed]
    return sorted(classes, key=lambda states: int(states[0]))
