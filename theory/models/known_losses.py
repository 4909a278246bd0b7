"""Data sets with a loss that is known."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import ArrayLike
from theory.base.errors import require
from theory.models.dataset_model import DatasetModel
from theory.models.decayed_model import DecayedModel
from theory.models.example_losses import DiagonalLinear, Logistic, SquaredResidual, TwoLayers
from theory.models.product import ProductModel
from theory.models.summed_model import SummedModel


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
    of = Logistic()
    return SummedModel(inputs, labels, of.loss, of.gradient, inputs.shape[1], of.hessian, examples_of=of)


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

    layers = TwoLayers(hidden, width)
    dim = hidden * (1 + width)
    return SummedModel(inputs, np.asarray(y), layers.loss, layers.gradient, dim, examples_of=layers)


def diagonal_linear_network(x: ArrayLike, y: ArrayLike) -> DatasetModel:
    """Half the square of sum_j (u_j^2 - v_j^2) x_j - y; w = (u_1 ... u_m, v_1 ... v_m), d = 2 m; Hessian exact.

    `x` has shape (n, m), `y` (n,). Linear in the data, of degree two in w: where the data are fitted exactly its
    minima are manifolds, on which the noise is 0; `with_weight_decay` leaves points of them.

    Raises
    ------
    InputError
        If the shapes do not fit, or a number is not finite.

    References
    ----------
    Woodworth et al. (2020), Kernel and rich regimes in overparametrized models; Pesme, Pillaud-Vivien & Flammarion
    (2021), Implicit bias of SGD for diagonal linear networks.
    """
    inputs = np.asarray(x, dtype=np.float64)
    inputs = inputs[:, None] if inputs.ndim == 1 else inputs
    require(inputs.ndim == 2 and inputs.size > 0, f"`x` must have shape (N, m), got {np.shape(x)}")
    labels, width = np.asarray(y), inputs.shape[1]
    of = DiagonalLinear()
    return SummedModel(inputs, labels, of.loss, of.gradient, 2 * width, of.hessian, examples_of=of)


def with_weight_decay(model: DatasetModel, rate: float) -> DatasetModel:
    """The same data with rate |w|^2 / 2 added to the loss of each example: C(w) stays, the Hessian gains rate.

    A loss that is bounded, or flat along a direction, gets a Gibbs measure by it. It is what `weight_decay` of
    PyTorch's SGD adds; beside a temperature T it is the prior `NormalPrior(sqrt(T / rate))`.

    Raises
    ------
    InputError
        If `rate` is not positive and finite.
    """
    return DecayedModel(model, rate)
