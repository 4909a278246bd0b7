"""What a Fokker-Planck flux carries along edges: two discretisations, as objects."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from theory.base.errors import require
from theory.equations.protocol import Equation
from theory.fokker_planck.generator.coefficients import full_rank
from theory.fokker_planck.generator.edges import (
    Edges,
    drift_edges,
    falls,
    nearest_edges,
    selling_edges,
    skew_cells,
)
from theory.fokker_planck.generator.exponential_fitting import bernoulli
from theory.fokker_planck.generator.selling import check_tensor, selling_decomposition
from theory.fokker_planck.generator.upwind import upwind_edges
from theory.laws import Grid

CONSTANT = 1e-9  # relative change of a tensor that counts as none


@dataclass(frozen=True)
class ExponentiallyFitted:
    """Rates rho B(-z) forward and rho B(z) back on a Selling edge along which the potential falls by z.

    B(z) = z / (exp(z) - 1). All rates are >= 0: a rate matrix on every grid, however deep the wells, for which
    exp(-Phi) is stationary to rounding where a potential is known. Second order in the spacing. Where drift
    crosses a weak direction of the noise, z is large although the density is smooth, and the flux turns into
    upwinding, of first order. Where D has no full rank, the part of b - div D outside its range is upwinded along
    the axes, of first order too: `numerical_diffusion` says how much that adds.

    References
    ----------
    Scharfetter & Gummel (1969), "Large-signal analysis of a silicon Read diode oscillator".
    """

    def edges(self, equation: Equation, grid: Grid) -> Edges:
        """The edges with their rates.

        Raises
        ------
        InputError
            If a coefficient is not valid on the grid.
        """
        plain = selling_edges(equation, grid)
        z = falls(equation, plain)
        fitted = replace(plain, forward=plain.forward * bernoulli(-z), back=plain.back * bernoulli(z))
        return fitted.joined(upwind_edges(equation, grid))


@dataclass(frozen=True)
class Centred:
    """Central differences: diffusion along one stencil, the mean of (b - div D) p along the axes.

    No numerical diffusion: sharp where the drift dominates and the density is resolved. Second order in the
    spacing with an error that does not grow with the ratio of drift to noise. Rates may be negative, and then
    stationary values may be; mass is conserved and walls carry nothing. The diffusion of a constant tensor runs
    along its Selling edges, which resolve the weak direction best. Where the tensor varies they would change from
    cell to cell, and with them the error, which could not be extrapolated; there, and where Selling's offsets are
    longer than `longest_step` or D without full rank would be widened, it runs between nearest neighbours with
    weights of either sign. Where D has no full rank, modes that alternate between cells are not damped: the law is
    the right one where meshes converge, as for kinetic equations, and else of both signs.

    Parameters
    ----------
    largest_negative_mass
        Largest sum of negative stationary values, as a mass, with which a solution is accepted.
    longest_step
        Longest Selling offset in cells, along an axis.

    Raises
    ------
    InputError
        If the bound on the negative mass is not between 0 and 0.01, or the longest step is below 1.
    """

    largest_negative_mass: float = 1e-4
    longest_step: int = 5

    def __post_init__(self) -> None:
        require(
            0 <= self.largest_negative_mass <= 0.01,
            f"`largest_negative_mass` must lie between 0 and 0.01, got {self.largest_negative_mass}",
        )
        require(self.longest_step >= 1, f"`longest_step` must be at least 1 cell, got {self.longest_step}")

    def edges(self, equation: Equation, grid: Grid) -> Edges:
        """The edges with their rates.

        Raises
        ------
        InputError
            If a coefficient is not valid on the grid.
        """
        short = self._short_stencil(equation, grid)
        diffusion = selling_edges(equation, grid) if short else nearest_edges(equation, grid)
        return diffusion.joined(drift_edges(equation, grid, skew_cells(diffusion)))

    def _short_stencil(self, equation: Equation, grid: Grid) -> bool:
        """Whether one short Selling stencil serves every cell."""
        tensors = equation.tensor(grid.centers)
        check_tensor(tensors, grid)
        flat = tensors.reshape(grid.size, -1)
        if np.ptp(flat, axis=0).max() > CONSTANT * np.abs(flat).max():
            return False
        first = flat[:1].reshape(*[1] * grid.dim, grid.dim, grid.dim)
        cell = Grid([0.0] * grid.dim, grid.spacing.tolist(), [1] * grid.dim)
        weights, offsets = selling_decomposition(first, cell)
        longest = int((np.abs(offsets) * (weights > 0)[..., None]).max())
        return longest <= self.longest_step and bool(full_rank(first).all())


Flux = ExponentiallyFitted | Centred
