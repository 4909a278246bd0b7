"""Rates of escape that the literature gives for minibatch noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.showing import as_call
from theory.equations import Langevin
from theory.formulas.escape.critical import Pass, distance_between, find_pass
from theory.formulas.escape.kramers import langevin_escape_rate
from theory.formulas.escape.rate import EscapeRate, require_barrier, require_escape_by_noise
from theory.landscapes import Landscape
from theory.landscapes.function import at_scale
from theory.tensors import LossProportional
from theory.tensors.minibatch import AnyNoisyModel, covariance_of

NO_LOSS = 1e-9  # of the loss at the saddle: at the minimum it is none
PROPORTIONALITY_TOLERANCE = 0.05  # of noise that a formula takes to be proportional to something


@dataclass(frozen=True)
class RateRange:
    """The rates between `slowest` and `fastest` that a formula with a free parameter allows, log-linear in it."""

    slowest: EscapeRate
    fastest: EscapeRate

    def __repr__(self) -> str:
        return as_call(self)


def xie_rate(
    landscape: Landscape, learning_rate: float, batch_size: int, minimum: ArrayLike, saddle: ArrayLike
) -> RateRange:
    """Rate |h_b|/(2 pi) exp(-(2 B dL/eta) (s/h_a + (1-s)/|h_b|)), for all 0 < s < 1: a claim of the literature.

    `minimum` and `saddle` have shape (d,).
    h_a and h_b are the curvatures along the direction of escape, s is the part of the climb that has the noise
    of the minimum, and C = |H| is meant at both ends; C = c H of a model divides the exponent by c. It is the
    rate of piecewise constant noise in the anti-Ito reading; in Ito's, which is the limit of SGD, the prefactor is
    h_a/(2 pi), and the error says so. Noise exactly |H| on the whole way vanishes at the inflection point, which
    walkers of the equation then do not pass at small learning rate: `langevin_escape_rate` refuses it.

    Parameters
    ----------
    landscape
        L; of a model with `example_covariance` C is compared with |H| at both points.
    learning_rate, batch_size
        eta and B.
    minimum, saddle
        As for `kramers_rate`.

    Raises
    ------
    InputError
        As `kramers_rate`; if C is not c H at the minimum within 5 %, nor c |H| across the saddle, or the direction
        of escape is not an eigenvector of the Hessian at the minimum.

    References
    ----------
    Xie, Sato & Sugiyama (2021), A diffusion theory for deep learning dynamics, theorem 3.2.
    """
    _require_batch(batch_size)
    found = _pass(landscape, minimum, saddle, learning_rate)
    hessian, direction = found.stiffness_minimum, found.direction
    near = float(direction @ hessian @ direction)
    rest = float(np.linalg.norm(hessian @ direction - near * direction))
    require(
        rest <= PROPORTIONALITY_TOLERANCE * near,
        "the formula needs the direction of escape to be an eigenvector of the Hessian at the minimum, got a "
        f"part of {rest / near:.3g} across it",
    )
    factor = _noise_factor(landscape, found)
    climb = float(landscape.value(found.saddle) - landscape.value(found.minimum))
    prefactor = found.growth / (2 * math.pi)
    rates = []
    for curvature in (min(near, found.growth), max(near, found.growth)):
        barrier = 2 * batch_size * climb / (learning_rate * factor * curvature)
        require_barrier(barrier)
        # The readings of the noise differ by the ratio of the curvatures.
        error = max(near / found.growth, found.growth / near) - 1 + 1 / barrier
        rates.append(EscapeRate(math.log(prefactor) - barrier, error, barrier, None, *_places(found)))
    return RateRange(*rates)


def mori_rate(
    landscape: Landscape, learning_rate: float, batch_size: int, minimum: ArrayLike, saddle: ArrayLike
) -> EscapeRate:
    """Rate sqrt(h |h_b|)/(2 pi) (L_b/L_a)^-(1/2 + B/(eta h)) for noise C = 2 h L, with h the curvature at a.

    `minimum` and `saddle` have shape (1,).
    A power of the ratio of losses, in one dimension, Ito. Its error is the next order in eta/B, which
    `langevin_escape_rate` with `LossProportional(landscape, learning_rate * h / batch_size)` has in the rate.

    Parameters
    ----------
    landscape
        L > 0 with its constant: noise vanishes with it. Of a model with `example_covariance` C is compared with
        2 h L.
    learning_rate, batch_size, minimum, saddle
        As for `xie_rate`.

    Raises
    ------
    InputError
        As `kramers_rate`; in more than one dimension, if L is not positive at the minimum, or C is not 2 h L
        within 5 % at minimum and saddle.

    References
    ----------
    Mori, Ziyin, Liu & Ueda (2022), Power-law escape rate of SGD.
    """
    require(
        landscape.dim == 1, f"the power law needs one dimension, got {landscape.dim}; use langevin_escape_rate"
    )
    _require_batch(batch_size)
    found = _pass(landscape, minimum, saddle, learning_rate)
    curvature = float(found.stiffness_minimum[0, 0])
    low, high = (float(landscape.value(p)) for p in (found.minimum, found.saddle))
    require(
        low > NO_LOSS * high,
        f"noise proportional to the loss needs a positive loss at the minimum, got {low:.3g}: without it walkers "
        "collapse onto the minimum and never leave; add the loss of the label noise",
    )
    if isinstance(landscape, AnyNoisyModel):
        for place, loss in ((found.minimum, low), (found.saddle, high)):
            covariance = float(covariance_of(landscape).tensor(place)[0, 0])
            require(
                abs(covariance / (2 * curvature * loss) - 1) <= PROPORTIONALITY_TOLERANCE,
                f"the power law needs the noise C = 2 h L, got {covariance:.3g} instead of "
                f"{2 * curvature * loss:.3g} at {place.tolist()}; use langevin_escape_rate",
            )
    heat = learning_rate * curvature / batch_size
    sde = Langevin(landscape, LossProportional(landscape, heat))
    better = langevin_escape_rate(sde, found.minimum, found.saddle)
    log_rate = math.log(math.sqrt(curvature * found.growth) / (2 * math.pi))
    log_rate -= (0.5 + 1 / heat) * math.log(high / low)
    error = abs(math.expm1(better.log_value - log_rate)) + better.relative_error
    return EscapeRate(log_rate, error, better.barrier, None, *_places(found))


def _pass(landscape: Landscape, minimum: ArrayLike, saddle: ArrayLike, learning_rate: float) -> Pass:
    landscape = at_scale(landscape, distance_between(minimum, saddle))
    found = find_pass(lambda w: -landscape.gradient(w), landscape.hessian, minimum, saddle, landscape.dim)
    require_escape_by_noise(learning_rate, float(np.linalg.eigvalsh(found.stiffness_minimum)[-1]))
    return found


def _places(found: Pass) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(found.minimum.tolist()), tuple(found.saddle.tolist())


def _require_batch(batch_size: int) -> None:
    require(batch_size >= 1, f"`batch_size` must be at least 1, got {batch_size}")


def _noise_factor(landscape: Landscape, found: Pass) -> float:
    """The factor in C = c |H| at both points, 1 for a landscape without noise of its own."""
    if not isinstance(landscape, AnyNoisyModel):
        return 1.0
    hessian: Array = found.stiffness_minimum
    covariance = covariance_of(landscape).tensor(found.minimum)
    factor = float(np.trace(covariance) / np.trace(hessian))
    miss = float(np.linalg.norm(covariance - factor * hessian) / np.linalg.norm(hessian))
    require(
        miss <= PROPORTIONALITY_TOLERANCE * factor,
        f"the formula needs noise C = c H at the minimum, got C = {covariance.tolist()} and "
        f"H = {hessian.tolist()}; use langevin_escape_rate",
    )
    noise = float(found.direction @ covariance_of(landscape).tensor(found.saddle) @ found.direction)
    require(
        abs(noise / (factor * found.growth) - 1) <= PROPORTIONALITY_TOLERANCE,
        f"the formula needs noise C = c |H| across the saddle too, got {noise:.3g} instead of "
        f"{factor * found.growth:.3g}; use langevin_escape_rate, which says what noise that vanishes there does",
    )
    return factor
