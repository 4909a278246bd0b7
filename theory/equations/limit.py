"""The equation that SGD follows at small learning rates, with all its options."""

from __future__ import annotations

from collections.abc import Callable, Sized

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.equations.algorithm import (
    Algorithm,
    added_variance,
    option,
    preconditioner_formula,
    preconditioner_function,
    require_limit,
    require_moments,
    step_time,
    together,
    with_label_noise,
)
from theory.equations.langevin import Drift, Langevin
from theory.equations.step_rules import decayed, limit_of_rules, read_rules, require_known_order
from theory.landscapes import Landscape, SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.landscapes.function import central_differences
from theory.landscapes.symbolic import derivative
from theory.models import DatasetModel, NoisyGradient, ProductOnData
from theory.tensors import Constant, FactoredField, Minibatch, Scaled, SymbolicTensor, TensorSum, Transformed
from theory.tensors.minibatch import AnyNoisyModel, covariance_of


def langevin_limit(model: AnyNoisyModel, sgd: Algorithm, order: int = 1) -> Langevin:
    """The Ito equation that SGD follows for small learning rate: weak error O(learning_rate^order) at fixed time.

    dw = -P grad L dt + sqrt(2 P (D + (eta/2) V) P') dW with time t = eta * steps, where momentum mu, heavy-ball or
    Nesterov, turns the learning rate into eta = learning_rate / (1 - mu). D = eta C / (2 B), with label noise
    joined to that of the labels in C. V is the covariance of the noise added to the gradient of a batch, which the
    batch size does not divide; noise over subsampled examples adds scale^2 C to it. P(w) is the preconditioner.
    With order 2 the drift b = -P grad L becomes b - (eta/2) (grad b) b, of plain SGD -grad(L + eta/4 |grad L|^2).

    Step rules change drift and noise. Weight decay alone adds its loss, a sampler its temperature. A rule without
    averages gives dw = -E u dt + sqrt(eta Cov u) dW, where u is what it makes of a batch's gradient, taken as
    normal around its mean: signs (of a `ProductModel` of one output exactly, by Student's law) and clipping.
    RMSprop, Adam, AdamW and Lion give an `EnlargedLangevin` equation on (w, memory) with the rates (1 - beta)/eta,
    and so a limit where 1 - beta is of the size of eta (of Lion beta2); Adam's knows the time for its corrections.
    Averages of squares have no noise in order 1; in order 2 they have Brownian motions of their own, beside
    2 grad L times those of w: grids want it. From averages that are 0 the first steps are as long as those of
    signs, which no equation describes: it holds from where the memory has begun.

    L and C are those of the model: of the population, or of the data at hand where the model holds them, as that
    of `on_data`. Then a batch without replacement has the covariance (N - B)/(N - 1) C / B, and D that factor;
    label noise is new at each use of an example and keeps all of its own, as a `ProductOnData` knows it.
    Batches are taken as independent: that the noise of an epoch cancels to first order, which makes SGD without
    replacement quieter still, this equation does not know; only of full batches with noise over subsampled
    examples it knows that they have none of their own. The order is that of laws at a fixed time: stationary laws
    of order 2 may be worse than those of order 1, and are so for quadratic loss.

    Raises
    ------
    InputError
        If `order` is not 1 or 2, or it is 2 and there is momentum, whose correction is another; as
        `NoLimitEquation`, with its `reason`, under a schedule, whose noise changes in time, with added noise of
        infinite variance, whose limit jumps, for heavy-tailed data, for label noise where the model does not
        know its labels' noise, and for rules of one's own, several that are not linear, or such a rule after added
        noise that is not normal.

    References
    ----------
    Li, Tai & E (2017), Stochastic modified equations and adaptive stochastic gradient algorithms; of rules
    Malladi, Lyu, Panigrahi & Arora (2022), arXiv:2205.10287, Compagnoni et al. (2025), arXiv:2411.15958, and
    Callisti, Romito & Triggiano (2025), arXiv:2509.21614. Clipping, correlated signs, Lion and order 2 with this
    order of updates are derived here.
    """
    require(order in (1, 2), f"`order` must be 1 or 2, got {order}")
    return limit_with(model, sgd, batch_diffusion(model, sgd), order)


def batch_diffusion(model: AnyNoisyModel, sgd: Algorithm) -> FactoredField:
    """D(w) of batches alone, with what order leaves of their noise and with label noise, of which it leaves all.

    Raises
    ------
    InputError
        As `NoLimitEquation`, for label noise where the model does not know what it does.
    """
    share, added = left_by_order(model, sgd), together(sgd, "label_std")
    if added and isinstance(model, ProductOnData):
        return Scaled(model.batch_covariance(added, share), step_time(sgd) / (2 * sgd.batch_size))
    batches = Minibatch(with_label_noise(model, sgd), step_time(sgd), sgd.batch_size)
    return batches if share == 1 else _part(batches, share)


def left_by_order(model: AnyNoisyModel, sgd: Algorithm) -> float:
    """The share (N - B)/(N - 1) of the covariance C / B that a batch without replacement keeps; else 1.

    It is known of models that hold their N examples, as `DatasetModel`.

    References
    ----------
    Chaudhari & Soatto (2018), "Stochastic gradient descent performs variational inference", lemma 1.
    """
    examples = len(model) if isinstance(model, Sized) else 0
    if getattr(option(sgd, "sampling", None), "independent", True) or examples < 2:
        return 1.0
    return max(examples - sgd.batch_size, 0) / (examples - 1)


def _part(batches: Minibatch, share: float) -> FactoredField:
    """A share of the noise of batches, none of full ones."""
    if share == 0:
        return Constant(np.zeros((batches.dim, batches.dim)))
    return Scaled(batches.field, share * batches.factor)


def limit_with(model: AnyNoisyModel, sgd: Algorithm, diffusion: FactoredField, order: int = 1) -> Langevin:
    """`langevin_limit` where the noise of batches alone has the tensor `diffusion`, label noise included.

    Preconditioners and subsampled noise still read the covariance of the model.

    Raises
    ------
    InputError
        As `langevin_limit`.
    """
    require_limit(sgd)
    momentum = option(sgd, "kept_velocity", getattr(sgd, "momentum", 0.0))
    require(order == 1 or not momentum, f"`order` 2 is known without momentum, got {momentum}; take order 1")
    rate, preconditioned = step_time(sgd), option(sgd, "preconditioner", None) is not None
    tensors = _noises(model, sgd, diffusion, rate)
    rules = read_rules(sgd, model.dim)
    if rules is not None:
        require_known_order(rules, order)
        if rules.shape is not None:
            require_moments(sgd, order)
            return limit_of_rules(model, sgd, rules, tensors, rate, order)
        model = decayed(_bare(model), rules.before + rules.after)  # type: ignore[assignment]
        if rules.temperature:
            tensors.append(Constant(rules.temperature * np.eye(model.dim)))
    if not preconditioned and len(tensors) == 1 and tensors[0] is diffusion:
        return Langevin(model, diffusion, extra_drift=_modified_drift(model, rate) if order == 2 else None)
    require_moments(sgd, order)
    slow = rate if order == 2 else 0.0
    bare = _bare(model)
    if isinstance(bare, SymbolicLandscape):
        roots = [tensor.root_expressions(bare.variables) for tensor in tensors]
        matrix = preconditioner_formula(model, sgd, bare.variables)
        if matrix is not None and not any(root is None for root in roots):
            drift = _formula_drift(bare, matrix, slow) if preconditioned or slow else None
            factor = matrix * sympy.Matrix.hstack(*roots).applyfunc(_without_zeros)
            return Langevin(model, _tensor(factor, bare.variables), extra_drift=drift)
    whole = tensors[0] if len(tensors) == 1 else TensorSum(tuple(tensors))
    if not preconditioned:
        return Langevin(model, whole, extra_drift=_modified_drift(model, slow) if slow else None)
    pull = preconditioner_function(model, sgd)
    return Langevin(model, Transformed(whole, pull), extra_drift=_numeric_drift(model, pull, slow))


def _bare(landscape: Landscape) -> Landscape:
    return landscape.landscape if isinstance(landscape, NoisyGradient) else landscape


def _noises(model: AnyNoisyModel, sgd: Algorithm, diffusion: FactoredField, rate: float) -> list[FactoredField]:
    """The tensors of independent noises before the preconditioner: of batches, of examples, and added."""
    amplified = together(sgd, "amplification")
    found: list[FactoredField] = [Scaled(diffusion, amplified) if amplified else diffusion]
    if scale := together(sgd, "examples_scale"):
        independent = getattr(option(sgd, "sampling", None), "independent", True)
        full = not independent and isinstance(model, DatasetModel) and sgd.batch_size >= len(model)
        found = [*([] if full else found), Scaled(covariance_of(model), rate / 2 * scale**2)]
    variance = added_variance(option(sgd, "noises", ()))
    return [*found, Constant(rate * variance / 2 * np.eye(diffusion.dim))] if variance else found


def _formula_drift(landscape: SymbolicLandscape, matrix: sympy.Matrix, slow: float) -> CompiledField:
    """What P and, with `slow` the learning rate, order 2 add to the drift -grad L."""
    gradient, variables = sympy.Matrix(landscape.gradient_expressions), landscape.variables
    extra = -((matrix - sympy.eye(landscape.dim)) * gradient)
    if slow:
        drift = -(matrix * gradient)
        slopes = sympy.Matrix([[derivative(b, v) for v in variables] for b in drift])
        extra -= sympy.Float(slow) / 2 * slopes * drift
    return CompiledField(tuple(extra), variables)


def _numeric_drift(landscape: Landscape, matrix: Callable[[Array], Array], slow: float) -> Drift:
    """`_formula_drift` of functions, the derivative of the drift by fourth-order differences."""

    def drift(w: Array) -> Array:
        return -np.asarray(np.einsum("...ij,...j->...i", matrix(w), landscape.gradient(w)))

    def extra(w: ArrayLike) -> Array:
        points = np.asarray(w, dtype=np.float64)
        found = drift(points)
        added = found + landscape.gradient(points)
        if slow:
            added -= slow / 2 * np.einsum("...ij,...j->...i", central_differences(drift, points), found)
        return np.asarray(added)

    return extra


def _modified_drift(landscape: Landscape, rate: float) -> Drift:
    """-(eta/4) grad |grad L|^2 = -(eta/2) H grad L, as a formula where L is one."""
    bare = _bare(landscape)
    if isinstance(bare, SymbolicLandscape):
        square = sum(g**2 for g in bare.gradient_expressions)
        pulls = [-sympy.Float(rate) / 4 * derivative(square, v) for v in bare.variables]
        return CompiledField(tuple(pulls), bare.variables)
    return lambda w: -rate / 2 * np.einsum("...ij,...j->...i", landscape.hessian(w), landscape.gradient(w))


def _without_zeros(entry: sympy.Expr) -> sympy.Expr:
    """0 for 0.0, which formulas would carry along."""
    return sympy.Integer(0) if entry.is_Float and entry == 0.0 else entry


def _tensor(factor: sympy.Matrix, variables: tuple[sympy.Symbol, ...]) -> FactoredField:
    """The tensor R R' of a factor R, constant where R is."""
    if factor.free_symbols:
        return SymbolicTensor(factor, variables)
    numbers = np.array(factor.evalf(17).tolist(), dtype=np.float64)
    return Constant(numbers @ numbers.T)
