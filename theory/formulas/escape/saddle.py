"""How long walkers stay at a strict saddle."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import root

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import as_call
from theory.equations import Langevin, langevin_limit
from theory.equations.algorithm import StepSizes
from theory.formulas.escape.linear_saddle import linear_passage_steps, linear_passage_time
from theory.formulas.escape.unstable_line import UnstableLine
from theory.landscapes.function import at_scale, central_differences
from theory.tensors.minibatch import AnyNoisyModel

LARGEST_ERROR = 0.5  # of the time, that nonlinearity may make
VANISHING = 1e-9  # of the noise around, which is looked at in so many places:
PLACES_AROUND = 21  # between which the saddle is sought
FLAT_GROWTH = 1e-9  # of the largest rate of growth or decay: a direction that neither grows nor decays
LARGEST_CONDITION = 1e8  # of the eigenvectors: beyond, they are no basis to rounding
LAST_STEP = 1e-14  # of the distance, at which the search for the saddle ends
STEP_LEFT = 1e-8  # of the distance: the step that may be left there


@dataclass(frozen=True)
class SaddlePassage:
    """The mean time in which walkers started on a saddle leave it along its unstable direction.

    Parameters
    ----------
    time
        The mean, with its error; in steps times learning rate for SGD.
    growth
        l, the unstable eigenvalue of the drift's Jacobian.
    diffusion
        D of u = left.(w - saddle): left'D left.
    distance
        |u| at which a walker has left.
    saddle, right, left
        The point that was found, the unit vector along which walkers leave, and the left eigenvector, left.right =
        1, which differ where the drift is no gradient.
    """

    time: Estimate
    growth: float
    diffusion: float
    distance: float
    saddle: tuple[float, ...]
    right: tuple[float, ...]
    left: tuple[float, ...]

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def logarithmic(self) -> float:
        """(log(2 l a^2/D) + Euler's constant) / (2 l): the time for little noise, which grows as log(B)/(2 l)."""
        noise = 2 * self.growth * self.distance**2 / self.diffusion
        return (math.log(noise) + float(np.euler_gamma)) / (2 * self.growth)


def saddle_passage_time(
    sde: Langevin, saddle: ArrayLike, distance: float, *, direction: ArrayLike | None = None
) -> SaddlePassage:
    """Mean time (a^2/(2D)) 2F2(1, 1; 3/2, 2; -l a^2/(2D)) from a strict saddle until |left.(w - saddle)| = a.

    Exact for the linearised equation du = l u dt + sqrt(2 D) dW, for any drift and tensor: left is the left
    eigenvector of the Jacobian, so that u moves by itself. The error is the change of the time by what is not
    linear, estimated in one dimension: drift along the bent way out, noise along it, spread across it. For little
    noise the time is (log(2 l a^2/D) + Euler's constant)/(2 l): a logarithm, not the exponential of a barrier.

    Parameters
    ----------
    sde
        The equation in any reading; the saddle is a zero of its Ito drift.
    saddle
        A point within half the distance of the saddle meant.
    distance
        a > 0, in the units of w along the unstable direction.
    direction
        Which unstable direction is meant, (d,), where there are several; the others are then left out of the time
        and only their spread is in the error.

    Raises
    ------
    InputError
        If there is no zero of the drift nearby, no unstable direction or, without `direction`, several, the growth
        is not real, the noise along it vanishes at the saddle, or the distance is not where the drift is linear.

    References
    ----------
    Suzuki (1977), Scaling theory of transient phenomena near the instability point; Gardiner (2009), Stochastic
    Methods, chapter 5 for the mean time. The formula is derived in `linear_passage_time`.
    """
    require(isinstance(sde, Langevin), f"`sde` must be a Langevin equation, got {sde!r}")
    line = _line(sde, saddle, distance, direction)
    time = linear_passage_time(line.growth, line.diffusion, distance)
    return _passage(line, distance, time, line.error(distance))


def sgd_saddle_passage_time(
    model: AnyNoisyModel, sgd: StepSizes, saddle: ArrayLike, distance: float, *, direction: ArrayLike | None = None
) -> SaddlePassage:
    """Mean learning_rate * steps in which w <- w - eta g_B leaves a strict saddle, looked at after every step.

    `saddle` and `direction` have shape (d,).
    Of the linear recursion u <- (1 + eta l) u + noise with the variance eta^2 left'C left / B of Gaussian noise,
    with the growth l of the loss: exact up to sixty standard deviations of a step, and beyond as in
    `linear_passage_steps`. For little noise the number of steps is (log(2 a^2/s^2) + Euler's constant) / (2
    log(1 + eta l)) + 1/2 with s^2 the variance over (1 + eta l)^2 - 1. What is not linear is taken from the
    equation in continuous time, as in `saddle_passage_time`.

    Parameters
    ----------
    model, sgd
        As for `langevin_limit`; no momentum.
    saddle, distance, direction
        As for `saddle_passage_time`.

    Raises
    ------
    InputError
        As `saddle_passage_time`, and with momentum.
    """
    require(not sgd.momentum, f"the steps from a saddle are known without momentum, got {sgd.momentum}")
    rate = sgd.time_step  # of plain SGD only
    line = _line(langevin_limit(model, sgd), saddle, distance, direction)
    steps, doubt = linear_passage_steps(rate * line.growth, 2 * rate * line.diffusion, distance)
    continuous = linear_passage_time(line.growth, line.diffusion, distance)
    relative = line.error(distance) / continuous + doubt
    return _passage(line, distance, rate * steps, rate * steps * relative)


def _passage(line: UnstableLine, distance: float, time: float, error: float) -> SaddlePassage:
    require(
        error < LARGEST_ERROR * time,
        f"the linear formula needs nonlinearity to change the time by less than half, got {error / time:.3g}; "
        "reduce `distance`, or solve for the mean first passage time",
    )
    places = (tuple(p.tolist()) for p in (line.saddle, line.right, line.left))
    return SaddlePassage(Estimate(time, error), line.growth, line.diffusion, float(distance), *places)


def _line(sde: Langevin, saddle: ArrayLike, distance: float, direction: ArrayLike | None) -> UnstableLine:
    require(math.isfinite(distance) and distance > 0, f"`distance` must be positive and finite, got {distance}")
    sde = replace(sde, landscape=at_scale(sde.landscape, distance))
    place = _critical_point(sde, saddle, distance)
    jacobian = _jacobian(sde, place, distance)
    values, vectors = np.linalg.eig(jacobian)
    flat = FLAT_GROWTH * float(np.abs(values).max())
    unstable = np.flatnonzero(values.real > flat)
    require(
        len(unstable) > 0,
        f"`saddle` must have an unstable direction, got growth rates {np.sort(values.real).tolist()} at "
        f"{place.tolist()}",
    )
    require(
        bool((np.abs(values[unstable].imag) <= flat).all()),
        f"the growth at a saddle must be real, got {values[unstable].tolist()} at {place.tolist()}: walkers "
        "spiral, and no line leads out",
    )
    chosen = int(unstable[0])
    if direction is not None:
        asked = _vector(direction, "direction", sde.dim)
        require(bool(asked.any()), "`direction` must not be zero")
        chosen = int(unstable[np.argmax(np.abs(asked @ vectors[:, unstable].real))])
    else:
        require(
            len(unstable) == 1,
            f"`saddle` must have one unstable direction, got {len(unstable)} at {place.tolist()}; give "
            "`direction`",
        )
    require(
        float(np.linalg.cond(vectors)) < LARGEST_CONDITION,
        f"the Jacobian at the saddle must have a basis of eigenvectors, got {jacobian.tolist()}",
    )
    right = vectors[:, chosen].real / np.linalg.norm(vectors[:, chosen].real)
    left = np.linalg.inv(vectors)[chosen]
    left = (left / (left @ right)).real
    line = UnstableLine(sde, place, jacobian, float(values[chosen].real), right, left)
    around = place + np.linspace(-distance, distance, PLACES_AROUND)[:, None] * right
    most = float(np.einsum("i,nij,j->n", left, sde.tensor(around), left).max())
    require(
        line.diffusion > VANISHING * most and line.diffusion > 0,
        f"leaving a saddle needs noise there, got D = {line.diffusion:.3g} along the unstable direction at "
        f"{place.tolist()}, against {most:.3g} around: walkers that start on it stay",
    )
    return line


def _jacobian(sde: Langevin, place: Array, scale: float) -> Array:
    """Of the Ito drift, from the Hessian where nothing else drifts; what else does varies on `scale`."""
    jacobian = -sde.landscape.hessian(place)
    extra = 0.0 if sde.extra_drift is None else 1.0
    for part, factor in ((sde.pushed, extra), (sde.divergence, sde.interpretation.share)):
        if factor:
            jacobian = jacobian + factor * central_differences(part, place, scale=scale)
    return np.asarray(jacobian)


def _critical_point(sde: Langevin, saddle: ArrayLike, distance: float) -> Array:
    given = _vector(saddle, "saddle", sde.dim)

    def at(u: Array) -> Array:
        return np.asarray(given + distance * u)

    def jacobian(u: Array) -> Array:
        return _jacobian(sde, at(u), distance)

    pull = float(np.abs(jacobian(np.zeros(sde.dim))).max()) or 1.0  # no length and no time matters

    def push(u: Array) -> Array:
        return np.asarray(sde.drift(at(u)) / (distance * pull))

    def slopes(u: Array) -> Array:
        return np.asarray(jacobian(u) / pull)

    with np.errstate(all="ignore"):
        found = root(push, np.zeros(sde.dim), jac=slopes, tol=LAST_STEP)
        place = at(np.asarray(found.x))
        rest = np.linalg.lstsq(jacobian(found.x), sde.drift(place), rcond=None)[0]
    gap = float(np.linalg.norm(place - given))
    require(
        gap <= distance / 2 and float(np.linalg.norm(rest)) <= STEP_LEFT * distance,
        f"`saddle` must lie within half of `distance` of a zero of the drift, got {given.tolist()}, from "
        f"where Newton's method goes {gap:.3g} far and is left with a step of {np.linalg.norm(rest):.3g}",
    )
    return place


def _vector(given: ArrayLike, name: str, dim: int) -> Array:
    vector = np.atleast_1d(np.asarray(given, dtype=np.float64))
    require(
        vector.shape == (dim,) and bool(np.isfinite(vector).all()),
        f"`{name}` must be {dim} finite numbers, got {np.asarray(given).tolist()}",
    )
    return vector
