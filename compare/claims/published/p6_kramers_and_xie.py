"""Escape under constant noise follows Kramers; under noise |H| not the range of Xie, Sato and Sugiyama."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, log

import numpy as np

from compare.claims import Computed, Control, Evidence, Finding, Outcome, Sampled, Source, between, claim
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, first_exit, transition_operator
from theory import (
    AbsoluteEigenvalues,
    Estimate,
    Grid,
    HessianProportional,
    Isotropic,
    NoisyGradient,
    SymbolicLandscape,
    kramers_rate,
)
from theory.base.arrays import Array, Booleans
from theory.base.rounding import EPSILON

WELL = SymbolicLandscape("(w**2 - 1)**2/4")
BARRIER, STEEP, TOP = 0.25, 2.0, 1.0  # its height, and the curvatures at minimum and barrier
BETWEEN = 1.5  # a constant noise between those two
SLOW = np.array([0.0125, 0.025, 0.05, 0.1])
SAMPLED = {0.3: 300, 0.2: 1500, 0.15: 4000}  # learning rates under noise |H|, and steps of each
SETTLED = 20  # steps
SAME = 0.05


@claim(
    "P6",
    source=Source(
        "Xie, Sato & Sugiyama", 2021, "A diffusion theory for deep learning dynamics", "arXiv:2002.03495"
    ),
    where="theorems 3.1 and 3.2",
    statement="White noise leaves a minimum at Kramers' rate. SGD, whose noise is C = |H|, leaves at a rate "
    "with the exponent -(2 B dL/eta)(s/h_a + (1 - s)/|h_b|) for some s between 0 and 1.",
    prediction="Kramers' rate within 5 %; under |H| d log(rate)/d(B/eta) from -2 dL/|h_b| to -2 dL/h_a.",
    quick={"walkers": 10_000, "cells": 400},
    full={"walkers": 100_000, "cells": 800},
)
def kramers_and_xie(*, walkers: int, cells: int, rng: np.random.Generator) -> Evidence:
    """Exact rates under constant noise over the learning rate, and sampled ones under noise |H|."""
    white, grid = NoisyGradient(WELL, Isotropic(1.0, 1)), Grid(-2.5, 2.5, cells)
    hessian = NoisyGradient(WELL, HessianProportional(WELL, 1.0, AbsoluteEigenvalues()))
    own = [_exact(white, rate, grid) for rate in SLOW]
    kramers = np.array([kramers_rate(WELL, rate / 2, [-1.0], [0.0]).value for rate in SLOW])
    sampled = [_sampled(hessian, rate, steps, walkers, rng) for rate, steps in SAMPLED.items()]
    between_both = NoisyGradient(WELL, Isotropic(BETWEEN, 1))
    constant = _slope([_exact(between_both, rate, grid) for rate in SAMPLED], list(SAMPLED))
    steepness = _slope(sampled, list(SAMPLED))
    touching = _exact(white, SLOW[0], grid, before=0.0)
    ratio, touched = (
        Computed(Estimate(float(one) / kramers[0], one.error / kramers[0])) for one in (own[0], touching)
    )
    xie = between(-2 * BARRIER / TOP, -2 * BARRIER / STEEP, formula="-2 dL (s/h_a + (1 - s)/|h_b|)")
    one = between(1 - SAME, 1 + SAME)
    inflection = hessian.gradient_covariance(np.array([-(3**-0.5)]))[0, 0]
    return Evidence(
        [
            Finding("SGD's rate over Kramers'", ratio, one, "noise is constant"),
            Finding("the slope of log(rate) in B/eta", Sampled(steepness), xie, "noise is |H|"),
        ],
        [
            Control(Finding("the rate of touching the barrier over Kramers'", touched, one)),
            Control(
                Finding("the slope under a constant noise between both", Computed(constant), xie),
                Outcome.HOLDS,
            ),
        ],
        _picture(own, kramers, sampled),
        [
            Finding(
                "noise |H| vanishes at the inflection point on the way",
                Computed(Estimate(inflection, EPSILON)),
                between(-SAME, SAME),
            )
        ],
    )


def _exact(model: NoisyGradient, rate: float, grid: Grid, before: float = 1.0) -> Estimate:
    """The rate of passing `before`, by default the next minimum: who only touches the barrier has not escaped."""

    def inside(w: Array) -> Booleans:
        return w[..., 0] < before

    found = transition_operator(model, SGD(rate, 1), grid).escape_rate(inside)
    return Estimate(float(found) / rate, found.error / rate)


def _sampled(model: NoisyGradient, rate: float, steps: int, walkers: int, rng: np.random.Generator) -> Estimate:
    start = np.full((walkers, 1), -1.0)
    left = first_exit(model, SGD(rate, 1), start, "w < 1", steps=steps, rng=rng).survival()
    found = left.rate(first=SETTLED)
    return Estimate(float(found) / rate, found.error / rate)


def _slope(rates: Sequence[Estimate], learning_rates: Sequence[float]) -> Estimate:
    """D log(rate)/d(1/eta) between the ends."""
    first, last = rates[0], rates[-1]
    span = 1 / learning_rates[0] - 1 / learning_rates[-1]
    error = hypot(first.error / float(first), last.error / float(last))
    return Estimate(log(float(first) / float(last)) / span, error / abs(span))


def _picture(own: Sequence[Estimate], kramers: Array, sampled: Sequence[Estimate]) -> Picture:
    barrier = 2 * BARRIER / np.array(list(SAMPLED))
    rates = Axis(r"escapes in time $\eta k$", logarithmic=True)
    constant = Panel(
        Axis(r"$2B\,\Delta L/\eta$"),
        rates,
        [
            Series.measured("SGD, exact", 2 * BARRIER / SLOW, np.array(own), [one.error for one in own]),
            Series.predicted("Kramers", 2 * BARRIER / SLOW, kramers),
        ],
        "constant noise",
    )
    found = np.array(sampled)
    ends = [found[0] * np.exp(-(barrier - barrier[0]) / curvature) for curvature in (TOP, STEEP)]
    xie = Panel(
        Axis(r"$2B\,\Delta L/\eta$"),
        rates,
        [
            Series.measured("SGD", barrier, found, [2 * one.error for one in sampled]),
            Series.predicted(r"slope of $s = 0$", barrier, ends[0]),
            Series.predicted(r"slope of $s = 1$", barrier, ends[1]),
        ],
        r"noise $C = |H|$",
    )
    return Picture([constant, xie], "Rates of escape against the barrier")
