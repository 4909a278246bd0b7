"""Exact covariances for quadratic loss: of the Ornstein-Uhlenbeck process, and of SGD itself."""

from __future__ import annotations

import math

import numpy as np
from numpy.linalg import LinAlgError
from scipy.linalg import solve_continuous_lyapunov

from theory.base.arrays import Array, ArrayLike, finite, square
from theory.base.errors import InputError, require
from theory.base.matrices import NEGATIVE_LEFT_BY_ROUNDING, is_symmetric
from theory.laws import Density, Grid
from theory.models import ProductModel

STANDING = 1e-13  # of the largest rate: one that is 0 but for rounding


def stationary_covariance(drift_matrix: ArrayLike, diffusion: ArrayLike) -> Array:
    """Covariance Sigma of dw = -F w dt + sqrt(2 D) dW: F Sigma + Sigma F' = 2 D, shape (d, d).

    Bartels-Stewart (SciPy).

    Raises
    ------
    InputError
        If F and D are not square, finite and of one size, or F has an eigenvalue whose real part is not positive:
        then no law is stationary.
    """
    drift = square(drift_matrix, "drift_matrix")
    tensor = square(diffusion, "diffusion", len(drift))
    least = float(np.linalg.eigvals(drift).real.min())
    require(least > 0, f"a stationary law needs a drift towards 0, got an eigenvalue with real part {least:.3g}")
    return np.asarray(solve_continuous_lyapunov(drift, 2 * tensor))


def underdamped_covariance(hessian: ArrayLike, friction: ArrayLike, momentum_diffusion: ArrayLike) -> Array:
    """Covariance of (q, p) for dq = p dt, dp = -(H q + friction p) dt + sqrt(2 D) dW, shape (2 d, 2 d).

    One Lyapunov equation in phase space (`stationary_covariance`). With D = T friction it is Gibbs, diag(T H^-1,
    T I). Of SGD with momentum mu and rate h^2 it is the limit h -> 0 at friction (1 - mu)/h and D = h C_B / 2.

    Parameters
    ----------
    hessian, momentum_diffusion
        H and D, (d, d).
    friction
        A number or a matrix (d, d).

    Raises
    ------
    InputError
        If the shapes differ, D is no covariance, or no law is stationary: H is not positive definite, or a
        direction has no friction.

    References
    ----------
    Pavliotis (2014), Stochastic Processes and Applications, chapter 6.
    """
    curvature, noise = square(hessian, "hessian"), np.atleast_2d(finite(momentum_diffusion, "momentum_diffusion"))
    drag = finite(friction, "friction")
    dim = curvature.shape[0]
    drag = drag * np.eye(dim) if drag.ndim == 0 else drag
    shapes = [m.shape for m in (curvature, drag, noise)]
    require(
        all(shape == (dim, dim) for shape in shapes),
        f"Hessian, friction and diffusion must be square of one size, got shapes {', '.join(map(str, shapes))}",
    )
    least = float(np.linalg.eigvalsh((noise + noise.T) / 2)[0])
    require(
        least >= -NEGATIVE_LEFT_BY_ROUNDING * np.abs(noise).max() and is_symmetric(noise),
        f"the diffusion of the momenta must be symmetric without negative eigenvalues, got {noise.tolist()}",
    )
    nothing, identity = np.zeros((dim, dim)), np.eye(dim)
    drift = np.block([[nothing, -identity], [curvature, drag]])
    modes = np.linalg.eigvals(drift)
    slowest, rounding = float(modes.real.min()), STANDING * float(np.abs(modes).max())
    require(
        slowest > rounding,
        "a stationary law needs a positive definite Hessian and friction in every direction, got a mode with the "
        f"rate {slowest:.3g}",
    )
    return stationary_covariance(drift, np.block([[nothing, nothing], [nothing, noise]]))


def sgd_covariance(
    hessian: ArrayLike, batch_covariance: ArrayLike, learning_rate: ArrayLike, momentum: float = 0.0
) -> Array:
    """Stationary covariance of SGD on w'Hw/2 with additive noise of covariance C_B, exact at any rate.

    One linear solve for the covariance of position and velocity, v <- momentum v - rate g, w <- w + v.
    `learning_rate` is a number or a matrix (d, d); `batch_covariance` is that of the whole batch's gradient.

    Raises
    ------
    InputError
        If matrices are not square, finite and of one size, or the iteration is not stable: then no law is
        stationary.

    References
    ----------
    Liu, Ziyin & Ueda (2021), Noise and fluctuation of finite learning rate stochastic gradient descent.
    """
    pull, step, push, noise = _linear_step(hessian, batch_covariance, learning_rate, momentum)
    dim = len(noise)
    if momentum == 0:
        return _fixed_point(_lost(pull), push[:dim] @ noise @ push[:dim].T)
    return _fixed_point(np.eye(4 * dim**2) - np.kron(step, step), push @ noise @ push.T)[:dim, :dim]


def sgd_joint_covariance(
    hessian: ArrayLike, batch_covariance: ArrayLike, learning_rate: ArrayLike, momentum: float
) -> Array:
    """Stationary covariance (2d, 2d) of position and velocity; as `sgd_covariance`, which is its first block.

    Raises
    ------
    InputError
        As `sgd_covariance`.
    """
    _, step, push, noise = _linear_step(hessian, batch_covariance, learning_rate, momentum)
    return _fixed_point(np.eye(len(step) ** 2) - np.kron(step, step), push @ noise @ push.T)


def _linear_step(
    hessian: ArrayLike, batch_covariance: ArrayLike, learning_rate: ArrayLike, momentum: float
) -> tuple[Array, Array, Array, Array]:
    """Rate H, the step of position and velocity, what the noise pushes, and its covariance."""
    curvature = square(hessian, "hessian")
    dim = curvature.shape[0]
    noise = square(batch_covariance, "batch_covariance", dim)
    rate = finite(learning_rate, "learning_rate")
    rate = square(rate * np.eye(dim) if rate.ndim == 0 else rate, "learning_rate", dim)
    require(math.isfinite(momentum), f"`momentum` must be finite, got {momentum}")
    pull = rate @ curvature
    step = np.block([[np.eye(dim) - pull, momentum * np.eye(dim)], [-pull, momentum * np.eye(dim)]])
    radius = float(np.abs(np.linalg.eigvals(step)).max())
    require(radius < 1, f"SGD must contract, got spectral radius {radius:.6g}; reduce the learning rate")
    return pull, step, np.vstack([rate, rate]), noise


def linear_regression_covariance(model: ProductModel, learning_rate: float, batch_size: int) -> Array:
    """Stationary covariance of SGD for affine q with fresh Gaussian data, multiplicative noise included.

    It has shape (d, d).
    With A = J'J and s = loss_scale, Sigma solves Sigma = E[(I - eta H_B) Sigma (I - eta H_B)] + (2 s eta)^2
    (noise_std^2 + |R|^2) A / B, where E[S M S] = M + (M + tr M)/B for a batch covariance S of unit Gaussian
    inputs, and R is what remains of Q at the minimum. Exact in law at any rate.

    Raises
    ------
    InputError
        If a number is not positive, q is not affine in w, or SGD is not stable in mean square.

    References
    ----------
    Ziyin, Liu, Mori & Ueda (2022), Strength of minibatch noise in SGD.
    """
    require(
        math.isfinite(learning_rate) and learning_rate > 0,
        f"`learning_rate` must be positive and finite, got {learning_rate}",
    )
    require(batch_size >= 1, f"`batch_size` must be at least 1, got {batch_size}")
    outputs, dim = model.outputs, model.dim
    for formula in model.scaled_q:
        require(
            all(formula.diff(a, b) == 0 for a in model.variables for b in model.variables),
            f"the exact covariance of SGD needs q affine in w, got {formula}",
        )
    intercept, slopes = np.split(model.scaled_predictor(np.zeros(dim)), [outputs])
    jacobian = slopes.reshape(outputs, dim)
    rest = intercept - jacobian @ np.linalg.lstsq(jacobian, intercept, rcond=None)[0]
    square, rate = jacobian.T @ jacobian, 2 * model.loss_scale * learning_rate
    identity = np.eye(dim)
    kept = np.kron(identity - rate * square, identity - rate * square)
    spread = np.kron(square, square) + np.outer(square.ravel(), square.ravel())
    transfer = kept + rate**2 / batch_size * spread
    radius = float(np.abs(np.linalg.eigvals(transfer)).max())
    require(
        radius < 1,
        f"SGD must be stable in mean square, got growth {radius:.6g} a step; reduce the learning rate",
    )
    source = rate**2 * (model.noise_std**2 + rest @ rest) / batch_size * square
    return _fixed_point(_lost(rate * square) - rate**2 / batch_size * spread, source)


def _lost(pull: Array) -> Array:
    """X - (I - P) X (I - P)' as a matrix that acts on X row by row; nothing near 1 is subtracted."""
    identity = np.eye(len(pull))
    return np.asarray(np.kron(pull, identity) + np.kron(identity, pull) - np.kron(pull, pull))


def _fixed_point(lost: Array, source: Array) -> Array:
    """L X = source, with L = 1 - T acting on the matrix X row by row."""
    try:
        flat = np.linalg.solve(lost, source.ravel())
    except LinAlgError:
        raise InputError("SGD has no unique stationary covariance: a direction has no curvature") from None
    solution = flat.reshape(source.shape)
    return np.asarray((solution + solution.T) / 2)


def gaussian(mean: ArrayLike, covariance: ArrayLike, grid: Grid) -> Density:
    """The normal density at the cell centres of `grid`, normalised over it.

    `mean` has shape (d,), `covariance` (d, d).

    Raises
    ------
    InputError
        If the covariance is not positive definite, or the mean does not lie in the box.
    """
    matrix = np.atleast_2d(np.asarray(covariance, dtype=np.float64))
    require(
        matrix.shape == (grid.dim, grid.dim) and np.size(mean) == grid.dim,
        f"a normal density on this grid needs a mean of {grid.dim} and a covariance of {grid.dim} x {grid.dim}, "
        f"got shapes {np.shape(mean)} and {matrix.shape}",
    )
    least = float(np.linalg.eigvalsh(matrix)[0])
    require(
        math.isfinite(least) and least > 0,
        f"a normal density needs a positive definite covariance, got the eigenvalue {least:.3g}",
    )
    centre = finite(mean, "mean").reshape(-1)
    require(
        bool(((centre >= grid.lower) & (centre <= grid.upper)).all()),
        f"`mean` must lie in the box {grid.lower} to {grid.upper}, got {centre.tolist()}; widen the grid",
    )
    centred = grid.centers - centre
    exponent = np.einsum("...i,...i->...", centred @ np.linalg.inv(matrix), centred)
    return Density.from_log(grid, -exponent / 2)
