"""Eigenvectors of a chain: the law that stays, the law that leaves slowest, the slowest modes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

from simulate.transition.chain import Chain
from simulate.transition.line import DROPPED
from theory.arrays import Array
from theory.errors import InputError, require
from theory.fokker_planck.elimination.solve import stationary_vector
from theory.fokker_planck.generator.matrix import recurrent_classes
from theory.fokker_planck.laws import NoStationaryDensity

Complexes = NDArray[np.complex128]

DENSE = 400  # nodes up to which a full eigenvalue problem is as cheap
SETTLED = 1e-12  # of the Arnoldi iteration
LONGEST = 40_000  # steps of power iteration
WINDOW = 20  # steps between two looks at the rate
SMALL_GAP = 1e-5  # below it elimination is worth its time
LEAST_GAP = 1e-9  # below it an eigenvalue near 1 cannot be told from 1
POLISHING = 20  # steps that give the tails of a mode their digits
RATE_SETTLED = 1e-10  # relative change that is still to come


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
                ncv=min(size - 1, max(60, 4 * k)),
                tol=SETTLED,
                maxiter=60,
            )
        except ArpackError as error:
            raise InputError(
                f"the {k} slowest modes must separate, they do not: {error}; ask for fewer or more"
            ) from error
    order = np.argsort(-np.abs(values), kind="stable")[:k]
    return values[order].astype(np.complex128), modes[:, order].astype(np.complex128)


def stationary_masses(chain: Chain) -> tuple[Array, float]:
    """The masses that stay as they are, given that walkers stay on the grid, and 1 - |second eigenvalue|.

    The mode of the largest eigenvalue; where a second one is next to it, by elimination without subtraction, right
    in every node, if no entry is negative.

    Raises
    ------
    NoStationaryDensity
        If there are several laws.
    """
    try:
        values, modes = slowest(chain.operator, 2)
    except InputError as error:
        raise NoStationaryDensity(
            "the stationary law must be unique, got many modes that are as slow as it: walkers that collapse, or "
            "places that the grid does not resolve; take `evolve`"
        ) from error
    gap = float(1 - np.abs(values[1]))
    if gap < SMALL_GAP and chain.mesh is not None and chain.matrix.data.min() >= 0:
        columns = chain.matrix.tocsc()
        classes = recurrent_classes(columns)
        if len(classes) > 1:
            raise NoStationaryDensity(
                f"the stationary law must be unique, got {len(classes)} sets of cells that walkers leave with a "
                f"probability below {DROPPED:g} a step; take `evolve`, or a grid with one of them"
            )
        inside = classes[0]
        law = np.zeros(len(chain.outside))
        law[inside] = stationary_vector(
            columns[:, inside].tocsr()[inside].tocsc(), np.arange(len(inside))[:, None]
        )
        return law, gap
    if gap < LEAST_GAP:
        raise NoStationaryDensity(
            f"the stationary law must be unique, got a second eigenvalue {1 - gap:.12g}; take `evolve`, or a "
            "finer grid, on which rare passages are resolved"
        )
    law = np.real(modes[:, 0] / modes[np.abs(modes[:, 0]).argmax(), 0])
    for _ in range(POLISHING):
        law = chain.step(law / law.sum())
    return np.asarray(law / law.sum()), gap


def quasi_stationary_masses(inside: sparse.csr_array, leaving: Array) -> tuple[Array, float]:
    """The law that walkers keep while they stay, and the mass it loses in a step.

    Power iteration: sums of positive numbers, so that rare places keep their digits; the rate is the mass that
    leaves, never 1 less an eigenvalue.

    Raises
    ------
    InputError
        If nobody leaves, or walkers settle no faster than they leave.
    """
    size = len(leaving)
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
        shrink = min(step / last, 0.999999) if last > 0 else 0.0
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
