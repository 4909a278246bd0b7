"""Weights that bring a chain into the frame where it is nearest to symmetric."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components

from theory.base.arrays import Array, Integers
from theory.laws import NoStationaryDensity
from theory.markov.classes import recurrent_classes
from theory.markov.elimination.solve import stationary_vector

CLOSED = 1e-7  # largest affinity of a cycle that counts as none: it moves eigenvalues by its square
STEEPEST_EDGE = 20.0  # change of a log weight along an edge: the frame must not make rates beyond all numbers
UNDERFLOWN = 1e-280  # of the largest: smaller stationary weights may have underflowed


def balance(generator: sparse.csc_array) -> Array | None:
    """Log stationary weights of a chain in detailed balance, shape (states,); None where a cycle has an affinity.

    Sums of log ratios of rates along a tree, checked on every other edge, so that no weight underflows. Each
    connected part has its own constant.
    """
    low, high, forward, back = _pairs(generator)
    if not ((forward > 0) & (back > 0)).all():
        return None
    states = generator.shape[0]
    ratios = np.log(forward) - np.log(back)
    graph = sparse.csr_array((np.ones(len(low)), (low, high)), shape=generator.shape)
    rises = sparse.csr_array((ratios, (low, high)), shape=generator.shape)
    rises = sparse.csr_array(rises - rises.T)
    logs, before = np.zeros(states), np.arange(states)
    count, parts = connected_components(graph, directed=False)
    for root in np.unique(parts, return_index=True)[1] if count > 1 else [0]:
        order, parents = breadth_first_order(graph, int(root), directed=False)
        before[order[1:]] = parents[order[1:]]
    moved = before != np.arange(states)
    logs[moved] = np.asarray(rises[before[moved], np.flatnonzero(moved)]).ravel()
    for _ in range(states.bit_length()):  # each state has the rise from ever farther back; that of a root is 0
        logs = logs + logs[before]
        before = before[before]
    return logs if np.abs(logs[high] - logs[low] - ratios).max(initial=0.0) <= CLOSED else None


def law_weights(generator: sparse.csc_array, positions: Integers) -> Array:
    """Log stationary weights of any chain, shape (states,), carried on to where they underflow or are 0.

    In their root, the antisymmetric part of the matrix is that of the current. States beyond are given the weight
    that would balance their moves from and to those before.
    """
    off = generator - sparse.diags_array(generator.diagonal())
    closed = sparse.csc_array(off - sparse.diags_array(np.asarray(off.sum(axis=0)).ravel()))
    logs = np.full(generator.shape[0], np.nan)
    for inside in recurrent_classes(closed):
        try:
            law = stationary_vector(closed[:, inside].tocsr()[inside].tocsc(), positions[inside])
        except NoStationaryDensity:
            continue
        with np.errstate(divide="ignore"):
            logs[inside] = np.where(law > UNDERFLOWN * law.max(), np.log(law), np.nan)
    if np.isnan(logs).all():
        return np.zeros(len(logs))
    low, high, forward, back = _pairs(generator)
    rises = np.zeros(len(low))
    both = (forward > 0) & (back > 0)
    rises[both] = np.log(forward[both]) - np.log(back[both])
    sources, targets = np.concatenate([low, high]), np.concatenate([high, low])
    rises = np.concatenate([rises, -rises])
    while np.isnan(logs).any():
        step = ~np.isnan(logs[sources]) & np.isnan(logs[targets])
        if not step.any():
            logs[np.isnan(logs)] = np.nanmin(logs)
            break
        here = targets[step]
        total = np.bincount(here, logs[sources[step]] + rises[step], len(logs))
        count = np.bincount(here, minlength=len(logs))
        logs = np.where(count > 0, total / np.maximum(count, 1), logs)
    return _gentle(logs, low, high)


def _gentle(logs: Array, low: Integers, high: Integers) -> Array:
    """The least logarithms above `logs` that change by at most `STEEPEST_EDGE` along each edge."""
    raised = np.asarray(logs, dtype=np.float64).copy()
    while True:
        before = raised.copy()
        np.maximum.at(raised, low, before[high] - STEEPEST_EDGE)
        np.maximum.at(raised, high, before[low] - STEEPEST_EDGE)
        if np.array_equal(before, raised):
            return raised


def _pairs(generator: sparse.csc_array) -> tuple[Integers, Integers, Array, Array]:
    """Pairs of states with a move between them, low < high, and the rates from low to high and back."""
    off = sparse.csr_array(generator - sparse.diags_array(generator.diagonal()))
    both = sparse.triu(abs(off) + abs(off).T, 1).tocoo()
    low, high = both.row[both.data > 0].astype(np.int64), both.col[both.data > 0].astype(np.int64)
    return low, high, np.asarray(off[high, low]).ravel(), np.asarray(off[low, high]).ravel()
