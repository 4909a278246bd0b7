"""Stationary laws in closed form, in a box: powers of the loss, normal laws, and the integral on a line."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.matrices import positive_definite
from theory.equations import Langevin, gibbs
from theory.fokker_planck.line import exponent
from theory.formulas.loss_power import loss_power_law, same_loss
from theory.landscapes import CallableLandscape, Landscape, SymbolicLandscape
from theory.laws import Density, Grid
from theory.models import NoisyGradient
from theory.points.degenerate import find_degenerate_points
from theory.tensors import HessianProportional, LossProportional

LARGEST_ERROR = 0.25  # in total variation, of centres
REMEDY = "a closed form needs noise everywhere; take a box without the point, or FokkerPlanck(sde, grid)"


def stationary_law(sde: Langevin, grid: Grid) -> Density:
    """The stationary density in a box with reflecting walls where it has a closed form, at the cell centres.

    - D = scale L I, any dimension: a power of the loss (`loss_power_law`).
    - D = scale H with constant H: normal around the minimum with the covariance scale I, whatever the curvature.
    - One dimension: D^(share - 1) exp(integral of h/D) with the drift h as written (Gauss-Legendre on panels).

    `Density.error` is what centres miss of cell averages, as of `gibbs`.

    Raises
    ------
    InputError
        If there is no closed form, the grid is periodic, the equation refuses a point of the box, or on a line
        noise vanishes there: what is stationary then depends on what crosses the point.
    NoStationaryDensity
        If noise is proportional to a loss with a zero in the box, onto which walkers collapse.

    References
    ----------
    Gardiner (2009), Stochastic Methods, sections 5.2 and 6.3.
    """
    require(
        isinstance(sde, Langevin) and sde.dim == grid.dim,
        f"a stationary law needs a Langevin equation of the grid's dimension {grid.dim}, got {sde!r}",
    )
    require(
        not any(grid.periodic),
        "closed forms are for reflecting walls, the grid is periodic; take FokkerPlanck(sde, grid).stationary()",
    )
    diffusion = sde.diffusion
    if isinstance(diffusion, LossProportional | HessianProportional) and sde.extra_drift is None:
        same = same_loss(diffusion.landscape, sde.landscape)
        if same and isinstance(diffusion, LossProportional):
            return loss_power_law(sde).on(grid)
        if same and isinstance(diffusion, HessianProportional) and _quadratic(diffusion.landscape):
            return _isotropic(diffusion, grid)
    if sde.dim == 1:
        return _on_line(sde, grid)
    raise InputError(
        f"no closed form is known for {type(diffusion).__name__} noise in {sde.dim} dimensions; take "
        "FokkerPlanck(sde, grid).stationary()"
    )


def _quadratic(landscape: Landscape) -> bool:
    formula = landscape.landscape if isinstance(landscape, NoisyGradient) else landscape
    if not isinstance(formula, SymbolicLandscape):
        return False
    return not any(h.free_symbols for h in formula.hessian_expressions)


def _isotropic(diffusion: HessianProportional, grid: Grid) -> Density:
    origin = np.zeros(diffusion.dim)
    hessian = positive_definite(diffusion.landscape.hessian(origin), "hessian")
    minimum = -np.linalg.solve(hessian, diffusion.landscape.gradient(origin))
    bowl = CallableLandscape(lambda w: ((w - minimum) ** 2).sum(axis=-1) / 2, dim=diffusion.dim)
    return gibbs(bowl, diffusion.scale, grid)


def _on_line(sde: Langevin, grid: Grid) -> Density:
    if isinstance(sde.diffusion, HessianProportional):
        curvatures = sde.diffusion.landscape.hessian(grid.centers)[..., 0, 0]
        require(  # D has a kink there, which a search by slopes may miss
            not curvatures.min() < 0 < curvatures.max(),
            f"the curvature changes its sign in the box and noise vanishes there, got {curvatures.min():.3g} to "
            f"{curvatures.max():.3g}; {REMEDY}",
        )
    for point in find_degenerate_points(sde, float(grid.lower[0]), float(grid.upper[0])):
        raise InputError(f"noise vanishes at w = {point.position:.6g} ({point.sides[0]}); {REMEDY}")
    law = gibbs(CallableLandscape(lambda w: _potential(sde, w), dim=1), 1.0, grid)
    require(
        (law.error or 0.0) <= LARGEST_ERROR,
        f"the cells must resolve the law, got centres that miss their averages by {law.error:.2g} in total "
        "variation; refine the grid",
    )
    return law


def _potential(sde: Langevin, w: Array) -> Array:
    """(1 - share) log of D - integral of h/D at points w (..., 1), from one of them; h = b - share D'."""

    def coefficients(points: Array) -> tuple[Array, Array]:
        noise = sde.tensor(points[..., None])[..., 0, 0]
        silent = points[noise == 0]  # one point alone, as where a sign is sure, which no slope tells
        if silent.size:
            raise InputError(f"noise vanishes at w = {silent[0]:.6g}; {REMEDY}")
        return sde.plain_drift(points[..., None])[..., 0] / noise, np.log(noise)

    points, back = np.unique(w[..., 0], return_inverse=True)
    found = (1 - sde.share) * coefficients(points)[1]
    if points.size > 1:
        path = exponent(coefficients, points, sde.share)
        found -= path.at_edges[np.searchsorted(path.edges, points)]
    return np.asarray(found[back].reshape(w.shape[:-1]))
