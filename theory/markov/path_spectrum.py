"""The slowest modes of a walk on a path, in which no digit is lost whatever the range of its weights."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.linalg import eigh_tridiagonal

from theory.base.arrays import Array, Booleans
from theory.base.errors import require
from theory.base.rounding import LEAST_NORMAL

NEAR_EIGENVALUES = 1e-8  # relative distance of eigenvalues whose modes are told apart by where they live
CANCELLED = 1e-30  # of the value: a pivot below it is rounding
SMALLEST = 1e-145  # roots of eigenvalues: below, these are no floating point numbers
BISECTION_TOLERANCE = 1e-300  # absolute tolerance of the bisection: it ends by its relative one


def is_path(generator: sparse.csc_array, absorption: Array) -> bool:
    """Whether all moves lead to the next state or the one before, and walkers end only where the path is cut."""
    rates = generator.tocoo()
    off = (rates.row != rates.col) & (rates.data != 0)
    if not (np.abs(rates.row[off] - rates.col[off]) == 1).all():
        return False
    first, last = _cuts(*_moves(generator))
    return bool((absorption[~(first | last)] == 0).all())


def path_spectrum(generator: sparse.csc_array, absorption: Array, k: int) -> tuple[Array, Array]:
    """The k eigenvalues nearest to 0 of a walk on a path and their modes, shapes (k,) and (states, k).

    In the root of its stationary weights the generator is -B B^T, and B is bidiagonal with the roots of the rates
    as entries: its singular values, by bisection, have the relative accuracy of the rates, however small and
    however far the weights range. Edges that are passed one way only cut the path; what leaves there is absorbed.
    Modes come from twisted factorisations and are multiplied by the weights in logarithms.

    Raises
    ------
    InputError
        If an eigenvalue is below floating point numbers.

    References
    ----------
    Demmel & Kahan (1990), "Accurate singular values of bidiagonal matrices"; Dhillon & Parlett (2004),
    "Orthogonal eigenvectors and relative gaps".
    """
    up, down = _moves(generator)
    states = generator.shape[0]
    first, _ = _cuts(up, down)
    values: list[float] = []
    modes: list[Array] = []
    for low, high in pairwise([*np.flatnonzero(first), states]):
        size = high - low
        left = np.concatenate([[0.0], down[low : high - 1]])  # rates to the state before
        right = np.concatenate([up[low : high - 1], [0.0]])
        left[0] = down[low - 1] if low else 0.0
        right[-1] = up[high - 1] if high < states else 0.0
        ends = absorption[low], absorption[high - 1]
        if size == 1:
            left[0] += ends[0]
        else:
            left[0], right[-1] = left[0] + ends[0], right[-1] + ends[1]
        found, vectors = _block(left, right, min(k, size))
        for value, vector in zip(found, vectors.T, strict=True):
            mode = np.zeros(states)
            mode[low:high] = vector
            values.append(value)
            modes.append(mode)
    order = np.argsort(values, kind="stable")[:k]
    return -np.array(values)[order], np.stack([modes[one] for one in order], axis=1)


def _moves(generator: sparse.csc_array) -> tuple[Array, Array]:
    """Rates from each state to the next, and from each but the first to the one before."""
    return np.asarray(generator.diagonal(-1)), np.asarray(generator.diagonal(1))


def _cuts(up: Array, down: Array) -> tuple[Booleans, Booleans]:
    """Whether each state is the first and the last of a piece that is passed both ways."""
    cut = (up == 0) | (down == 0)
    ends = np.ones(1, dtype=bool)
    return np.concatenate([ends, cut]), np.concatenate([cut, ends])


def _block(left: Array, right: Array, k: int) -> tuple[Array, Array]:
    """The k smallest -eigenvalues and modes of one piece; `left[0]` and `right[-1]` leave it for good."""
    size = len(left)
    roots = np.sqrt(np.stack([left, right], axis=1).ravel())  # between edges and states in turn
    chain = roots[int(left[0] == 0) : 2 * size - int(right[-1] == 0)]
    offset = int(left[0] != 0)  # of the first state in the chain of edges and states
    with np.errstate(divide="ignore"):
        weights = np.concatenate([[0.0], np.cumsum(np.log(right[:-1]) - np.log(left[1:]))]) / 2
    if len(chain) == 0:
        return np.zeros(1), np.ones((1, 1))
    closed = left[0] == 0 and right[-1] == 0
    count = k - closed
    sizes: Array = np.zeros(0)
    nodes = len(chain) + 1
    if count > 0:
        lowest = (nodes + 1) // 2  # of the positive ones, beside as many negative and perhaps a 0
        found = eigh_tridiagonal(
            np.zeros(nodes),
            chain,
            eigvals_only=True,
            select="i",
            select_range=(lowest, lowest + count - 1),
            tol=BISECTION_TOLERANCE,
            lapack_driver="stebz",
        )
        sizes = np.asarray(found, dtype=np.float64)
        require(
            bool((sizes > SMALLEST).all()),
            f"eigenvalues must be above {SMALLEST**2:g} in size, got {np.count_nonzero(sizes <= SMALLEST)} below: "
            "barriers must stay under about 600 temperatures; raise the temperature",
        )
    modes = [np.exp(2 * (weights - weights.max()))] if closed else []
    taken: list[Array] = []
    for place, value in enumerate(sizes):
        near = place > 0 and value - sizes[place - 1] < NEAR_EIGENVALUES * value
        taken = taken if near else []
        vector = _twisted(chain, value, offset, taken)
        taken.append(vector)
        with np.errstate(divide="ignore"):
            logs = np.log(np.abs(vector)) + weights
        modes.append(np.sign(vector) * np.exp(logs - logs.max()))
    return np.concatenate([np.zeros(int(closed)), sizes**2]), np.stack(modes, axis=1)


def _twisted(chain: Array, value: float, offset: int, others: list[Array]) -> Array:
    """The states' part of the null vector of the chain with zero diagonal less `value`, of norm 1.

    From both ends to the place where they fit worst without a source; `others` that have nearly the same value
    are avoided by the choice of the place and projected out.
    """
    forward, back = _pivots(chain, value), _pivots(chain[::-1], value)[::-1]
    gaps = np.abs(forward + back + value)[offset::2]
    weight = 1 / np.maximum(gaps, LEAST_NORMAL)
    for other in others:
        weight = weight * (1 - np.abs(other) / np.abs(other).max())
    twist = 2 * int(np.argmax(weight)) + offset
    upward = np.cumprod(-chain[:twist][::-1] / forward[:twist][::-1])[::-1]
    downward = np.cumprod(-chain[twist:] / back[twist + 1 :])
    vector: Array = np.concatenate([upward, [1.0], downward])[offset::2]
    vector[1::2] *= -1  # as the rates are positive and B has a sign on either side of an edge
    vector = vector / np.linalg.norm(vector)
    for other in others:
        vector = vector - (other @ vector) * other
    return np.asarray(vector / np.linalg.norm(vector))


def _pivots(chain: Array, value: float) -> Array:
    """Pivots of the elimination of the chain less `value`, from its first node on; none is 0."""
    pivots = [-value]
    for coupling in chain.tolist():
        pivot = -value - coupling * coupling / pivots[-1]
        pivots.append(pivot if abs(pivot) > CANCELLED * value else CANCELLED * value)
    return np.array(pivots)
