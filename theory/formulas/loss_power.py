"""The power of the loss that is the stationary law of noise proportional to the loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy

from theory.base.arrays import ArrayLike
from theory.base.errors import InputError, require
from theory.base.showing import as_call
from theory.equations import Langevin, gibbs
from theory.fokker_planck import NoStationaryDensity
from theory.landscapes import CallableLandscape, Landscape, SymbolicLandscape
from theory.laws import Density, Grid
from theory.learning import learning_coefficient
from theory.models import NoisyGradient
from theory.points import find_minima
from theory.tensors import LossProportional

ZERO_LOSS = 1e-9  # of the largest loss on the grid: below it the search for minima cannot tell a loss from none


@dataclass(frozen=True, eq=False)
class LossPowerLaw:
    """The density ~ L(w)^-exponent, in any dimension: what noise proportional to the loss leads to.

    Near a zero of L it is integrable if and only if the exponent is below the learning coefficient lambda of L
    there, which is at most d/2: -lambda is the first pole of the integral of L^z. Otherwise walkers collapse
    onto the zero. Far away, where L >= c |w|^m, it needs exponent m > d.
    """

    landscape: Landscape
    exponent: float

    def __repr__(self) -> str:
        return as_call(self)

    def normalisable_near(self, zero: ArrayLike) -> bool:
        """Whether the law has finite mass near the point `zero` (d,), by the learning coefficient of L there.

        Raises
        ------
        InputError
            If the point does not fit, L is negative there, or the coefficient is needed and not known exactly.
        """
        point = np.asarray(zero, dtype=np.float64).reshape(-1)
        dim = self.landscape.dim
        require(len(point) == dim, f"`zero` must have {dim} components, got {len(point)}")
        loss = float(self.landscape.value(point))
        require(loss >= 0, f"noise proportional to the loss needs L >= 0, got {loss:.3g}; add a constant to L")
        if loss > 0:
            return True
        if self.exponent >= dim / 2:
            return False  # L <= c |w|^2 there
        return self.exponent < learning_coefficient(self.landscape, tuple(point.tolist())).value

    def tail_index(self, growth: float | None = None) -> float:
        """The power alpha = exponent m - d in P(|w| > R) ~ R^-alpha on the whole space.

        `growth` is the power m with which L grows in all directions; of a formula it is found where that is
        certain: polynomials in one or two dimensions, or of degree 2, whose highest terms are positive.

        Raises
        ------
        InputError
            If the growth is needed and not given, or is no positive number.
        NoStationaryDensity
            If alpha <= 0: the law has infinite mass far away, and walkers wander off.
        """
        power = self._growth() if growth is None else growth
        require(
            math.isfinite(power) and power > 0, f"`growth` must be positive and finite, got {power}; L must grow"
        )
        index = self.exponent * power - self.landscape.dim
        if index <= 0:
            raise NoStationaryDensity(
                f"L^-{self.exponent:.6g} with L ~ |w|^{power:g} in {self.landscape.dim} dimensions has infinite "
                "mass far away; reduce the noise or take a box"
            )
        return index

    def on(self, grid: Grid) -> Density:
        """The law in a box with reflecting walls, at the cell centres; `Density.error` as of `gibbs`.

        Raises
        ------
        InputError
            If the dimensions differ, L is negative or not finite on the grid, or it has a zero there at which
            the density is infinite but integrable: no cell can show that.
        NoStationaryDensity
            If L has a zero in the box onto which walkers collapse.
        """
        dim = self.landscape.dim
        require(grid.dim == dim, f"landscape and grid must have one dimension, got {dim} and {grid.dim}")
        losses = self.landscape.value(grid.centers)
        require(
            bool((losses >= 0).all()),
            f"noise proportional to the loss needs L >= 0, got {losses.min():.3g}; add a constant to L",
        )
        lowest = min(find_minima(self.landscape, grid), key=lambda found: found.loss, default=None)
        if lowest is not None and lowest.loss <= ZERO_LOSS * losses.max():
            place = [round(x, 6) for x in lowest.position]
            if self.exponent >= dim / 2:
                raise NoStationaryDensity(
                    f"L is {lowest.loss:.2g} at w = {place} and L^-{self.exponent:.6g} has infinite "
                    "mass there: noise vanishes with the loss and walkers collapse onto the point; add "
                    "the loss of the label noise"
                )
            raise InputError(
                f"L is {lowest.loss:.2g} at w = {place} and L^-{self.exponent:.6g} is infinite "
                "there: no grid shows it; choose a box without the point; whether its mass is finite says "
                "loss_power_law(sde).normalisable_near(w)"
            )
        return gibbs(
            CallableLandscape(lambda w: np.log(self.landscape.value(w)), dim=dim), 1 / self.exponent, grid
        )

    def _growth(self) -> float:
        landscape = self.landscape
        unknown = "the growth of L far away is not known for certain; give `growth`, the m in L >= c |w|^m"
        if not isinstance(landscape, SymbolicLandscape) or not landscape.expression.is_polynomial(
            *landscape.variables
        ):
            raise InputError(unknown)
        polynomial = sympy.Poly(sympy.nsimplify(landscape.expression, rational=True), *landscape.variables)
        degree = polynomial.total_degree()
        top = sum(
            (c * sympy.prod(v**k for v, k in zip(polynomial.gens, powers, strict=True)))
            for powers, c in polynomial.terms()
            if sum(powers) == degree
        )
        if degree == 2:
            positive = bool(sympy.hessian(top, polynomial.gens).is_positive_definite)
        elif len(polynomial.gens) == 1:
            positive = degree > 0 and degree % 2 == 0 and polynomial.LC() > 0
        elif len(polynomial.gens) == 2 and degree > 0:
            x, y = polynomial.gens
            on_x, section = top.subs({x: 1, y: 0}), sympy.Poly(top.subs(y, 1), x)
            positive = bool(on_x > 0 and section.eval(0) > 0 and section.count_roots() == 0)
        else:
            positive = False
        require(positive, unknown)
        return float(degree)


def loss_power_law(sde: Langevin) -> LossPowerLaw:
    """The law ~ L^-(1 + 1/scale - share) of an equation with D = scale L(w) times the identity.

    Zero flux: b - div D = -(1 + (1 - share) scale) grad L = -D grad Phi, with Phi the exponent times log L and
    share 0, 1/2, 1 for Ito, Stratonovich, anti-Ito. Scale = eta h / B is the limit of SGD with noise C = 2 h L I.

    Raises
    ------
    InputError
        If the noise is not proportional to the loss of this equation, or there is an extra drift.

    References
    ----------
    Mori, Ziyin, Liu & Ueda (2022), Power-law escape rate of SGD.
    """
    diffusion = sde.diffusion
    if not isinstance(diffusion, LossProportional):
        raise InputError(f"a power of the loss needs LossProportional noise, got {type(diffusion).__name__}")
    require(
        sde.extra_drift is None and same_loss(diffusion.landscape, sde.landscape),
        "a power of the loss needs noise proportional to the loss of the drift and no extra drift; take "
        "FokkerPlanck(sde, grid).stationary()",
    )
    return LossPowerLaw(diffusion.landscape, 1 + 1 / diffusion.scale - sde.interpretation.share)


def same_loss(first: Landscape, second: Landscape) -> bool:
    """Whether two landscapes are one object or one formula, apart from the noise of a `NoisyGradient`."""
    one, other = (part.landscape if isinstance(part, NoisyGradient) else part for part in (first, second))
    if isinstance(one, SymbolicLandscape) and isinstance(other, SymbolicLandscape):
        return one.variables == other.variables and bool(one.expression == other.expression)
    return one is other
