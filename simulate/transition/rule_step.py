"""A step with rules on a line: what they make of every gradient, with the number that they remember."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simulate.momentum import Nesterov
from simulate.rules.kernels import follow
from simulate.rules.rule import ADAM, CLIP_NORM, CLIP_VALUE, DECAY, HEAT, LION, RMSPROP, SCALED_HEAT, SIGN, Row
from simulate.sgd import SGD
from simulate.transition.gradient_law import CountedGradients, GradientLaw, normal_rule, values_of
from simulate.transition.scheduled import at
from theory.base.arrays import Array

AVERAGES = {RMSPROP: ("root mean square",), LION: ("mean gradient",), ADAM: ("mean gradient", "mean square")}


@dataclass(frozen=True, eq=False)
class RuleStep:
    """A step of SGD with rules that ship, or of either momentum, on a line.

    The second coordinate, where there is one, is a velocity, a mean gradient, or the root of a root mean square:
    in it a step from rest is smooth, and so is heat, whose width is one over that coordinate. `added` is the
    standard deviation of normal noise on the gradient. A `cold` step is without the heat that the rules scale,
    of which `widths` tells.
    """

    law: GradientLaw
    sgd: SGD
    places: int
    panels: int
    added: float = 0.0
    cold: bool = False
    epoch: int = 1

    @cached_property
    def _given(self) -> list[Row]:
        return [row for rule in self.sgd.rules for row in rule.rows]  # type: ignore[union-attr]

    @cached_property
    def rows(self) -> Array:
        """The rows of the rules (k, 4), samplers without their heat."""
        cold = [(RMSPROP, *row[2:], 0.0) if row[0] == SCALED_HEAT else row for row in self._given]
        return np.array([row for row in cold if row[0] != HEAT], dtype=np.float64).reshape(-1, 4)

    @property
    def remembered(self) -> tuple[str, ...]:
        """What the rules and the velocity remember, in words."""
        words = ("velocity",) if float(self.sgd.kept_velocity) else ()
        kinds = self.rows[:, 0].astype(int)
        return (*words, *(word for kind in kinds for word in AVERAGES.get(kind, ())))

    def rougher(self) -> RuleStep:
        """By half the panels, and half the lattice of a mean."""
        return replace(self, law=self.law.rougher(), panels=max(1, self.panels // 2))

    def under(self, rates: Array, batch: int) -> RuleStep:
        """At another rate and size of batches."""
        law = self.law if batch == self.sgd.batch_size else self.law.of(batch)
        return replace(self, law=law, sgd=at(self.sgd, rates[0], batch))

    @property
    def singular(self) -> bool:
        """Whether the step leads to few places."""
        return isinstance(self.law, CountedGradients) and not self.heat and not self.added

    def outcomes(self, points: Array) -> tuple[Array, Array]:
        """Where every gradient leads, with every part of the heat."""
        kept, rate = float(self.sgd.kept_velocity), self.sgd.learning_rate
        ahead = kept if isinstance(self.sgd.momentum, Nesterov) else 0.0
        w, state = points[:, :1], points[:, 1:]
        velocity = state if kept else np.zeros_like(w)
        here = w + ahead * velocity
        breaks = self._breaks(here, state)
        values, chances = values_of(self.law.mixture(here), breaks, self.panels, self._on_gradient)
        shape = values.shape
        down = -values.reshape(1, -1)
        every = np.repeat(here[:, 0], shape[1])[None]
        memory = self._memory(state, shape[1])
        follow(np.random.default_rng(0), down, every, np.zeros_like(every), 0.0, self.rows, memory, rate, 0)
        push, after = rate * down.reshape(shape), memory.reshape(-1, *shape)
        if self.heat > 0 and not self._passes and not self.cold:
            push, after, chances = self._heated(push, after, chances)
        moved = kept * velocity + push
        places = [w + moved] + ([moved] if kept else [self._told(one) for one in after])
        return np.stack(places, axis=-1), chances

    def widths(self, coordinate: Array) -> Array | None:
        """Standard deviations of the heat that rules scale, at what is remembered after a step; None without."""
        given = [row[3] for row in self._given if row[0] == SCALED_HEAT and self.heat > 0]
        if not given:
            return None
        return np.sqrt(2 * self.sgd.learning_rate * self.heat / (coordinate**2 + given[0]))

    @property
    def heat(self) -> float:
        """The temperature of the noise that is added."""
        return sum(row[1] for row in self._given if row[0] in (HEAT, SCALED_HEAT))

    @property
    def _passes(self) -> bool:
        """Whether the rules leave a gradient as it is, but for decay: then heat is noise on it."""
        return bool((self.rows[:, 0] == DECAY).all())

    @property
    def _on_gradient(self) -> float:
        """Standard deviation of all normal noise on the gradient."""
        heat = self.heat if self._passes else 0.0
        return math.sqrt(self.added**2 + 2 * heat / self.sgd.learning_rate)

    @property
    def squared(self) -> bool:
        """Whether a mean square is remembered."""
        return bool((self.rows[:, 0] == RMSPROP).any())

    def _memory(self, state: Array, count: int) -> Array:
        """What compiled loops average, shape (m, 1, n count)."""
        if "velocity" in self.remembered or not self.remembered:
            return np.zeros((0, 1, len(state) * count))
        kept = state[:, 0] ** 4 if self.squared else -state[:, 0]  # loops average what goes down
        return np.repeat(kept, count)[None, None].copy()

    def _told(self, memory: Array) -> Array:
        """The coordinate of what is averaged."""
        return memory**0.25 if self.squared else -memory

    def _breaks(self, w: Array, state: Array) -> Array:
        """Gradients (n, p) at which the rules jump or bend, at places w (n, 1)."""
        found, shift = [], np.zeros_like(w)
        for kind, one, *_ in self.rows:
            if kind == DECAY:
                shift = shift + one * w
            elif kind in (CLIP_VALUE, CLIP_NORM):
                found += [one - shift, -one - shift]
            elif kind == SIGN:
                found.append(-shift)
            elif kind == LION:
                found.append(-one / (1 - one) * state[:, :1] - shift)
            elif kind == RMSPROP:
                turn = math.sqrt(one / (1 - one)) * state[:, :1] ** 2  # smaller gradients leave the mean square
                found += [-turn - shift, -shift, turn - shift]
        return np.concatenate(found, axis=1) if found else np.zeros((len(w), 0))

    def _heated(self, push: Array, after: Array, chances: Array) -> tuple[Array, Array, Array]:
        """Every push with every part of the normal noise of the temperature."""
        places, weights = normal_rule(max(1, self.panels // 2))
        scale = np.ones_like(push)
        for row in self._given:
            if row[0] == SCALED_HEAT:
                scale = 1 / (np.sqrt(after[0]) + row[3])
        spread = np.sqrt(2 * self.sgd.learning_rate * self.heat * scale)
        n = len(push)
        heated = (push[..., None] + spread[..., None] * places).reshape(n, -1)
        repeated = np.repeat(after, len(places), axis=2)
        return heated, repeated, (chances[..., None] * weights).reshape(len(chances), -1)
