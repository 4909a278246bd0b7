"""The exponent of a one-dimensional law, F = int b / D, and the scale int e^-F, on panels that resolve them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.polynomial import legendre

from theory.arrays import Array
from theory.errors import require

NODES = 16
TOLERANCE = 1e-13  # between the rule and the one with half its nodes
MAX_LEVEL = 12  # of halving for accuracy: a jump of b / D is then known to a 4096th of the panel
MAX_PANELS = 2**20
STEEPEST = 1.0  # rise of F over a panel on which e^-F is integrated


@dataclass(frozen=True, eq=False)
class Exponent:
    """F on panels between `edges` (panels + 1,), zero at the middle edge.

    Parameters
    ----------
    edges
        Ends of the panels, increasing.
    rises
        Rise of F over each panel, shape (panels,).
    partial_rises
        Rise of F from the left end of each panel to its nodes, shape (panels, nodes).
    """

    edges: Array = field(repr=False)
    rises: Array = field(repr=False)
    partial_rises: Array = field(repr=False)

    @property
    def at_edges(self) -> Array:
        """F at the edges, summed outwards from the middle so that steep ends do not spoil the rest."""
        middle = self.rises.size // 2
        falls = -np.cumsum(self.rises[:middle][::-1])[::-1]
        values: Array = np.concatenate([falls, [0.0], np.cumsum(self.rises[middle:])])
        return values

    @property
    def node_weights(self) -> Array:
        """Quadrature weights of the nodes, shape (panels, nodes)."""
        _, weights, _ = _rule(self.partial_rises.shape[1])
        scaled: Array = np.diff(self.edges)[:, None] * weights / 2
        return scaled

    @property
    def log_scales(self) -> Array:
        """Logarithm of int e^-F over each panel, shape (panels,)."""
        inside: Array = np.log((self.node_weights * np.exp(-self.partial_rises)).sum(axis=1))
        return inside - self.at_edges[:-1]

    @property
    def log_partial_scales(self) -> tuple[Array, Array]:
        """Logarithms of int e^-F from the left end of each panel to its nodes, and from there to its right."""
        _, weights, primitive = _rule(self.partial_rises.shape[1])
        inside = np.exp(-self.partial_rises) * np.diff(self.edges)[:, None] / 2
        offset = self.at_edges[:-1, None]
        return np.log(inside @ primitive.T) - offset, np.log(inside @ (weights - primitive).T) - offset

    @property
    def at_nodes(self) -> Array:
        """F at the nodes, shape (panels, nodes)."""
        values: Array = self.at_edges[:-1, None] + self.partial_rises
        return values

    @property
    def nodes(self) -> Array:
        """The nodes, shape (panels, nodes)."""
        x, _, _ = _rule(self.partial_rises.shape[1])
        places: Array = self.edges[:-1, None] + np.diff(self.edges)[:, None] * (x + 1) / 2
        return places

    def log_integrals(self, logs: Array) -> tuple[Array, Array, Array]:
        """Logarithms of int exp(`logs`) over each panel, from its left end to its nodes, and from there on.

        `logs` at the nodes, shape (panels, nodes); -inf is 0.
        """
        _, weights, primitive = _rule(logs.shape[1])
        offset = logs.max(axis=1, keepdims=True)
        offset[np.isneginf(offset)] = 0.0
        inside = np.exp(logs - offset) * np.diff(self.edges)[:, None] / 2
        parts = (inside @ weights)[:, None], inside @ primitive.T, inside @ (weights - primitive).T
        with np.errstate(divide="ignore"):  # the part before the first node may round to 0
            whole, before, after = (np.log(np.maximum(part, 0.0)) + offset for part in parts)
        return whole[:, 0], before, after


def exponent(
    ratio: Callable[[Array], Array], edges: Array, *, nodes: int = NODES, steepest: float = np.inf
) -> Exponent:
    """F = int b / D on panels between the given edges, halved until they resolve it.

    Gauss-Legendre rule of `nodes` nodes; a panel is halved while the rule with half the nodes differs by more
    than 1e-13 (1 + |rise|), or F varies on it by more than `steepest`.

    Raises
    ------
    InputError
        If b / D is not finite somewhere, or F is so steep that a million panels do not resolve it.
    """
    _, weights, primitive = _rule(nodes)
    left, right = edges[:-1], edges[1:]
    done: list[Array] = []
    level = 0
    while left.size:
        values, half_width = _sample(ratio, left, right, nodes)
        rise = half_width * (values @ weights)
        coarse_values, _ = _sample(ratio, left, right, nodes // 2)
        coarse = half_width * (coarse_values @ _rule(nodes // 2)[1])
        accurate = np.abs(rise - coarse) <= TOLERANCE * (1 + np.abs(rise))
        gentle = half_width * (np.abs(values) @ weights) <= steepest
        finished = (accurate | (level >= MAX_LEVEL)) & gentle
        done.append(left[finished])
        left, right = left[~finished], right[~finished]
        middle = (left + right) / 2
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        level += 1
        require(
            left.size <= MAX_PANELS,
            f"int b / D must vary by less than {MAX_PANELS} on the grid to be resolved, got more near "
            f"{left[:1]}; use stronger noise or a grid without a centre next to a zero of D",
        )
    starts = np.sort(np.concatenate(done))
    ends = np.append(starts[1:], edges[-1])
    values, half_width = _sample(ratio, starts, ends, nodes)
    partial_rises = half_width[:, None] * (values @ primitive.T)
    return Exponent(np.append(starts, edges[-1]), half_width * (values @ weights), partial_rises)


def _sample(ratio: Callable[[Array], Array], left: Array, right: Array, nodes: int) -> tuple[Array, Array]:
    """Values of b / D at the nodes of each panel, and half the widths."""
    x, _, _ = _rule(nodes)
    half_width = (right - left) / 2
    w = left[:, None] + half_width[:, None] * (x + 1)
    values = ratio(w)
    bad = ~np.isfinite(values)
    require(not bad.any(), f"b / D must be finite between the zeros of D, got {values[bad][:1]} at {w[bad][:1]}")
    return values, half_width


@cache
def _rule(nodes: int) -> tuple[Array, Array, Array]:
    """Gauss-Legendre nodes and weights on [-1, 1], and the matrix that integrates from -1 to each node."""
    x, weights = legendre.leggauss(nodes)
    degrees = np.arange(nodes)
    values = legendre.legvander(x, nodes)
    coefficients = (2 * degrees[:, None] + 1) / 2 * values[:, :nodes].T * weights
    below = np.concatenate([-np.ones((nodes, 1)), values[:, : nodes - 1]], axis=1)
    return x, weights, (values[:, 1:] - below) / (2 * degrees + 1) @ coefficients
