"""The equation that the SGD of a study follows at small learning rates, options included."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import sympy

from simulate.noise import GaussianNoise, LabelNoise, Noise, StableNoise, StudentNoise, label_std
from simulate.preconditioner import InverseNoise, matrix_of
from simulate.sgd import SGD
from theory.base.arrays import Array
from theory.equations.langevin import Langevin
from theory.landscapes.compiled import CompiledField
from theory.landscapes.symbolic import SymbolicLandscape
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel, exact
from theory.tensors import Constant, Minibatch, TensorField
from theory.tensors.symbolic import SymbolicTensor

Model: TypeAlias = ProductModel | NoisyGradient
MOST_INVERTED = 3  # rows of a matrix of formulas whose inverse is still short


def limit_equation(model: Model, sgd: SGD, diffusion: TensorField) -> Langevin | str:
    """The Ito equation of `sgd`, of weak order 1 in the learning rate, or "none: " with the reason.

    dw = -P grad L dt + sqrt(2 P (D + (eta/2) V) P) dW with time t = eta k, eta = learning_rate / (1 - momentum),
    heavy-ball or Nesterov. D(w) is `diffusion`, that of plain SGD; label noise joins that of the model in it. V is
    the covariance of the noise added to the gradient of a batch, which the batch size does not divide. P(w) is
    the preconditioner, in `InverseNoise` B (C(w) + damping)^-1.

    There is none under a schedule, whose noise changes in time, nor with added noise of infinite variance, whose
    limit jumps.

    References
    ----------
    Li, Tai & E (2017), Stochastic modified equations and adaptive stochastic gradient algorithms.
    """
    landscape = model if isinstance(model, ProductModel) else model.landscape
    assert isinstance(landscape, SymbolicLandscape)
    variance = added_variance(sgd.noises)
    if sgd.schedules:
        return "none: under a schedule the noise changes in time, and the equation has constant coefficients"
    if math.isinf(variance):
        return "none: the added noise has no variance, and the limit jumps; the equation here is one of diffusion"
    if label_std(sgd.noises):
        if not isinstance(model, ProductModel) or not isinstance(diffusion, Minibatch):
            return "none: label noise joins that of the batches, which [noise] replaces; take kind minibatch"
        diffusion = Minibatch(with_label_noise(model, sgd), diffusion.learning_rate, sgd.batch_size)
    if sgd.preconditioner is None and variance == 0:
        return Langevin(landscape, diffusion)
    root = diffusion.root_expressions(landscape.variables)
    if root is None:
        return (
            "none: with a preconditioner or added noise the equation needs a formula of D's factor, there is none"
        )
    matrix = _preconditioner(model, sgd, landscape)
    if isinstance(matrix, str):
        return matrix
    pulled = sympy.Matrix(matrix) - sympy.eye(model.dim)
    gradient = sympy.Matrix(landscape.gradient_expressions)
    extra = CompiledField(tuple(-(pulled * gradient)), landscape.variables)
    added = math.sqrt(float(sgd.times(1)) * variance / 2)
    factor = matrix * (root.row_join(added * sympy.eye(model.dim)) if added else root)
    still = sgd.preconditioner is None
    return Langevin(landscape, _tensor(factor, landscape.variables), extra_drift=None if still else extra)


def limit_in_words(equation: Langevin | str, sgd: SGD) -> str:
    """The equation of `limit_equation` as text."""
    if isinstance(equation, str):
        return equation
    tensor = "D" if added_variance(sgd.noises) == 0 else "(D + time step V / 2)"
    drift, noise = ("", tensor) if sgd.preconditioner is None else ("P ", f"P {tensor} P")
    where = "D = learning_rate C / (2 batch (1 - momentum))"
    meant = "" if tensor == "D" else ", V the covariance of the added noise"
    return f"dw = -{drift}grad L dt + sqrt(2 {noise}) dW, Ito, {where}{meant}"


def added_variance(noises: Iterable[Noise]) -> float:
    """Variance of each component of what is added to the gradient of a batch; infinite where there is none."""
    total = 0.0
    for noise in noises:
        if isinstance(noise, GaussianNoise):
            total += noise.std**2
        elif isinstance(noise, StudentNoise):
            finite = noise.degrees > 2
            total += noise.scale**2 * noise.degrees / (noise.degrees - 2) if finite else math.inf
        elif isinstance(noise, StableNoise):
            total += 2 * noise.scale**2 if noise.alpha == 2 else math.inf
    return total


def with_label_noise(model: ProductModel, sgd: SGD) -> ProductModel:
    """The model whose labels have the noise that `sgd` adds to them beside their own."""
    if not any(isinstance(noise, LabelNoise) for noise in sgd.noises):
        return model
    noise_std = math.hypot(model.noise_std, label_std(sgd.noises))
    names = [str(v) for v in model.variables]
    return ProductModel(model.q, names, noise_std, model.input_std, model.loss_scale)


def constant_preconditioner(model: Model, sgd: SGD) -> Array | None:
    """P as numbers (d, d), or None where it depends on w."""
    if not isinstance(sgd.preconditioner, InverseNoise):
        matrix = matrix_of(sgd.preconditioner, model.dim)
        return matrix if matrix.size else np.eye(model.dim)
    root = model.covariance.root_expressions(sympy.symbols(f"w:{model.dim}", real=True))
    if root is None or root.free_symbols:
        return None
    points = np.zeros((model.dim, model.dim))
    return sgd.preconditioner.applied(model.covariance.tensor(points), np.eye(model.dim), sgd.batch_size, points)


def _preconditioner(model: Model, sgd: SGD, landscape: SymbolicLandscape) -> sympy.Matrix | str:
    """P as a matrix of formulas, or why there is none."""
    numbers = constant_preconditioner(model, sgd)
    if numbers is not None:
        return sympy.Matrix(numbers.tolist()).applyfunc(exact)
    assert isinstance(sgd.preconditioner, InverseNoise)
    root = model.covariance.root_expressions(landscape.variables)
    if root is None or model.dim > MOST_INVERTED:
        return f"none: the inverse of the noise needs a formula of it and at most {MOST_INVERTED} variables"
    matrix = root * root.T + exact(sgd.preconditioner.damping) * sympy.eye(model.dim)
    determinant = sympy.simplify(matrix.det())
    if determinant == 0:
        return "none: the noise has no inverse, it misses a direction; give a `damping`"
    return sgd.batch_size * matrix.adjugate() / determinant


def _tensor(factor: sympy.Matrix, variables: tuple[sympy.Symbol, ...]) -> TensorField:
    """The tensor R R' of a factor R, constant where R is."""
    if factor.free_symbols:
        return SymbolicTensor(factor, variables)
    numbers = np.array(factor.evalf(17).tolist(), dtype=np.float64)
    return Constant(numbers @ numbers.T)
