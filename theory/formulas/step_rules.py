"""Step rules near a minimum: the covariance that they keep, and the curvature at which they lose it."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import eigh
from scipy.special import erf

from theory.base.arrays import Array, ArrayLike, finite, square
from theory.base.errors import InputError, require
from theory.base.matrices import positive_definite, require_symmetric
from theory.equations import NoLimitEquation
from theory.equations.algorithm import (
    Algorithm,
    added_variance,
    option,
    require_limit,
    step_time,
    together,
)
from theory.equations.step_rules import ReadRules, read_rules, require_normal_noise
from theory.equations.step_rules.normals import clip_moments, sign_moments
from theory.formulas.quadratic import stationary_covariance

SLOPE_OF_SIGN = math.sqrt(2 / math.pi)  # of the mean sign of a normal number, in standard deviations of its mean


def rule_covariance(sgd: Algorithm, hessian: ArrayLike, example_covariance: ArrayLike) -> Array:
    """Stationary covariance (d, d) of SGD with its step rules on w'Hw/2, to first order in rate and 1 - beta.

    That of the equation of `langevin_limit` made linear at the minimum: F Sigma + Sigma F' = 2 D
    (`stationary_covariance`). With the covariance C of a batch, normal with the standard deviations s:

    - signs: F = (2/pi)^(1/2) s^-1 H and 2 D = eta (2/pi) arcsin(correlations); without correlations
      Sigma = (eta/2) (pi/2)^(1/2) s H^-1. The source has a factor (1 + eta h/((2 pi)^(1/2) s))^-1 more, of the
      next order, which is not that of the algorithm.
    - RMSprop: F = P^-1 H and 2 D = eta P^-1 C P^-1 with P = s + epsilon; without correlations and epsilon
      Sigma = (eta/2) s H^-1, whatever beta. With decoupled decay lambda F has lambda more: Sigma = (eta/2)
      (H/s + lambda)^-1.
    - Adam and AdamW: the same for averages m of a memory that is short beside 1/lambda; here with m as it is.
    - clipping at c: F = erf(c/(2^(1/2) s)) H and D of clipped numbers; Lion: with its average, as Adam.

    Coupled weight decay is part of H, momentum of the time of a step; a sampler has its temperature, and noise
    that is added to gradients its variance, `SVAG` its factor. Batches are independent: of N examples without
    replacement give (N - B)/(N - 1) times the covariance of one. Left out are
    terms of higher order in eta and 1 - beta: averages of squares move, signs of averages saturate, and noise
    changes beside the minimum.

    Parameters
    ----------
    sgd
        The algorithm, with or without rules.
    hessian, example_covariance
        H and the covariance of one example's gradient at the minimum, (d, d) or numbers.

    Raises
    ------
    InputError
        If the matrices do not fit or are not symmetric, a component has no noise where a rule divides by it, or
        nothing is stationary; under label noise, noise over subsampled examples or a preconditioner, which are to
        be part of the matrices; as `langevin_limit` of a rule whose limit is not known.

    References
    ----------
    Compagnoni et al. (2025), Adaptive methods through the lens of SDEs, arXiv:2411.15958 (signs, RMSprop, AdamW);
    correlations, clipping and Lion are derived here.
    """
    curvature = square(np.atleast_2d(finite(hessian, "hessian")), "hessian")
    dim = len(curvature)
    example = square(np.atleast_2d(finite(example_covariance, "example_covariance")), "example_covariance", dim)
    for matrix, name in ((curvature, "hessian"), (example, "example_covariance")):
        require_symmetric(matrix, name)
    require_limit(sgd)
    _require_in_matrices(sgd)
    noise = (together(sgd, "amplification") or 1.0) * example / sgd.batch_size
    noise += added_variance(option(sgd, "noises", ())) * np.eye(dim)
    rules, step = read_rules(sgd, dim) or ReadRules(), step_time(sgd)
    pull, own = curvature + rules.before * np.eye(dim), rules.after * np.eye(dim)
    heat = rules.temperature * np.eye(dim)
    if rules.shape is None:
        return stationary_covariance(pull + own, step / 2 * noise + heat)
    require_normal_noise(sgd)
    std = np.sqrt(np.maximum(np.diag(noise), 0.0))
    require(bool((std > 0).all()), f"a step rule needs noise of every component, got standard deviations {std}")
    if rules.kind in ("Adam", "AdamW", "Lion"):
        return _with_average(rules, pull, own, noise, step)
    if rules.kind == "Sign":
        slope, moved = SLOPE_OF_SIGN / std, step / 2 * sign_moments(np.zeros(dim), noise)[1] + heat
    elif rules.kind in ("ClipByValue", "ClipByNorm"):
        limit = rules.shape.limit
        slope = erf(limit / (math.sqrt(2) * std))
        moved = step / 2 * clip_moments(np.zeros(dim), noise, limit)[1] + heat
    else:
        slope = 1 / (std + rules.shape.epsilon)
        moved = step / 2 * slope[:, None] * noise * slope + rules.temperature * np.diag(slope)
    return stationary_covariance(slope[:, None] * pull + own, moved)


def _require_in_matrices(sgd: Algorithm) -> None:
    """Refuse what changes the noise in a way that only a model knows, or the drift."""
    given = option(sgd, "preconditioner", None)
    if given is not None:
        raise NoLimitEquation(
            "the formula is that of steps without a preconditioner", repr(given),
            "put a number into the learning rate, or take langevin_limit of a model",
        )  # fmt: skip
    noises = [
        one for one in option(sgd, "noises", ()) if hasattr(one, "label_std") or hasattr(one, "examples_scale")
    ]
    if noises:
        raise NoLimitEquation(
            "what label noise and noise over examples add a model knows", ", ".join(map(repr, noises)),
            "leave it out and add it to `example_covariance`",
        )  # fmt: skip


def _with_average(rules: ReadRules, pull: Array, own: Array, noise: Array, step: float) -> Array:
    """Of w, beside its average m of gradients: Adam's, or that whose signs Lion takes."""
    dim, std, identity = len(pull), np.sqrt(np.diag(noise)), np.eye(len(pull))
    if rules.kind == "Lion":
        beta, rate = rules.shape.beta1, (1 - rules.shape.beta2) / step
        slope = np.diag(SLOPE_OF_SIGN / ((1 - beta) * std))
        straight, averaged = (1 - beta) * slope @ pull, beta * slope
        signs = sign_moments(np.zeros(dim), noise)[1]
        joint = -SLOPE_OF_SIGN * noise / std[:, None]
    else:
        rate = (1 - rules.shape.beta1) / step
        straight, averaged = np.zeros((dim, dim)), np.diag(1 / (std + rules.shape.epsilon))
        signs, joint = np.zeros((dim, dim)), np.zeros((dim, dim))
    drift = np.block([[straight + own, averaged], [-rate * pull, rate * identity]])
    moved = step / 2 * np.block([[signs, rate * joint], [rate * joint.T, rate**2 * noise]])
    return stationary_covariance(drift, moved)[:dim, :dim]


def rule_stability_edge(sgd: Algorithm) -> float:
    """The curvature, preconditioned where a rule divides, above which steps on a quadratic loss grow.

    Without noise a step is w <- w - eta (u + decay) with u made of a w. Here a is an eigenvalue of H, with RMSprop
    and Adam of P^-1 H (`preconditioned_sharpness`), coupled weight decay added to H. The largest stable a is

    - 2/eta, with heavy-ball momentum mu (2 + 2 mu)/eta, with Nesterov's (2 + 2 mu)/((1 + 2 mu) eta), of SGD, of
      RMSprop and, at the minimum, of clipping; less lambda with decoupled decay;
    - (2 + 2 beta1)/((1 - beta1) eta) of Adam: 38/eta at beta1 = .9; with decoupled decay lambda
      (1 + beta1)(2 - eta lambda)/((1 - beta1) eta).

    Raises
    ------
    InputError
        If a rule takes signs, whose steps do not grow at any curvature; if decoupled decay alone makes steps grow,
        eta lambda >= 2 without momentum; under a schedule, whose edge moves, or a preconditioner; as
        `langevin_limit` of rules whose limit is not known.

    References
    ----------
    Cohen et al. (2022), Adaptive gradient methods at the edge of stability, arXiv:2207.14484; decay is derived
    here.
    """
    rules = read_rules(sgd, 1) or ReadRules()
    rate = option(sgd, "learning_rate", None)
    if rate is None:
        raise InputError(f"`sgd` must have a `learning_rate`, got {sgd!r}; give SGD(...) or an object like it")
    if schedules := option(sgd, "schedules", ()):
        raise InputError(
            f"the edge is that of one learning rate, got {schedules!r}; give SGD(...) at the rate of a step"
        )
    if (given := option(sgd, "preconditioner", None)) is not None:
        raise InputError(
            f"the edge is that of the curvature alone, got {given!r}; put a number into the learning rate"
        )
    if rules.kind in ("Sign", "Lion"):
        raise InputError(
            f"the edge is that of steps that grow with the distance, got {rules.shape!r}, whose steps do not; "
            "take `rule_covariance`"
        )
    if rules.kind in ("Adam", "AdamW"):
        beta = rules.shape.beta1
        return _positive_edge((1 + beta) * (2 - rate * rules.after) / ((1 - beta) * rate), rules)
    momentum = option(sgd, "kept_velocity", option(sgd, "momentum", 0.0))
    ahead = 2 * momentum if getattr(option(sgd, "momentum", 0.0), "looks_ahead", False) else 0.0
    return _positive_edge((2 + 2 * momentum) / ((1 + ahead) * rate) - rules.after, rules)


def _positive_edge(edge: float, rules: ReadRules) -> float:
    require(
        edge > 0,
        f"steps must shrink without curvature, got weight decay of {rules.after}, by which alone they grow; "
        "take a smaller decay or learning rate",
    )
    return float(edge)


def preconditioned_sharpness(hessian: ArrayLike, mean_square: ArrayLike, epsilon: float = 0.0) -> float:
    """The largest eigenvalue of P^-1 H with P = v^(1/2) + epsilon: what `rule_stability_edge` bounds.

    Parameters
    ----------
    hessian
        H, symmetric (d, d).
    mean_square
        v, of shape (d,) or one number: the average of squares that the rule divides by, its bias corrected.
    epsilon
        What the rule adds to its root.

    Raises
    ------
    InputError
        If H is not symmetric, shapes differ, or a diagonal entry of P is not positive.

    References
    ----------
    Cohen et al. (2022), Adaptive gradient methods at the edge of stability, arXiv:2207.14484.
    """
    curvature = square(np.atleast_2d(finite(hessian, "hessian")), "hessian")
    squares = finite(mean_square, "mean_square")
    dim = len(curvature)
    require(
        squares.shape in ((), (dim,)) and bool((squares >= 0).all()),
        f"`mean_square` must be {dim} numbers, none of them negative, got {squares.tolist()}",
    )
    require(math.isfinite(epsilon) and epsilon >= 0, f"`epsilon` must be finite and not negative, got {epsilon}")
    require_symmetric(curvature, "hessian")
    scale = positive_definite(np.diag(np.broadcast_to(np.sqrt(squares) + epsilon, (dim,))), "P")
    return float(eigh((curvature + curvature.T) / 2, scale, eigvals_only=True)[-1])
