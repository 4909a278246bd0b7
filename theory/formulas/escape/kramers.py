"""Rates of escape over a saddle in the limit of small noise: Kramers, Eyring, Langer."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.integrate import quad_vec

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.matrices import asymmetry
from theory.base.rounding import LARGEST_EXPONENT
from theory.equations import Langevin
from theory.formulas.escape.circulation import LEFT_BY_DIFFERENCES, Circulation, constant_circulation, flow_across
from theory.formulas.escape.critical import Pass, distance_between, find_pass
from theory.formulas.escape.laplace import derivatives, first_term, laplace_terms
from theory.formulas.escape.rate import EscapeRate, require_barrier, require_escape_by_noise
from theory.formulas.escape.soft_saddle import SoftSaddle
from theory.landscapes import Landscape
from theory.landscapes.function import at_scale, central_differences
from theory.tensors import Constant, Isotropic

RADIUS = 0.15  # of the neighbourhood that third and higher derivatives are read from, in distances to the saddle
DEGREE, LOWER_DEGREE = 14, 10  # of polynomials through Phi' there: their difference tells the error of reading
SHARES, ROUNDS = 101, 10  # places looked at from minimum to saddle, each time about the one with the least noise
NO_NOISE = 1e-9  # of the largest noise on the way: less holds walkers
ONE_SHAPE = 1e-8  # change of D over its trace that counts as none
TRIED = 9  # points on the way about which a potential is tried
OF_SQUARE = 10.0  # of the square of the next order at the minimum: what the order after it may be
OF_TERM, OF_TERM_ON_A_LINE = 0.3, 1e-3  # of the next order: what else has its size, beside a flat saddle
OF_DILUTION = 0.01  # of the exponent of a flow, beside one over the barrier: its error
CLIMB_ERROR = 1e-11  # relative, of a barrier that is an integral


def kramers_rate(
    landscape: Landscape,
    temperature: float,
    minimum: ArrayLike,
    saddle: ArrayLike,
    *,
    learning_rate: float | None = None,
) -> EscapeRate:
    """Rate |l|/(2 pi) sqrt(det H_a / |det H_b|) exp(-(L_b - L_a)/T) of dw = -grad L dt + sqrt(2T) dW.

    `minimum` and `saddle` have shape (d,).
    l is the negative eigenvalue of the Hessian at the saddle b, a is the minimum. In one dimension the correction
    of order T is in the rate, from third and fourth derivatives, and the error comes from the order after it;
    beyond, the error is the size of the terms of order T at the two points plus T/(L_b - L_a).

    Parameters
    ----------
    landscape, temperature
        L and T.
    minimum, saddle
        Points within a fifth of their distance from the critical points meant; `EscapeRate` has those found.
    learning_rate
        Of plain SGD that the equation stands for: a minimum that its steps cannot stay in is refused.

    Raises
    ------
    InputError
        If the points are no minimum and no saddle of index one on the rim of its basin, a curvature vanishes, the
        barrier is below one temperature, or learning_rate times the largest curvature is 2 or more.

    References
    ----------
    Eyring (1935); Kramers (1940); Langer (1969); Bovier, Eckhoff, Gayrard & Klein (2004), Metastability in
    reversible diffusion processes I.
    """
    require(isinstance(landscape, Landscape), f"`landscape` must be a Landscape, got {landscape!r}")
    sde = Langevin(landscape, Isotropic(temperature, landscape.dim))
    return langevin_escape_rate(sde, minimum, saddle, learning_rate=learning_rate)


def langevin_escape_rate(
    sde: Langevin, minimum: ArrayLike, saddle: ArrayLike, *, learning_rate: float | None = None
) -> EscapeRate:
    """Rate of escape, in any reading, where the drift has a potential Phi: drift = -(D + A) grad Phi and the like.

    |l|/(2 pi) sqrt(det Phi''_a / |det Phi''_b|) (g_b/g_a)^(share - 1) exp(Phi_a - Phi_b), with l the negative
    eigenvalue of the linearised drift at b, D = g(w) M with M constant, and share 0 for Ito, 1/2 for Stratonovich,
    1 for anti-Ito. In one dimension that is sqrt(k_a k_b)/(2 pi) (D_b/D_a)^(share - 1/2) exp(Phi_a - Phi_b) with
    the slopes k of the drift, and always applies. Beyond, these are tried at points between minimum and saddle and
    around:

    - D^-1 drift is a gradient: isotropic D, constant D with the Hessian's eigenvectors, D = g(L) I;
    - D constant and drift = -(D + A) grad Phi with a constant antisymmetric A, such as -(I + c J) grad L;
    - D constant and drift = -D grad L/T + a flow along the levels of L. Phi = L/T; the rate is multiplied by
      exp(-integral of the flow's divergence along the path of escape).

    Where D is constant and D^-1 drift a gradient the saddle may be flat in one direction: the Gaussian integral
    along it is replaced by that of exp(-Phi) itself, so that a quartic saddle has its own power of the
    temperature. The barrier is the integral of grad Phi along the straight line.

    Parameters
    ----------
    sde
        The equation; its drift is -grad L plus the extra drift, and the points are zeros of that.
    minimum, saddle, learning_rate
        As for `kramers_rate`, which has the corrections too.

    Raises
    ------
    InputError
        As `kramers_rate`, and if noise vanishes between minimum and saddle, D changes its shape, or the drift has
        none of these forms: then the barrier is that of the quasi-potential, which is no formula of L.

    References
    ----------
    Langer (1969); Haenggi, Talkner & Borkovec (1990), Reaction-rate theory, sections 4 and 7; Bouchet & Reygner
    (2016), Generalisation of the Eyring-Kramers transition rate formula to irreversible diffusion processes;
    Berglund & Gentz (2010), The Eyring-Kramers law for potentials with nonquadratic saddles.
    """
    require(isinstance(sde, Langevin), f"`sde` must be a Langevin equation, got {sde!r}")
    sde = replace(sde, landscape=at_scale(sde.landscape, distance_between(minimum, saddle)))
    drift = _Drift(sde, distance_between(minimum, saddle))
    constant = isinstance(sde.diffusion, Constant)
    found = find_pass(drift.force, drift.stiffness, minimum, saddle, sde.dim, soft=constant)
    sharpness = float(np.abs(np.linalg.eigvals(found.stiffness_minimum)).max())
    require_escape_by_noise(learning_rate, sharpness)
    _require_noise(sde, found)
    flow = _circulation(sde, drift, found)
    barrier, doubt = _barrier(sde, flow, found)
    require_barrier(barrier)
    correction = None
    if found.soft:
        log_rate, error = _over_soft_saddle(sde, flow, found)
    else:
        noise = [np.linalg.slogdet(sde.tensor(p))[1] for p in (found.saddle, found.minimum)]
        change = float(noise[0] - noise[1])  # of log det D, d times that of log g
        log_rate = (
            math.log(found.growth / (2 * math.pi))
            + (flow.log_determinants + change) / 2
            + (sde.interpretation.share - 1) * change / sde.dim
            - flow.dilution
        )
        if sde.dim == 1:
            shift, error = _next_orders(sde, drift, found)
            log_rate += shift
            correction = math.expm1(shift)
        else:
            terms = [abs(first_term(flow.slope, p, found.distance)) for p in (found.minimum, found.saddle)]
            terms[1] *= 1 + flow.strength
            error = math.expm1(
                min(1 / barrier + sum(terms) + abs(flow.dilution) * (1 / barrier + OF_DILUTION), LARGEST_EXPONENT)
            )
    # Passages within a well, which no expansion about two points sees.
    error += doubt + 3 * math.exp(-barrier)
    places = (tuple(p.tolist()) for p in (found.minimum, found.saddle))
    return EscapeRate(log_rate - barrier, error, barrier, correction, *places)


def _over_soft_saddle(sde: Langevin, flow: Circulation, found: Pass) -> tuple[float, float]:
    """The logarithm of the prefactor and its relative error, in coordinates in which D is the identity."""
    require(
        flow.strength == 0 and flow.dilution == 0,
        f"a drift that is no gradient needs curvature in every direction at `saddle`, got a flat one at "
        f"{found.saddle.tolist()}; solve for the mean first passage time",
    )
    values, vectors = np.linalg.eigh(sde.tensor(found.minimum))
    root, back = (vectors * np.sqrt(values)) @ vectors.T, (vectors / np.sqrt(values)) @ vectors.T

    def slope(y: ArrayLike) -> Array:
        return np.asarray(flow.slope(np.asarray(y) @ root) @ root)

    places = [p @ back for p in (found.minimum, found.saddle)]
    scale = float(np.linalg.norm(places[1] - places[0]))
    capacity, error = SoftSaddle(slope, places[1], scale).log_capacity()
    curvature = central_differences(slope, places[0], scale=scale)
    term = first_term(slope, places[0], scale)
    mass = sde.dim / 2 * math.log(2 * math.pi) - float(np.linalg.slogdet(curvature)[1]) / 2
    require(
        abs(term) < 1,
        f"the temperature must be low enough for an expansion, got a next order of {term:.3g} at the minimum; "
        "solve for the mean first passage time",
    )
    error += OF_SQUARE * term**2 + (OF_TERM_ON_A_LINE if sde.dim == 1 else OF_TERM) * abs(term)
    return capacity - mass - math.log1p(term), error


class _Drift:
    """The drift of the equation as it is written, without what its reading adds."""

    def __init__(self, sde: Langevin, scale: float) -> None:
        self.sde = sde
        self.scale = scale

    def force(self, w: ArrayLike) -> Array:
        return self.sde.plain_drift(w)

    def stiffness(self, w: ArrayLike) -> Array:
        """Minus the Jacobian of the force."""
        hessian = self.sde.landscape.hessian(w)
        if self.sde.extra_drift is None:
            return hessian
        return hessian - central_differences(self.sde.pushed, np.asarray(w, dtype=np.float64), scale=self.scale)

    def slope(self, w: ArrayLike) -> Array:
        """Grad Phi = -D^-1 force."""
        solved = np.linalg.solve(self.sde.tensor(w), self.force(w)[..., None])
        return np.asarray(-solved[..., 0])


def _require_noise(sde: Langevin, found: Pass) -> None:
    """Noise in every direction from the minimum to the saddle, both included; the least is sought."""
    low, high, most = 0.0, 1.0, 0.0
    for _ in range(ROUNDS):
        shares = np.linspace(low, high, SHARES)
        points = found.minimum + shares[:, None] * (found.saddle - found.minimum)
        spectra = np.linalg.eigvalsh(sde.tensor(points))
        k = int(np.argmin(spectra[:, 0]))
        low, high, most = shares[max(k - 1, 0)], shares[min(k + 1, SHARES - 1)], max(most, float(spectra.max()))
    require(
        spectra[k, 0] > NO_NOISE * most,
        f"escape needs noise in every direction from minimum to saddle, got {spectra[k, 0]:.3g} against "
        f"{most:.3g} at {points[k].tolist()}: walkers are held there, and no rate follows from the barrier; "
        "`limit_law` says what they do",
    )


def _circulation(sde: Langevin, drift: _Drift, found: Pass) -> Circulation:
    """The potential of the drift, tried at points between the two and around."""
    plain = Circulation(drift.slope, 0.0, 0.0, found.log_determinants)
    if sde.dim == 1 or (isinstance(sde.diffusion, Isotropic) and sde.extra_drift is None):
        return plain
    line = found.minimum + np.linspace(0, 1, TRIED)[:, None] * (found.saddle - found.minimum)
    offsets = found.distance / 4 * np.vstack([np.eye(sde.dim), -np.eye(sde.dim), np.zeros(sde.dim)])
    points = (line[:, None] + offsets).reshape(-1, sde.dim)
    tensors = sde.tensor(points)
    shapes = tensors / np.trace(tensors, axis1=-2, axis2=-1)[:, None, None]
    change = float(np.abs(shapes - shapes[0]).max())
    require(
        change < ONE_SHAPE,
        f"the formula needs noise of one shape, D = g(w) M, got one that changes by {change:.3g}; solve for the "
        "mean first passage time",
    )
    jacobian = central_differences(drift.slope, points, scale=found.distance)
    curl = float(asymmetry(jacobian).max() / np.abs(jacobian).max())
    if curl < LEFT_BY_DIFFERENCES:
        return plain
    if isinstance(sde.diffusion, Constant):
        for flow in (constant_circulation, flow_across):
            turning = flow(sde, drift.force, found, points)
            if turning is not None:
                return turning
    raise InputError(
        f"the formula needs D^-1 times the drift to be a gradient, got an antisymmetric part of {curl:.3g}, or "
        "constant D and drift = -(D + A) grad Phi or a flow along the levels of the loss: the quasi-potential is "
        "no function of the loss; solve for the mean first passage time"
    )


def _barrier(sde: Langevin, flow: Circulation, found: Pass) -> tuple[float, float]:
    """Phi_b - Phi_a and its error."""
    if isinstance(sde.diffusion, Isotropic) and sde.extra_drift is None:
        low, high = (float(sde.landscape.value(p)) for p in (found.minimum, found.saddle))
        return (high - low) / sde.diffusion.temperature, 0.0
    way = found.saddle - found.minimum

    def climb(share: float) -> Array:
        return np.asarray(flow.slope(found.minimum + share * way) @ way)

    total, error = quad_vec(climb, 0, 1, epsrel=CLIMB_ERROR)
    return float(total), float(error)


def _next_orders(sde: Langevin, drift: _Drift, found: Pass) -> tuple[float, float]:
    """The change of the log rate by the next order, and the relative error that the order after it leaves."""
    radius = RADIUS * found.distance
    share = sde.interpretation.share

    def log_noise(x: Array) -> Array:
        return np.asarray(np.log(sde.tensor(x[..., None])[..., 0, 0]))

    def terms(degree: int) -> tuple[float, float]:
        first = second = 0.0
        for place, sign, power in ((found.minimum, 1, share - 1), (found.saddle, -1, -share)):
            slopes = derivatives(lambda x: drift.slope(x[..., None])[..., 0], place[0], radius, 5, degree)
            weight = np.zeros(5)
            if not isinstance(sde.diffusion, Constant):
                weight = power * derivatives(log_noise, place[0], radius, 4, degree)
            one, two = laplace_terms(sign * slopes, weight)
            first, second = first + one, second + two - one**2 / 2
        return first, second

    first, second = terms(DEGREE)
    require(
        abs(first) < 1,
        f"the temperature must be low enough for an expansion, got a next order of {first:.3g}; solve for the "
        "mean first passage time",
    )
    return -first, 2 * abs(second) + abs(first - terms(LOWER_DEGREE)[0])
