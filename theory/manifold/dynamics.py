"""The equation of the slow motion along a manifold of minima."""

from __future__ import annotations

import math

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.showing import argument
from theory.base.stability import stability_limit
from theory.equations import Ito, Langevin
from theory.equations.algorithm import StepSizes
from theory.landscapes import CallableLandscape, Landscape
from theory.manifold.derivatives import bare, third_derivatives
from theory.manifold.drift import flow_curvature
from theory.manifold.frame import Frame
from theory.manifold.point import curvature_floor, manifold_point
from theory.manifold.tangent_noise import TangentNoise
from theory.tensors import FactoredField, Minibatch, TensorField, whole_field
from theory.tensors.minibatch import AnyNoisyModel


class SlowDynamics(Langevin):
    """dY = sum_jk D_jk d_j d_k Phi dt + P sqrt(2 D) dW (Ito): dw = -grad L dt + sqrt(2 D) dW seen along minima.

    Phi is the limit of gradient flow, P its derivative, the projector on the tangent space. The limit of weak
    noise: D -> 0 and t -> infinity with D t fixed. It is a `Langevin` equation in the whole space, with no
    landscape of its own, whose coefficients at w are those at the minimum next to w; its solutions stay on the
    manifold. Euler's method leaves it by O(dt): `sample_paths` with the scheme `OnManifold()` returns to it after
    each step. Where the noise has no part along the manifold take `slow_path`.

    Parameters
    ----------
    model
        L, a `Landscape`.
    noise
        D(w), a tensor field, such as `Minibatch(model, learning_rate, batch_size)` or `Isotropic(temperature, d)`.
    at
        A point of the manifold meant, shape (d,), as `gradient_flow_limit` gives one. Its number of normal
        directions holds for all points: a walker that comes where it changes is refused.
    steepest
        Curvature from which on SGD leaves the valley, `stability_limit(momentum) / learning_rate`; no limit for an
        equation.

    Raises
    ------
    InputError
        If dimensions differ, `at` is no point of a manifold with a quadratic valley (see `manifold_point`), or
        the curvature there is `steepest` or more. Coefficients raise it where Newton's method finds no minimum
        next to w, or the rank of the Hessian changes.

    References
    ----------
    Katzenberger (1991), Solutions of a stochastic differential equation forced onto a manifold by a large drift;
    Li, Wang & Arora (2022), What happens after SGD reaches zero loss?
    """

    model: Landscape
    noise: FactoredField
    at: tuple[float, ...]
    steepest: float

    def __init__(self, model: Landscape, noise: TensorField, at: ArrayLike, steepest: float = math.inf) -> None:
        require(isinstance(noise, TensorField), f"`noise` must be a TensorField, got {noise!r}")
        whole = whole_field(noise)
        frame = manifold_point(model, at)
        point = frame.points[0]
        codimension = frame.curvatures.shape[-1]
        along = TangentNoise(bare(model), whole, codimension, curvature_floor(model, point))
        for name, part in (
            ("model", model),
            ("noise", whole),
            ("at", tuple(point.tolist())),
            ("steepest", steepest),
        ):
            object.__setattr__(self, name, part)
        flat = CallableLandscape(_no_value, np.zeros_like, _no_hessian, dim=model.dim)
        super().__init__(flat, along, Ito(), self.slow_drift)
        self._require_gentle(frame)

    def __repr__(self) -> str:
        steepest = "" if math.isinf(self.steepest) else f", steepest={self.steepest}"
        return f"SlowDynamics({argument(self.model)}, {argument(self.noise)}, at={self.at}{steepest})"

    @property
    def codimension(self) -> int:
        """Number of normal directions."""
        return self._along.codimension

    @property
    def _along(self) -> TangentNoise:
        assert isinstance(self.diffusion, TangentNoise)
        return self.diffusion

    def frame(self, w: ArrayLike) -> Frame:
        """The minima next to w (..., d) and their normal directions, the leading axes in one.

        Raises
        ------
        InputError
            If a point does not lie on the manifold.
        """
        frame = self._along.frame(np.asarray(w, dtype=np.float64).reshape(-1, self.dim))
        self._require_gentle(frame)
        return frame

    def slow_drift(self, w: ArrayLike) -> Array:
        """The drift at the minima next to w (..., d), shape (..., d); NaN where w is not finite."""
        points = np.asarray(w, dtype=np.float64)
        flat = points.reshape(-1, self.dim)
        drift = np.full(flat.shape, np.nan)
        finite = np.isfinite(flat).all(axis=-1)
        if finite.any():
            frame = self.frame(flat[finite])
            drift[finite] = flow_curvature(self.model, frame, self.noise.tensor(frame.points))
        return drift.reshape(points.shape)

    def transverse_covariance(self, w: ArrayLike) -> Array:
        """S with H S + S H = 2 D on the normal space at the minima next to w (..., d), shape (..., d, d).

        Raises
        ------
        InputError
            As `frame`.
        """
        frame = self.frame(w)
        return frame.relaxed(2 * self.noise.tensor(frame.points)).reshape(*np.shape(w), self.dim)

    def neglected(self, w: ArrayLike) -> Array:
        """Size of the terms left out over those kept, at the minima next to w (..., d), shape (...).

        The largest curvature over `steepest`, plus the spread across the manifold over the square of the length
        on which the Hessian changes, tr S |T|^2 / h^2 with T the third derivatives and h the smallest curvature.
        An order of magnitude, no bound.

        Raises
        ------
        InputError
            As `frame`.
        """
        frame = self.frame(w)
        spread = np.trace(frame.relaxed(2 * self.noise.tensor(frame.points)), axis1=1, axis2=2)
        third = np.linalg.norm(third_derivatives(self.model, frame.points).reshape(len(spread), -1), axis=-1)
        size = frame.curvatures[:, -1] / self.steepest + spread * (third / frame.curvatures[:, 0]) ** 2
        return np.asarray(size.reshape(np.shape(w)[:-1]))

    def _require_gentle(self, frame: Frame) -> None:
        worst = int(np.argmax(frame.curvatures[:, -1]))
        curvature = float(frame.curvatures[worst, -1])
        require(
            curvature < self.steepest,
            "SGD must stay in the valley, with a curvature below 2 (1 + momentum) / learning_rate = "
            f"{self.steepest:.4g}, got {curvature:.4g} at {frame.points[worst].tolist()}; reduce the learning "
            "rate",
        )


def _no_value(w: Array) -> Array:
    return np.zeros(w.shape[:-1])


def _no_hessian(w: Array) -> Array:
    return np.zeros((*w.shape, w.shape[-1]))


def slow_limit(model: AnyNoisyModel, sgd: StepSizes, at: ArrayLike) -> SlowDynamics:
    """The slow equation that SGD follows along the manifold of minima through `at`, in time t = eta k.

    `at` has shape (d,).
    `SlowDynamics` with D = eta C / (2 B), eta = learning_rate / (1 - momentum), momentum of either kind: a law
    for eta -> 0 at fixed eta^2 k, with an error O(eta). A start off the manifold first falls to
    `gradient_flow_limit` of it. With independent batches of the population, as `langevin_limit`.

    Raises
    ------
    InputError
        As `SlowDynamics`; the steepest curvature is the `stability_limit` over the learning rate.
    """
    eta, momentum = sgd.time_step, float(sgd.momentum)
    steepest = stability_limit(sgd.momentum) / (eta * (1 - momentum))
    return SlowDynamics(model, Minibatch(model, eta, sgd.batch_size), at, steepest)
