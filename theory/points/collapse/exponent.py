"""The Lyapunov exponent of SGD at an invariant set, exactly for the discrete steps, and in their limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import sympy
from scipy.integrate import quad
from scipy.special import dawsn, digamma, log1p

from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.renamed import OldName, renamed
from theory.base.showing import as_call
from theory.landscapes.symbolic import derivative
from theory.learning.expansion import Point, exact_point
from theory.models import ProductModel
from theory.models.product import exact

TAIL = 1e-18  # probability left out at each end of the law of a batch
ASYMPTOTIC_FROM = 9.0  # standard deviations from which the asymptotic series is exact in double precision
BURN_IN = 200
SAMPLED_STEPS = 2000
WALKERS = 4096
EXACT = 1e-14  # relative error of the exponent in closed form
SIGN_ERRORS = 5.0  # standard errors from 0: the sign of an exponent is known
PIECES = 8  # of the law of a batch, each integrated by itself
OF_TAILS = 100.0  # times the probability left out: the logarithm there is no larger
LEAST_ERROR = 1e-15  # of a sum of integrals
MOST_TERMS = 40  # of the asymptotic series, which ends at the smallest
RELATIVE, OF_DAWSON = 1e-12, 1e-13  # errors of an integral over the law, and of that of Dawson's function


@renamed(noise="batch_noise")
@dataclass(frozen=True)
class CollapseExponent:
    """The growth of log|u| a step, u being the distance to an invariant set that SGD steps multiply.

    Parameters
    ----------
    continuous
        Of the Ito limit du = -mu u dt + sqrt(eta) zeta u dW: -(mu + eta zeta^2 / 2) times the time of a step.
    discrete
        E log|1 - eta X|, X being the random factor of one step, with its error; with momentum the top Lyapunov
        exponent of the product of random 2 x 2 matrices.
    drift
        mu = E X, the curvature of the mean loss along the direction.
    batch_noise
        zeta, the standard deviation of X, the factor of a batch.
    """

    continuous: float
    discrete: Estimate
    drift: float
    batch_noise: float
    noise = OldName("batch_noise")

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def collapses(self) -> bool | None:
        """Whether walkers near the set are drawn to it; None where the error leaves it open."""
        return _below_zero(self.discrete)

    @property
    def collapses_in_the_limit(self) -> bool:
        """The same of the continuous limit: mu > -eta zeta^2 / 2."""
        return self.continuous < 0


def collapse_exponent(
    model: ProductModel,
    at: Point,
    direction: Sequence[float | Fraction] | None = None,
    *,
    learning_rate: float,
    batch_size: int,
    momentum: float = 0.0,
    rng: np.random.Generator | None = None,
) -> CollapseExponent:
    """The Lyapunov exponent of SGD with fresh batches at a point that gradient and noise leave where it is.

    To first order in the shift u e from the point one step is u <- (1 - eta X) u. With A = mean z z' and b = mean
    eps z of the batch, X = 2s h'(A Q - b) where the Jacobian of Q is zero and each Hessian of Q_k maps e to h_k e;
    and X = 2s |J e|^2 Szz where there is no label noise, Q = 0 and J'J e is along e. In both cases X is c1 S + c2
    sqrt(S/B) N exactly, with S ~ chi2_B / B and N ~ N(0, 1) independent: for N in closed form through Dawson's
    integral, for S by adaptive quadrature. With momentum (heavy ball) 4096 products of 2000 random matrices after
    200 more are sampled; the error is their standard error.

    Parameters
    ----------
    model
        With fresh data.
    at
        A point of the invariant set, d numbers; a decimal means the fraction that it spells.
    direction
        The direction in which the distance is measured, d numbers; may be left out for d = 1.
    learning_rate, batch_size
        Of the SGD.
    momentum
        Heavy-ball momentum in [0, 1); above 0 it needs `rng`.

    Raises
    ------
    InputError
        If the point is not invariant or the direction not mapped to itself, gradient and noise vanish faster than
        linearly, or numbers are out of range.

    References
    ----------
    Chen, Kunin, Yamamura & Ganguli (2023), Stochastic collapse, NeurIPS 36.
    """
    if not isinstance(model, ProductModel):
        raise InputError(f"a collapse exponent needs a ProductModel, got {type(model).__name__}")
    check_step(learning_rate, batch_size, momentum)
    along, across = _factors(model, at, direction)
    drift, noise = along, math.sqrt((2 * along**2 + across**2) / batch_size)
    rate = learning_rate / (1 - momentum)
    continuous = -rate * drift - (rate * noise) ** 2 / 2
    if momentum == 0:
        discrete = mean_log(learning_rate * along, learning_rate * across, batch_size)
    else:
        if not isinstance(rng, np.random.Generator):
            raise InputError(
                f"with `momentum` the exponent is sampled; `rng` must be a numpy Generator, got {rng!r}"
            )
        discrete = _sampled(learning_rate * along, learning_rate * across, batch_size, momentum, rng)
    return CollapseExponent(continuous, discrete, drift, noise)


@renamed(noise="batch_noise")
def gaussian_collapse_exponent(drift: float, batch_noise: float, learning_rate: float) -> CollapseExponent:
    """The exponent E log|1 - eta mu - eta zeta xi|, xi ~ N(0, 1), of a step with normal noise, in closed form.

    Parameters
    ----------
    drift, batch_noise
        mu of any sign, and zeta > 0 of the batch.

    Raises
    ------
    InputError
        If a number is out of range.

    References
    ----------
    Chen, Kunin, Yamamura & Ganguli (2023), Stochastic collapse, NeurIPS 36.
    """
    require(math.isfinite(drift), f"`drift` must be finite, got {drift}")
    require(
        math.isfinite(batch_noise) and batch_noise > 0,
        f"`batch_noise` must be positive and finite, got {batch_noise}",
    )
    check_step(learning_rate, 1, 0.0)
    exponent = _log_normal_shift(1 - learning_rate * drift, learning_rate * batch_noise)
    continuous = -learning_rate * drift - (learning_rate * batch_noise) ** 2 / 2
    return CollapseExponent(continuous, Estimate(exponent, EXACT * (1 + abs(exponent))), drift, batch_noise)


def check_step(learning_rate: float, batch_size: int, momentum: float) -> None:
    """Refuse numbers that no SGD has.

    Raises
    ------
    InputError
        If one is out of range.
    """
    require(
        math.isfinite(learning_rate) and learning_rate > 0,
        f"`learning_rate` must be positive and finite, got {learning_rate}",
    )
    require(
        batch_size >= 1 and batch_size % 1 == 0,
        f"`batch_size` must be a whole number, at least 1, got {batch_size}",
    )
    require(0 <= momentum < 1, f"`momentum` must lie in [0, 1), got {momentum}")


def _below_zero(estimate: Estimate) -> bool | None:
    return None if abs(estimate) <= SIGN_ERRORS * estimate.error else float(estimate) < 0


def _factors(model: ProductModel, at: Point, direction: Sequence[float | Fraction] | None) -> tuple[float, float]:
    """c1 and c2 in X = c1 S + c2 sqrt(S / B) N."""
    require(direction is not None or model.dim == 1, f"`direction` must have {model.dim} coordinates, got none")
    place = exact_point(at, model.dim)
    vector = sympy.Matrix(exact_point([1] if direction is None else direction, model.dim))
    require(any(vector), "`direction` must not be zero")
    here = dict(zip(model.variables, place, strict=True))
    values = sympy.Matrix(model.scaled_q).subs(here)
    jacobian = sympy.Matrix([[derivative(q, v) for v in model.variables] for q in model.scaled_q]).subs(here)
    twice = 2 * float(exact(model.loss_scale))
    if jacobian.is_zero_matrix:
        bends = [_eigenvalue(_hessian(q, model.variables).subs(here), vector, place) for q in model.scaled_q]
        size = math.sqrt(sum(h**2 for h in bends))
        require(
            size > 0,
            "gradient and noise must vanish linearly along `direction`, they vanish faster, so no step multiplies "
            "the distance; theory.critical.local_exponents gives the powers",
        )
        outputs = [float(x) for x in values]
        part = sum(h * q for h, q in zip(bends, outputs, strict=True)) / size
        rest = max(sum(q**2 for q in outputs) - part**2, 0.0)
        return twice * size * part, twice * size * math.sqrt(rest + model.noise_std**2)
    require(
        model.noise_std == 0 and values.is_zero_matrix,
        f"the point must be invariant: gradient noise must vanish there, but the Jacobian of q is "
        f"{jacobian.tolist()} at {list(place)}; take a point where it is zero, or q is zero without label noise",
    )
    steepness = _eigenvalue(jacobian.T * jacobian, vector, place)
    require(steepness > 0, "gradient and noise vanish faster than linearly along `direction`; choose another")
    require(model.outputs == 1, f"without label noise the exponent needs one output, got {model.outputs}")
    return twice * steepness, 0.0


def _hessian(formula: sympy.Expr, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix:
    return sympy.Matrix([[derivative(derivative(formula, a), b) for b in variables] for a in variables])


def _eigenvalue(matrix: sympy.Matrix, vector: sympy.Matrix, place: tuple[sympy.Rational, ...]) -> float:
    """The number by which the matrix multiplies the vector; refused where it turns it."""
    image = matrix * vector
    factor = (vector.T * image)[0] / (vector.T * vector)[0]
    require(
        all(sympy.simplify(x) == 0 for x in image - factor * vector),
        f"`direction` must be mapped to itself by the linear step, {list(vector)} goes to {list(image)} at "
        f"{list(place)}; take an eigenvector",
    )
    return float(factor)


def mean_log(along: float, across: float, batch_size: int) -> Estimate:
    """E log|1 - a S - b sqrt(S/B) N| over x = sqrt(S) ~ chi_B / sqrt(B), cut where the logarithm has a pole."""
    from scipy.stats import chi

    root = math.sqrt(batch_size)
    lower, upper = chi.ppf(TAIL, batch_size) / root, chi.isf(TAIL, batch_size) / root
    spread = abs(across) / root
    constant = (1 - batch_size / 2) * math.log(2) - math.lgamma(batch_size / 2)

    def integrand(x: float) -> float:
        y = x * root  # the density of chi by hand: SciPy's takes most of the time to look at its arguments
        density = math.exp(constant + (batch_size - 1) * math.log(y) - y * y / 2)
        return density * root * _log_normal_shift(1 - along * x * x, spread * x)

    cuts = {lower, upper, *(c for c in np.linspace(lower, upper, PIECES + 1)[1:-1])}
    if along > 0 and lower < along**-0.5 < upper:
        cuts.add(along**-0.5)
    return _summed(integrand, sorted(cuts))


def _summed(integrand: Callable[[float], float], cuts: list[float]) -> Estimate:
    total, error = 0.0, 0.0
    for a, b in pairwise(cuts):
        part, uncertain, *_ = quad(integrand, a, b, epsabs=LEAST_ERROR, epsrel=RELATIVE, limit=400, full_output=1)
        total += part
        error += uncertain
    return Estimate(total, error + OF_TAILS * TAIL + LEAST_ERROR)


def _log_normal_shift(mean: float, std: float) -> float:
    """E log|mean + std N|: its derivative in mean/std is E 1/(x + N), a multiple of Dawson's integral."""
    if std <= abs(mean) / ASYMPTOTIC_FROM:
        if std == 0:
            return float(log1p(mean - 1)) if mean > 0 else math.log(-mean)
        square, term, total = (std / mean) ** 2, 1.0, 0.0
        for k in range(1, MOST_TERMS):
            following = term * (2 * k - 1) * square
            if following >= term and k > 1:
                break
            term = following
            total += term / (2 * k)
        return float(log1p(abs(mean) - 1)) - total
    x = abs(mean) / std / math.sqrt(2)
    area, _ = quad(dawsn, 0, x, epsabs=LEAST_ERROR, epsrel=OF_DAWSON)
    return math.log(std) + (float(digamma(0.5)) + math.log(2)) / 2 + 2 * area


def _sampled(along: float, across: float, batch_size: int, momentum: float, rng: np.random.Generator) -> Estimate:
    """The mean growth of many independent products of random matrices."""
    position, velocity = np.ones(WALKERS), np.zeros(WALKERS)
    growth: Array = np.zeros(WALKERS)
    for step in range(BURN_IN + SAMPLED_STEPS):
        share = rng.chisquare(batch_size, WALKERS) / batch_size
        factor = along * share + across * np.sqrt(share / batch_size) * rng.standard_normal(WALKERS)
        velocity = momentum * velocity - factor * position
        position = position + velocity
        size = np.hypot(position, velocity)
        position, velocity = position / size, velocity / size
        if step >= BURN_IN:
            growth += np.log(size)
    growth /= SAMPLED_STEPS
    return Estimate(float(growth.mean()), float(growth.std(ddof=1) / math.sqrt(WALKERS)))
