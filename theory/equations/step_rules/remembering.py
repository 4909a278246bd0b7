"""The equation of a step rule with averages, put together from its coefficients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike
from theory.equations.algorithm import Algorithm, NoLimitEquation
from theory.equations.enlarged import EnlargedLangevin
from theory.equations.step_rules.adaptive import (
    ARRAYS,
    FORMULAS,
    Memory,
    RuleCoefficients,
    coefficients,
    kept,
    over,
)
from theory.equations.step_rules.batch_moments import BatchMoments, normal_moments, product_moments
from theory.equations.step_rules.batch_noise import BatchNoise
from theory.equations.step_rules.extended import ExtendedLandscape
from theory.equations.step_rules.reading import ReadRules
from theory.landscapes import SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.landscapes.differences import divergence_with_error
from theory.landscapes.symbolic import derivative
from theory.models import ProductModel
from theory.tensors import SymbolicTensor

SETTLED = 40.0  # times the longest memory: what corrections of averages that began at 0 leave is e^-40


def remembering_limit(noise: BatchNoise, sgd: Algorithm, rules: ReadRules, order: int) -> EnlargedLangevin:
    """The equation of a rule with averages on the space (w, memory).

    Raises
    ------
    NoLimitEquation
        If noise is correlated where the rule's limit needs it not to be, or order 2 has no formulas or a sampler.
    """
    if order == 2 and rules.kind in ("Lion", "PreconditionedLangevin"):
        raise NoLimitEquation("of this rule order 1 is known", f"{rules.shape!r}", "take `order` = 1")
    if rules.kind == "PreconditionedLangevin" and sgd.momentum:
        raise NoLimitEquation("the sampler has no momentum", f"{sgd.momentum}", "leave the momentum out")
    bare, dim = noise.bare, noise.bare.dim
    sizes = [("w", dim), *((name, 1 if name == "t" else dim) for name in kept(rules.kind))]
    root = noise.covariance.root_expressions(bare.variables) if isinstance(bare, SymbolicLandscape) else None
    if isinstance(bare, SymbolicLandscape) and root is not None:
        batch = _batch_formulas(noise, bare, root, rules, order)
        if rules.kind == "Lion":
            _require_own_noise(batch, rules)
        if rules.kind != "Lion" or _is_noisy(batch):
            return _formulas(noise, bare, batch, rules, order, sizes)
    elif rules.kind == "Lion" and dim > 1:
        raise _correlated(rules)
    if order == 2:
        raise NoLimitEquation(
            "order 2 of a rule with averages is known of formulas", type(noise.model).__name__, "take `order` = 1"
        )
    field = ArrayField(noise, rules, tuple(sizes))
    return EnlargedLangevin(
        ExtendedLandscape(bare, field.dim),
        ArrayNoise(field),
        extra_drift=Beside(field),
        parts=field.sizes,
        settled=Settled(field),
    )


def _formulas(
    noise: BatchNoise,
    bare: SymbolicLandscape,
    batch: BatchMoments,
    rules: ReadRules,
    order: int,
    sizes: Sequence[tuple[str, int]],
) -> EnlargedLangevin:
    taken = {str(v) for v in bare.variables}
    names = [_free(f"{name}{i + 1}" if size > 1 else name, taken) for name, size in sizes[1:] for i in range(size)]
    variables = (*bare.variables, *(sympy.Symbol(name, real=True) for name in names))
    at = _memory(variables, sizes)
    found = coefficients(rules, at, batch, noise.step, order, FORMULAS)
    drift = sympy.Matrix(found.drift)
    if order == 2:
        drift -= sympy.Float(noise.step) / 2 * _turned(rules, at, batch, noise.step, variables)
    rest = _settled(bare.variables, batch, rules, noise.step, sizes)
    falls = [*bare.gradient_expressions, *(0 for _ in names)]
    return EnlargedLangevin(
        SymbolicLandscape(bare.expression, [str(v) for v in variables]),
        SymbolicTensor(sympy.Matrix(_factor(found, noise.step, 0)), variables),
        extra_drift=CompiledField(tuple(b + g for b, g in zip(drift, falls, strict=True)), variables),
        parts=tuple(sizes),
        settled=CompiledField(tuple(map(sympy.sympify, rest)), bare.variables),
    )


def _turned(
    rules: ReadRules, at: Memory, batch: BatchMoments, step: float, variables: Sequence[sympy.Symbol]
) -> sympy.Matrix:
    """(grad b) b of the drift b of order 1; of w by the roots of mean squares, which have no slope at 0."""
    roots = {v: sympy.Dummy(positive=True) for v in at.v}
    squares = Memory(at.w, at.m, tuple(root**2 for root in roots.values()), at.t)
    first = coefficients(rules, at, batch, step, 1, FORMULAS).drift
    by_roots = coefficients(rules, squares, batch, step, 1, FORMULAS).drift[: len(at.w)]
    found = []
    for entry in by_roots:
        parts = [
            over(derivative(entry, roots[v]) * speed, 2 * roots[v], FORMULAS)
            if v in roots
            else derivative(entry, v) * speed
            for v, speed in zip(variables, first, strict=True)
        ]
        found.append(sum(parts).xreplace({root: sympy.sqrt(v) for v, root in roots.items()}))
    for entry in first[len(at.w) :]:
        found.append(sum(derivative(entry, v) * speed for v, speed in zip(variables, first, strict=True)))
    return sympy.Matrix(found)


def _batch_formulas(
    noise: BatchNoise, bare: SymbolicLandscape, root: sympy.Matrix, rules: ReadRules, order: int
) -> BatchMoments:
    shift = [rules.before * w for w in bare.variables]
    if noise.exactly is not None:
        assert isinstance(noise.model, ProductModel)
        return product_moments(noise.model, noise.exactly, shift)
    mean = [g + a for g, a in zip(bare.gradient_expressions, shift, strict=True)]
    return normal_moments(mean, root.tolist(), order)


def _require_own_noise(batch: BatchMoments, rules: ReadRules) -> None:
    """Require that the gradient's components are independent."""
    for i, row in enumerate(batch.rows):
        for other in batch.rows[:i]:
            if sympy.expand(sum(a * b for a, b in zip(row, other, strict=True))) != 0:
                raise _correlated(rules)


def _is_noisy(batch: BatchMoments) -> bool:
    """Whether every component has noise everywhere, by which the formulas of signs divide."""
    return all(sympy.expand(sum(r * r for r in row)).is_positive for row in batch.rows)


def _correlated(rules: ReadRules) -> NoLimitEquation:
    return NoLimitEquation(
        "the limit of this rule is known of components with independent noise",
        f"{rules.shape!r} and noise that mixes them", "take Sign(), or noise without correlations",
    )  # fmt: skip


def _free(name: str, taken: set[str]) -> str:
    """A name that no variable has."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _memory(components: Sequence[Any], sizes: Sequence[tuple[str, int]]) -> Memory:
    """The components of y by the names of its parts."""
    parts, first = {}, 0
    for name, size in sizes:
        parts[name] = components[first] if name == "t" else tuple(components[first : first + size])
        first += size
    return Memory(**parts)


def _factor(found: RuleCoefficients, step: float, zero: Any) -> list[list[Any]]:
    """A factor of D = (h/2) Cov H and what a sampler adds, row by row."""
    half = math.sqrt(step / 2)
    rows = [[half * entry for entry in row] for row in found.rows]
    for i, row in enumerate(rows):
        row += [heat if i == j else zero for j, heat in enumerate(found.heat)]
    return rows


def _settled(
    places: Sequence[Any], batch: BatchMoments, rules: ReadRules, step: float, sizes: Sequence[tuple[str, int]]
) -> list[Any]:
    """The components of y where the memory rests while w is held."""
    betas = [beta for name in ("beta1", "beta2") if (beta := getattr(rules.shape, name, 0.0)) > 0]
    late = SETTLED * step / -math.log(max(betas)) if betas else 0.0
    found = {"w": list(places), "m": list(batch.mean), "v": list(batch.square), "t": [late]}
    return [one for name, _ in sizes for one in found[name]]


@dataclass(frozen=True)
class ArrayField:
    """Drift and factor of D at points, of a model without formulas."""

    noise: BatchNoise
    rules: ReadRules
    sizes: tuple[tuple[str, int], ...]

    @property
    def dim(self) -> int:
        """Dimension D of y."""
        return sum(size for _, size in self.sizes)

    def batch(self, w: Array) -> BatchMoments:
        """Moments of a batch at places w (..., d), its gradient taken as normal."""
        mean = self.noise.bare.gradient(w) + self.rules.before * w
        root = self.noise.covariance.root(w)
        return normal_moments(
            list(np.moveaxis(mean, -1, 0)),
            [list(np.moveaxis(root[..., i, :], -1, 0)) for i in range(w.shape[-1])],
            1,
        )

    def at(self, y: Array) -> RuleCoefficients:
        """The coefficients at y (..., D)."""
        place = np.asarray(y, dtype=np.float64)
        batch = self.batch(place[..., : self.sizes[0][1]])
        components = list(np.moveaxis(place, -1, 0))
        with np.errstate(all="ignore"):  # where an average of squares is negative there is no equation
            return coefficients(self.rules, _memory(components, self.sizes), batch, self.noise.step, 1, ARRAYS)


@dataclass(frozen=True)
class Beside:
    """The drift without -grad L, vectorised."""

    field: ArrayField

    def __call__(self, y: ArrayLike) -> Array:
        """At y (..., D), shape (..., D)."""
        points = np.asarray(y, dtype=np.float64)
        found = np.stack(np.broadcast_arrays(*self.field.at(points).drift), axis=-1)
        own = self.field.sizes[0][1]
        found[..., :own] += self.field.noise.bare.gradient(points[..., :own])
        return found


@dataclass(frozen=True)
class Settled:
    """Where the memory rests while w is held, vectorised."""

    field: ArrayField

    def __call__(self, w: ArrayLike) -> Array:
        """At places w (..., d), shape (..., D)."""
        points = np.asarray(w, dtype=np.float64)
        field = self.field
        parts = _settled(
            list(np.moveaxis(points, -1, 0)), field.batch(points), field.rules, field.noise.step, field.sizes
        )
        return np.stack(np.broadcast_arrays(*parts), axis=-1)


@dataclass(frozen=True)
class ArrayNoise:
    """D of a rule with averages, by its factor."""

    field: ArrayField

    @property
    def dim(self) -> int:
        """Dimension D of y."""
        return self.field.dim

    def root(self, w: ArrayLike) -> Array:
        """The factor, shape (..., D, channels), at points (..., D)."""
        points = np.asarray(w, dtype=np.float64)
        rows = _factor(self.field.at(points), self.field.noise.step, 0.0)
        found = np.empty((*points.shape, len(rows[0])))
        for i, row in enumerate(rows):
            for channel, entry in enumerate(row):
                found[..., i, channel] = entry
        return found

    def tensor(self, w: ArrayLike) -> Array:
        """D, shape (..., D, D)."""
        root = self.root(w)
        return root @ root.swapaxes(-1, -2)

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence by fourth-order differences, shape (..., D)."""
        return divergence_with_error(self.tensor, w)[0]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> None:
        """None: it is no formula in `variables`."""
        return
