"""The generator of a Fokker-Planck equation with a full diffusion tensor."""

from __future__ import annotations

from scipy import sparse

from theory.equations.protocol import Equation
from theory.fokker_planck.generator.fluxes import ExponentiallyFitted, Flux
from theory.laws import Grid

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
