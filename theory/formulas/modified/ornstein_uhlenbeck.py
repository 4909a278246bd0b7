"""The linear Langevin equation with constant noise, and its laws at any time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy
from scipy.linalg import expm

from theory.base.arrays import Array, ArrayLike, finite, points_of, read_only, square
from theory.base.errors import require
from theory.base.showing import as_call
from theory.base.whole_numbers import doublings
from theory.equations import Langevin
from theory.formulas.quadratic import stationary_covariance
from theory.landscapes import SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.tensors import Constant


@dataclass(frozen=True, eq=False)
class OrnsteinUhlenbeck:
    """dw = -F w dt + sqrt(2 D) dW around 0: normal at every time, with known mean and covariance.

    Parameters
    ----------
    drift_matrix
        F, (d, d), any real matrix.
    diffusion
        D, a `Constant` tensor of dimension d.

    Raises
    ------
    InputError
        If F is not square, finite and of the dimension of D.
    """

    drift_matrix: Array
    diffusion: Constant

    def __post_init__(self) -> None:
        matrix = read_only(np.atleast_2d(np.asarray(self.drift_matrix, dtype=np.float64)))
        dim = self.diffusion.dim
        require(
            matrix.shape == (dim, dim) and bool(np.isfinite(matrix).all()),
            f"`drift_matrix` must be {dim} x {dim} finite numbers, got {matrix.tolist()}",
        )
        object.__setattr__(self, "drift_matrix", matrix)

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.diffusion.dim

    @cached_property
    def sde(self) -> Langevin:
        """The equation, for paths and grids: the symmetric part of F is a loss, the rest an extra drift."""
        variables = sympy.symbols(f"w1:{self.dim + 1}", real=True)
        position = sympy.Matrix(variables)
        even, odd = (self.drift_matrix + self.drift_matrix.T) / 2, (self.drift_matrix - self.drift_matrix.T) / 2
        loss = (position.T * sympy.Matrix(even.tolist()) * position)[0, 0] / 2
        landscape = SymbolicLandscape(sympy.expand(loss), [str(v) for v in variables])
        turn = CompiledField(tuple(-sympy.Matrix(odd.tolist()) * position), variables) if odd.any() else None
        return Langevin(landscape, self.diffusion, extra_drift=turn)

    @cached_property
    def stationary(self) -> Array:
        """The covariance (d, d) of the stationary law; `stationary_covariance` says where there is none."""
        return stationary_covariance(self.drift_matrix, self.diffusion.matrix)

    def mean(self, start: ArrayLike, time: float) -> Array:
        """exp(-F t) start, for start (..., d).

        Raises
        ------
        InputError
            If the time is negative or not finite, or `start` does not fit.
        """
        begin = points_of(finite(start, "start"), self.dim)
        return np.asarray(begin @ expm(-self.drift_matrix * self._checked(time)).T)

    def covariance(self, time: float, start: ArrayLike | None = None) -> Array:
        """Covariance (d, d) after a time, from a point or from a law of covariance `start`.

        The exponential of a block matrix for a short time (Van Loan), and C(2t) = C(t) + e^{-Ft} C(t) e^{-F't}
        from there: rounding does not grow with F t.

        Raises
        ------
        InputError
            If the time is negative or not finite, or `start` does not fit.
        """
        time = self._checked(time)
        halvings = doublings(max(2 * float(np.linalg.norm(self.drift_matrix, 2)) * time, 1.0))
        short, dim = time / 2**halvings, self.dim
        zero = np.zeros((dim, dim))
        block = np.block([[self.drift_matrix, 2 * self.diffusion.matrix], [zero, -self.drift_matrix.T]])
        lift = expm(-block * short)  # [[e^{-Ft}, -X], [0, e^{F't}]] with C = X e^{-F't}
        step = lift[:dim, :dim]
        spread = -lift[:dim, dim:] @ step.T
        for _ in range(halvings):
            spread = spread + step @ spread @ step.T
            step = step @ step
        if start is not None:
            spread = spread + step @ square(start, "start", dim) @ step.T
        return np.asarray((spread + spread.T) / 2)

    def _checked(self, time: float) -> float:
        require(math.isfinite(time) and time >= 0, f"`time` must be finite and not negative, got {time}")
        return float(time)
