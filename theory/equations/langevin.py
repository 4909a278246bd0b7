"""The Langevin equation  dw = -grad L dt + sqrt(2 D) dW  and its readings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike, evaluated, points_of
from theory.base.errors import require
from theory.landscapes.compiled import CompiledField
from theory.landscapes.protocol import Landscape
from theory.landscapes.symbolic import SymbolicLandscape, derivative
from theory.models.noisy_gradient import NoisyGradient
from theory.tensors.constant import Constant
from theory.tensors.minibatch import Minibatch, NoisyModel
from theory.tensors.protocol import SpectralTensor, TensorField
from theory.tensors.spectral_field import SpectralField


@dataclass(frozen=True)
class Ito:
    """Noise is evaluated at the start of each step: the limit of SGD, the default."""

    share: ClassVar[float] = 0.0


@dataclass(frozen=True)
class Stratonovich:
    """Noise is evaluated half-way: half of div D joins the Ito drift.

    In 1-D this is Stratonovich's equation. Beyond, his depends on the factor of D and not on D alone; this is the
    half-way reading of the Fokker-Planck flux.
    """

    share: ClassVar[float] = 0.5


@dataclass(frozen=True)
class AntiIto:
    """Noise is evaluated at the end of each step (Haenggi-Klimontovich): div D joins the Ito drift."""

    share: ClassVar[float] = 1.0


Interpretation = Ito | Stratonovich | AntiIto
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
        `Ito()`, `Stratonovich()` or `AntiIto()`.
    extra_drift
        A further drift, vectorised: w (..., d) to (..., d); a `CompiledField` keeps the equation compilable.

    Raises
    ------
    InputError
        If the dimensions differ.
    """

    landscape: Landscape
    diffusion: TensorField
    interpretation: Interpretation = Ito()
    extra_drift: Drift | None = None

    def __post_init__(self) -> None:
        for name, fits, wanted, part in (
            ("landscape", isinstance(self.landscape, Landscape), "a Landscape", self.landscape),
            ("diffusion", isinstance(self.diffusion, TensorField), "a TensorField", self.diffusion),
            (
                "interpretation",
                isinstance(self.interpretation, Interpretation),
                "Ito(), Stratonovich() or AntiIto()",
                self.interpretation,
            ),
        ):
            require(fits, f"`{name}` must be {wanted}, got {part!r}")
        require(
            self.landscape.dim == self.diffusion.dim,
            f"landscape and diffusion must have one dimension, got {self.landscape.dim} and {self.diffusion.dim}",
        )

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.landscape.dim

    @property
    def share(self) -> float:
        """Share of div D that joins the Ito drift."""
        return self.interpretation.share

    def plain_drift(self, w: ArrayLike) -> Array:
        """The drift h = -grad L + extra_drift, without what the reading adds, shape (..., d)."""
        drift = -self.landscape.gradient(w)
        return drift if self.extra_drift is None else drift + self.pushed(w)

    def pushed(self, w: ArrayLike) -> Array:
        """The extra drift alone, shape (..., d); 0 where there is none."""
        points = points_of(w, self.dim)
        if self.extra_drift is None:
            return np.zeros_like(points)
        return evaluated(self.extra_drift, points, "extra_drift", (self.dim,))

    def drift(self, w: ArrayLike) -> Array:
        """The Ito drift b(w), shape (..., d)."""
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


def _decimal(number: sympy.Expr) -> sympy.Expr:
    """The short decimal that a double stands for, as formulas read it: 3/10 for 0.3."""
    return sympy.Rational(str(float(number)))


class StepSizes(Protocol):
    """What the continuous-time limit needs to know of SGD."""

    @property
    def batch_size(self) -> int:
        """Examples a step."""
        ...

    @property
    def momentum(self) -> float:
        """Heavy-ball momentum."""
        ...

    @property
    def time_step(self) -> float:
        """Time of one step, learning_rate / (1 - momentum)."""
        ...


def langevin_limit(model: NoisyModel, sgd: StepSizes, order: int = 1) -> Langevin:
    """The Ito equation that SGD follows for small learning rate: weak error O(learning_rate^order) at fixed time.

    dw = -grad L dt + sqrt(eta C / B) dW, and with order 2 the drift -grad(L + (eta/4) |grad L|^2), with time
    t = eta * steps, where momentum mu turns the learning rate into eta = learning_rate / (1 - mu). L and C are
    those of the population and batches are independent: of SGD on a fixed data set it is the limit for large data
    sets only, and without replacement the noise of an epoch cancels to first order, which this equation does not
    know. The order is that of laws at a fixed time: stationary laws of order 2 may be worse than those of order 1,
    and are so for quadratic loss.

    Raises
    ------
    InputError
        If `order` is not 1 or 2, or it is 2 and there is momentum, whose correction is another.

    References
    ----------
    Li, Tai & E (2017), Stochastic modified equations and adaptive stochastic gradient algorithms.
    """
    require(order in (1, 2), f"`order` must be 1 or 2, got {order}")
    noise = Minibatch(model, sgd.time_step, sgd.batch_size)
    if order == 1:
        return Langevin(model, noise)
    require(not sgd.momentum, f"`order` 2 is known without momentum, got {sgd.momentum}; take order 1")
    return Langevin(model, noise, extra_drift=_modified_drift(model, sgd.time_step))


def _modified_drift(landscape: Landscape, rate: float) -> Drift:
    """-(eta/4) grad |grad L|^2 = -(eta/2) H grad L, as a formula where L is one."""
    bare = landscape.landscape if isinstance(landscape, NoisyGradient) else landscape
    if isinstance(bare, SymbolicLandscape):
        square = sum(g**2 for g in bare.gradient_expressions)
        pulls = [-sympy.Float(rate) / 4 * derivative(square, v) for v in bare.variables]
        return CompiledField(tuple(pulls), bare.variables)
    return lambda w: -rate / 2 * np.einsum("...ij,...j->...i", landscape.hessian(w), landscape.gradient(w))
