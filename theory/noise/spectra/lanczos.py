"""What Lanczos' method says of the measure that a vector has on the spectrum of an operator."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import Array
from theory.base.rounding import EPSILON
from theory.noise.spectra.defects import product_of

FARTHEST = 1e8  # in the size of the spectrum: an added node farther out counts as at infinity


@dataclass(frozen=True, eq=False)
class LanczosMeasure:
    """mu(x) = sum over eigenvalues up to x of (u z)^2 / |z|^2, as far as m steps of Lanczos' method know it.

    Parameters
    ----------
    diagonal, beside
        Of the Jacobi matrix, shape (m,) each; the last of `beside` is 0 where the Krylov space is exhausted, so
        that the measure is known whole.
    square
        |z|^2, the weight of the probe z.
    """

    diagonal: Array
    beside: Array
    square: float

    @staticmethod
    def of(operator: LinearOperator, probe: Array, steps: int) -> LanczosMeasure:
        """That of `probe` (d,), by at most so many steps, each made orthogonal to all before, twice."""
        square = float(probe @ probe)
        basis = np.empty((steps, len(probe)))
        diagonal, beside = np.zeros(steps), np.zeros(steps)
        vector, size = probe / math.sqrt(square), 0.0
        for k in range(steps):
            basis[k] = vector
            image = product_of(operator, vector)
            diagonal[k] = vector @ image
            size = max(size, float(np.linalg.norm(image)))
            known = basis[: k + 1]
            for _ in range(2):
                image = image - (known @ image) @ known
            beside[k] = np.linalg.norm(image)
            if beside[k] <= EPSILON * math.sqrt(len(probe)) * size or k + 1 == len(probe):
                beside[k] = 0.0
                return LanczosMeasure(diagonal[: k + 1].copy(), beside[: k + 1].copy(), square)
            vector = image / beside[k]
        return LanczosMeasure(diagonal, beside, square)

    @property
    def nodes(self) -> tuple[Array, Array]:
        """Nodes and weights (m,) of the Gaussian quadrature, the nodes ascending."""
        return _rule(self.diagonal, self.beside[:-1])

    def integral(self, function: Callable[[Array], Array]) -> tuple[float, float]:
        """The integral of a function (n,) to (n,) over the measure, and its change from a quarter fewer steps."""
        found = []
        for steps in (len(self.diagonal), max(1, 3 * len(self.diagonal) // 4)):
            nodes, weights = _rule(self.diagonal[:steps], self.beside[: steps - 1])
            found.append(float(weights @ function(nodes)))
        return found[0], 0.0 if self.beside[-1] == 0 else abs(found[1] - found[0])

    def bounds(self, x: float, slack: float) -> tuple[float, float]:
        """Bounds of mu(x) by the moments that are known, the sharpest there are, where x is known to +- slack.

        Masses left of, and up to, a node at x of the rule with one node more (Chebyshev, Markov & Stieltjes).
        """
        if self.beside[-1] == 0:
            nodes, weights = self.nodes
            return float(weights[nodes <= x - slack].sum()), float(weights[nodes <= x + slack].sum())
        return self._at(x - slack)[0], self._at(x + slack)[1]

    def _at(self, x: float) -> tuple[float, float]:
        last = self._added(x)
        if last is None:  # x is a node already, so that the one more lies at infinity
            nodes, weights = self.nodes
        else:
            nodes, weights = _rule(np.append(self.diagonal, last), self.beside)
        here = int(np.argmin(np.abs(nodes - x)))
        return float(weights[:here].sum()), min(1.0, float(weights[: here + 1].sum()))

    def _added(self, x: float) -> float | None:
        """The last entry of the diagonal by which x becomes an eigenvalue (Golub)."""
        size = max(float(np.abs(self.diagonal).max()), float(self.beside.max()), abs(x))
        pivot = self.diagonal[0] - x  # ratios of the determinants of the leading parts of the matrix less x
        for k in range(1, len(self.diagonal)):
            pivot = self.diagonal[k] - x - self.beside[k - 1] ** 2 / (pivot or EPSILON * size)
        if abs(pivot) * FARTHEST * size <= self.beside[-1] ** 2:
            return None
        return float(x + self.beside[-1] ** 2 / pivot)


def _rule(diagonal: Array, beside: Array) -> tuple[Array, Array]:
    nodes, vectors = eigh_tridiagonal(diagonal, beside)
    return np.asarray(nodes, dtype=np.float64), np.asarray(vectors[0] ** 2, dtype=np.float64)
