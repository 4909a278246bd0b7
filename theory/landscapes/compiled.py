"""Formulas turned into functions: NumPy for arrays of any shape, machine code for blocks of walkers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy
from sympy.printing.pycode import PythonCodePrinter

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require

ABSOLUTE = sympy.Function("abs", real=True, nonnegative=True)
KEPT = 256  # compiled formulas that a process keeps, those that were used last


def piecewise(expression: sympy.Expr) -> sympy.Expr:
    """The same function with Abs, Max and Min spelled out, their arguments real where they are defined."""
    spelled = expression.replace(sympy.Abs, lambda u: sympy.Piecewise((u, u >= 0), (-u, True)))
    return spelled.rewrite(sympy.Piecewise)


def _printable(expression: sympy.Expr) -> sympy.Expr:
    """`piecewise` without conditions in conditions, its numbers printed as doubles: 17 digits, no huge integer.

    Abs stays a function: spelled out, SymPy takes the roots of negative numbers in branches that nothing enters.
    """
    spelled = piecewise(expression.replace(sympy.Abs, ABSOLUTE)).replace(
        sympy.ITE, lambda c, yes, no: sympy.Or(sympy.And(c, yes), sympy.And(sympy.Not(c), no))
    )
    big = {n: _double(n) for n in spelled.atoms(sympy.Rational) if max(abs(n.p), n.q) > 2**53}
    floats = {number: float(number) for number in spelled.atoms(sympy.Float)}
    return spelled.xreplace({number: sympy.Float(value, 17) for number, value in (big | floats).items()})


def _double(number: sympy.Rational) -> float:
    try:
        return float(number.p / number.q)
    except OverflowError:
        raise InputError(
            f"a formula must have numbers below 1e308, got about {number.evalf(3)}; rescale it"
        ) from None


class _Printer(PythonCodePrinter):  # type: ignore[misc]
    """Fourth roots as two square roots: twenty times faster than a power."""

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:
        if expr.exp == sympy.Rational(1, 4):
            return f"math.sqrt(math.sqrt({self._print(expr.base)}))"
        return str(super()._print_Pow(expr, rational))


class OfFormulas:
    """A dataclass of formulas; pickles and copies hold these, not what was compiled of them in this process."""

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class CompiledField(OfFormulas):
    """A vector of SymPy expressions of w, compiled once for each use.

    Parameters
    ----------
    expressions
        Components, k of them; Min, Max and Abs become piecewise, derivatives are meant almost everywhere.
    variables
        The d symbols, in the order of the components of w.
    """

    expressions: tuple[sympy.Expr, ...]
    variables: tuple[sympy.Symbol, ...]

    @property
    def rows(self) -> int:
        """Rows that `kernel` fills: k."""
        return len(self.expressions)

    @cached_property
    def _printable(self) -> tuple[list[sympy.Symbol], list[sympy.Expr]]:
        """Variables under names that no code uses, and the expressions in them."""
        renamed = {v: sympy.Symbol(f"w_{i}", real=True) for i, v in enumerate(self.variables)}
        return list(renamed.values()), [_printable(e.xreplace(renamed)) for e in self.expressions]

    @cached_property
    def _vectorised(self) -> Callable[..., Any]:
        variables, expressions = self._printable
        return _vectorised(tuple(variables), tuple(expressions))

    def __call__(self, w: ArrayLike) -> Array:
        """Components at `w` (..., d), shape (..., k); inf or NaN where a formula has no value."""
        points = np.asarray(w, dtype=np.float64)
        require(
            points.ndim >= 1 and points.shape[-1] == len(self.variables),
            f"w must have a last axis of length {len(self.variables)}, got shape {points.shape}",
        )
        with np.errstate(all="ignore"):  # both sides of a piecewise formula are computed
            components = self._vectorised(*(points[..., axis] for axis in range(len(self.variables))))
        found = np.empty((*points.shape[:-1], len(components)))
        for k, component in enumerate(components):  # sooner than to stack them, which counts at single points
            found[..., k] = component
        return found

    @cached_property
    def kernel(self) -> Any:
        """A first-class function (w (d, n), out (k, n)) -> None for numba loops.

        Loops that take it are compiled once for all landscapes and cached on disk; only this is new.
        """
        lines = self.loop_body("out")
        return field_kernel(["def field(w, out):", *lines])

    def loop_body(self, name: str) -> list[str]:
        """Source that fills the array `name` (k, n) with the components at w (d, n)."""
        variables, expressions = self._printable
        shared, results = sympy.cse(expressions, symbols=sympy.numbered_symbols("shared_"), list=True)
        code = _Printer({"fully_qualified_modules": True, "user_functions": {"abs": "abs"}}).doprint
        lines = ["    for i in range(w.shape[1]):"]
        lines += [f"        {variable} = w[{a}, i]" for a, variable in enumerate(variables)]
        lines += [f"        {symbol} = {code(expression)}" for symbol, expression in shared]
        return lines + [f"        {name}[{k}, i] = {code(expression)}" for k, expression in enumerate(results)]


@lru_cache(maxsize=KEPT)
def _vectorised(variables: tuple[sympy.Symbol, ...], expressions: tuple[sympy.Expr, ...]) -> Callable[..., Any]:
    special = any(expression.has(sympy.erf, sympy.erfc) for expression in expressions)
    modules = ["scipy", "numpy"] if special else ["numpy"]
    return sympy.lambdify(variables, expressions, modules=modules, cse=True)  # type: ignore[no-any-return]


def field_kernel(source: Sequence[str], **names: Any) -> Any:
    """The function `field` of `source` as machine code, (w (d, n), out (k, n)) -> None, that knows `names`.

    Equal sources share it: to compile one takes a tenth of a second, and a new model of a known formula none.
    """
    return _compiled("\n".join(source), **names)


@lru_cache(maxsize=KEPT)
def _compiled(source: str, **names: Any) -> Any:
    import numba

    block = numba.types.float64[:, ::1]
    namespace: dict[str, Any] = {}
    exec(source, {"math": math, **names}, namespace)
    return numba.cfunc(numba.types.void(block, block), error_model="numpy")(namespace["field"])
