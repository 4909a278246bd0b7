"""Drift and factor of noise by eigenvalues, for compiled loops in any dimension."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy

from theory.landscapes.compiled import CompiledField, OfFormulas, field_kernel
from theory.tensors.factors import factor_rows
from theory.tensors.indefinite import Indefinite, Refuse


@dataclass(frozen=True, eq=False)
class SpectralField(OfFormulas):
    """Rows `drift`, then row by row `size` times a factor of f(H), where `hessian` has the entries of H.

    What `CompiledField` is for formulas: the loops of paths and of SGD take either.

    Parameters
    ----------
    drift, hessian
        Formulas, k and d * d of them; H is symmetric.
    variables
        The d symbols.
    indefinite
        f.
    size
        Number before the factor.
    """

    drift: tuple[sympy.Expr, ...]
    hessian: tuple[sympy.Expr, ...]
    variables: tuple[sympy.Symbol, ...]
    indefinite: Indefinite
    size: float

    @property
    def rows(self) -> int:
        """Rows that `kernel` fills."""
        return len(self.drift) + len(self.hessian)

    @cached_property
    def kernel(self) -> Any:
        """As `CompiledField.kernel`."""
        slope, bend, width = self.indefinite.parts
        numbers = f"{slope!r}, {bend!r}, {width!r}, {isinstance(self.indefinite, Refuse)}, {self.size!r}"
        loop = CompiledField((*self.drift, *self.hessian), self.variables).loop_body("out")
        last = f"    factor_rows(out[{len(self.drift)}:], {numbers})"
        return field_kernel(["def field(w, out):", *loop, last], factor_rows=factor_rows)
