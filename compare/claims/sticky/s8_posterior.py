"""The posterior concentrates on the most degenerate point as the number of examples grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log

import numpy as np

from compare.claims import Computed, Control, Evidence, Finding, Prediction, between, claim
from compare.claims.sticky import STICKY
from compare.claims.sticky.cubic import W0, cubic
from compare.claims.sticky.lines import line_of_minima
from compare.pictures import Axis, Panel, Picture, Series
from theory import Estimate, Grid, ProductModel, learning_coefficient, posterior_mass
from theory.base.arrays import Array, Booleans

SAME, SAME_TAIL = 0.02, 0.05  # of an exponent and of a ratio: what terms of the next order leave
MANY, MORE = 1e6, 1e8  # examples
LINE, PLANE = Grid(-4.0, 4.0, 400), Grid((-2.0, -2.0), (2.0, 2.0), (40, 40))
NEAR = 0.5  # of the degenerate point of a line


@dataclass(frozen=True, eq=False)
class Odds:
    """A less degenerate place, where `where` is true, beside a more degenerate one."""

    words: str
    model: ProductModel
    grid: Grid
    where: Callable[[Array], Booleans]
    less: Sequence[float]
    more: Sequence[float]
    connected: bool = False  # the other place holds a part of the first: the odds are against everything

    @property
    def gap(self) -> Fraction:
        """The difference of the learning coefficients."""
        less, more = (Fraction(learning_coefficient(self.model, at).value) for at in (self.less, self.more))
        return less - more

    def odds(self, examples: float) -> Estimate:
        """The mass of the less degenerate place over that of the other."""
        there = posterior_mass(self.model, examples, self.grid, self.where)
        return there if self.connected else _ratio(there, Estimate(1 - float(there), there.error))

    def exponent(self) -> Computed:
        """Of the odds as a power of the examples, over two decades."""
        few, more = self.odds(MANY), self.odds(MORE)
        error = few.error / float(few) + more.error / float(more)
        return Computed(Estimate(log(float(more) / float(few)) / log(MORE / MANY), error / log(MORE / MANY)))

    def law(self) -> Prediction:
        """What the learning coefficients say of the exponent."""
        gap = float(self.gap)
        return between(-(1 + SAME) * gap, -(1 - SAME) * gap, formula="difference of the learning coefficients")


def _left_of(top: float) -> Callable[[Array], Booleans]:
    return lambda w: np.asarray(w[..., 0] < top)


REGULAR, DEGENERATE = line_of_minima(1), line_of_minima(2)
ODDS = (
    Odds("a regular minimum beside $w^2$", cubic(), LINE, _left_of(-W0 / 3), [-W0], [W0]),
    Odds("$w^2$ beside $w^3$", ProductModel("(w + 2)**2*(w - 2)**3"), LINE, _left_of(-0.4), [-2], [2]),
    Odds(
        "the line of figure 2",
        REGULAR,
        PLANE,
        lambda w: np.asarray(np.abs(w[..., 1]) > NEAR),
        [0, 1],
        [0, 0],
        True,
    ),
)
EQUAL = Odds("$w^2$ beside $w^2$", ProductModel("(w + 2)**2*(w - 2)**2*(w + 8)"), LINE, _left_of(0.0), [-2], [2])


@claim(
    "S8",
    source=STICKY,
    where="posterior beside figures 1 to 6",
    statement="The Bayesian posterior concentrates on the most degenerate point of the loss as the number of "
    "examples grows.",
    prediction="The mass of each place goes as n^-lambda with its learning coefficient: odds fall as n^-1/4 for a "
    "regular minimum beside w^2, n^-1/12 for w^2 beside w^3, n^-3/10 along the line of figure 2, where the law "
    "falls as w2^-4.",
    quick={"points": 4},
    full={"points": 25},
)
def posterior_concentrates(*, points: int, rng: np.random.Generator) -> Evidence:
    """Masses of the population posterior against the number of examples; nothing is random here."""
    del rng
    findings = [Finding(f"the exponent of the odds of {one.words}", one.exponent(), one.law()) for one in ODDS]
    tail = between((1 - SAME_TAIL) / 8, (1 + SAME_TAIL) / 8, formula="1/8, of w2^-4")
    findings.append(Finding("the mass beyond w2 = 1 over that from 1/2 to 1", _tail(REGULAR), tail))
    controls = [
        Control(Finding("the exponent of the odds of two minima w^2", EQUAL.exponent(), ODDS[1].law())),
        Control(Finding("the same ratio on the line of figure 5", _tail(DEGENERATE), tail)),
    ]
    numbers = np.geomspace(10.0, MORE, points)
    series = []
    for one in ODDS[:2]:
        found = [one.odds(number) for number in numbers]
        series.append(Series.measured(one.words, numbers, list(map(float, found)), [each.error for each in found]))
        last = float(found[-1])
        series.append(Series.predicted(f"$n^{{{-one.gap}}}$", numbers, last * (numbers / MORE) ** float(-one.gap)))
    same = [float(EQUAL.odds(number)) for number in numbers]
    series.append(Series.control(EQUAL.words, numbers, same))
    panel = Panel(Axis("examples $n$", True), Axis("odds of the less degenerate minimum", True), series)
    slow = [f"{one.words}: {float(one.odds(MORE)) / (1 + float(one.odds(MORE))):.2g}" for one in ODDS]
    notes = [f"What is left elsewhere with {MORE:.0e} examples: {', '.join(slow)}: the concentration is slow."]
    return Evidence(findings, controls, Picture([panel], "Odds of the posterior at two minima."), notes=notes)


def _tail(model: ProductModel) -> Computed:
    beyond = posterior_mass(model, MORE, PLANE, lambda w: np.abs(w[..., 1]) > 2 * NEAR)
    between_ = posterior_mass(
        model, MORE, PLANE, lambda w: (np.abs(w[..., 1]) > NEAR) & (np.abs(w[..., 1]) < 2 * NEAR)
    )
    return Computed(_ratio(beyond, between_))


def _ratio(first: Estimate, second: Estimate) -> Estimate:
    ratio = float(first) / float(second)
    return Estimate(ratio, ratio * (first.error / float(first) + second.error / float(second)))
