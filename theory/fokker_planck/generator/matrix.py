"""The generator of a Fokker-Planck equation with a full diffusion tensor, and its recurrent classes."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from theory.arrays import Integers
from theory.equation import Equation
from theory.fokker_planck.generator.fluxes import ExponentiallyFitted, Flux
from theory.grid import Grid

FITTED = ExponentiallyFitted()


def build_generator(equation: Equation, grid: Grid, flux: Flux = FITTED) -> sparse.csc_array:
    """Generator G of dp/dt = G p for cell masses: columns sum to 0; off-diagonals >= 0 with the fitted flux.

    The flux J = D (v p - grad p) with v = D^-1 (b - div D) runs along the offsets e of Selling's decomposition:
    the edge from x to x + e carries the weight rho = (rho_e(x) + rho_e(x + e)) / 2 and, fitted, the rates
    rho B(-z) forward, rho B(z) back, with B(z) = z / (exp(z) - 1) and z the integral of v along the edge
    (trapezoidal; exact where the potential is known, and then exp(-Phi) is stationary to rounding). Second order
    in the spacing. Sides reflect unless the grid is periodic there: edges that leave the box carry nothing.

    Raises
    ------
    InputError
        If dimensions differ, or a coefficient is not finite, or D is not symmetric and positive semidefinite.

    References
    ----------
    Scharfetter & Gummel (1969); Bonnans, Bonnet & Mirebeau (2022).
    """
    return flux.edges(equation, grid).generator()


def recurrent_classes(generator: sparse.csc_array) -> list[Integers]:
    """The states of each recurrent class (closed and strongly connected), the class of the first state first."""
    rates = generator.tocoo()
    moves = (rates.data > 0) & (rates.row != rates.col)
    targets, sources = rates.row[moves], rates.col[moves]
    graph = sparse.csr_array((np.ones(len(sources)), (sources, targets)), shape=generator.shape)
    count, label = connected_components(graph, connection="strong")
    leaks = label[sources] != label[targets]
    closed = np.setdiff1d(np.arange(count), label[sources[leaks]])
    classes = [np.flatnonzero(label == one) for one in closed]
    return sorted(classes, key=lambda states: int(states[0]))
