"""Models linear in the data, for which everything about minibatch noise is exact."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from numbers import Real
from typing import TypeAlias

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.renamed import OldName
from theory.landscapes import SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.landscapes.expression import exact_numbers, guess_variables, spelled
from theory.landscapes.symbolic import derivative, read_formula
from theory.tensors import SymbolicTensor

Formula: TypeAlias = str | sympy.Expr


def exact(number: float) -> sympy.Rational:
    """The fraction that the decimal `number` spells: 1.8 is 9/5."""
    return sympy.Rational(repr(float(number)))


class ProductModel(SymbolicLandscape):
    """Regression of y = eps on q(w).x with Gaussian inputs, the truth being q = 0; a landscape with its noise.

    Inputs have m independent components N(0, input_std^2), labels are eps ~ N(0, noise_std^2), one example's
    loss is loss_scale (y - q(w).x)^2. With Q = input_std q, J = dQ/dw and s = loss_scale the population loss
    is L = s (|Q|^2 + noise_std^2), and by Isserlis the covariance of one example's gradient is
    C = (2s)^2 {(noise_std^2 + |Q|^2) J'J + J'Q Q'J}, all exact. For correlated inputs N(0, S) give S^(1/2) q.

    Parameters
    ----------
    q
        A formula, or m of them; text is read as data by `parse_expression`.
    variables
        Names of the components of w, in order; by default those in the formulas in natural order.
    noise_std, input_std
        Standard deviations of label noise (>= 0) and of inputs (> 0; one number or m of them).
    loss_scale
        1/2 (default) or 1 (plain mean square), or any positive number.

    Raises
    ------
    InputError
        If a formula does not parse, or a parameter is out of range.
    """

    def __init__(
        self,
        q: Formula | Sequence[Formula],
        variables: Sequence[str] | None = None,
        noise_std: float = 1.0,
        input_std: float | Sequence[float] = 1.0,
        loss_scale: float = 0.5,
    ) -> None:
        formulas = (q,) if isinstance(q, str | sympy.Expr) else tuple(q)
        require(len(formulas) > 0, "`q` needs at least one formula, got none")
        require(
            np.size(input_std) in {1, len(formulas)},
            f"`input_std` must be one number or one for each formula, {len(formulas)}, got {np.size(input_std)}",
        )
        spread = tuple(float(std) for std in np.broadcast_to(input_std, (len(formulas),)))
        for name, number, zero in [
            ("noise_std", noise_std, True),
            ("loss_scale", loss_scale, False),
            *(("input_std", std, False) for std in spread),
        ]:
            require(
                isinstance(number, Real) and math.isfinite(number) and (number > 0 or (zero and number == 0)),
                f"`{name}` must be finite and {'not negative' if zero else 'positive'}, got {number}",
            )
        names = _names(formulas) if variables is None else tuple(variables)
        self.q = tuple(read_formula(formula, names)[0] for formula in formulas)
        self.noise_std, self.loss_scale, self.input_std = float(noise_std), float(loss_scale), spread
        self.scaled_q = tuple(exact(std) * formula for std, formula in zip(spread, self.q, strict=True))
        squares = sum((formula**2 for formula in self.scaled_q), start=exact(noise_std) ** 2)
        super().__init__(exact(loss_scale) * squares, names)

    def __repr__(self) -> str:
        return (
            f"ProductModel(q={[spelled(f) for f in self.q]}, variables={tuple(map(str, self.variables))}, "
            f"noise_std={self.noise_std}, input_std={self.input_std}, loss_scale={self.loss_scale})"
        )

    def _identity(self) -> tuple[object, ...]:
        return tuple(map(exact_numbers, self.q)), self.variables, self.noise_std, self.input_std, self.loss_scale

    def with_noise(self, noise_std: float) -> ProductModel:
        """The same model with label noise of another standard deviation.

        Raises
        ------
        InputError
            If `noise_std` is negative or not finite.
        """
        names = [str(v) for v in self.variables]
        return ProductModel(self.q, names, noise_std, self.input_std, self.loss_scale)

    @property
    def outputs(self) -> int:
        """Number m of components of q and x."""
        return len(self.q)

    covariance = OldName("example_covariance")

    @cached_property
    def example_covariance(self) -> SymbolicTensor:
        """C(w), the covariance of one example's gradient, by its exact factor.

        The factor has one channel for scalar q (rank one) and m + 1 for m outputs.
        """
        twice = 2 * exact(self.loss_scale)
        variance = exact(self.noise_std) ** 2
        big_q = sympy.Matrix(self.scaled_q)
        jacobian = sympy.Matrix([[derivative(f, v) for v in self.variables] for f in self.scaled_q])
        if self.outputs == 1:
            root = twice * sympy.sqrt(variance + 2 * big_q[0] ** 2) * jacobian.T
        else:
            spread = sympy.sqrt(variance + sum((f**2 for f in self.scaled_q), start=sympy.Integer(0)))
            root = twice * (spread * jacobian.T).row_join(jacobian.T * big_q)
        return SymbolicTensor(root, self.variables)

    def gradient_covariance(self, w: ArrayLike) -> Array:
        """Covariance C(w) of one example's gradient, shape (..., d, d); that of a fresh batch is C / B."""
        return self.example_covariance.tensor(w)

    def kl(self, w: ArrayLike) -> Array:
        """Kullback-Leibler divergence |Q|^2 / (2 noise_std^2) from the truth to w, shape (...).

        Raises
        ------
        InputError
            If `noise_std` is 0.
        """
        require(self.noise_std > 0, "the divergence to the truth needs `noise_std` > 0, got 0")
        outputs = self.scaled_predictor(w)[..., : self.outputs]
        return np.asarray((outputs**2).sum(axis=-1) / (2 * self.noise_std**2))

    @cached_property
    def predictor(self) -> CompiledField:
        """Q and its Jacobian row by row, m + m d components: what one SGD step on a data set needs."""
        return _with_jacobian(self.q, self.variables)

    @cached_property
    def scaled_predictor(self) -> CompiledField:
        """Q and its Jacobian row by row: what one SGD step on fresh data needs."""
        return _with_jacobian(self.scaled_q, self.variables)


def _with_jacobian(formulas: tuple[sympy.Expr, ...], variables: tuple[sympy.Symbol, ...]) -> CompiledField:
    slopes = tuple(derivative(f, v) for f in formulas for v in variables)
    return CompiledField((*formulas, *slopes), variables)


def _names(formulas: tuple[Formula, ...]) -> tuple[str, ...]:
    """All variables of the formulas, in natural order."""
    text = [formula if isinstance(formula, str) else str(formula) for formula in formulas]
    try:
        return guess_variables("+".join(f"({part})" for part in text))
    except InputError:
        for part in text:  # name the formula that is wrong, not their sum
            guess_variables(part)
        raise
