"""SGD with a constant rate as a sampler of the posterior: the rate and preconditioner that come nearest."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import solve_continuous_lyapunov
from scipy.optimize import minimize

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import InputError, require
from theory.base.matrices import NEGATIVE_LEFT_BY_ROUNDING, is_symmetric, positive_definite
from theory.base.showing import told

SINGULAR = 1e-13  # of the trace of a covariance: an eigenvalue that is none
SLOPE_SOUGHT, SLOPE_ALLOWED = 1e-7, 1e-4  # of the divergence where the search for its minimum ends


@dataclass(frozen=True, eq=False)
class PosteriorMatch:
    """How near the stationary law N(0, covariance) of SGD comes to the posterior N(0, posterior_covariance).

    Parameters
    ----------
    rate
        The matrix (d, d) in w <- w - rate g_B: the learning rate times the preconditioner.
    divergence
        Kullback-Leibler divergence from SGD's law to the posterior, KL(SGD || posterior), in nats.
    covariance
        Of SGD in continuous time, to first order in the rate; `sgd_covariance` has that of the steps themselves.
    posterior_covariance
        (N H)^-1.
    """

    rate: Array
    divergence: float
    covariance: Array = field(repr=False)
    posterior_covariance: Array = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("rate", "covariance", "posterior_covariance"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __repr__(self) -> str:
        return told(
            "PosteriorMatch",
            rate=self.rate,
            divergence=self.divergence,
            covariance=self.covariance,
            posterior_covariance=self.posterior_covariance,
        )

    @property
    def learning_rate(self) -> float:
        """The rate as a number.

        Raises
        ------
        InputError
            If the rate is not a multiple of the identity.
        """
        number = float(self.rate[0, 0])
        require(
            np.array_equal(self.rate, number * np.eye(len(self.rate))),
            "the rate of a preconditioned match is a matrix, not a number; take `rate`",
        )
        return number


def normal_divergence(covariance: ArrayLike, reference: ArrayLike, shift: ArrayLike | None = None) -> float:
    """KL(N(shift, covariance) || N(0, reference)) in nats: (tr M + s'R^-1 s - d - log det M)/2 with M = R^-1 S.

    From the singular values of the two Cholesky factors, so that small divergences keep their digits.

    Raises
    ------
    InputError
        If a matrix is not symmetric positive definite, or the shapes differ.
    """
    found, wanted = positive_definite(covariance, "covariance"), positive_definite(reference, "reference")
    require(
        found.shape == wanted.shape,
        f"the covariances must have one shape, got {found.shape} and {wanted.shape}",
    )
    root = np.linalg.cholesky(wanted)
    ratios = np.linalg.svd(np.linalg.solve(root, np.linalg.cholesky(found)), compute_uv=False) ** 2
    excess = ratios - 1
    total = float((excess - np.log1p(excess)).sum())
    if shift is not None:
        moved = np.asarray(shift, dtype=np.float64).reshape(-1)
        require(len(moved) == len(wanted), f"`shift` must have {len(wanted)} components, got {len(moved)}")
        total += float((np.linalg.solve(root, moved) ** 2).sum())
    return total / 2


def posterior_match(
    hessian: ArrayLike, gradient_covariance: ArrayLike, batch_size: int, examples: float, rate: ArrayLike
) -> PosteriorMatch:
    """The stationary law of SGD near a minimum against the posterior, at any rate.

    The loss is the mean negative log-likelihood of N examples, near w = 0 it is w'Hw/2, so the posterior is
    N(0, (N H)^-1). In continuous time SGD has rate H S + S H rate' = rate C rate' / B.

    Parameters
    ----------
    hessian, gradient_covariance
        H and the covariance C of one example's gradient, (d, d).
    batch_size, examples
        B and N.
    rate
        A positive number, d positive numbers (one for each coordinate), or a symmetric positive definite matrix.

    Raises
    ------
    InputError
        If H is not positive definite, or the law of SGD is none (C singular in all directions that H couples), or
        a number or shape is wrong.

    References
    ----------
    Mandt, Hoffman & Blei (2017), Stochastic gradient descent as approximate Bayesian inference.
    """
    curvature, noise = _checked(hessian, gradient_covariance, batch_size, examples)
    dim = len(curvature)
    given = np.asarray(rate, dtype=np.float64)
    require(
        given.shape in {(), (dim,), (dim, dim)},
        f"`rate` must be a number, {dim} numbers or {dim} x {dim}, got shape {given.shape}",
    )
    step = positive_definite(given if given.ndim == 2 else np.diag(np.broadcast_to(given, dim)), "rate")
    pull = step @ curvature
    covariance = np.asarray(solve_continuous_lyapunov(pull, step @ noise @ step / batch_size))
    covariance = (covariance + covariance.T) / 2
    target = np.asarray(np.linalg.inv(examples * curvature), dtype=np.float64)
    least = float(np.linalg.eigvalsh(covariance)[0])
    require(
        least > SINGULAR * float(np.trace(covariance)),
        "the divergence to the posterior is infinite: the noise of SGD does not reach some direction, got the "
        f"variance {max(least, 0.0):.3g} there; add noise",
    )
    return PosteriorMatch(step, normal_divergence(covariance, (target + target.T) / 2), covariance, target)


def optimal_learning_rate(
    hessian: ArrayLike, gradient_covariance: ArrayLike, batch_size: int, examples: float
) -> PosteriorMatch:
    """The learning rate 2 (B/N) d / tr C, whose stationary law is nearest to the posterior in KL, with that KL.

    `hessian` and `gradient_covariance` have shape (d, d).
    Exact for continuous time and one rate for all directions; the steps themselves have their optimum O(rate)
    beside it. It needs no curvature; the divergence reached does.

    Raises
    ------
    InputError
        As `posterior_match`.

    References
    ----------
    Mandt, Hoffman & Blei (2017), theorem 1.
    """
    curvature, noise = _checked(hessian, gradient_covariance, batch_size, examples)
    rate = 2 * batch_size / examples * len(curvature) / float(np.trace(noise))
    return posterior_match(curvature, noise, batch_size, examples, rate)


def full_preconditioner(
    hessian: ArrayLike, gradient_covariance: ArrayLike, batch_size: int, examples: float
) -> PosteriorMatch:
    """The rate (2B/N) C^-1, with which the stationary law is the posterior itself: KL = 0.

    `hessian` and `gradient_covariance` have shape (d, d).
    The preconditioner at learning rate eps is this over eps. Exact for continuous time and constant C.

    Raises
    ------
    InputError
        As `posterior_match`, and if C is singular.

    References
    ----------
    Mandt, Hoffman & Blei (2017), theorem 2; Ahn, Korattikara & Welling (2012), Stochastic gradient Fisher scoring.
    """
    curvature, noise = _checked(hessian, gradient_covariance, batch_size, examples)
    inverse = np.linalg.inv(positive_definite(noise, "gradient_covariance"))
    rate = 2 * batch_size / examples * (inverse + inverse.T) / 2
    return posterior_match(curvature, noise, batch_size, examples, rate)


def diagonal_preconditioner(
    hessian: ArrayLike, gradient_covariance: ArrayLike, batch_size: int, examples: float, *, optimise: bool = False
) -> PosteriorMatch:
    """The rates (2B/N) / C_kk, one for each coordinate, or with `optimise` those that minimise the KL.

    `hessian` and `gradient_covariance` have shape (d, d).
    The formula is that of the literature. It is the minimum where H and C are diagonal; otherwise the determinant
    of SGD's covariance is not the product of the rates times a constant, and a better diagonal exists, which
    `optimise` finds (BFGS on the logarithms, from the formula).

    Raises
    ------
    InputError
        As `posterior_match`, and if a coordinate has no noise or the search does not end at a minimum.

    References
    ----------
    Mandt, Hoffman & Blei (2017), section 4.2.
    """
    curvature, noise = _checked(hessian, gradient_covariance, batch_size, examples)
    spread = np.diag(noise)
    require(
        bool((spread > 0).all()),
        f"a diagonal preconditioner needs noise in every coordinate, got the variances {spread.tolist()}",
    )
    published = 2 * batch_size / examples / spread

    def match(logarithms: Array) -> PosteriorMatch:
        return posterior_match(curvature, noise, batch_size, examples, published * np.exp(logarithms))

    start = match(np.zeros(len(spread)))
    if not optimise:
        return start
    found = minimize(  # type: ignore[call-overload]
        lambda z: match(z).divergence, np.zeros(len(spread)), method="BFGS", options={"gtol": SLOPE_SOUGHT}
    )
    slope = float(np.abs(found.jac).max())
    best = match(np.asarray(found.x))
    if slope > SLOPE_ALLOWED or best.divergence > start.divergence:
        raise InputError(
            f"the search for the best diagonal must end at a minimum, it has slope {slope:.3g}; take the formula"
        )
    return best


def _checked(
    hessian: ArrayLike, gradient_covariance: ArrayLike, batch_size: int, examples: float
) -> tuple[Array, Array]:
    """H and C, once they and the numbers are in range."""
    curvature = positive_definite(hessian, "hessian")
    noise = np.atleast_2d(np.asarray(gradient_covariance, dtype=np.float64))
    require(
        noise.shape == curvature.shape and bool(np.isfinite(noise).all()),
        f"`gradient_covariance` must be finite of the Hessian's shape {curvature.shape}, got {noise.tolist()}",
    )
    eigenvalues = np.linalg.eigvalsh(noise)
    require(
        is_symmetric(noise) and bool(eigenvalues[0] >= -NEGATIVE_LEFT_BY_ROUNDING * eigenvalues[-1]),
        f"`gradient_covariance` must be symmetric without negative eigenvalues, got {noise.tolist()}",
    )
    require(
        bool(eigenvalues[-1] > 0),
        "`gradient_covariance` is 0: without noise SGD samples nothing; there is no rate",
    )
    require(
        batch_size >= 1 and batch_size % 1 == 0,
        f"`batch_size` must be a whole number, at least 1, got {batch_size}",
    )
    require(math.isfinite(examples) and examples >= 1, f"`examples` must be finite and at least 1, got {examples}")
    return curvature, noise
