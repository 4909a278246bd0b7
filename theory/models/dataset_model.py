"""A fixed data set with a loss for each example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arrays import Array, ArrayLike, points_of, read_only
from theory.base.errors import require
from theory.base.matrices import MOST_DENSE
from theory.base.renamed import OldName
from theory.base.showing import argument, told
from theory.landscapes.function import central_differences, product_by_differences
from theory.models.batches import Batches, mean_products
from theory.models.example_noise import ExampleNoise
from theory.models.slabs import most_at_once, slabs

ExampleFunction = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True, eq=False)
class DatasetModel:
    """The mean over N examples of `loss`; its gradient noise is that of drawing examples from the N.

    C(w) = (1/N) sum g_i g_i' - gbar gbar'; a batch of B has the covariance C/B with replacement and
    (N - B)/((N - 1) B) C without (Chaudhari & Soatto, Lemma 1).

    Parameters
    ----------
    x, y
        Inputs (N, m) and labels (N,); or of more axes, as images and labels of several components have.
    loss, example_gradient
        Of one example: functions of w (..., d), x (..., m), y (...), whose leading axes broadcast, with results of
        shape (...) and (..., d).
    dim
        Dimension d of w.
    example_hessian
        Of one example, with results (..., d, d); by default fourth-order differences of the mean gradient.

    Raises
    ------
    InputError
        If the data are not finite or do not fit, or a function does not broadcast.
    """

    x: Array = field(repr=False)
    y: Array = field(repr=False)
    loss: ExampleFunction
    example_gradient: ExampleFunction
    dim: int
    example_hessian: ExampleFunction | None = None

    def __post_init__(self) -> None:
        x, y = read_only(self.x), read_only(self.y)
        x = read_only(x[:, None]) if x.ndim == 1 else x
        require(
            x.ndim >= 2 and y.shape[:1] == x.shape[:1] and x.size > 0,
            f"a data set needs x of shape (N, m) and y of shape (N,), got {x.shape} and {y.shape}",
        )
        require(bool(np.isfinite(x).all() and np.isfinite(y).all()), "a data set must be finite, it is not")
        require(self.dim >= 1, f"`dim` must be at least 1, got {self.dim}")
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)
        trial = np.zeros((2, 1, self.dim))
        parts = (("loss", self.loss, ()), ("example_gradient", self.example_gradient, (self.dim,)))
        for name, function, tail in parts:
            with np.errstate(all="ignore"):
                found = numbers_of(function(trial, x, y))
            fits = found is not MISFIT and found.dtype.kind in "biuf" and found.shape == (2, len(x), *tail)
            require(
                fits,
                f"`{name}` must map w {trial.shape}, x {x.shape} and y {y.shape} to {(2, len(x), *tail)}, got "
                f"{'no numbers' if found is MISFIT else found.shape}; "
                "vectorise it over the leading axes",
            )

    def __repr__(self) -> str:
        return told(
            "DatasetModel", examples=len(self), inputs=self.x[0].size, loss=argument(self.loss), dim=self.dim
        )

    def __len__(self) -> int:
        return len(self.y)

    def value(self, w: ArrayLike) -> Array:
        """Mean loss, shape (...).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        return self._mean(w, lambda points: self.loss(points, self.x, self.y).mean(axis=1), ())

    def gradient(self, w: ArrayLike) -> Array:
        """Mean gradient, shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        return self._mean(w, lambda points: self.examples(points).mean(axis=1), (self.dim,))

    def hessian(self, w: ArrayLike) -> Array:
        """Mean Hessian, shape (..., d, d), symmetric.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        exact = self.example_hessian
        if exact is not None:
            shape = (self.dim, self.dim)
            raw = self._mean(w, lambda points: exact(points, self.x, self.y).mean(axis=1), shape)
        else:
            raw = central_differences(self.gradient, points_of(w, self.dim))
        return np.asarray((raw + raw.swapaxes(-1, -2)) / 2)

    def gradient_covariance(self, w: ArrayLike) -> Array:
        """Covariance C(w) of the gradients of the examples, shape (..., d, d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """

        def spread(points: Array) -> Array:
            gradients = self.examples(points)
            centred = gradients - gradients.mean(axis=1, keepdims=True)
            return np.asarray(centred.swapaxes(1, 2) @ centred / len(self))

        return self._mean(w, spread, (self.dim, self.dim))

    covariance = OldName("example_covariance")

    @property
    def example_covariance(self) -> ExampleNoise:
        """C(w) as a tensor field."""
        return ExampleNoise(self)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the components of w: w1, w2, ..., or those that a network gives them."""
        return tuple(f"w{k}" for k in range(1, self.dim + 1))

    def batch_gradient(self, w: ArrayLike, x: ArrayLike, y: ArrayLike) -> Array:
        """Mean gradient of a batch for each w, shape (..., d).

        A network has it without the gradients of the single examples.

        Parameters
        ----------
        w
            Points (..., d).
        x, y
            The batch of each: inputs (..., B, m) and labels (..., B), with the leading axes of w.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d, or the leading axes differ.
        """
        batches = Batches.of(self, w, x, y)
        return self._of_batches(*batches.flat).reshape(batches.shape)

    def batch_hessian_product(self, w: ArrayLike, x: ArrayLike, y: ArrayLike, v: ArrayLike) -> Array:
        """H_B(w) v of the mean loss of a batch for each w, shape (..., d); by what `hessian_product` takes.

        Parameters
        ----------
        w, v
            Points and vectors (..., d), of one shape.
        x, y
            The batch of each: inputs (..., B, m) and labels (..., B), with the leading axes of w.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d, or the leading axes differ.
        """
        batches = Batches.of(self, w, x, y)
        return self._bends(*batches.flat, batches.vectors(v)).reshape(batches.shape)

    def walkers_at_once(self, batch_size: int) -> int:
        """How many walkers have their batches in memory at a time."""
        return most_at_once(batch_size * max(self.dim, self.x[0].size))

    def hessian_product(self, w: ArrayLike, v: ArrayLike) -> Array:
        """H(w) v of the mean loss, shape (..., d), whose leading axes are those of w and v together.

        By the Hessian of the examples where there is one, up to 600 dimensions; else by a fourth-order difference
        of the mean gradient along v, with a relative error about 1e-12 where it varies on the length max(1, |w|).

        Raises
        ------
        InputError
            If the last axis of `w` or `v` is not of length d.
        """
        points, along = points_of(w, self.dim), points_of(v, self.dim)
        if self.example_hessian is not None and self.dim <= MOST_DENSE:
            return np.asarray((self.hessian(points) @ along[..., None])[..., 0])
        return product_by_differences(self.gradient, *np.broadcast_arrays(points, along))

    def covariance_product(self, w: ArrayLike, v: ArrayLike) -> Array:
        """C(w) v, shape (..., d), whose leading axes are those of w and v together: no matrix (d, d) is made.

        Raises
        ------
        InputError
            If the last axis of `w` or `v` is not of length d.
        """
        points, along = points_of(w, self.dim), points_of(v, self.dim)
        if points.ndim == 1:  # many vectors at one point share its gradients
            return self._spread(points[None], along.reshape(1, -1, self.dim)).reshape(along.shape)
        points, along = np.broadcast_arrays(points, along)
        vectors = along.reshape(-1, 1, self.dim)
        return self._spread(points.reshape(-1, self.dim), vectors).reshape(points.shape)

    def weighted_gradient(self, w: ArrayLike, weights: ArrayLike) -> Array:
        """The sum of all examples' gradients, each times its weight, shape (..., d).

        Parameters
        ----------
        w
            Points (..., d).
        weights
            Of the examples, shape (..., N) with the leading axes of w.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d, or the weights do not fit.
        """
        points, shares = points_of(w, self.dim), np.asarray(weights, dtype=np.float64)
        wanted = (*points.shape[:-1], len(self))
        require(shares.shape == wanted, f"`weights` must have shape {wanted}, got {shares.shape}")
        flat = points.reshape(-1, self.dim)
        return self._weighted(flat, shares.reshape(len(flat), len(self))).reshape(points.shape)

    def examples(self, points: Array) -> Array:
        """Gradients of all examples at points (n, 1, d), shape (n, N, d)."""
        return self.example_gradient(points, self.x, self.y)

    def _of_batches(self, points: Array, x: Array, y: Array) -> Array:
        """Mean gradients at points (n, d) of batches x (n, B, m) and y (n, B), shape (n, d)."""
        found = np.empty(points.shape)
        for part in slabs(len(points), y.shape[1] * max(self.dim, self.x[0].size)):
            found[part] = self.example_gradient(points[part, None], x[part], y[part]).mean(axis=1)
        return found

    def _bends(self, points: Array, x: Array, y: Array, vectors: Array) -> Array:
        """Mean Hessians at points (n, d) of batches x (n, B, m), y (n, B), times vectors (n, d), shape (n, d)."""
        exact = self.example_hessian
        if exact is None or self.dim > MOST_DENSE:
            return product_by_differences(lambda w: self._of_batches(w, x, y), points, vectors)
        return mean_products(exact, points, (x, y), vectors)

    def _weighted(self, points: Array, weights: Array) -> Array:
        """Sums over the examples of weights (n, N) times gradients at points (n, d), shape (n, d)."""
        found = np.empty(points.shape)
        for part in slabs(len(points), len(self) * self.dim):
            found[part] = np.einsum("nk,nkd->nd", weights[part], self.examples(points[part, None]))
        return found

    def _spread(self, points: Array, vectors: Array) -> Array:
        """C at points (n, d) times vectors (n, k, d), shape (n, k, d)."""
        found = np.empty(vectors.shape)
        for part in slabs(len(points), len(self) * self.dim):
            gradients = self.examples(points[part, None])
            slopes = vectors[part] @ gradients.swapaxes(1, 2)
            slopes -= slopes.mean(axis=2, keepdims=True)
            found[part] = slopes @ gradients / len(self)
        return found

    def _mean(self, w: ArrayLike, of_points: Callable[[Array], Array], tail: tuple[int, ...]) -> Array:
        """`of_points` of w in slabs."""
        points = points_of(w, self.dim)
        flat = points.reshape(-1, 1, self.dim)
        found = np.empty((len(flat), *tail))
        for part in slabs(len(flat), len(self) * self.dim ** max(1, len(tail))):
            found[part] = of_points(flat[part])
        return found.reshape(points.shape[:-1] + tail)
