"""The exponent of a one-dimensional law, F = int h / D, and integrals of e^-F, on panels that resolve them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.polynomial import legendre

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.base.rounding import LARGEST_EXPONENT

Coefficients = Callable[[Array], tuple[Array, Array]]  # h / D and log D at points

NODES = 16
RULE_TOLERANCE = 1e-13  # between the rule and the one with half its nodes
TAILS = {16: 1e-8, 8: 1e-6}  # of the last Legendre coefficients: about the root of the error of an integral
LEAST_WIDTH = 1e-70  # of the whole: least width of a panel, next to 0
NARROWEST = 4.0  # units in the last place: width of the panel that holds a jump
NOISE = 1e-6, 1e-5  # of the variation of F, of the tail: what may be rounding of the coefficients
STRIKES = 3  # halvings in a row that help neither half: what is left is rounding
POLE = 1e-3  # variation of F over the narrowest panel that is no jump
MAX_PANELS = 2**20
STEEPEST_PANEL = 1.0  # rise of F over a panel on which e^-F is integrated
IDLE = 8.0  # a halving that reduces the error by less has not helped; one of order 16 gains far more
MISSED = 100.0  # parts of what a series misses at the ends, one of which counts


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
    log_noise
        Logarithm of D at the nodes, shape (panels, nodes).
    share
        Share of div D in the Ito drift b: int b / D is F + share log D, and F has no jump where D does.
    """

    edges: Array = field(repr=False)
    rises: Array = field(repr=False)
    partial_rises: Array = field(repr=False)
    log_noise: Array = field(repr=False)
    share: float

    @property
    def at_edges(self) -> Array:
        """F at the edges, summed outwards from the middle so that steep ends do not spoil the rest.

        Shape (panels + 1,).
        """
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
        """Logarithm of int e^-F D^-share over each panel, shape (panels,)."""
        largest, inside = self._scaled
        whole: Array = np.log((self.node_weights * inside).sum(axis=1))
        return whole + largest - self.at_edges[:-1]

    @property
    def log_partial_scales(self) -> tuple[Array, Array]:
        """Logarithms of that integral from the left end of each panel to its nodes, and from there on.

        Shape (panels, nodes) each.
        """
        _, weights, primitive = _rule(self.partial_rises.shape[1])
        largest, inside = self._scaled
        inside = inside * np.diff(self.edges)[:, None] / 2
        offset = (self.at_edges[:-1] - largest)[:, None]
        return np.log(inside @ primitive.T) - offset, np.log(inside @ (weights - primitive).T) - offset

    @property
    def at_nodes(self) -> Array:
        """Int b / D = F + share log D at the nodes, shape (panels, nodes)."""
        values: Array = self.at_edges[:-1, None] + self.partial_rises + self.share * self.log_noise
        return values

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

    @property
    def _scaled(self) -> tuple[Array, Array]:
        """Largest logarithm of e^-F D^-share on each panel, F from its left end, and the rest at the nodes."""
        logs = -self.partial_rises - self.share * self.log_noise
        largest = logs.max(axis=1)
        return largest, np.exp(logs - largest[:, None])


def exponent(
    coefficients: Coefficients,
    edges: Array,
    share: float,
    *,
    nodes: int = NODES,
    steepest: float = np.inf,
) -> Exponent:
    """F = int h / D on panels between the given edges, halved until they resolve it. `edges` has shape (edges,).

    Gauss-Legendre rule of `nodes` nodes; a panel is halved while the rule with half the nodes differs by more
    than 1e-13 (1 + |rise|), or F varies on it by more than `steepest`, or with a finite `steepest` the Legendre
    series of e^-F D^-share and e^F D^(share - 1) do not converge. So a jump is cut out to a few units in the last
    place. Where three halvings in a row help neither half, what is left is rounding of the coefficients.

    Raises
    ------
    InputError
        If h / D is not finite somewhere, or F is so steep that a million panels do not resolve it.
    """
    _, weights, primitive = _rule(nodes)
    left, right = edges[:-1], edges[1:]
    done: list[Array] = []
    least = LEAST_WIDTH * (edges[-1] - edges[0])
    before, strikes = np.full(left.size, np.inf), np.zeros(left.size, dtype=np.int64)
    while left.size:
        narrowest = np.maximum(NARROWEST * np.spacing(np.maximum(np.abs(left), np.abs(right))), least)
        values, log_noise, half_width = _sample(coefficients, left, right, nodes)
        rise = half_width * (values @ weights)
        coarse_values, _, _ = _sample(coefficients, left, right, nodes // 2 - 1)
        difference = np.abs(rise - half_width * (coarse_values @ _rule(nodes // 2 - 1)[1]))
        variation = half_width * (np.abs(values) @ weights)
        ends, log_ends = coefficients(np.stack([left + narrowest, right - narrowest], axis=1))
        difference = np.maximum(difference, _missed(values, ends) * half_width * weights[0])
        tail = np.zeros(left.size)
        if np.isfinite(steepest):
            rises = half_width[:, None] * (values @ primitive.T)
            at_ends = np.stack([np.zeros(left.size), rise], axis=1)
            tail = series_tail(-rises - share * log_noise, -at_ends - share * log_ends)
            tail = np.maximum(tail, series_tail(rises + (share - 1) * log_noise, at_ends + (share - 1) * log_ends))
        miss = np.maximum(difference / (RULE_TOLERANCE * (1 + np.abs(rise))), tail / TAILS[nodes])
        rounding = np.asarray((difference <= NOISE[0] * variation) & (tail <= NOISE[1]), dtype=np.bool_)
        strikes = struck(strikes, miss, before, rounding)
        narrow = right - left <= narrowest
        poles = np.flatnonzero(narrow & (miss > 1) & (variation > POLE))
        require(
            poles.size == 0,
            f"b / D must be integrable between the zeros of D, it has a pole at w = {left[poles[:1]]}; where "
            "noise is constant give the drift by a landscape alone, or take a grid on one side",
        )
        settled = (miss <= 1) | (strikes >= STRIKES) | narrow
        finished = settled & (variation <= steepest)
        done.append(left[finished])
        left, right = left[~finished], right[~finished]
        middle = (left + right) / 2
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        before, strikes = np.tile(miss[~finished], 2), np.tile(strikes[~finished], 2)
        require(
            left.size <= MAX_PANELS,
            f"int b / D must vary by less than {MAX_PANELS} on the grid to be resolved, got more near "
            f"{left[:1]}; use stronger noise or a grid without a centre next to a zero of D",
        )
    starts = np.sort(np.concatenate(done))
    ends = np.append(starts[1:], edges[-1])
    values, log_noise, half_width = _sample(coefficients, starts, ends, nodes)
    partial_rises = half_width[:, None] * (values @ primitive.T)
    return Exponent(np.append(starts, edges[-1]), half_width * (values @ weights), partial_rises, log_noise, share)


def struck(strikes: Integers, miss: Array, before: Array, rounding: Booleans) -> Integers:
    """Halvings in a row that helped neither half, for panels whose halves stand n / 2 apart."""
    if np.isinf(before).all():
        return strikes
    idle = ((miss > 1) & (miss > before / IDLE) & rounding).reshape(2, -1).all(axis=0)
    return np.where(np.tile(idle, 2), strikes + 1, 0)


def nodes_of(left: Array, right: Array, nodes: int) -> tuple[Array, Array]:
    """The Gauss-Legendre nodes of panels, shape (panels, nodes), and half their widths."""
    half_width = (right - left) / 2
    return left[:, None] + half_width[:, None] * (_rule(nodes)[0] + 1), half_width


def log_weights(half_width: Array, nodes: int) -> Array:
    """Logarithms of the weights of the nodes of panels, shape (panels, nodes)."""
    return np.asarray(np.log(half_width)[:, None] + np.log(_rule(nodes)[1]))


def integrated(values: Array, widths: Array, *, partial: bool = False) -> Array:
    """Integrals over panels of `values` at their nodes; `partial`: from the left ends to each of the nodes."""
    _, weights, primitive = _rule(values.shape[1])
    return np.asarray(widths[:, None] / 2 * (values @ primitive.T) if partial else widths / 2 * (values @ weights))


def series_tail(logs: Array, at_ends: Array) -> Array:
    """The last three Legendre coefficients of exp(`logs`), given at the nodes and ends of panels, over the first.

    Or a hundredth of what the series misses at the ends, if that is more.
    """
    largest = logs.max(axis=1, keepdims=True)
    values, ends = np.exp(logs - largest), np.exp(np.minimum(at_ends - largest, LARGEST_EXPONENT))
    found = np.abs(values @ _series(logs.shape[1])[0])
    return np.asarray(np.maximum(found[:, -3:].max(axis=1), _missed(values, ends) / MISSED) / found[:, 0])


def _missed(values: Array, ends: Array) -> Array:
    """By how much the series through `values` at the nodes misses the `ends`: a jump beyond the last node."""
    missed = np.abs(values @ _series(values.shape[1])[1] - ends)
    return np.asarray(np.where(np.isfinite(missed), missed, 0.0).max(axis=1))


@cache
def _series(nodes: int) -> tuple[Array, Array]:
    """Matrices from values at the nodes to Legendre coefficients, and to the values of the series at both ends."""
    x, weights = legendre.leggauss(nodes)
    degrees = np.arange(nodes)
    transform = legendre.legvander(x, nodes - 1) * weights[:, None] * (2 * degrees + 1) / 2
    return transform, transform @ np.stack([(-1.0) ** degrees, np.ones(nodes)], axis=1)


def _sample(coefficients: Coefficients, left: Array, right: Array, nodes: int) -> tuple[Array, Array, Array]:
    """H / D and log D at the nodes of each panel, and half the widths."""
    w, half_width = nodes_of(left, right, nodes)
    values, log_noise = coefficients(w)
    bad = ~np.isfinite(values)
    require(not bad.any(), f"b / D must be finite between the zeros of D, got {values[bad][:1]} at {w[bad][:1]}")
    return values, log_noise, half_width


@cache
def _rule(nodes: int) -> tuple[Array, Array, Array]:
    """Gauss-Legendre nodes and weights on [-1, 1], and the matrix that integrates from -1 to each node."""
    x, weights = legendre.leggauss(nodes)
    degrees = np.arange(nodes)
    values = legendre.legvander(x, nodes)
    coefficients = (2 * degrees[:, None] + 1) / 2 * values[:, :nodes].T * weights
    below = np.concatenate([-np.ones((nodes, 1)), values[:, : nodes - 1]], axis=1)
    return x, weights, (values[:, 1:] - below) / (2 * degrees + 1) @ coefficients
