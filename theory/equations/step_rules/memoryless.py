"""The equation of step rules without memory: the mean and the covariance of what they make of a gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy
from scipy.special import stdtr

from theory.base.arrays import Array, ArrayLike
from theory.equations.langevin import Langevin
from theory.equations.step_rules.batch_noise import BatchNoise
from theory.equations.step_rules.normals import clip_moments, sign_moments
from theory.equations.step_rules.reading import ReadRules
from theory.landscapes import SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.landscapes.differences import divergence_with_error
from theory.landscapes.function import central_differences
from theory.landscapes.symbolic import derivative
from theory.models import ProductModel
from theory.tensors import SymbolicTensor
from theory.tensors.whole import symmetric_root


def memoryless_limit(noise: BatchNoise, rules: ReadRules, order: int) -> Langevin:
    """Dw = -E u dt + sqrt(h Cov u) dW, where u is what the rules make of a batch's gradient; h the time of a step.

    A sampler adds its temperature to the diffusion. Of order 2 with -(h/2) (grad b) b in the drift, b = -E u.
    Formulas where noise of components is independent and nowhere 0, by which they divide, else functions.
    """
    bare = noise.bare
    if isinstance(bare, SymbolicLandscape) and not _students(noise, rules):
        root = noise.covariance.root_expressions(bare.variables)
        tensor = None if root is None else (root * root.T).applyfunc(sympy.expand)
        if tensor is not None and tensor.is_diagonal() and all(c.is_positive for c in tensor.diagonal()):
            return _formulas(noise, bare, tensor, rules, order)
    field = ShapedGradient(noise, rules)
    return Langevin(
        noise.model, ShapedNoise(field), extra_drift=ShapedDrift(field, noise.step if order == 2 else 0.0)
    )


def _students(noise: BatchNoise, rules: ReadRules) -> bool:
    """Whether signs of batches follow Student's law exactly."""
    return noise.exactly is not None and rules.kind == "Sign" and rules.before == 0


def _formulas(
    noise: BatchNoise, bare: SymbolicLandscape, tensor: sympy.Matrix, rules: ReadRules, order: int
) -> Langevin:
    variables = bare.variables
    drift, roots = [], []
    for i, (gradient, w) in enumerate(zip(bare.gradient_expressions, variables, strict=True)):
        mean, variance = _shaped(gradient + rules.before * w, sympy.sqrt(tensor[i, i]), rules)
        drift.append(-mean - rules.after * w)
        heat = sympy.Float(rules.temperature) if rules.temperature else 0
        roots.append(sympy.sqrt(sympy.Rational(1, 2) * noise.step * variance + heat))
    moved = sympy.Matrix(drift)
    if order == 2:
        slopes = sympy.Matrix([[derivative(b, v) for v in variables] for b in drift])
        moved -= sympy.Float(noise.step) / 2 * slopes * moved
    extra = tuple(b + g for b, g in zip(moved, bare.gradient_expressions, strict=True))
    factor = SymbolicTensor(sympy.diag(*roots), variables)
    return Langevin(noise.model, factor, extra_drift=CompiledField(extra, variables))


def _shaped(mean: sympy.Expr, std: sympy.Expr, rules: ReadRules) -> tuple[sympy.Expr, sympy.Expr]:
    """Mean and variance of the sign, or of the clipped value, of a normal number."""
    if rules.kind == "Sign":
        place = mean / std / sympy.sqrt(2)
        rare = sympy.erfc(sympy.Abs(place))
        return sympy.erf(place), rare * (2 - rare)
    limit = sympy.Float(rules.shape.limit)
    low, high = (-limit - mean) / std, (limit - mean) / std
    below, above = (sympy.erfc(end / sympy.sqrt(2)) / 2 for end in (-low, high))
    inside = 1 - below - above
    at_low, at_high = (sympy.exp(-(end**2) / 2) / sympy.sqrt(2 * sympy.pi) for end in (low, high))
    falls = at_low - at_high
    found = limit * (above - below) + mean * inside + std * falls
    square = limit**2 * (above + below) + (mean**2 + std**2) * inside
    square += std * (mean * falls - limit * (at_low + at_high))
    return found, sympy.Abs(square - found**2)


@dataclass(frozen=True)
class ShapedGradient:
    """Mean and covariance of what rules make of the gradient of a batch, as functions."""

    noise: BatchNoise
    rules: ReadRules

    def moments(self, w: Array) -> tuple[Array, Array]:
        """Mean (..., d) and covariance (..., d, d) at points (..., d), weight decay after the rule left out."""
        if _students(self.noise, self.rules):
            return self._signs_of_products(w)
        mean = self.noise.bare.gradient(w) + self.rules.before * w
        covariance = self.noise.covariance.tensor(w)
        if self.rules.kind == "Sign":
            return sign_moments(mean, covariance)
        return clip_moments(mean, covariance, self.rules.shape.limit)

    def _signs_of_products(self, w: Array) -> tuple[Array, Array]:
        """The sign of 2 s (q S - e) grad q; e is normal of variance noise_std^2 S / B, e / S then Student's."""
        model, size = self.noise.model, self.noise.exactly
        assert isinstance(model, ProductModel)
        assert size is not None
        found = model.scaled_predictor(w)
        with np.errstate(divide="ignore", invalid="ignore"):
            place = np.sqrt(size) * found[..., 0] / model.noise_std
        sure = np.isnan(place) & ~np.isnan(found[..., 0])  # 0 without noise
        place = np.where(sure, 0.0, place)
        rare = stdtr(size, -np.abs(place))
        sides = np.sign(found[..., 1:])
        spread = np.where(sure, 0.0, 4 * rare * (1 - rare))
        mean = sides * (np.sign(place) * (1 - 2 * rare))[..., None]
        return mean, spread[..., None, None] * sides[..., None] * sides[..., None, :]


@dataclass(frozen=True)
class ShapedDrift:
    """What the rules, and at the time `slow` of a step order 2, add to the drift -grad L."""

    field: ShapedGradient
    slow: float

    def __call__(self, w: ArrayLike) -> Array:
        """At points (..., d), shape (..., d)."""
        points = np.asarray(w, dtype=np.float64)
        found = self._drift(points)
        added = found + self.field.noise.bare.gradient(points)
        if self.slow:
            added -= self.slow / 2 * np.einsum("...ij,...j->...i", central_differences(self._drift, points), found)
        return np.asarray(added)

    def _drift(self, w: Array) -> Array:
        return np.asarray(-self.field.moments(w)[0] - self.field.rules.after * w)


@dataclass(frozen=True)
class ShapedNoise:
    """D = (h/2) Cov u of what rules make of the gradient, and a sampler's temperature, as a tensor field."""

    field: ShapedGradient

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.field.noise.bare.dim

    def tensor(self, w: ArrayLike) -> Array:
        """D, shape (..., d, d), at points (..., d)."""
        covariance = self.field.moments(np.asarray(w, dtype=np.float64))[1]
        return np.asarray(self.field.noise.step / 2 * covariance + self.field.rules.temperature * np.eye(self.dim))

    def root(self, w: ArrayLike) -> Array:
        """The symmetric root of D, shape (..., d, d), at points (..., d)."""
        return symmetric_root(self.tensor(w))

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence by fourth-order differences at points (..., d), shape (..., d)."""
        return divergence_with_error(self.tensor, w)[0]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> None:
        """None: it is no formula in `variables`."""
        return
