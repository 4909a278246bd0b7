"""Linear regression with correlated inputs: minibatch noise exact in any dimension."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import sympy
from scipy.integrate import quad
from scipy.optimize import brentq

from theory.base.arrays import Array, ArrayLike, points_of, read_only
from theory.base.errors import require
from theory.base.matrices import positive_definite
from theory.base.renamed import renamed
from theory.base.rounding import NOT_ZERO
from theory.landscapes.compiled import CompiledField
from theory.models.product import ProductModel, exact
from theory.tensors import SymbolicTensor

LEAST_TAIL, MOST_TAIL = 1e-3, 2000.0  # powers between which the tail is looked for
TAIL_OF_CHI = 12.0  # standard deviations of chi beyond its mode where the integrand is nothing
LEAST_ERROR, RELATIVE = 1e-13, 1e-11  # of each part of the mean growth
TAIL_SOUGHT = 1e-10  # error of the power


@renamed(covariance="input_covariance")
class LinearRegression(ProductModel):
    """Regression of y = eps on w.x with inputs N(0, A) and labels N(0, noise_std^2): L = s (w'Aw + noise_std^2).

    One example's gradient has the covariance C(w) = (2s)^2 {(noise_std^2 + w'Aw) A + A w w'A}, s = loss_scale.
    It is the `ProductModel` with q = R'w and white inputs, A = R R' (Cholesky), so that a data set for it holds
    the white inputs R^-1 x.

    Parameters
    ----------
    input_covariance
        A, symmetric positive definite (d, d); a number is d = 1.
    noise_std, loss_scale
        As those of `ProductModel`.

    Raises
    ------
    InputError
        If A is not symmetric positive definite, or a number is out of range.

    References
    ----------
    Ziyin, Liu, Mori & Ueda (2022), Strength of minibatch noise in SGD.
    """

    def __init__(self, input_covariance: ArrayLike, noise_std: float = 1.0, loss_scale: float = 0.5) -> None:
        matrix = positive_definite(input_covariance, "input_covariance")
        root = np.linalg.cholesky(matrix)
        dim = len(matrix)
        names = ["w"] if dim == 1 else [f"w{i + 1}" for i in range(dim)]
        symbols = [sympy.Symbol(name, real=True) for name in names]
        columns = [sum((exact(r) * w for r, w in zip(column, symbols, strict=True)), start=0) for column in root.T]
        super().__init__([sympy.sympify(column) for column in columns], names, noise_std, 1.0, loss_scale)
        self.input_covariance, self._input_root = read_only(matrix), read_only(root)

    def __repr__(self) -> str:
        return (
            f"LinearRegression({self.input_covariance.tolist()}, noise_std={self.noise_std}, "
            f"loss_scale={self.loss_scale})"
        )

    def _identity(self) -> tuple[object, ...]:
        return self.input_covariance.tobytes(), self.dim, self.noise_std, self.loss_scale

    def with_noise(self, noise_std: float) -> LinearRegression:
        """The same regression with label noise of another standard deviation.

        Raises
        ------
        InputError
            If `noise_std` is negative or not finite.
        """
        return LinearRegression(self.input_covariance, noise_std, self.loss_scale)

    def value(self, w: ArrayLike) -> Array:
        """L(w), shape (...).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        square = np.einsum("...i,ij,...j->...", points, self.input_covariance, points)
        return np.asarray(self.loss_scale * (square + self.noise_std**2))

    def gradient(self, w: ArrayLike) -> Array:
        """Gradient 2s A w, shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        return np.asarray(2 * self.loss_scale * np.einsum("ij,...j->...i", self.input_covariance, points))

    def hessian(self, w: ArrayLike) -> Array:
        """Hessian 2s A, shape (..., d, d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        return np.broadcast_to(
            2 * self.loss_scale * self.input_covariance, (*points_of(w, self.dim).shape, self.dim)
        ).copy()

    @cached_property
    def example_covariance(self) -> SymbolicTensor:
        """C(w) with its factor of d + 1 channels."""
        return _RegressionNoise(self)

    @cached_property
    def predictor(self) -> CompiledField:
        """R'w and its constant Jacobian row by row."""
        return _LinearField(self.q, self.variables, self._input_root.T)

    @cached_property
    def scaled_predictor(self) -> CompiledField:
        """The same: the inputs are white."""
        return self.predictor


@dataclass(frozen=True, eq=False)
class _LinearField(CompiledField):
    """M w and M row by row as one field: no formula grows with the dimension."""

    matrix: Array

    def __call__(self, w: ArrayLike) -> Array:
        points = np.asarray(w, dtype=np.float64)
        values = np.einsum("kj,...j->...k", self.matrix, points)
        constant = np.broadcast_to(self.matrix.ravel(), (*points.shape[:-1], self.matrix.size))
        return np.concatenate([values, constant], axis=-1)

    @cached_property
    def kernel(self) -> Any:
        import numba

        matrix = np.array(self.matrix)
        rows, dim = matrix.shape

        def field(w: Array, out: Array) -> None:
            for k in range(rows):
                for i in range(w.shape[1]):
                    out[k, i] = 0.0
                for j in range(dim):
                    for i in range(w.shape[1]):
                        out[k, i] += matrix[k, j] * w[j, i]
                        out[rows + k * dim + j, i] = matrix[k, j]

        block = numba.types.float64[:, ::1]
        return numba.cfunc(numba.types.void(block, block), error_model="numpy")(field)


class _RegressionNoise(SymbolicTensor):
    """(2s)^2 {(noise_std^2 + w'Aw) A + A w w'A} in numbers; its formula is written only where it is asked for."""

    def __init__(self, model: LinearRegression) -> None:
        self.model, self.variables = model, model.variables

    def _identity(self) -> tuple[object, ...]:
        return (self.model,)

    def __repr__(self) -> str:
        return f"covariance of one example's gradient of {self.model!r}"

    @cached_property
    def _root_matrix(self) -> sympy.Matrix:
        model = self.model
        matrix = sympy.Matrix([[exact(r) for r in row] for row in model._input_root])
        pull = matrix * (matrix.T * sympy.Matrix(self.variables))
        square = (sympy.Matrix(self.variables).T * pull)[0]
        spread = sympy.sqrt(exact(model.noise_std) ** 2 + square)
        return 2 * exact(model.loss_scale) * (spread * matrix).row_join(pull)

    def _parts(self, w: ArrayLike) -> tuple[Array, Array]:
        """A w, and noise_std^2 + w'Aw."""
        points = np.asarray(w, dtype=np.float64)
        pull = np.einsum("ij,...j->...i", self.model.input_covariance, points)
        return pull, self.model.noise_std**2 + (points * pull).sum(axis=-1)

    def root(self, w: ArrayLike) -> Array:
        """The factor, shape (..., d, d + 1)."""
        pull, spread = self._parts(w)
        first = np.sqrt(spread)[..., None, None] * self.model._input_root
        return 2 * self.model.loss_scale * np.concatenate([first, pull[..., None]], axis=-1)

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence (2s)^2 (3 A + tr A) A w, shape (..., d)."""
        pull, _ = self._parts(w)
        inputs = self.model.input_covariance
        turned = np.einsum("ij,...j->...i", 3 * inputs + np.trace(inputs) * np.eye(len(inputs)), pull)
        return np.asarray((2 * self.model.loss_scale) ** 2 * turned)


def tail_index(learning_rate: float, batch_size: int, curvature: float = 1.0) -> float:
    """Power alpha of the tail P(|w| > u) ~ u^-alpha of SGD's stationary law in 1-D regression (Kesten).

    The root of E|1 - eta a chi2_B / B|^alpha = 1 for rate eta and curvature a = 2 s A (quadrature, Brent).
    Continuous time says 1 + B / (eta a), which is wrong even for small rates: rare large batches are not normal.

    Raises
    ------
    InputError
        If numbers are out of range, or no law is stationary, or its tail is lighter than any power below 1000.

    References
    ----------
    Kesten (1973), Random difference equations and renewal theory; Hodgkinson & Mahoney (2021), Multiplicative
    noise and heavy tails in stochastic optimization.
    """
    require(
        learning_rate > 0 and curvature > 0 and batch_size >= 1,
        f"`learning_rate`, `curvature` and `batch_size` must be positive, got {learning_rate}, {curvature} and "
        f"{batch_size}",
    )
    pull, half = learning_rate * curvature / batch_size, batch_size / 2
    norm = math.log(2) - half * math.log(2) - math.lgamma(half)

    def growth(alpha: float) -> float:
        """E|1 - pull r^2|^alpha - 1 with r = sqrt(chi2_B), whose density is smooth also for B = 1."""

        def integrand(r: float) -> float:
            base = math.log(abs(1 - pull * r * r) or NOT_ZERO)
            return math.exp(norm + alpha * base + (batch_size - 1) * math.log(r) - r * r / 2)

        zero, far = 1 / math.sqrt(pull), math.sqrt(batch_size + 2 * alpha) + TAIL_OF_CHI
        ends = sorted({0.0, min(zero, far), far})
        parts = [
            quad(integrand, *ends, limit=400, epsabs=LEAST_ERROR, epsrel=RELATIVE)[0] for ends in pairwise(ends)
        ]
        return float(sum(parts)) - 1

    least, most = LEAST_TAIL, 1.0
    require(
        growth(least) < 0, "no law is stationary: E log|1 - eta a chi2_B / B| is not negative; reduce the rate"
    )
    while growth(most) < 0:
        most *= 2
        require(most < MOST_TAIL, f"the tail is lighter than any power below 1000 at rate {learning_rate}")
    return float(brentq(growth, least, most, xtol=TAIL_SOUGHT))
