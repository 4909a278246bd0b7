"""Formulas turned into functions: NumPy for arrays of any shape, machine code for blocks of walkers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from sympy.printing.pycode import PythonCodePrinter

from theory.arrays import Array, ArrayLike


@dataclass(frozen=True, eq=False)
class CompiledField:
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

    @cached_property
    def _vectorised(self) -> Callable[..., Any]:
        piecewise = [expression.rewrite(sympy.Piecewise) for expression in self.expressions]
        return sympy.lambdify(self.variables, piecewise, modules=["numpy"], cse=True)  # type: ignore[no-any-return]

    def __call__(self, w: ArrayLike) -> Array:
        """Components at `w` (..., d), shape (..., k)."""
        points = np.asarray(w, dtype=np.float64)
        components = self._vectorised(*np.moveaxis(points, -1, 0))
        return np.stack([np.broadcast_to(c, points.shape[:-1]) for c in components], axis=-1).astype(
            np.float64
        )

    @cached_property
    def kernel(self) -> Any:
        """A first-class function (w (d, n), out (k, n)) -> None for numba loops.

        Loops that take it are compiled once for all landscapes and cached on disk; only this is new.
        """
        import numba

        block = numba.types.float64[:, ::1]
        signature = numba.types.void(block, block)
        namespace: dict[str, Any] = {}
        exec(self._block_source(), {"math": math}, namespace)
        return numba.cfunc(signature, error_model="numpy")(namespace["field"])

    def _block_source(self) -> str:
        piecewise = [expression.rewrite(sympy.Piecewise) for expression in self.expressions]
        shared, results = sympy.cse(piecewise, symbols=sympy.numbered_symbols("shared_"), list=True)
        renamed = {v: sympy.Symbol(f"w_{i}", real=True) for i, v in enumerate(self.variables)}
        printer = PythonCodePrinter({"fully_qualified_modules": True})

        def code(expression: sympy.Expr) -> str:
            return str(printer.doprint(expression.xreplace(renamed)))

        lines = ["def field(w, out):", "    for i in range(w.shape[1]):"]
        lines += [f"        w_{a} = w[{a}, i]" for a in range(len(self.variables))]
        lines += [f"        {name} = {code(expression)}" for name, expression in shared]
        lines += [f"        out[{k}, i] = {code(expression)}" for k, expression in enumerate(results)]
        return "\n".join(lines)
