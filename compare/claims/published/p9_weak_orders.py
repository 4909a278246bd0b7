"""The stochastic modified equations of order 1 and 2 are that at a fixed time, and not for stationary laws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

import numpy as np

from compare.claims import Computed, Control, Evidence, Finding, Source, at_most, between, claim
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, transition_operator
from theory import (
    Constant,
    Density,
    Estimate,
    FokkerPlanck,
    Grid,
    Isotropic,
    Langevin,
    NoisyGradient,
    SymbolicLandscape,
    gaussian,
    langevin_limit,
)

LOSS, SLOPE = "w**2/2 + w**4/4", "(w + w**3)"
MODEL = NoisyGradient(SymbolicLandscape(LOSS), Isotropic(1.0, 1))
TIME, START, SPREAD = 1.0, 1.0, 0.05  # mean and variance of the normal law at the start
SAME = 0.15
Equation = Callable[[SGD], Langevin]

POWERS = {1: r"$\propto\eta$", 2: r"$\propto\eta^2$"}


@claim(
    "P9",
    source=Source(
        "Li, Tai & E",
        2017,
        "Stochastic modified equations and adaptive stochastic gradient algorithms",
        "arXiv:1511.06251",
    ),
    where="theorem 1",
    statement="Over a fixed time dw = -grad L dt + sqrt(eta C) dW is a weak approximation of SGD of order 1, and "
    "with the drift -grad(L + eta |grad L|^2/4) of order 2; so the second is taken for the better model of SGD.",
    prediction="Errors of the mean at time 1 fall as eta and eta^2: slopes 1 and 2 within .15.",
    quick={"rates": (0.1, 0.05, 0.025), "cells": 400},
    full={"rates": (0.1, 0.05, 0.025, 0.0125), "cells": 1200},
)
def weak_orders(*, rates: Sequence[float], cells: int, rng: np.random.Generator) -> Evidence:
    """Errors of the mean of SGD's exact law, and of its stationary variance, over the learning rate."""
    grid = Grid(-3.5, 3.5, cells)
    equations: dict[str, Equation] = {"order 1": _first, "order 2": _second, "half the correction": _half}
    errors = {label: [_at_time(one, rate, grid) for rate in rates] for label, one in equations.items()}
    lasting = {
        label: [_lasting(equations[label], rate, grid) for rate in rates] for label in ("order 1", "order 2")
    }
    first, second = (between(order - SAME, order + SAME) for order in (1.0, 2.0))
    finite, stationary = "time is fixed", "laws are stationary"
    last, other = lasting["order 2"][-1], lasting["order 1"][-1]
    worse = Estimate(float(last) / float(other), (last.error + other.error) / float(other))
    shares = [
        Estimate(float(one) / rate, one.error / rate) for one, rate in zip(lasting["order 2"], rates, strict=True)
    ]
    return Evidence(
        [
            Finding("the order of the equation of order 1", _order(errors["order 1"], rates), first, finite),
            Finding("the order of the equation of order 2", _order(errors["order 2"], rates), second, finite),
            Finding("the error of order 2 over that of order 1", Computed(worse), at_most(1.0), stationary),
        ],
        [
            Control(
                Finding("the order with half the correction", _order(errors["half the correction"], rates), second)
            )
        ],
        _picture(rates, errors, lasting),
        [
            Finding(
                "the variance that lasts, which is of order eta, is off by a share of order eta only",
                _order(shares, rates),
                first,
            )
        ],
    )


def _first(sgd: SGD) -> Langevin:
    return langevin_limit(MODEL, sgd)


def _second(sgd: SGD) -> Langevin:
    return langevin_limit(MODEL, sgd, order=2)


def _half(sgd: SGD) -> Langevin:
    """The equation with half the correction of order 2."""
    eta = sgd.learning_rate
    return Langevin(SymbolicLandscape(f"{LOSS} + {eta / 8}*{SLOPE}**2"), Constant(np.array([[eta / 2]])))


def _at_time(equation: Equation, rate: float, grid: Grid) -> Estimate:
    """By how much the mean at the time is off that of SGD, which is exact."""
    sgd, start = SGD(rate, 1), gaussian([START], [[SPREAD]], grid)
    exact = transition_operator(MODEL, sgd, grid).evolve(start, round(TIME / rate))[-1]
    law = FokkerPlanck(equation(sgd), grid).evolve(start, [TIME])[0]
    return _off(law.mean[0] - exact.mean[0], law.mean_error[0] + exact.mean_error[0])


def _lasting(equation: Equation, rate: float, grid: Grid) -> Estimate:
    """By how much the stationary variance is off that of SGD."""
    sgd = SGD(rate, 1)
    exact: Density = transition_operator(MODEL, sgd, grid).stationary()
    law = FokkerPlanck(equation(sgd), grid).stationary()
    error = law.covariance_error[0, 0] + exact.covariance_error[0, 0]
    return _off(law.covariance[0, 0] - exact.covariance[0, 0], error)


def _off(difference: float, error: float) -> Estimate:
    return Estimate(abs(float(difference)), float(error))


def _order(errors: Sequence[Estimate], rates: Sequence[float]) -> Computed:
    """Of errors in the learning rate, from the two smallest."""
    (first, last), span = errors[-2:], log(rates[-2] / rates[-1])
    error = first.error / float(first) + last.error / float(last)
    return Computed(Estimate(log(float(first) / float(last)) / span, error / span))


def _picture(
    rates: Sequence[float], errors: dict[str, list[Estimate]], lasting: dict[str, list[Estimate]]
) -> Picture:
    eta = np.array(rates)
    axis = Axis(r"learning rate $\eta$", logarithmic=True)
    titles = {"mean at time 1": (errors, (1, 2)), "stationary variance": (lasting, (2,))}
    panels = []
    for title, (found, orders) in titles.items():
        series = [
            (Series.control if label.startswith("half") else Series.measured)(
                label, eta, np.array(one), [each.error for each in one]
            )
            for label, one in found.items()
        ]
        lines = [
            Series.predicted(POWERS[order], eta, float(found[f"order {order}"][0]) * (eta / eta[0]) ** order)
            for order in orders
        ]
        panels.append(Panel(axis, Axis("error", logarithmic=True), [*series, *lines], title))
    return Picture(panels, "Errors of the stochastic modified equations of SGD")
