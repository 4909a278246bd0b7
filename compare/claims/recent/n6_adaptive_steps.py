"""RMSprop and Adam follow stochastic differential equations to the weak orders that are stated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from compare.claims import (
    Control,
    Evidence,
    Finding,
    MeanOf,
    Measurement,
    Power,
    Sampled,
    Source,
    between,
    claim,
    equal_to,
    series_of,
)
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, Adam, RMSprop, run_sgd
from theory import (
    Checkpoint,
    Constant,
    Estimate,
    NoisyGradient,
    Platen,
    SymbolicLandscape,
    langevin_limit,
    sample_paths,
)
from theory.base.arrays import Array
from theory.equations import EnlargedLangevin

STD, EPSILON = 0.4, 0.1
MODEL = NoisyGradient(SymbolicLandscape("w**2/2 + w**4/8"), Constant(np.array([[STD**2]])))
TIME, START = 0.8, 1.0
RATES = (0.4, 0.2)
SUBSTEPS = 8  # of paths, of weak order 2, in a step: they leave a 64th of what a step leaves, or less
MEMORY = {"RMSprop": {"v": 3.0}, "Adam": {"m": 0.5, "v": 1.5}}  # where averages are at the start
BEGUN = 0.8  # the time that Adam has counted at the start
FEWER = 4  # walkers for what shows sooner: the first order, and correlations
Rule = RMSprop | Adam


@claim(
    "N6",
    source=Source(
        "Callisti, Romito & Triggiano",
        2025,
        "Effective continuous equations for adaptive SGD: a stochastic analysis view",
        "arXiv:2509.21614",
    ),
    statement="In the limit of small steps the noise of RMSprop and Adam drives the parameters and their second "
    "moments by independent Brownian motions; the effective equations have the weak orders 1 and 2.",
    prediction="With 1 - beta proportional to eta the error of the mean at a fixed time falls with slope 1, and 2 "
    "with the second-order equation. At a minimum steps of w and of its second moment are uncorrelated.",
    quick={"walkers": 300_000},
    full={"walkers": 6_000_000},
)
def adaptive_steps(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Errors of the mean of both rules beside equations of order 1 and 2, and how steps of w and v go together."""
    few = walkers // FEWER
    first = {name: [_apart(name, rate, 1, few, rng) for rate in RATES] for name in MEMORY}
    second = {name: [_apart(name, rate, 2, walkers, rng) for rate in RATES] for name in MEMORY}
    plain = [_apart("RMSprop", rate, 0, few, rng) for rate in RATES]
    one, two = between(0.8, 1.4, formula="1 + O(eta)"), between(1.5, 2.7, formula="2 + O(eta)")
    findings = [
        Finding(f"the order of the {words} equation of {name}", _order(found[name]), order)
        for words, found, order in (("first", first, one), ("second", second, two))
        for name in MEMORY
    ]
    return Evidence(
        [
            *findings,
            Finding(
                "at a minimum steps of w and v are uncorrelated",
                _together(0.0, few, rng),
                equal_to(0.0, margin=0.05),
            ),
        ],
        [
            Control(Finding("the order of SGD's equation", _order(plain), one)),
            Control(Finding("that of the first equation of RMSprop is 2", _order(first["RMSprop"]), two)),
            Control(
                Finding("beside a minimum they are too", _together(START, few, rng), equal_to(0.0, margin=0.05))
            ),
        ],
        _picture(first, second, plain),
    )


def _rule(name: str, rate: float) -> Rule:
    return RMSprop(1 - rate / 2, EPSILON) if name == "RMSprop" else Adam(1 - rate, 1 - rate / 2, EPSILON)


def _apart(name: str, rate: float, order: int, walkers: int, rng: np.random.Generator) -> Measurement:
    """Size of the difference of the mean of w from that of the equation of an order; 0 is SGD's own."""
    sgd, steps = SGD(rate, 1, rule=_rule(name, rate)), round(TIME / rate)
    ends = run_sgd(MODEL, sgd, _begun(name, sgd, START, walkers, rng), steps=steps).final[:, 0]
    sde = langevin_limit(MODEL, sgd if order else SGD(rate, 1), max(order, 1))
    start = np.full((walkers, 1), START)
    if isinstance(sde, EnlargedLangevin):
        start = sde.begin(start, MEMORY[name] | ({"t": BEGUN} if name == "Adam" else {}))
    paths = sample_paths(sde, start, dt=rate / SUBSTEPS, steps=SUBSTEPS * steps, scheme=Platen(), rng=rng).final
    spread = math.sqrt((float(ends.var()) + float(paths[:, 0].var())) / walkers)
    found = abs(float(ends.mean() - paths[:, 0].mean()))
    return Sampled(Estimate(found, spread), floor=found / SUBSTEPS**2)


def _order(errors: Sequence[Measurement]) -> Power:
    coarse, fine = errors
    return Power(coarse, fine)


def _begun(name: str, sgd: SGD, place: float, walkers: int, rng: np.random.Generator) -> Checkpoint:
    """A run that goes on at a place with averages of its own: m, which it keeps of minus gradients, before v."""
    start, steps = np.full((walkers, 1), place), round(BEGUN / sgd.learning_rate)
    made = run_sgd(MODEL, sgd, start, steps=steps, rng=rng).checkpoint
    assert made is not None
    averages = [sign * MEMORY[name][part] for part, sign in (("m", -1), ("v", 1)) if part in MEMORY[name]]
    values = np.array(averages)[:, None, None]
    memory = tuple((*kept[:-1], np.broadcast_to(values, kept[-1].shape).copy()) for kept in made.memory)
    return replace(made, positions=start, memory=memory)


def _together(place: float, walkers: int, rng: np.random.Generator) -> MeanOf:
    """Correlation of a step of w with that of its second moment, of RMSprop at a place."""
    sgd = SGD(RATES[-1], 1, rule=_rule("RMSprop", RATES[-1]))
    made = run_sgd(MODEL, sgd, _begun("RMSprop", sgd, place, walkers, rng), steps=1).checkpoint
    assert made is not None
    squares: Array = np.concatenate([kept[-1][0, 0] for kept in made.memory])
    parts = [(one - one.mean()) / one.std() for one in (made.positions[:, 0], squares)]
    return MeanOf(parts[0] * parts[1])


def _picture(
    first: dict[str, list[Measurement]], second: dict[str, list[Measurement]], plain: list[Measurement]
) -> Picture:
    eta, panels = np.array(RATES), []
    for name in MEMORY:
        series = [
            series_of("first order", eta, first[name]),
            series_of("second order", eta, second[name]),
            Series.predicted(r"$\propto\eta$", eta, first[name][0].value * eta / eta[0]),
            Series.predicted(r"$\propto\eta^2$", eta, second[name][0].value * (eta / eta[0]) ** 2),
        ]
        if name == "RMSprop":
            series.append(series_of("SGD's equation", eta, plain, Role.CONTROL))
        panels.append(Panel(Axis(r"learning rate $\eta$", True), Axis("error of the mean", True), series, name))
    return Picture(panels, "Means of RMSprop and Adam at a fixed time beside those of their equations.")
