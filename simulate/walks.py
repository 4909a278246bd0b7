"""Random walks on weighted graphs: their exact stationary law and unbiased estimates of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, sparray, spmatrix
from scipy.sparse.csgraph import connected_components

from theory.base.arguments import Given
from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.errors import require
from theory.base.kernels import kernel
from theory.base.showing import span, told
from theory.laws.walkers import BLOCK


@dataclass(frozen=True, eq=False)
class WeightedGraph:
    """A walker at site i goes to j with probability weights_ij / degree_i.

    Parameters
    ----------
    weights
        Symmetric matrix (n, n), sparse or not, >= 0, of one connected graph.

    Raises
    ------
    InputError
        If the matrix is not square, symmetric, finite, >= 0 and connected.
    """

    weights: Annotated[csr_array, Given(sparray | spmatrix | ArrayLike)] = field(repr=False)

    def __post_init__(self) -> None:
        require(
            len(np.shape(self.weights)) == 2, f"`weights` must be a matrix, got shape {np.shape(self.weights)}"
        )
        weights = csr_array(self.weights).astype(np.float64)
        weights.eliminate_zeros()
        weights.sort_indices()
        require(weights.shape[0] == weights.shape[1], f"`weights` must be square, got shape {weights.shape}")
        require(
            bool(np.isfinite(weights.data).all() and (weights.data >= 0).all()),
            "`weights` must be finite and not negative",
        )
        gap = float(abs(weights - weights.T).max()) if weights.nnz else 0.0
        require(
            gap == 0, f"`weights` must be symmetric, got entries that differ by {gap:g} from their mirror image"
        )
        pieces = connected_components(weights, directed=False)[0]
        require(
            pieces == 1 and weights.nnz > 0, f"the graph must be connected, got {pieces} pieces; take one of them"
        )
        object.__setattr__(self, "weights", weights)

    def __repr__(self) -> str:
        edges = (self.weights.nnz + np.count_nonzero(self.weights.diagonal())) // 2
        return told("WeightedGraph", sites=self.sites, edges=edges, weights=span(self.weights.data))

    @property
    def sites(self) -> int:
        """Number n of sites."""
        return int(self.weights.shape[0])

    @cached_property
    def stationary(self) -> Array:
        """The stationary law, degree / total degree, shape (n,)."""
        degrees = np.asarray(self.weights.sum(axis=1), dtype=np.float64).ravel()
        return np.asarray(degrees / degrees.sum())

    @cached_property
    def _rows(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Array]:
        """Where each site's neighbours begin, the neighbours, and cumulative probabilities to go there."""
        begins, data = self.weights.indptr.astype(np.int32), self.weights.data
        shares = [np.cumsum(data[a:b]) / data[a:b].sum() for a, b in pairwise(begins)]
        return begins, self.weights.indices.astype(np.int32), np.concatenate(shares)


def rings(count: int, sites: int) -> WeightedGraph:
    """`count` rings of `sites` sites each that share site 0: the crossing has the stationary weight 1 / sites.

    Every other site has 1 / count of that: the crossing counts as the degree of its singularity, an atom that
    vanishes as the rings get finer (Hoogland 2023).

    Raises
    ------
    InputError
        If there is no ring, or a ring of fewer than 3 sites.
    """
    require(count >= 1 and sites >= 3, f"rings need `count` >= 1 and `sites` >= 3, got {count} and {sites}")
    rows, columns = [], []
    for ring in range(count):
        first = 1 + ring * (sites - 1)
        around = np.array([0, *range(first, first + sites - 1), 0])
        rows += [around[:-1], around[1:]]
        columns += [around[1:], around[:-1]]
    row, column = np.concatenate(rows), np.concatenate(columns)
    total = 1 + count * (sites - 1)
    return WeightedGraph(csr_array(coo_array((np.ones(len(row)), (row, column)), shape=(total, total))))


@dataclass(frozen=True, eq=False)
class Visits:
    """Means over independent walks and their standard errors, shape (sites,)."""

    mean: Array = field(repr=False)
    error: Array = field(repr=False)
    walks: int

    def __repr__(self) -> str:
        return told("Visits", walks=self.walks, sites=len(self.mean), mean=self.mean, error=self.error)


def occupation(
    graph: WeightedGraph, *, steps: int, walks: int, rng: np.random.Generator, start: int | None = None
) -> Visits:
    """The share of the first `steps` times that walks spend at each site.

    Walks start from the stationary law, which makes the mean unbiased at any length, or at the site `start`, which
    does not. The error is that of independent walks.

    Raises
    ------
    InputError
        If numbers are out of range.
    """
    _check(graph, walks, rng, start)
    require(steps >= 1 and steps % 1 == 0, f"`steps` must be a whole number, at least 1, got {steps}")
    return _run(graph, walks, rng, start, int(steps))


def excursions(graph: WeightedGraph, site: int, *, walks: int, rng: np.random.Generator) -> Visits:
    """Visits to each site in a walk from `site` until its return, that to `site` counted once.

    Their mean is stationary[x] / stationary[site]: unbiased estimates of ratios of the stationary law, made
    without it; the sum over sites is an unbiased estimate of 1 / stationary[site] (Kac).

    Raises
    ------
    InputError
        If numbers are out of range.
    """
    _check(graph, walks, rng, site)
    return _run(graph, walks, rng, site, 0)


def _check(graph: WeightedGraph, walks: int, rng: np.random.Generator, site: int | None) -> None:
    require(walks >= 2 and walks % 1 == 0, f"`walks` must be a whole number, at least 2, got {walks}")
    require(
        site is None or (0 <= site < graph.sites and site % 1 == 0),
        f"a site must be one of 0 to {graph.sites - 1}, got {site}",
    )
    require(
        isinstance(rng, np.random.Generator),
        f"`rng` must be a numpy Generator, got {type(rng).__name__}; write numpy.random.default_rng(seed)",
    )


def _run(graph: WeightedGraph, walks: int, rng: np.random.Generator, start: int | None, steps: int) -> Visits:
    """Sums and sums of squares over walks, block by block."""
    total, squares = np.zeros(graph.sites), np.zeros(graph.sites)
    cumulative = graph.stationary.cumsum()
    for begin in range(0, walks, BLOCK):
        number = min(BLOCK, walks - begin)
        if start is None:
            places = np.minimum(np.searchsorted(cumulative, rng.random(number), side="right"), graph.sites - 1)
        else:
            places = np.full(number, start)
        _walk(rng, *graph._rows, places.astype(np.int64), steps, total, squares)
    mean = total / walks
    variance = np.maximum(squares - walks * mean**2, 0) / (walks - 1)
    length = max(steps, 1)
    return Visits(mean / length, np.sqrt(variance / walks) / length, walks)


@kernel
def _walk(
    stream: np.random.Generator,
    begins: NDArray[np.int32],
    neighbours: NDArray[np.int32],
    cumulative: Array,
    places: Integers,
    steps: int,
    total: Array,
    squares: Array,
) -> None:
    """Add the visits of a walk from each place, `steps` times long or until its return, and their squares."""
    visits = np.zeros(len(total))
    seen = np.zeros(len(total), dtype=np.int64)
    for start in places:
        site, time, different = start, 0, 0
        while True:
            if visits[site] == 0.0:
                seen[different] = site
                different += 1
            visits[site] += 1.0
            number = stream.random()
            low, high = begins[site], begins[site + 1] - 1
            while low < high:
                middle = (low + high) // 2
                if cumulative[middle] > number:
                    high = middle
                else:
                    low = middle + 1
            site = neighbours[low]
            time += 1
            if time == steps or (steps == 0 and site == start):
                break
        for k in range(different):
            total[seen[k]] += visits[seen[k]]
            squares[seen[k]] += visits[seen[k]] ** 2
            visits[seen[k]] = 0.0
