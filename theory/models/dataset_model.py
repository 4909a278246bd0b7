"""A fixed data set with a loss for each example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import sympy

from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arrays import Array, ArrayLike, points_of, read_only
from theory.base.errors import require
from theory.base.renamed import OldName
from theory.base.showing import argument, told
from theory.landscapes.differences import divergence_with_error
from theory.landscapes.function import central_differences
from theory.models.example_losses import (
    SquaredResidual,
    TwoLayers,
    logistic_gradient,
    logistic_hessian,
    logistic_loss,
)
from theory.models.product import ProductModel

ExampleFunction = Callable[[Array, Array, Array], Array]
LARGEST_BLOCK = 2_000_000  # numbers in one array over points and examples


@dataclass(frozen=True, eq=False)
class DatasetModel:
    """The mean over N examples of `loss`; its gradient noise is that of drawing examples from the N.

    C(w) = (1/N) sum g_i g_i' - gbar gbar'; a batch of B has the covariance C/B with replacement and
    (N - B)/((N - 1) B) C without (Chaudhari & Soatto, Lemma 1).

    Parameters
    ----------
    x, y
        Inputs (N, m) and labels (N,).
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
            x.ndim == 2 and y.shape == (len(x),) and x.size > 0,
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
            "DatasetModel", examples=len(self), inputs=self.x.shape[1], loss=argument(self.loss), dim=self.dim
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

    def examples(self, points: Array) -> Array:
        """Gradients of all examples at points (n, 1, d), shape (n, N, d)."""
        return self.example_gradient(points, self.x, self.y)

    def _mean(self, w: ArrayLike, of_points: Callable[[Array], Array], tail: tuple[int, ...]) -> Array:
        """`of_points` of w in slabs, so that memory does not grow with points times examples."""
        points = points_of(w, self.dim)
        flat = points.reshape(-1, 1, self.dim)
        slab = max(1, LARGEST_BLOCK // (len(self) * self.dim ** max(1, len(tail))))
        found = np.empty((len(flat), *tail))
        for begin in range(0, len(flat), slab):
            found[begin : begin + slab] = of_points(flat[begin : begin + slab])
        return found.reshape(points.shape[:-1] + tail)


@dataclass(frozen=True)
class ExampleNoise:
    """The covariance of the gradients of a data set's examples, as a tensor field."""

    model: DatasetModel

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.model.dim

    def tensor(self, w: ArrayLike) -> Array:
        """C(w), shape (..., d, d)."""
        return self.model.gradient_covariance(w)

    def root(self, w: ArrayLike) -> Array:
        """Eigenvectors times roots of eigenvalues, shape (..., d, d)."""
        eigenvalues, vectors = np.linalg.eigh(self.tensor(w))
        return np.asarray(vectors * np.sqrt(np.maximum(eigenvalues, 0))[..., None, :])  # of what rounding left

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence by fourth-order differences, shape (..., d)."""
        return divergence_with_error(self.tensor, w)[0]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """None: data are no formula."""
        return None


def on_data(model: ProductModel, x: ArrayLike, y: ArrayLike) -> DatasetModel:
    """The empirical loss of a `ProductModel` on inputs x (N, m) and labels y (N,).

    Raises
    ------
    InputError
        If the shapes do not fit, or a number is not finite.
    """
    outputs, squares = model.outputs, SquaredResidual(model)
    inputs = np.asarray(x, dtype=np.float64)
    inputs = inputs[:, None] if inputs.ndim == 1 else inputs
    require(
        inputs.ndim == 2 and inputs.shape[1] == outputs,
        f"the inputs must have {outputs} components as q has, got shape {inputs.shape}",
    )
    return DatasetModel(inputs, np.asarray(y), squares.loss, squares.gradient, model.dim)


def logistic_regression(x: ArrayLike, y: ArrayLike) -> DatasetModel:
    """Log loss of labels y in {0, 1} with P(1) = 1 / (1 + exp(-w.x)); Hessian exact.

    `x` has shape (n, d), `y` (n,).

    Raises
    ------
    InputError
        If a label is neither 0 nor 1.
    """
    labels = np.asarray(y, dtype=np.float64)
    require(
        bool(np.isin(labels, (0, 1)).all()),
        f"labels must be 0 or 1, got {np.setdiff1d(labels, (0, 1))[:3].tolist()}",
    )

    inputs = np.asarray(x, dtype=np.float64)
    inputs = inputs[:, None] if inputs.ndim == 1 else inputs
    return DatasetModel(inputs, labels, logistic_loss, logistic_gradient, inputs.shape[1], logistic_hessian)


def two_layer_network(x: ArrayLike, y: ArrayLike, hidden: int = 1) -> DatasetModel:
    """Half the square of sum_j a_j tanh(b_j.x) - y; w = (a_1 ... a_h, b_1 ... b_h), d = h (1 + m).

    Degenerate where a unit is off (a_j = 0 or b_j = 0) and where two units are equal.

    Raises
    ------
    InputError
        If `hidden` is not at least 1, or the shapes do not fit.
    """
    require(hidden >= 1, f"`hidden` must be at least 1, got {hidden}")
    inputs = np.asarray(x, dtype=np.float64)
    inputs = inputs[:, None] if inputs.ndim == 1 else inputs
    require(inputs.ndim == 2 and inputs.size > 0, f"`x` must have shape (N, m), got {np.shape(x)}")
    width = inputs.shape[1]

    network = TwoLayers(hidden, width)
    return DatasetModel(inputs, np.asarray(y), network.loss, network.gradient, hidden * (1 + width))
