"""The derivative of a stationary mean on given nodes, by the adjoint of the chain or by differences of laws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, gmres, splu

from simulate.sensitivity.parameter import Parameter
from simulate.transition.band import eliminate
from simulate.transition.chain import Chain
from simulate.transition.operator import TransitionOperator
from simulate.transition.solve import slowest, stationary_masses
from theory.base.arrays import Array, ArrayLike, evaluated, finite
from theory.base.errors import InputError, require

STEPS = (1, 2, 4)  # of the differences, in units of their width
SETTLED = 1e-12  # relative residual of the iteration in the plane
ROUNDING_OF_ENTRIES = 1e-15  # relative, of each entry
FEW_DIGITS = 1e-11  # of the derivative: beyond, differences of laws may know more
WEIGHTS = 4.0  # times E|f - E f| by which a law that is unsure by 1 in total variation moves E f
Pairs = Sequence[tuple[Chain, Chain, float]]
RESTART, RESTARTS = 80, 20  # of GMRES: steps of one round, and rounds


@dataclass(frozen=True)
class OnNodes:
    """A derivative on given nodes.

    Parameters
    ----------
    value
        The derivative.
    error
        Of the difference in the parameter, and rounding.
    escaping
        At least of the order of what walkers that leave the grid could move.
    """

    value: float
    error: float
    escaping: float


def derivative_on(
    operator: TransitionOperator, varied: Parameter, width: float, observable: Callable[[Array], ArrayLike]
) -> OnNodes:
    """dE[f]/da on the nodes of `operator`, by differences over 1, 2 and 4 times `width`.

    Raises
    ------
    InputError
        If f is not finite, the law is on one node, or the tangent in the plane does not settle.
    NoStationaryDensity
        If the law is not unique.
    """
    chain, grid = operator.lasting, operator.grid
    mesh = chain.mesh
    nodes = grid.centers.reshape(-1, grid.dim) if mesh is None else mesh.nodes[:, None]
    values = finite(evaluated(observable, nodes, "observable"), "observable")
    law = stationary_masses(chain)[0]
    centred = values - values @ law

    def moved(steps: float) -> Chain:
        model, sgd = varied.at(varied.value + steps * width)
        return Chain.of(model, sgd, grid, mesh, rare=operator.keeps_rare)

    pairs = [(moved(k), moved(-k), 2 * k * width) for k in STEPS]
    # what leaves in a step, and its growth in the number
    growth = np.abs(pairs[0][0].outside - pairs[0][1].outside) / pairs[0][2]
    escaping = float((chain.outside / varied.value + growth) @ np.abs(law))
    if mesh is None:
        found, longest = _by_tangent(chain, law, centred, pairs)
    else:
        found, longest = _by_adjoint(chain, law, centred, pairs)
        positive = min(one.matrix.data.min() for pair in pairs for one in pair[:2]) >= 0
        if found.error > FEW_DIGITS * abs(found.value) and positive:
            other = _by_laws(pairs, centred, law)
            found = min(found, other, key=lambda one: one.error)
    return OnNodes(found.value, found.error, escaping * longest)


def _by_adjoint(chain: Chain, law: Array, centred: Array, pairs: Pairs) -> tuple[OnNodes, float]:
    """g'(dP/da) p, summed over moves, with the largest |g - E g|: no diagonal is subtracted."""
    potentials, collected = _potentials(chain, law, centred)
    gains, work = [], 0.0
    for up, down, wide in pairs:
        moves = sparse.coo_array(up.matrix - down.matrix)
        gained = moves.data * law[moves.col] / wide
        gains.append(np.array((potentials[moves.row] - potentials[moves.col]) @ gained))
        work = max(work, float(collected[moves.row] @ np.abs(gained)))
    moves = sparse.coo_array(chain.matrix)
    falls = np.abs(potentials[moves.row] - potentials[moves.col])
    work += float(falls @ (np.abs(moves.data) * law[moves.col])) / pairs[0][2] * 2
    finer, coarse = (float(gain) for gain in _extrapolated(gains))
    found = OnNodes(finer, abs(finer - coarse) + ROUNDING_OF_ENTRIES * work, 0.0)
    return found, float(np.abs(potentials - potentials @ law).max())


def _by_laws(pairs: Pairs, centred: Array, law: Array) -> OnNodes:
    """By differences of laws: weights of wells keep their digits there, however seldom walkers pass."""
    changes, unsure = [], 0.0
    for up, down, wide in pairs:
        (above, _, first), (below, _, second) = stationary_masses(up), stationary_masses(down)
        changes.append(np.array((above - below) @ centred / wide))
        unsure = max(unsure, (first + second) / wide)
    finer, coarse = (float(change) for change in _extrapolated(changes))
    return OnNodes(finer, abs(finer - coarse) + WEIGHTS * unsure * float(np.abs(centred) @ law), 0.0)


def _by_tangent(chain: Chain, law: Array, centred: Array, pairs: Pairs) -> tuple[OnNodes, float]:
    """The product f'x with (I - P) x = (dP/da) p, and a bound of |g|."""
    changes = [(up.step(law) - down.step(law)) / wide for up, down, wide in pairs]
    finer, coarse = (float(_tangent(chain, law, change) @ centred) for change in _extrapolated(changes))
    longest = float(np.abs(centred).max()) / _gap(chain)
    return OnNodes(finer, abs(finer - coarse) + SETTLED * longest, 0.0), longest


def _extrapolated(differences: Sequence[Array]) -> tuple[Array, Array]:
    """Central differences of steps 1, 2 and 4 carried to sixth order, and to fourth."""
    near, middle, far = differences
    finer, coarse = near + (near - middle) / 3, middle + (middle - far) / 3
    return finer + (finer - coarse) / 15, finer


def _potentials(chain: Chain, law: Array, source: Array) -> tuple[Array, Array]:
    """The g with (I - P') g = source, 0 at the likeliest node: what walkers collect until they get there.

    And what they collect of |source|, whose rounding g has: wells that are alike cancel in g.
    """
    root = int(law.argmax())
    states = np.flatnonzero(law != 0)
    states = states[states != root]
    require(len(states) > 0, f"a derivative needs a law on more than one node, got one of {len(law)}")
    columns = chain.matrix.tocsc()[:, states].tocsr()
    inner = columns[states].tocsc()
    potentials, collected = np.zeros(len(law)), np.zeros(len(law))
    if chain.matrix.data.min() >= 0:
        order = np.arange(len(states))
        if chain.grid.periodic[0]:  # from the root both ways
            order = np.argsort(np.minimum((states - root) % len(law), (root - states) % len(law)), kind="stable")
        toward = np.asarray(columns[[root]].toarray()).ravel()[order]
        band = eliminate(inner[:, order].tocsr()[order].tocsc(), toward)
        given = source[states][order]
        above, below = band.times(np.maximum(given, 0.0)), band.times(np.maximum(-given, 0.0))
        potentials[states[order]], collected[states[order]] = above - below, above + below
    else:
        identity = sparse.identity(len(states), format="csc")
        potentials[states] = splu(sparse.csc_matrix(identity - inner.T)).solve(source[states])
        collected = np.abs(potentials)
    return potentials, collected


def _tangent(chain: Chain, law: Array, change: Array) -> Array:
    """The x of mass 0 with (I - P) x = change."""
    balanced = change - change.sum() * law
    size = len(law)
    system = LinearOperator((size, size), matvec=lambda x: x - chain.step(x) + law * x.sum(), dtype=np.float64)
    found, failed = gmres(system, balanced, rtol=SETTLED, atol=0.0, restart=RESTART, maxiter=RESTARTS)
    if failed:
        raise InputError(
            "the tangent of the law must settle within 1600 steps of GMRES, it does not; walkers pass between "
            "wells too seldom, take a grid with one of them"
        )
    return np.asarray(found - found.sum() * law)


def _gap(chain: Chain) -> float:
    return float(1 - abs(slowest(chain.operator, 2)[0][1]))
