"""The law of SGD depends on learning rate and batch size through their ratio, while steps are stable."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt

import numpy as np

from compare.claims import Computed, Control, DistanceOf, Evidence, Finding, Source, at_most, between, claim
from compare.pictures import Axis, Mark, Panel, Picture, Series
from simulate import SGD, transition_operator
from theory import Density, Estimate, Grid, Isotropic, NoisyGradient, SymbolicLandscape
from theory.base.arrays import Array, Booleans

WELLS = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2*(2 + (w - 1)**2)/16"), Isotropic(1.0, 1))
SHARP, FLAT = 3.0, 1.0  # curvatures at w = -1 and w = 1, where the loss is 0
TILT = 0.01  # added to the slope: the flat minimum is then 2 TILT above the sharp one
TILTED = NoisyGradient(SymbolicLandscape(f"(w**2 - 1)**2*(2 + (w - 1)**2)/16 + {TILT}*w"), Isotropic(1.0, 1))
FIRST = SGD(0.05, 1)
SAME = 0.05


@claim(
    "P12",
    source=Source(
        "Jastrzebski, Kenton, Arpit, Ballas, Fischer, Bengio & Storkey",
        2017,
        "Three factors influencing minima in SGD",
        "arXiv:1711.04623",
    ),
    where="sections 3 and 4",
    statement="Learning rate and batch size enter the law of SGD through their ratio alone, and minima are found "
    "in the proportion 1/sqrt(det H) exp(-2 B L/(eta s^2)): the wider one more often.",
    prediction="Laws at 2 eta, 2 B within .05 in total variation; sqrt(3)/(1 + sqrt(3)) in the flat minimum.",
    quick={"cells": 400},
    full={"cells": 1600},
)
def rate_over_batch(*, cells: int, rng: np.random.Generator) -> Evidence:
    """Exact stationary laws of SGD at one ratio, over the learning rate."""
    grid = Grid(-2.2, 2.2, cells)
    pairs = [SGD(factor * FIRST.learning_rate, factor) for factor in (1, 2, 4, 6, 8)]
    laws = [transition_operator(WELLS, one, grid).stationary() for one in pairs]
    halved = transition_operator(WELLS, SGD(FIRST.learning_rate, 2), grid).stationary()
    shares = [one.mass(_flat) for one in laws]
    width = 1 / (1 + sqrt(FLAT / SHARP))
    tilted = transition_operator(TILTED, FIRST, grid).stationary().mass(_flat)
    depth = 1 / (1 + sqrt(FLAT / SHARP) * exp(2 * FIRST.batch_size * 2 * TILT / FIRST.learning_rate))
    one_law = at_most(SAME)
    stable, unstable = "eta h is at most .3", "eta h is 1.2"
    return Evidence(
        [
            Finding("the laws at eta, B and 2 eta, 2 B differ by", DistanceOf(laws[1], laws[0]), one_law, stable),
            Finding(
                "the share of the flat one of two minima as low as each other",
                Computed(Estimate(float(shares[0]), shares[0].error)),
                between(width - SAME, width + SAME, formula="1/(1 + sqrt(h_flat/h_sharp))"),
                stable,
            ),
            Finding(
                "its share where it is .02 higher",
                Computed(Estimate(float(tilted), tilted.error)),
                between(depth - SAME, depth + SAME, formula="with exp(-2 B L/(eta s^2))"),
                stable,
            ),
            Finding(
                "the laws at eta, B and 8 eta, 8 B differ by", DistanceOf(laws[-1], laws[0]), one_law, unstable
            ),
        ],
        [Control(Finding("the laws at eta, B and eta, 2 B differ by", DistanceOf(halved, laws[0]), one_law))],
        _picture(pairs, laws, shares, halved, width),
        [
            Finding(
                "the finite step throws SGD out of the sharp minimum",
                Computed(Estimate(float(shares[-1]), shares[-1].error)),
                between(0.9, 1.0),
            )
        ],
    )


def _flat(w: Array) -> Booleans:
    return w[..., 0] > 0


def _picture(
    pairs: Sequence[SGD], laws: Sequence[Density], shares: Sequence[Estimate], halved: Density, width: float
) -> Picture:
    w, rates = laws[0].grid.axes[0], np.array([one.learning_rate for one in pairs])
    densities = [
        Series.measured(
            f"$\\eta = {pairs[i].learning_rate:g}$, $B = {pairs[i].batch_size}$", w, laws[i].values, joined=True
        )
        for i in (0, 1, -1)
    ]
    control = Series.control(r"$\eta = 0.05$, $B = 2$", w, halved.values, joined=True)
    share = Panel(
        Axis(r"$\eta h$ at the sharp minimum"),
        Axis("share of the flat minimum", limits=(0.0, 1.05)),
        [
            Series.measured("SGD, exact", SHARP * rates, np.array(shares)),
            Series.predicted(r"$1/(1 + \sqrt{h_f/h_s})$", SHARP * rates, np.full(len(rates), width)),
        ],
        marks=[Mark(1.0, r"$\eta h = 1$")],
    )
    return Picture(
        [Panel(Axis("$w$"), Axis("density"), [*densities, control]), share],
        r"Stationary laws of SGD at $\eta/B = .05$",
    )
