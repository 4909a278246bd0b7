"""A product model on a data set, as a formula."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike, points_of
from theory.base.errors import require
from theory.base.showing import told
from theory.landscapes import SymbolicLandscape
from theory.landscapes.symbolic import derivative
from theory.models.known_losses import on_data
from theory.models.product import ProductModel, exact
from theory.tensors import SymbolicTensor


class ProductOnData(SymbolicLandscape):
    """The empirical loss of a `ProductModel` with scalar q, a formula, and the noise of its n examples.

    With u_i = q(w) x_i^2 - x_i y_i one example's gradient is 2s u_i dq/dw, s the loss scale. L_n is
    s (q^2 <x^2> - 2 q <xy> + <y^2>), the means over the data set, and C = (2s)^2 Var(u) J'J, Var(u) a square in q.

    Parameters
    ----------
    model
        With one formula q.
    x, y
        Inputs (n,) or (n, 1) and labels (n,).

    Raises
    ------
    InputError
        If q is not scalar, or the data do not fit.
    """

    def __init__(self, model: ProductModel, x: ArrayLike, y: ArrayLike) -> None:
        require(model.outputs == 1, f"the formula is that of a scalar q, got {model.outputs}; take on_data")
        require(
            np.ndim(y) == 1 and np.shape(x) in {(len(np.asarray(y)),), (len(np.asarray(y)), 1)},
            f"the data must be x (n,) or (n, 1) and y (n,), got {np.shape(x)} and {np.shape(y)}",
        )
        data = on_data(model, x, y)
        self.model, self.examples = model, len(data)
        square, product = data.x[:, 0] ** 2, data.x[:, 0] * data.y
        numbers = [float(one.mean()) for one in (square, product, data.y**2)]
        first, second, rest = map(exact, numbers)
        self.mean_square = first
        spread = np.cov(np.stack([square, product]), bias=True)
        steep, both, still = float(spread[0, 0]), float(spread[0, 1]), float(spread[1, 1])
        centre = both / steep if steep > 0 else 0.0
        least = max(still - both * centre, 0.0)  # what rounding leaves below 0 is none
        (q,) = model.q
        self.variance = exact(steep) * (q - exact(centre)) ** 2 + exact(least)
        formula = exact(model.loss_scale) * (first * q**2 - 2 * second * q + rest)
        super().__init__(formula, [str(v) for v in model.variables])

    def _identity(self) -> tuple[object, ...]:
        return (*super()._identity(), self.variance, self.model)

    def __repr__(self) -> str:
        return told("ProductOnData", model=self.model, examples=self.examples)

    def __len__(self) -> int:
        return self.examples

    @cached_property
    def example_covariance(self) -> SymbolicTensor:
        """C(w), the covariance of one example's gradient, of rank one."""
        return self._rank_one(self.variance)

    def batch_covariance(self, label_std: float = 0.0, share: float = 1.0) -> SymbolicTensor:
        """B times the covariance of a batch's gradient: `share` of C(w), and what new noise of the labels adds.

        Each use of an example adds N(0, label_std^2) to its label, and so (2s)^2 label_std^2 <x^2> J'J, whether or
        not examples come again: batches without replacement keep a share of C(w) alone (`left_by_order`).

        Raises
        ------
        InputError
            If a number is negative or not finite.
        """
        for name, number in (("label_std", label_std), ("share", share)):
            require(number >= 0 and np.isfinite(number), f"`{name}` must be finite, not negative, got {number}")
        return self._rank_one(exact(share) * self.variance + exact(label_std) ** 2 * self.mean_square)

    def _rank_one(self, variance: sympy.Expr) -> SymbolicTensor:
        """(2s)^2 Var(u) J'J."""
        (q,) = self.model.q
        slopes = sympy.Matrix([derivative(q, v) for v in self.variables])
        return SymbolicTensor(2 * exact(self.model.loss_scale) * sympy.sqrt(variance) * slopes, self.variables)

    def gradient_covariance(self, w: ArrayLike) -> Array:
        """C(w), shape (..., d, d)."""
        return self.example_covariance.tensor(w)

    def kl(self, w: ArrayLike) -> Array:
        """Minus the mean log likelihood of the examples, (y - q x)^2 / (2 noise_std^2), shape (...).

        Raises
        ------
        InputError
            If `noise_std` is 0.
        """
        require(self.model.noise_std > 0, "the posterior needs `noise_std` > 0, got 0")
        points = points_of(w, self.dim)
        return np.asarray(self.value(points) / (2 * self.model.loss_scale * self.model.noise_std**2))
