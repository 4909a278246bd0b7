"""What noise does at points of a manifold of minima."""

from __future__ import annotations

import math

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.stability import stability_limit
from theory.landscapes import Landscape
from theory.manifold.derivatives import third_derivatives
from theory.manifold.frame import Frame, frame_at
from theory.manifold.point import ON, curvature_floor, manifold_point
from theory.tensors import Minibatch
from theory.tensors.minibatch import AnyNoisyModel


def flow_curvature(landscape: Landscape, frame: Frame, tensors: Array) -> Array:
    """sum_jk d_j d_k Phi(w) M_jk at points of the manifold, for symmetric M (n, d, d), shape (n, d).

    Phi is the limit of gradient flow. With T[M]_i = sum_jk d_i d_j d_k L M_jk, P the projector on the tangent
    space and Q = I - P it is -H^+ T[P M P] - P (2 T[H^+ Q M P] + T[X]), H X + X H = Q M Q: the first term keeps
    the point on the bent manifold, the others move it along.

    References
    ----------
    Li, Wang & Arora (2022), What happens after SGD reaches zero loss?, section 4.
    """
    third, tangent = third_derivatives(landscape, frame.points), frame.tangent
    normal = np.eye(landscape.dim) - tangent

    def bent(matrices: Array) -> Array:
        return np.asarray(np.einsum("nijk,njk->ni", third, matrices))

    inside = bent(tangent @ tensors @ tangent)[..., None]
    pushed = 2 * bent(frame.divided(normal @ tensors @ tangent)) + bent(frame.relaxed(tensors))
    along = (tangent @ pushed[..., None])[..., 0]
    return np.asarray(-frame.divided(inside)[..., 0] - along)


def projection(landscape: Landscape, w: ArrayLike) -> Array:
    """P, the orthogonal projector on the tangent space at w (..., d) on a manifold of minima, shape (..., d, d).

    It is the derivative of the limit of gradient flow there.

    Raises
    ------
    InputError
        As `slow_drift`.
    """
    return _frame(landscape, w).tangent.reshape(*np.shape(w), landscape.dim)


def slow_drift(
    model: AnyNoisyModel, w: ArrayLike, learning_rate: float, batch_size: int, momentum: float = 0.0
) -> Array:
    """Mean velocity of SGD at w (..., d) on a manifold of minima, in time t = eta k, shape (..., d).

    sum_jk D_jk d_j d_k Phi with Phi the limit of gradient flow, D = eta C / (2 B) and eta = learning_rate /
    (1 - momentum), by `flow_curvature`: of first order in eta, so that SGD moves by eta^2 times a number each
    step. It is the Ito drift of Phi(w), which has a part across the manifold where the noise has one along it.

    Raises
    ------
    InputError
        If w does not lie on a manifold of minima with a quadratic valley (see `manifold_point`), the rank of the
        Hessian differs between points, or learning_rate times a curvature is 2 (1 + momentum) or more.

    References
    ----------
    Katzenberger (1991), Solutions of a stochastic differential equation forced onto a manifold by a large drift;
    Li, Wang & Arora (2022), What happens after SGD reaches zero loss?
    """
    noise, frame = _noise_and_frame(model, w, learning_rate, batch_size, momentum)
    return flow_curvature(model, frame, noise.tensor(frame.points)).reshape(np.shape(w))


def slow_diffusion(
    model: AnyNoisyModel, w: ArrayLike, learning_rate: float, batch_size: int, momentum: float = 0.0
) -> Array:
    """P D P at w (..., d) on a manifold of minima, D = eta C / (2 B), shape (..., d, d).

    Raises
    ------
    InputError
        As `slow_drift`.
    """
    noise, frame = _noise_and_frame(model, w, learning_rate, batch_size, momentum)
    tensors = frame.tangent @ noise.tensor(frame.points) @ frame.tangent
    return np.asarray(tensors.reshape(*np.shape(w), model.dim))


def transverse_covariance(
    model: AnyNoisyModel, w: ArrayLike, learning_rate: float, batch_size: int, momentum: float = 0.0
) -> Array:
    """Stationary covariance of SGD across the manifold of minima at w (..., d), shape (..., d, d).

    S with H S + S H = eta C / B on the normal space, eta = learning_rate / (1 - momentum), to first order in eta.
    `sgd_covariance` is exact in the rate for quadratic loss.

    Raises
    ------
    InputError
        As `slow_drift`.
    """
    noise, frame = _noise_and_frame(model, w, learning_rate, batch_size, momentum)
    return frame.relaxed(2 * noise.tensor(frame.points)).reshape(*np.shape(w), model.dim)


def label_noise_drift(
    model: AnyNoisyModel, w: ArrayLike, learning_rate: float, batch_size: int, momentum: float = 0.0
) -> Array:
    """-(eta c / (4 B)) P grad tr H at w (..., d), the slow drift where C = c H, in time t = eta k.

    Of a `ProductModel` where q = 0, c = 2 loss_scale noise_std^2. c is tr C / tr H, and C = c H is tested.

    Raises
    ------
    InputError
        As `slow_drift`, and where C is not proportional to H.

    References
    ----------
    Blanc, Gupta, Valiant & Valiant (2020), Implicit regularization for deep neural networks driven by an
    Ornstein-Uhlenbeck like process; Damian, Ma & Lee (2021), Label noise SGD provably prefers flat global
    minimizers.
    """
    noise, frame = _noise_and_frame(model, w, learning_rate, batch_size, momentum)
    tensors = noise.tensor(frame.points)
    hessian = frame.normals @ (frame.curvatures[..., None] * frame.normals.swapaxes(-1, -2))
    factor = np.trace(tensors, axis1=1, axis2=2) / frame.curvatures.sum(axis=-1)  # eta c / (2 B)
    rest = tensors - factor[:, None, None] * hessian
    size = np.linalg.norm(tensors, axis=(1, 2))
    share = np.linalg.norm(rest, axis=(1, 2)) / np.where(size > 0, size, 1.0)
    require(
        float(share.max(initial=0.0)) <= ON,
        f"the drift along -grad tr H needs C proportional to H, got a part of {share.max(initial=0.0):.3g} that "
        "is not; take slow_drift",
    )
    slope = np.einsum("nijj->ni", third_derivatives(model, frame.points))
    along = (frame.tangent @ slope[..., None])[..., 0]
    return np.asarray((-factor[:, None] / 2 * along).reshape(np.shape(w)))


def effective_rate(learning_rate: float, momentum: float) -> float:
    """The time of a step, learning_rate / (1 - momentum), after a check of both.

    Raises
    ------
    InputError
        If the rate is not positive and finite, or the momentum outside [0, 1).
    """
    require(
        math.isfinite(learning_rate) and learning_rate > 0,
        f"`learning_rate` must be positive and finite, got {learning_rate}",
    )
    require(0 <= momentum < 1, f"`momentum` must lie in [0, 1), got {momentum}")
    return learning_rate / (1 - momentum)


def _require_in_valley(curvature: float, learning_rate: float, momentum: float) -> None:
    """Refuse a step that leaves the valley by itself."""
    limit = stability_limit(momentum)
    require(
        learning_rate * curvature < limit,
        f"SGD must stay in the valley, learning_rate * curvature < {limit:g}, got "
        f"{learning_rate * curvature:.4g} (curvature {curvature:.4g}); reduce the learning rate",
    )


def _noise_and_frame(
    model: AnyNoisyModel, w: ArrayLike, learning_rate: float, batch_size: int, momentum: float
) -> tuple[Minibatch, Frame]:
    noise = Minibatch(model, effective_rate(learning_rate, momentum), batch_size)
    frame = _frame(model, w)
    _require_in_valley(float(frame.curvatures.max()), learning_rate, momentum)
    return noise, frame


def _frame(landscape: Landscape, w: ArrayLike) -> Frame:
    """The frame at points w (..., d) that lie on one manifold of minima."""
    require(isinstance(landscape, Landscape), f"`landscape` must be a Landscape, got {landscape!r}")
    points = np.asarray(w, dtype=np.float64)
    require(
        points.ndim >= 1 and points.shape[-1] == landscape.dim and points.size > 0,
        f"`w` must hold points with {landscape.dim} numbers each, got shape {points.shape}",
    )
    flat = points.reshape(-1, landscape.dim)
    frames = [manifold_point(landscape, point) for point in flat]
    ranks = {frame.curvatures.shape[-1] for frame in frames}
    if len(ranks) > 1:
        raise InputError(
            f"the points must lie on manifolds of one codimension, got {sorted(ranks)}; ask for each by itself"
        )
    return frame_at(landscape, flat, ranks.pop(), min(curvature_floor(landscape, point) for point in flat))
