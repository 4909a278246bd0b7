"""Landscapes given by a formula."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import sympy

from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.packages import optional_package
from theory.base.traced import Traced
from theory.landscapes.compiled import CompiledField, piecewise
from theory.landscapes.expression import check_variables, exact_numbers, guess_variables, parse_expression, spelled

NO_NUMBERS = (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I)


def read_formula(
    formula: str | sympy.Expr, variables: Sequence[str] | None
) -> tuple[sympy.Expr, tuple[sympy.Symbol, ...]]:
    """The expression and its real symbols; without `variables` those of the formula in natural order.

    Raises
    ------
    InputError
        If it does not parse, uses a name that is no variable, or is not real and finite.
    """
    if isinstance(formula, str):
        names = guess_variables(formula) if variables is None else tuple(variables)
        expression = parse_expression(formula, names)
    elif isinstance(formula, sympy.Expr):
        free = sorted(formula.free_symbols, key=lambda symbol: str(symbol))
        names = check_variables([str(s) for s in free] if variables is None else variables)
        unknown = {str(symbol) for symbol in free} - set(names)
        require(not unknown, f"formula {formula} uses the undeclared variables {sorted(unknown)}")
        expression = formula.xreplace({s: sympy.Symbol(str(s), real=True) for s in free})
        wrong = next((one for one in NO_NUMBERS if expression.has(one)), None)
        require(wrong is None, f"a formula must be real and finite, got {shown(formula)} with {wrong} in it")
    else:
        raise InputError(f"a formula must be text or a SymPy expression, got {type(formula).__name__}")
    return expression, tuple(sympy.Symbol(name, real=True) for name in names)


def derivative(expression: sympy.Expr, variable: sympy.Symbol) -> sympy.Expr:
    """The derivative almost everywhere: kinks of min, max and abs take the side their condition names."""
    return sympy.diff(piecewise(expression), variable)


class SymbolicLandscape:
    """A landscape from a formula: value, gradient and Hessian exact, compiled on first use.

    Parameters
    ----------
    formula
        Text, read as data by `parse_expression`, or a SymPy expression.
    variables
        Names of the components of w, in order; by default the names in the formula in natural order.

    Raises
    ------
    InputError
        If the formula does not parse or uses undeclared variables.
    """

    def __init__(self, formula: str | sympy.Expr, variables: Sequence[str] | None = None) -> None:
        self.expression, self.variables = read_formula(formula, variables)

    def __repr__(self) -> str:
        return f"SymbolicLandscape({spelled(self.expression)!r}, variables={tuple(map(str, self.variables))})"

    def _identity(self) -> tuple[object, ...]:
        """What makes two of one class equal: numbers as text spells them, 1.8 being 9/5."""
        return exact_numbers(self.expression), self.variables

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._identity() == other._identity())

    def __hash__(self) -> int:
        return hash((type(self), self._identity()))

    @property
    def dim(self) -> int:
        """Dimension d of w."""
        return len(self.variables)

    @cached_property
    def gradient_expressions(self) -> tuple[sympy.Expr, ...]:
        """The d partial derivatives."""
        return tuple(derivative(self.expression, v) for v in self.variables)

    @cached_property
    def hessian_expressions(self) -> tuple[sympy.Expr, ...]:
        """The d*d second derivatives, row by row."""
        return tuple(derivative(g, v) for g in self.gradient_expressions for v in self.variables)

    @cached_property
    def _value(self) -> CompiledField:
        return CompiledField((self.expression,), self.variables)

    @cached_property
    def _gradient(self) -> CompiledField:
        return CompiledField(self.gradient_expressions, self.variables)

    @cached_property
    def _hessian(self) -> CompiledField:
        return CompiledField(self.hessian_expressions, self.variables)

    def value(self, w: ArrayLike) -> Array:
        """L(w), shape (...)."""
        return self._value(w)[..., 0]

    def gradient(self, w: ArrayLike) -> Array:
        """Gradient, shape (..., d)."""
        return self._gradient(w)

    def traced(self) -> Traced:
        """L of one point, for JAX.

        Raises
        ------
        InputError
            If JAX is not installed.
        """
        optional_package("jax", "a formula in JAX")
        formula = sympy.lambdify(self.variables, self.expression, modules="jax")
        return Traced(lambda w: formula(*(w[k] for k in range(self.dim))))

    def hessian(self, w: ArrayLike) -> Array:
        """Hessian, shape (..., d, d)."""
        flat = self._hessian(w)
        return flat.reshape(*flat.shape[:-1], self.dim, self.dim)
