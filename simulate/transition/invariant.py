"""Invariant measures of a chain: closed sets of nodes, the law on each, and what is known of its dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from simulate.transition.attraction import converges
from simulate.transition.chain import Chain
from simulate.transition.data_nodes import DataNodes
from simulate.transition.data_step import DataStep
from simulate.transition.operator import MOST_LEAK
from simulate.transition.solve import STAYING, slowest
from theory.base.arrays import Array, Integers
from theory.base.errors import InputError
from theory.laws import NoStationaryDensity
from theory.markov import recurrent_classes

POSSIBLE = 1e-13  # chance of a move that is one
DENSE = 400  # nodes up to which a full eigenvalue problem is as cheap
POLISHING = 20  # steps that give a law its digits
LONGEST = 200_000  # steps of power iteration
SETTLED = 1e-13  # change of a law in a step
CYCLIC = 1e-9  # below this gap a class goes round in cycles, and steps settle nothing
DIFFERENCE = 1e-4  # of the spacing of the nodes, for the slope of a step
HELD = 1e-9  # of a law: less decides no exponent
MOST_APART, MOST_OF_A_LAW = 8, 0.5  # nodes about a point that hold most of a law, if it is one
MOST_LOST = 1e-3  # share of a start that leaves the grid, or stays between sets
LEFT = 1e-10  # of the walkers who have not yet come to an invariant set
MOST_STEPS = 20_000  # that they are followed for
SOME = 2000  # nodes at which slopes are taken, and steps to a fixed point


@dataclass(frozen=True, eq=False)
class InvariantMasses:
    """A closed set of `nodes` and the masses that a step leaves as they are, shape of the chain's nodes.

    `gap` is 1 - |second eigenvalue|: one over the steps in which laws settle; `leak` is the mass that leaves the
    grid in a step all the same, which is left out.
    """

    nodes: Integers
    masses: Array = field(repr=False)
    gap: float
    leak: float


def invariant_masses(chain: Chain) -> list[InvariantMasses]:
    """The sets of nodes that walkers do not leave but for the grid, and that rarely, in their order, with laws.

    Walkers are put on four nodes about a place, which hold the place: a set that they do not leave holds one that
    the step does not leave, as long as it is wider than the nodes.

    Raises
    ------
    NoStationaryDensity
        If a law does not settle.
    """
    possible = sparse.csc_array(abs(chain.matrix))
    possible.data[possible.data <= POSSIBLE] = 0.0
    possible.eliminate_zeros()
    found = []
    for nodes in recurrent_classes(possible):
        inside = chain.matrix.tocsc()[:, nodes].tocsr()[nodes]
        if float(inside.sum(axis=0).max()) < STAYING:  # whoever is there leaves the grid
            continue
        law, gap = _settled(inside)
        masses = np.zeros(len(chain.outside))
        masses[nodes] = law
        leak = float((chain.outside * masses).sum())
        if leak <= MOST_LEAK * gap or leak <= POSSIBLE:
            found.append(InvariantMasses(nodes, masses, gap, leak))
    return found


def _settled(inside: sparse.csr_array) -> tuple[Array, float]:
    """The law that `inside` leaves as it is, and its gap."""
    size = inside.shape[0]
    if size <= DENSE:
        values, modes = np.linalg.eig(inside.toarray())
    else:
        try:
            values, modes = slowest(inside, 2)
        except InputError:
            return _by_steps(inside)
    nearest = int(np.abs(values - 1).argmin())
    law = np.real(modes[:, nearest] / modes[np.abs(modes[:, nearest]).argmax(), nearest])
    others = np.abs(np.delete(values, nearest))
    gap = 1 - float(others.max(initial=0.0))
    law = law / law.sum()
    for _ in range(POLISHING if gap > CYCLIC else 0):
        law = inside @ law
        law /= law.sum()
    return law, gap


def _by_steps(inside: sparse.csr_array) -> tuple[Array, float]:
    law, before = np.full(inside.shape[0], 1 / inside.shape[0]), np.inf
    for _ in range(LONGEST):
        after = inside @ law
        change = float(np.abs(after - law).sum())
        law = after / after.sum()
        if change <= SETTLED:
            return law, max(1 - change / before if before > 0 else 1.0, 1 / LONGEST)
        before = change
    raise NoStationaryDensity(
        f"the invariant law must settle, it moves by {before:.2g} a step after {LONGEST} steps; take `evolve`"
    )


def shares(chain: Chain, masses: Array, sets: Sequence[InvariantMasses]) -> list[float]:
    """The shares of walkers with these `masses` at the nodes that end on each of the sets.

    Raises
    ------
    InputError
        If walkers take too long or leave the grid.
    """
    done, away = 0, np.ones(len(masses), dtype=bool)
    for one in sets:
        away[one.nodes] = False
    while (left := float(np.abs(masses[away]).sum())) > LEFT and done < MOST_STEPS:
        (masses,), _ = chain.evolve(masses, [done + 1 if done < 1 else done])
        done = max(2 * done, 1)
    found = [float(masses[one.nodes].sum()) for one in sets]
    total = sum(found)
    if not max(left, abs(total - 1)) <= MOST_LOST:
        raise InputError(
            f"walkers must come to an invariant set of the grid, a share of {1 - total:.3g} does not within "
            f"{done} steps; widen the grid, or take `evolve`"
        )
    return [share / total for share in found]


def dimension_bound(step: DataStep, nodes: DataNodes, masses: Array) -> float:
    """The most that the dimension of an invariant measure on a line can be: entropy over Lyapunov exponent.

    Below 1 the measure is singular: it has no density. Infinite where steps do not contract on average. `masses`
    are those at the nodes.

    References
    ----------
    Jaroszewska & Rams (2008), "On the Hausdorff dimension of invariant measures of weakly contracting on average
    measurable IFS".
    """
    assert nodes.mesh is not None
    weights = np.maximum(masses, 0.0)
    held = np.flatnonzero(weights > HELD * weights.max())
    held = held[:: -(-len(held) // SOME)]
    exponent, total = 0.0, float(weights[held].sum())
    entropy = 0.0
    for node in held:
        point, shift = nodes.nodes[node][None], DIFFERENCE * nodes.mesh.spacing[node]
        ahead, chances = step.outcomes(point + shift)
        behind, _ = step.outcomes(point - shift)
        with np.errstate(divide="ignore"):
            slopes = np.log(np.abs(ahead - behind)[0, :, 0] / (2 * shift))
        exponent -= float(weights[node] / total * (chances[0] * slopes).sum())
        entropy = -float((chances[0] * np.log(chances[0])).sum())
    return entropy / exponent if exponent > 0 else np.inf


def attracting_point(step: DataStep, nodes: DataNodes, masses: Array) -> Array | None:
    """The place (axes,) next to the mean of a law that no step leaves and that walkers converge to, or None."""
    near = float((np.array(nodes.grid.upper) - np.array(nodes.grid.lower)).max())
    point = (masses @ nodes.nodes)[None]
    for _ in range(SOME):
        places, chances = step.outcomes(point)
        after = (places * chances[..., None]).sum(axis=1) / chances.sum()
        if float(np.abs(after - point).max()) <= SETTLED * near:
            break
        point = after
    places, chances = step.outcomes(point)
    spread = float(np.abs((places - point[:, None])[chances > POSSIBLE]).max())
    return point[0] if spread <= HELD * near and attracts(step, nodes, masses, point[0]) else None


def attracts(step: DataStep, nodes: DataNodes, masses: Array, point: Array) -> bool:
    """Whether walkers converge to a `point` (axes,) that no step leaves, for a set with these `masses` about it.

    On a line where they converge on average; in a plane where most of the law is within a few nodes.
    """
    if nodes.mesh is None:
        apart = np.abs(nodes.numbers(nodes.nodes) - nodes.numbers(point[None]))
        return float(masses[(apart <= MOST_APART).all(axis=1)].sum()) > MOST_OF_A_LAW
    return converges(step.outcomes, float(point[0]), nodes.mesh.epsilon)
