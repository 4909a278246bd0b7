"""SGD is a Langevin equation whose noise has the covariance of the gradients times the learning rate."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Computed,
    Control,
    Evidence,
    Finding,
    MeanOf,
    Power,
    between,
    claim,
    equal_to,
    series_of,
)
from compare.claims.soul_of_sgd import SOUL_OF_SGD
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd, transition_operator
from theory import (
    Density,
    Estimate,
    FokkerPlanck,
    Grid,
    Isotropic,
    Langevin,
    Minibatch,
    NoisyGradient,
    SymbolicLandscape,
    gaussian,
    langevin_limit,
    modified_loss,
)

LANDSCAPE = SymbolicLandscape("w**2/2 + w**4/8")
MODEL, BATCH, END = NoisyGradient(LANDSCAPE, Isotropic(1.0, 1)), 2, 1.0
GRID, MEAN, VARIANCE = Grid(-4.0, 4.0, 400), 1.0, 0.04  # of the start
ROLES = {"SGD": Role.MEASURED, "order 1": Role.PREDICTED, "order 2": Role.REFERENCE}


@claim(
    "L2",
    source=SOUL_OF_SGD,
    where="Langevin dynamics",
    statement="SGD is Langevin dynamics with the noise N(0, eta Sigma), Sigma the covariance of the gradients.",
    prediction="At a fixed time its weak error is O(eta), and O(eta^2) with the drift of L + (eta/4)|grad L|^2 "
    "(Li, Tai and E 2017).",
    quick={"walkers": 1_000_000, "rates": (0.2, 0.1, 0.05, 0.025)},
    full={"walkers": 10_000_000, "rates": (0.2, 0.1, 0.05, 0.025, 0.0125)},
)
def langevin(*, walkers: int, rates: tuple[float, ...], rng: np.random.Generator) -> Evidence:
    """Orders of the mean under both equations, computed, against SGD's own law, computed and sampled."""
    own = [_own(rate) for rate in rates]
    limits = {kind: [_law(equations(rate)[kind]) for rate in rates] for kind in ("first", "second", "half")}
    first, second, half = ([_apart(*pair) for pair in zip(limits[k], own, strict=True)] for k in limits)
    start = rng.normal(MEAN, VARIANCE**0.5, (walkers, 1))
    steps = round(END / rates[1])
    sampled = MeanOf(run_sgd(MODEL, SGD(rates[1], BATCH), start, steps=steps, rng=rng).final[:, 0])
    own_mean = equal_to(float(own[1].mean[0]), margin=0.002, formula="transition operator")
    limit_mean = equal_to(float(limits["first"][1].mean[0]), margin=0.002, formula="Langevin")
    scale = np.array(rates)
    errors = Panel(
        Axis(r"learning rate $\eta$", True),
        Axis(r"error of $\mathrm{E} w$ at $t = 1$", True),
        [
            Series.predicted("order 1", scale, first[-1].value * scale / scale[-1]),
            Series.predicted("order 2", scale, second[-1].value * (scale / scale[-1]) ** 2),
            series_of("Langevin", scale, first),
            series_of("modified drift", scale, second, Role.REFERENCE),
            series_of("half the modification", scale, half, Role.CONTROL),
        ],
    )
    laws = {"SGD": own[0]} | {f"order {k + 1}": limits[kind][0] for k, kind in enumerate(("first", "second"))}
    shapes = Panel(
        Axis("$w$", limits=(-1.0, 1.5)),
        Axis("density at $t = 1$"),
        [Series(name, GRID.axes[0], law.values, ROLES[name]) for name, law in laws.items()],
        rf"$\eta = {rates[0]:g}$",
    )
    return Evidence(
        [
            Finding("weak order of the Langevin equation", Power(first[-2], first[-1]), between(0.85, 1.15)),
            Finding("weak order with the modified drift", Power(second[-2], second[-1]), between(1.85, 2.15)),
            Finding("the mean of walkers is that of SGD's law as computed", sampled, own_mean),
        ],
        [
            Control(
                Finding("weak order with half of the modification", Power(half[-2], half[-1]), between(1.85, 2.15))
            ),
            Control(Finding("the mean of walkers is that of the Langevin equation", sampled, limit_mean)),
        ],
        Picture([errors, shapes], "The Langevin equation of SGD on $w^2/2 + w^4/8$ and the modified one."),
        notes=[_at_rest(rates[1])],
    )


def equations(rate: float) -> dict[str, Langevin]:
    """The equations of order 1 and 2, and that with half of what the second adds."""
    sgd = SGD(rate, BATCH)
    half = Langevin(modified_loss(LANDSCAPE, rate / 2), Minibatch(MODEL, rate, BATCH))
    return {"first": langevin_limit(MODEL, sgd), "second": langevin_limit(MODEL, sgd, order=2), "half": half}


def _start() -> Density:
    return gaussian([MEAN], [[VARIANCE]], GRID)


def _own(rate: float) -> Density:
    return transition_operator(MODEL, SGD(rate, BATCH), GRID).evolve(_start(), round(END / rate))[0]


def _law(equation: Langevin) -> Density:
    return FokkerPlanck(equation, GRID).evolve(_start(), [END])[0]


def _apart(limit: Density, own: Density) -> Computed:
    return Computed(Estimate(limit.mean[0] - own.mean[0], limit.mean_error[0] + own.mean_error[0]))


def _at_rest(rate: float) -> str:
    """What both equations make of the stationary variance."""
    own = transition_operator(MODEL, SGD(rate, BATCH), GRID).stationary().covariance[0, 0]
    found = [FokkerPlanck(one, GRID).stationary().covariance[0, 0] for one in equations(rate).values()]
    first, second = (100 * (1 - variance / own) for variance in found[:2])
    return (
        f"The orders are those at a fixed time. Of the stationary variance at eta = {rate:g} the Langevin "
        f"equation misses {first:.1f} %, the modified one {second:.1f} %."
    )
