"""The equations of rules with averages: what their drift and noise are, as formulas or as numbers.

A step is y <- y + h H(y, g), h the time of a step and 1 - beta = rho h. The equation of order 1 has the drift E H
at h = 0 and the noise h Cov H; of order 2 the drift gets h times the mean of the slope of H in h here, and
-(h/2) (grad b) b where formulas are differentiated (Li, Tai & E 2017, of any such step).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from scipy.special import erfc

from theory.equations.step_rules.batch_moments import BatchMoments, Entries
from theory.equations.step_rules.reading import ReadRules


@dataclass(frozen=True)
class Algebra:
    """The functions that formulas and arrays each have of their own."""

    sqrt: Any
    exp: Any
    erfc: Any
    size: Any
    sign: Any
    noisy: Any  # 1 where a standard deviation is not 0


FORMULAS = Algebra(sympy.sqrt, sympy.exp, sympy.erfc, sympy.Abs, sympy.sign, lambda std: 1)
ARRAYS = Algebra(np.sqrt, np.exp, erfc, np.abs, np.sign, lambda std: std > 0)


@dataclass(frozen=True)
class Memory:
    """Where w and its averages are, component by component; a rule has those it keeps."""

    w: Entries
    m: Entries = ()
    v: Entries = ()
    t: Any = None


@dataclass(frozen=True)
class RuleCoefficients:
    """Drift, a factor of Cov H row by row, w first, and one of the diagonal tensor that a sampler adds to w."""

    drift: Entries
    rows: tuple[Entries, ...]
    heat: Entries = ()


def kept(kind: str) -> str:
    """The names of what a rule keeps, in order: m and v by components, t once."""
    return {"RMSprop": "v", "PreconditionedLangevin": "v", "Adam": "mvt", "AdamW": "mvt", "Lion": "m"}[kind]


def coefficients(
    rules: ReadRules, at: Memory, batch: BatchMoments, step: float, order: int, of: Algebra
) -> RuleCoefficients:
    """Drift and noise of the rules at a place with its memory."""
    if rules.kind in ("Adam", "AdamW"):
        return _adam(rules, at, batch, step, order, of)
    if rules.kind == "Lion":
        return _lion(rules, at, batch, step, of)
    return _rmsprop(rules, at, batch, step, order, of)


def _rmsprop(
    rules: ReadRules, at: Memory, batch: BatchMoments, step: float, order: int, of: Algebra
) -> RuleCoefficients:
    rule, rho = rules.shape, (1 - rules.shape.beta) / step
    pulls, squares, pull_rows, square_rows, heat = [], [], [], [], []
    more = len(batch.square_rows[0]) - len(batch.rows[0])
    for i, (w, v) in enumerate(zip(at.w, at.v, strict=True)):
        root = of.sqrt(v)
        scale = root + rule.epsilon
        pull = -batch.mean[i] / scale - rules.after * w
        if order == 2:
            moved = rho * (batch.cube[i] - v * batch.mean[i])
            pull += step * over(moved, root, of) / (2 * scale * scale)
        pulls.append(pull)
        squares.append(rho * (batch.square[i] - v))
        pull_rows.append((*(-r / scale for r in batch.rows[i]), *(0 * v for _ in range(more))))
        square_rows.append(tuple(rho * r for r in batch.square_rows[i]))
        heat.append(of.sqrt(rules.temperature / scale))
    if order == 1:  # the noise of the averages moves laws by O(h), as all that is left out
        none = tuple(0 * v for v in at.v)
        first = tuple(row[: len(batch.rows[0])] for row in pull_rows)
        blank = tuple(tuple(zero for _ in batch.rows[0]) for zero in none)
        return RuleCoefficients((*pulls, *squares), first + blank, tuple(heat) if rules.temperature else ())
    return RuleCoefficients((*pulls, *squares), (*pull_rows, *square_rows))


def _adam(
    rules: ReadRules, at: Memory, batch: BatchMoments, step: float, order: int, of: Algebra
) -> RuleCoefficients:
    rule = rules.shape
    first, second = ((1 - beta) / step for beta in (rule.beta1, rule.beta2))
    grown, spread = (_correction(beta, at.t, step, of) for beta in (rule.beta1, rule.beta2))
    pulls, means, squares = [], [], []
    for i, (w, m, v) in enumerate(zip(at.w, at.m, at.v, strict=True)):
        root = of.sqrt(v / spread)
        scale = root + rule.epsilon
        pull = -m / (grown * scale) - rules.after * w
        if order == 2:
            pull -= step * first * (batch.mean[i] - m) / (grown * scale)
            moved = second * m * (batch.square[i] - v)
            pull += step * over(moved, root, of) / (2 * grown * spread * scale * scale)
        pulls.append(pull)
        means.append(first * (batch.mean[i] - m))
        squares.append(second * (batch.square[i] - v))
    channels = len(batch.rows[0]) if order == 1 else len(batch.square_rows[0])
    zero = 0 * at.t
    none = tuple(zero for _ in range(channels))
    own = tuple(tuple(first * r for r in row) + none[len(row) :] for row in batch.rows)
    noises = tuple(tuple(second * r for r in row) if order == 2 else none for row in batch.square_rows)
    return RuleCoefficients((*pulls, *means, *squares, zero + 1), (*(none for _ in at.w), *own, *noises, none))


def over(value: Any, root: Any, of: Algebra) -> Any:
    """`value` / `root`, and 0 where `value` is 0: the root of a memory that ends has no slope then asked for."""
    return value / (root + 1 - of.sign(value) ** 2)


def _correction(beta: float, t: Any, step: float, of: Algebra) -> Any:
    """1 - beta^k at the step number k = t/h + 1, which takes the averages at the time t one step on."""
    if beta == 0:
        return 1.0
    rate = -math.log(beta) / step
    return 1 - of.exp(-rate * (t + step))


def _lion(rules: ReadRules, at: Memory, batch: BatchMoments, step: float, of: Algebra) -> RuleCoefficients:
    """Signs and gradients of one component: each has the share of the other's noise that Stein's lemma gives."""
    rule, rho = rules.shape, (1 - rules.shape.beta2) / step
    pulls, means, sign_rows, mean_rows = [], [], [], []
    for i, (w, m) in enumerate(zip(at.w, at.m, strict=True)):
        std = of.sqrt(sum(r * r for r in batch.rows[i]))
        noisy = of.noisy(std)
        place = (rule.beta1 * m + (1 - rule.beta1) * batch.mean[i]) / ((1 - rule.beta1) * (std + 1 - noisy))
        rare = noisy * of.erfc(of.size(place) / math.sqrt(2))
        along = noisy * math.sqrt(2 / math.pi) * of.exp(-place * place / 2)
        rest = of.sqrt(rare * (2 - rare) - along * along)
        pulls.append(-of.sign(place) * (1 - rare) - rules.after * w)
        means.append(rho * (batch.mean[i] - m))
        others = [(0 * w, 0 * w)] * len(at.w)
        sign_rows.append(sum((*others[:i], (-along, -rest), *others[i + 1 :]), start=()))
        mean_rows.append(sum((*others[:i], (rho * std, 0 * w), *others[i + 1 :]), start=()))
    return RuleCoefficients((*pulls, *means), (*sign_rows, *mean_rows))
