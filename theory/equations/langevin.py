"""The Langevin equation  dw = -grad L dt + sqrt(2 D) dW  and its readings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
import sympy

from theory.base.arguments import Given
from theory.base.arguments.answers import is_ours
from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike, evaluated, points_of
from theory.base.contracts import require_dimension
from theory.base.errors import require
from theory.base.showing import as_call
from theory.equations.interpretation import AntiIto, Interpretation, Ito, Stratonovich, check_interpretation
from theory.landscapes import Landscape, SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.landscapes.symbolic import derivative
from theory.models import NoisyGradient
from theory.tensors import Constant, FactoredField, TensorField, whole_field
from theory.tensors.contract import try_tensor_field
from theory.tensors.protocol import SpectralTensor
from theory.tensors.spectral_field import SpectralField

Drift = Callable[[ArrayLike], Array]


@dataclass(frozen=True)
class Langevin:
    """dw = (-grad L + extra_drift) dt + sqrt(2 D) dW, read in the sense of `interpretation`.

    Its Fokker-Planck equation is dp/dt = -div(b p - div(D p)) with the Ito drift b, which is the drift above
    plus 0, 1/2 or 1 times div D. In 1-D the stationary density is D^(share - 1) exp(integral of h / D).

    Parameters
    ----------
    landscape, diffusion
        L and D, of one dimension.
    interpretation
        `Ito()`, `Stratonovich()`, `AntiIto()`, or an `Interpretation` of the user's own: anything with a `share`.
    extra_drift
        A further drift, vectorised: w (..., d) to (..., d); a `CompiledField` keeps the equation compilable.

    Raises
    ------
    InputError
        If the dimensions differ, or a part of the user's own does not keep its contract.
    """

    landscape: Landscape
    diffusion: Annotated[FactoredField, Given(TensorField)]
    interpretation: Interpretation = Ito()  # noqa: RUF009 - frozen
    extra_drift: Drift | None = None

    def __post_init__(self) -> None:
        for name, fits, wanted, part in (
            ("landscape", isinstance(self.landscape, Landscape), "a Landscape", self.landscape),
            ("diffusion", isinstance(self.diffusion, TensorField), "a TensorField", self.diffusion),
            (
                "interpretation",
                _is_reading(self.interpretation),
                "Ito(), Stratonovich() or AntiIto(), or have a `share`",
                self.interpretation,
            ),
        ):
            require(fits, f"`{name}` must be {wanted}, got {shown(part)}")
        check_interpretation(self.interpretation)
        require_dimension("landscape", self.landscape)
        require_dimension("tensor field", self.diffusion)
        object.__setattr__(self, "diffusion", whole_field(self.diffusion))
        require(
            self.landscape.dim == self.diffusion.dim,
            f"landscape and diffusion must have one dimension, got {self.landscape.dim} and {self.diffusion.dim}",
        )
        try_tensor_field(self.diffusion)

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.landscape.dim

    @property
    def share(self) -> float:
        """Share of div D that joins the Ito drift."""
        return self.interpretation.share

    def plain_drift(self, w: ArrayLike) -> Array:
        """The drift h = -grad L + extra_drift, without what the reading adds, shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        drift = -self.landscape.gradient(w)
        return drift if self.extra_drift is None else drift + self.pushed(w)

    def pushed(self, w: ArrayLike) -> Array:
        """The extra drift alone, shape (..., d); 0 where there is none.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        if self.extra_drift is None:
            return np.zeros_like(points)
        return evaluated(self.extra_drift, points, "extra_drift", (self.dim,))

    def drift(self, w: ArrayLike) -> Array:
        """The Ito drift b(w), shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        drift = self.plain_drift(w)
        if self.interpretation.share:
            drift = drift + self.interpretation.share * self.diffusion.divergence(w)
        return drift

    def tensor(self, w: ArrayLike) -> Array:
        """D(w), shape (..., d, d)."""
        return self.diffusion.tensor(w)

    def divergence(self, w: ArrayLike) -> Array:
        """Div D(w), shape (..., d)."""
        return self.diffusion.divergence(w)

    def potential(self, w: ArrayLike) -> Array | None:
        """Phi with D^-1 (b - div D) = -grad Phi where it is known exactly, shape (...), else None.

        It is L/T where D = T I and there is no extra drift; for any constant D of full rank and polynomial drift
        the integral of -D^-1 b where its curl is exactly 0. Then exp(-Phi) is the stationary density.
        """
        if not isinstance(self.diffusion, Constant):
            return None
        matrix = self.diffusion.matrix
        temperature = float(matrix[0, 0])
        isotropic = temperature > 0 and np.array_equal(matrix, temperature * np.eye(self.dim))
        if isotropic and self.extra_drift is None:
            return self.landscape.value(w) / temperature
        return None if self._integral is None else self._integral(w)[..., 0]

    @cached_property
    def _integral(self) -> CompiledField | None:
        """The polynomial Phi with -D grad Phi = b in rational arithmetic, D constant; None where there is none."""
        found = self._drift_expressions
        assert isinstance(self.diffusion, Constant)
        tensor = sympy.Matrix(self.diffusion.matrix.tolist()).applyfunc(_decimal)
        if found is None or not all(b.is_polynomial(*found.variables) for b in found.expressions):
            return None
        if not tensor.is_positive_definite:
            return None
        exact = [sympy.nsimplify(b, rational=True) for b in found.expressions]
        slopes = [sympy.expand(-v) for v in tensor.LUsolve(sympy.Matrix(exact))]
        for i, x in enumerate(found.variables):
            for slope, y in zip(slopes[:i], found.variables, strict=False):
                if sympy.expand(sympy.diff(slopes[i], y) - sympy.diff(slope, x)) != 0:
                    return None
        phi = sympy.Integer(0)
        for i, x in enumerate(found.variables):
            along = slopes[i].subs(dict.fromkeys(found.variables[i + 1 :], 0))
            phi += sympy.integrate(sympy.expand(along), x)
        return CompiledField((phi,), found.variables)

    @cached_property
    def _drift_expressions(self) -> CompiledField | None:
        """-grad L and the extra drift as formulas, or None where one of them is none."""
        landscape = self.landscape.landscape if isinstance(self.landscape, NoisyGradient) else self.landscape
        if not isinstance(landscape, SymbolicLandscape):
            return None
        if not isinstance(self.extra_drift, CompiledField | None):
            return None
        drift = [-g for g in landscape.gradient_expressions]
        if self.extra_drift is not None:
            renamed = dict(zip(self.extra_drift.variables, landscape.variables, strict=True))
            extra = [e.xreplace(renamed) for e in self.extra_drift.expressions]
            drift = [b + e for b, e in zip(drift, extra, strict=True)]
        return CompiledField(tuple(drift), landscape.variables)

    @cached_property
    def compiled(self) -> CompiledField | None:
        """Ito drift and sqrt(2) times the factor of D row by row, d + d channels components, or None.

        None where landscape, diffusion or extra drift is no formula; paths then run through NumPy.
        """
        found = self._drift_expressions
        root = None if found is None else self.diffusion.root_expressions(found.variables)
        if found is None or root is None:
            return None
        variables, drift = found.variables, list(found.expressions)
        if self.interpretation.share:
            own = self.diffusion
            tensor = own.tensor_expressions(variables) if isinstance(own, SpectralTensor) else None
            tensor = root * root.T if tensor is None else tensor
            for i in range(self.dim):
                divergence = sum(derivative(tensor[i, j], variables[j]) for j in range(self.dim))
                drift[i] += sympy.Rational(self.interpretation.share) * divergence
        return CompiledField((*drift, *(math.sqrt(2) * root)), variables)

    @cached_property
    def loop_field(self) -> CompiledField | SpectralField | None:
        """What compiled loops evaluate: `compiled`, or a `SpectralField` where a factor is no formula; or None."""
        if self.compiled is not None:
            return self.compiled
        found = self._drift_expressions
        if found is None or self.share or not isinstance(self.diffusion, SpectralTensor):
            return None
        return self.diffusion.factor_field(found.expressions, found.variables, math.sqrt(2))


def _is_reading(value: object) -> bool:
    return isinstance(value, Ito | Stratonovich | AntiIto) or (
        isinstance(value, Interpretation) and not is_ours(value)
    )


def _decimal(number: sympy.Expr) -> sympy.Expr:
    """The short decimal that a double stands for, as formulas read it: 3/10 for 0.3."""
    return sympy.Rational(str(float(number)))
