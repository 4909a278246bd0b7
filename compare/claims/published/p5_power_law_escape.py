"""Noise proportional to the loss makes escape a power of the loss at the barrier over that at the minimum."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from compare.claims import Computed, Control, Difference, Evidence, Finding, Source, at_most, between, claim
from compare.pictures import Axis, Mark, Panel, Picture, Series
from simulate import SGD, transition_operator
from theory import (
    Constant,
    Estimate,
    FokkerPlanck,
    Grid,
    LinearRegression,
    LossProportional,
    NoisyGradient,
    SymbolicLandscape,
    langevin_limit,
    mori_rate,
)
from theory.base.arrays import Array, Booleans
from theory.base.rounding import EPSILON

CURVATURE, BARRIER = 2.0, 0.25  # of (w^2 - 1)^2/4
LOSSES = (0.05, 0.1, 0.2)  # at its minima, what is added to it
SAME = 0.05
FAR = 100.0  # times the least loss


@claim(
    "P5",
    source=Source("Mori, Ziyin, Liu & Ueda", 2022, "Power-law escape rate of SGD", "arXiv:2105.09557"),
    where="sections 3 and 4",
    statement="The noise of SGD on a mean square is C = 2 h L, so that it leaves a minimum at the rate "
    "sqrt(h |h_b|)/(2 pi) (L_b/L_a)^-(1/2 + B/(eta h)): a power of the losses, no exponential of L_b - L_a.",
    prediction="The exponent 1/2 + B/(eta h) up to 1, which a step of finite length may add; the rate within 5 %.",
    quick={"rate": 0.05, "cells": 400},
    full={"rate": 0.025, "cells": 800},
)
def power_law_escape(*, rate: float, cells: int, rng: np.random.Generator) -> Evidence:
    """Exact rates of SGD with noise 2 h L at several losses, the equation's, and the noise of a regression."""
    ratios = 1 + BARRIER / np.array(LOSSES)
    wells = [_well(loss) for loss in LOSSES]
    sgd, grid = SGD(rate, 1), Grid(-4.0, 4.0, cells)
    own = [_rate(one, sgd, grid) for one in wells]
    slower = _rate(wells[0], SGD(rate / 2, 1), grid)
    faster = [_rate(one, SGD(5 / 4 * rate, 1), grid) for one in wells]
    constant = [_rate(_constant(one), sgd, grid) for one in wells]
    formulas = [mori_rate(one, rate, 1, [-1.0], [0.0]).value for one in wells]
    equation = FokkerPlanck(langevin_limit(wells[0], sgd), grid).escape_rate(_before)
    slow_formula = mori_rate(wells[0], rate / 2, 1, [-1.0], [0.0]).value
    exponent = 1 / 2 + 1 / (rate * CURVATURE)
    law = between(exponent - 1, exponent + 1, formula="1/2 + B/(eta h), up to 1")
    one = between(1 - SAME, 1 + SAME)
    doubled = _noise_over_loss(np.array([2.0]))[0]
    return Evidence(
        [
            Finding("the exponent of SGD's rate", _exponent(own, ratios), law, "only the exponent is asked for"),
            Finding(
                "the equation's rate over the formula",
                _over(equation, formulas[0]),
                one,
                "the equation stands for SGD",
            ),
            Finding(
                "SGD's rate over that of the formula", _over(own[0], formulas[0]), one, "the rate is SGD's own"
            ),
            Finding(
                "C/(2 h L) of a regression where its loss has doubled",
                Computed(Estimate(doubled, EPSILON)),
                one,
                "inputs are normal and the loss is twice its minimum",
            ),
        ],
        [
            Control(Finding("the exponent under constant noise", _exponent(constant, ratios), law)),
            Control(Finding("the exponent at 5/4 of the learning rate", _exponent(faster, ratios), law)),
        ],
        _picture(ratios, own, formulas, constant),
        [
            Finding(
                "SGD's rate comes no nearer to the formula if eta is halved",
                Difference(_over(slower, slow_formula), _over(own[0], formulas[0])),
                at_most(0.0),
            ),
            Finding(
                "fourth moments of normal inputs double the noise far away",
                Computed(Estimate(_noise_over_loss(np.array([FAR]))[0], EPSILON)),
                between(2 - SAME, 2 + SAME),
            ),
        ],
    )


def _well(loss: float) -> NoisyGradient:
    landscape = SymbolicLandscape(f"{loss} + (w**2 - 1)**2/4")
    return NoisyGradient(landscape, LossProportional(landscape, 2 * CURVATURE))


def _constant(well: NoisyGradient) -> NoisyGradient:
    return NoisyGradient(well.landscape, Constant(well.gradient_covariance(np.array([-1.0]))))


def _before(w: Array) -> Booleans:
    """Before the next minimum: who only touches the barrier has not escaped."""
    return w[..., 0] < 1.0


def _rate(well: NoisyGradient, sgd: SGD, grid: Grid) -> Estimate:
    """The rate of escape in time eta k."""
    found = transition_operator(well, sgd, grid).escape_rate(_before)
    return Estimate(float(found) / sgd.learning_rate, found.error / sgd.learning_rate)


def _over(rate: Estimate, formula: Estimate) -> Computed:
    return Computed(Estimate(float(rate) / float(formula), rate.error / float(formula)))


def _exponent(rates: Sequence[Estimate], ratios: Array) -> Computed:
    """Of the rate as a power of the ratio of losses, between the ends."""
    first, last = rates[0], rates[-1]
    span = log(ratios[0] / ratios[-1])
    error = first.error / float(first) + last.error / float(last)
    return Computed(Estimate(log(float(last) / float(first)) / span, error / span))


def _noise_over_loss(ratios: Array) -> Array:
    """C/(2 h L) of a linear regression with normal inputs where its loss is `ratios` times the minimum."""
    regression = LinearRegression(1.0)
    points = np.sqrt(ratios - 1)[:, np.newaxis]
    return regression.gradient_covariance(points)[:, 0, 0] / (2 * regression.value(points))


def _picture(
    ratios: Array, own: Sequence[Estimate], formulas: Sequence[Estimate], constant: Sequence[Estimate]
) -> Picture:
    loss = np.linspace(1.0, 8.0, 400)
    rates = Panel(
        Axis(r"$L_b/L_a$", logarithmic=True),
        Axis(r"escapes in time $\eta k$", logarithmic=True),
        [
            Series.measured("SGD, exact", ratios, np.array(own), [one.error for one in own]),
            Series.predicted("power law", ratios, np.array(formulas)),
            Series.control("constant noise", ratios, np.array(constant)),
        ],
    )
    noise = Panel(
        Axis(r"$L/L_a$"),
        Axis(r"$C/(2hL)$"),
        [
            Series.measured("linear regression", loss, _noise_over_loss(loss), joined=True),
            Series.predicted("proportional to the loss", loss, np.ones_like(loss)),
        ],
        marks=[Mark(2.0, r"$L = 2L_a$")],
    )
    return Picture([rates, noise], "Escape under noise proportional to the loss, and the noise of a regression")
