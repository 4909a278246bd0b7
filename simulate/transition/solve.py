"""Eigenvectors of a chain: the law that stays, the law that leaves slowest, the slowest modes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

from simulate.transition.band import NoWayOut, all_lead_to, settling_steps, slowest_law, stationary_logarithms
from simulate.transition.chain import Chain
from simulate.transition.line import DROPPED, RARE
from theory.base.arrays import Array, Integers
from theory.base.errors import InputError, require
from theory.laws import NoStationaryDensity
from theory.markov import recurrent_classes, stationary_vector

Complexes = NDArray[np.complex128]

STAYING = 0.5  # chance from which a step stays: far from any that a law on the grid has
DENSE = 400  # nodes up to which a full eigenvalue problem is as cheap
ROUNDING_OF_MASSES = 1e-14  # of masses that are sums of a few numbers
SETTLED = 1e-12  # of the Arnoldi iteration
FEWEST_VECTORS, VECTORS_EACH = 60, 4  # of its space: at least, and for each mode
MOST_RESTARTS = 60
LONGEST = 40_000  # steps of power iteration
WINDOW = 20  # steps between two looks at the rate
SMALL_GAP = 1e-5  # below it eigenvalues say little of it
MOST_STATES = 2500  # of a plane, where elimination is worth its time
QUICK = 3e9  # operations, some seconds
SEEN = 1e-9  # of a law
LEAST_GAP = 1e-9  # below it an eigenvalue near 1 cannot be told from 1
POLISHING = 20  # steps that give the tails of a mode their digits
RATE_SETTLED = 1e-10  # relative change that is still to come
BANDS = 8.0  # times the entries of a column: how far elimination round a circle fills one
MOST_STEPS_OFF = 1000  # of walkers on their way off the grid
SLOWEST_SHRINK = 0.999999  # of the change of a rate from one look to the next


def slowest(matrix: sparse.csr_array | LinearOperator, k: int) -> tuple[Complexes, Complexes]:
    """The k eigenvalues of largest modulus, in that order, and their modes (nodes, k).

    Raises
    ------
    InputError
        If k does not fit, or the Arnoldi iteration does not settle.
    """
    size = matrix.shape[0]
    require(1 <= k <= size - 2, f"`k` must lie between 1 and {size - 2} on {size} nodes, got {k}")
    if size <= DENSE:
        values, modes = np.linalg.eig(matrix @ np.eye(size))
    else:
        try:
            values, modes = eigs(
                matrix,
                k=k,
                which="LM",
                v0=np.ones(size),
                ncv=min(size - 1, max(FEWEST_VECTORS, VECTORS_EACH * k)),
                tol=SETTLED,
                maxiter=MOST_RESTARTS,
            )
        except ArpackError as error:
            raise InputError(
                f"the {k} slowest modes must separate, they do not: {error}; ask for fewer or more"
            ) from error
    order = np.argsort(-np.abs(values), kind="stable")[:k]
    return values[order].astype(np.complex128), modes[:, order].astype(np.complex128)


def stationary_masses(chain: Chain) -> tuple[Array, float, float]:
    """The masses that stay as they are, given that walkers stay on the grid, and how fast laws come to them.

    Where no weight is below 0, by elimination without subtraction: right in every node, whatever stands between
    the wells. Otherwise, and on nodes that crowd while nothing is slow, the mode of the largest eigenvalue.
    The second number is 1 - |second eigenvalue|, or where that is small one over the longest mean number of steps
    to the likeliest node; the third is what rounding does to the law, in total variation.

    Raises
    ------
    NoStationaryDensity
        If there are several laws.
    """
    positive = chain.splines is None and bool(chain.matrix.data.min() >= 0)  # coefficients are no masses
    if positive and _quick(chain):
        return _eliminated(chain)
    gap, modes = _gap(chain)
    if positive and chain.mesh is not None and gap < SMALL_GAP:
        return _eliminated(chain)
    if not gap > LEAST_GAP:
        raise NoStationaryDensity(
            f"the stationary law must be unique, got a second eigenvalue {1 - gap:.12g}; take `evolve`, or a "
            "finer grid, on which rare passages are resolved"
        )
    law = np.real(modes[:, 0] / modes[np.abs(modes[:, 0]).argmax(), 0])
    for _ in range(POLISHING):
        law = chain.step(law / law.sum())
    return np.asarray(law / law.sum()), gap, SETTLED


def _quick(chain: Chain) -> bool:
    """Whether elimination is as quick as an eigenvalue problem."""
    size = len(chain.outside)
    if chain.mesh is None:
        return size <= MOST_STATES
    entries = chain.matrix.tocoo()
    reach = float(np.abs(entries.row - entries.col).max(initial=1))
    if chain.grid.periodic[0]:
        reach = min(size, BANDS * chain.matrix.nnz / size)
    return size * reach**2 <= QUICK


def _gap(chain: Chain) -> tuple[float, Complexes]:
    try:
        values, modes = slowest(chain.operator, 2)
    except InputError as error:
        raise NoStationaryDensity(
            "the stationary law must be unique, got many modes that are as slow as it: walkers that collapse, or "
            "places that the grid does not resolve; take `evolve`"
        ) from error
    return float(1 - np.abs(values[1])), modes


def _eliminated(chain: Chain) -> tuple[Array, float, float]:
    columns, inside = chain.matrix.tocsc(), _staying(chain)
    passing = np.setdiff1d(np.arange(len(chain.outside)), inside)
    columns = columns[:, inside].tocsr()[inside].tocsc()
    law, periodic, settled = np.zeros(len(chain.outside)), chain.grid.periodic[0], None
    while settled is None:
        classes = recurrent_classes(columns)
        if len(classes) > 1:
            raise _several(len(classes))
        inside, columns = inside[classes[0]], columns[:, classes[0]].tocsr()[classes[0]].tocsc()
        try:
            settled = _settled(columns, inside, chain)
        except NoWayOut as found:
            if not all_lead_to(columns, found.closed, periodic):
                raise _several(2) from found
            inside = inside[found.closed]
            columns = columns[:, found.closed].tocsr()[found.closed].tocsc()
    masses, rounding = settled
    law[inside] = masses / masses.sum()
    if len(passing):
        _lead_off(chain, law, passing)
    leak = float((chain.outside * law).sum())
    if not leak > 0:
        return law, np.inf, rounding  # nobody leaves: how fast laws settle decides nothing
    gap = 1 / settling_steps(columns, masses, periodic) if chain.mesh is not None else SMALL_GAP
    if leak > SEEN * gap >= SEEN * SMALL_GAP:  # that may be too slow by the chance to be at the likeliest node
        seen = _gap(chain)[0]
        gap = max(gap, seen) if chain.mesh is not None or seen > SMALL_GAP else LEAST_GAP
    return law, gap, rounding


def _several(count: int) -> NoStationaryDensity:
    return NoStationaryDensity(
        f"the stationary law must be unique, got {count} sets of cells that walkers leave with a probability "
        f"below {RARE:g} a step; take `evolve`, or a grid with one of them"
    )


def _settled(columns: sparse.csc_array, inside: Integers, chain: Chain) -> tuple[Array, float]:
    """The masses that stay in an irreducible part of the chain, and what rounding does to them."""
    if chain.mesh is None:
        places = np.stack(np.unravel_index(inside, chain.grid.shape), axis=1)
        return np.asarray(stationary_vector(columns, places)), SETTLED
    logs, rounding = stationary_logarithms(columns, chain.grid.periodic[0])
    return np.exp(logs), rounding + ROUNDING_OF_MASSES


def _staying(chain: Chain) -> Integers:
    """The nodes from which a step rather stays among them than leads off: all, where there are no such.

    Steep walls throw walkers off the grid at once. Of those that stay there all the same, by chances that no law
    shows, the few that come back would hold the law of those that stay.
    """
    flags = np.ones(len(chain.outside), dtype=bool)
    back = chain.matrix.T.tocsr()
    while flags.any():
        kept = flags & (back @ flags.astype(np.float64) >= STAYING)
        if (kept == flags).all():
            return np.flatnonzero(flags)
        flags = kept
    return np.arange(len(flags))


def _lead_off(chain: Chain, law: Array, gone: Integers) -> None:
    """Put into `law` the masses at nodes that walkers pass once, on their way off the grid, however many steps.

    Raises
    ------
    NoStationaryDensity
        If that takes them too long.
    """
    coming = (chain.matrix @ law)[gone]
    onward = chain.matrix.tocsr()[gone].tocsc()[:, gone]
    for _ in range(MOST_STEPS_OFF):
        law[gone] += coming
        coming = onward @ coming
        if float(np.abs(coming).sum()) <= ROUNDING_OF_MASSES:
            return
    raise NoStationaryDensity(
        f"walkers on their way off the grid must leave it within {MOST_STEPS_OFF} steps, some stay longer; take "
        "`evolve`, or a wider grid"
    )


def quasi_stationary_masses(
    inside: sparse.csr_array, leaving: Array, periodic: bool | None
) -> tuple[Array, float]:
    """The law that walkers keep while they stay, and the mass it loses in a step, never 1 less an eigenvalue.

    On a line, `periodic` or not, by inverse iteration without subtraction. In the plane, where that is None, by
    power iteration: sums of positive numbers, so that rare places keep their digits.

    Raises
    ------
    InputError
        If nobody leaves, or walkers settle no faster than they leave.
    """
    size = len(leaving)
    if periodic is not None and inside.data.min(initial=0.0) >= 0:
        return slowest_law(inside.tocsc(), leaving, periodic)
    law = np.full(size, 1 / size)
    if size > DENSE:
        try:
            law = np.abs(slowest(inside, 1)[1][:, 0])
        except InputError:
            law = np.ones(size)
        law /= law.sum()
    rate, step = 0.0, np.inf
    for window in range(LONGEST // WINDOW):
        for _ in range(WINDOW):
            law = inside @ law
            law /= law.sum()
        before, rate = rate, float(leaving @ law)
        last, step = step, abs(rate - before)
        shrink = min(step / last, SLOWEST_SHRINK) if last > 0 else 0.0
        require(
            window < 2 or rate > 0,
            f"walkers must be able to leave the basin, by steps that the grid resolves, got the rate {rate:.3g}; "
            f"refine it until cells are below the noise of a step (a probability below {DROPPED:g} is none)",
        )
        if window > 1 and step * max(shrink, 0.5) / (1 - max(shrink, 0.5)) <= RATE_SETTLED * rate:
            break
    else:
        raise InputError(
            f"walkers must settle in the basin faster than they leave it, the rate {rate:.3g} still moves by "
            f"{step:.2g} in {WINDOW} steps after {LONGEST}; the basin holds several wells, take one"
        )
    return law, rate
