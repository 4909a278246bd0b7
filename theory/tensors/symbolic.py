"""Tensors whose factor is a formula."""

from __future__ import annotations

from functools import cached_property

import sympy

from theory.base.arrays import Array, ArrayLike
from theory.base.showing import told
from theory.landscapes.compiled import CompiledField
from theory.landscapes.symbolic import derivative


class SymbolicTensor:
    """The tensor R R' of a SymPy factor `root` (d, channels) in `variables`; its divergence is exact."""

    def __init__(self, root: sympy.Matrix, variables: tuple[sympy.Symbol, ...]) -> None:
        self._root_matrix = root
        self.variables = variables

    def __repr__(self) -> str:
        return told("SymbolicTensor", root=str(self._root_matrix.tolist()), variables=str(self.variables))

    def _identity(self) -> tuple[object, ...]:
        """What makes two of one class equal."""
        return tuple(self._root_matrix), self._root_matrix.shape, self.variables

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._identity() == other._identity())

    def __hash__(self) -> int:
        return hash((type(self), self.variables))

    @property
    def dim(self) -> int:
        """Dimension d."""
        return len(self.variables)

    @cached_property
    def _root(self) -> CompiledField:
        return CompiledField(tuple(self._root_matrix), self.variables)

    @cached_property
    def _divergence(self) -> CompiledField:
        tensor = self._root_matrix * self._root_matrix.T
        rows = range(self.dim)
        return CompiledField(
            tuple(sum(derivative(tensor[i, j], self.variables[j]) for j in rows) for i in rows),
            self.variables,
        )

    def root(self, w: ArrayLike) -> Array:
        """The factor R, shape (..., d, channels)."""
        flat = self._root(w)
        return flat.reshape(*flat.shape[:-1], *self._root_matrix.shape)

    def tensor(self, w: ArrayLike) -> Array:
        """R R', shape (..., d, d)."""
        root = self.root(w)
        return root @ root.swapaxes(-1, -2)

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence, shape (..., d)."""
        return self._divergence(w)

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix:
        """The factor in `variables`."""
        return self._root_matrix.xreplace(dict(zip(self.variables, variables, strict=True)))
