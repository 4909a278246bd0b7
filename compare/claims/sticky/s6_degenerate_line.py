"""On a fully degenerate line of minima SGD is stuck: it collapses onto the line and does not drift along it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from compare.claims import Control, Evidence, Finding, Sampled, between, claim, equal_to
from compare.claims.sticky import STICKY
from compare.claims.sticky.lines import ORIGINAL, STEPS, line_of_minima, plane_of_walkers
from compare.pictures import Axis, Panel, Picture, Series
from simulate import run_sgd
from theory import Ensemble, Estimate, Grid, collapse_exponent
from theory.base.arrays import Array

PLACES = (0.8, 1.0, 1.2)  # on the line
BESIDE, WIDE = 0.001, 0.03  # the line, at the start: for the exponent, and for the figure
STUCK = 0.001  # of the place: a way that counts as none
SAME = 0.1  # of an exponent: what the bend of the loss off the line may do
TIMES, EVERY = 50, 5  # of observation; of which the picture shows every fifth


@claim(
    "S6",
    source=STICKY,
    where="figures 5 and 6",
    statement="On a line of minima all of whose directions are degenerate, q = (w1^2 + w2^2)^2 w1^2, SGD "
    "is stuck.",
    prediction="Noise and gradient vanish on the line: log|w1| falls by E log|1 - eta X| a step, stochastic "
    "collapse, -8 eta^2 w2^8/B to first order, and w2 stays where it is, to 1 in 1000.",
    quick={"walkers": 16_000},
    full={"walkers": 60_000},
)
def degenerate_line(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """The way along the line and the exponent of the distance to it, beside a line with a regular direction."""
    model = line_of_minima(2)
    runs = {place: _run(2, BESIDE, place, walkers, rng) for place in PLACES}
    partly = _run(1, BESIDE, PLACES[0], walkers, rng)
    away = _run(2, WIDE, PLACES[-1], walkers, rng)
    falls = {
        place: collapse_exponent(model, (0, place), (1, 0), learning_rate=0.01, batch_size=20).discrete
        for place in PLACES
    }
    steep = float(falls[PLACES[-1]])
    stays = between(-STUCK, STUCK, formula="stuck")
    falling = equal_to(falls[PLACES[-1]], margin=SAME * abs(steep), formula="E log|1 - eta X|")
    findings = [
        *(Finding(f"the way along the line from w2 = {place}", _way(run), stays) for place, run in runs.items()),
        Finding("the exponent of the distance to the line at w2 = 1.2", _exponent(runs[PLACES[-1]]), falling),
    ]
    other = equal_to(falls[PLACES[1]], margin=SAME * abs(float(falls[PLACES[1]])), formula="at w2 = 1")
    controls = [
        Control(Finding("the way along a line with a regular direction", _way(partly), stays)),
        Control(Finding("the exponent at w2 = 1.2 against that at 1", _exponent(runs[PLACES[-1]]), other)),
    ]
    onto = run_sgd(model, ORIGINAL, np.tile([0.0, PLACES[0]], (2, 1)), steps=STEPS, rng=rng)
    moved = float(np.abs(onto.final - [0.0, PLACES[0]]).max())
    notes = [f"From w1 = 0 exactly, as in figure 5, {STEPS} steps move a walker by {moved:g}: nothing can."]
    return Evidence(findings, controls, _picture(runs, away, partly, falls), notes=notes)


def _run(power: int, beside: float, place: float, walkers: int, rng: np.random.Generator) -> Ensemble:
    begin = np.tile([beside, place], (walkers, 1))
    return run_sgd(line_of_minima(power), ORIGINAL, begin, steps=STEPS, rng=rng, save_every=STEPS // TIMES)


def _sampled(values: Array) -> Sampled:
    return Sampled(Estimate(float(values.mean()), float(values.std(ddof=1)) / len(values) ** 0.5))


def _way(run: Ensemble) -> Sampled:
    """The way along the line, in units of the place."""
    return _sampled(run.final[:, 1] / run.positions[0, :, 1] - 1)


def _exponent(run: Ensemble) -> Sampled:
    """The change of log|w1| a step."""
    return _sampled(np.log(np.abs(run.final[:, 0]) / np.abs(run.positions[0, :, 0])) / STEPS)


def _picture(
    runs: Mapping[float, Ensemble], away: Ensemble, partly: Ensemble, falls: Mapping[float, Estimate]
) -> Picture:
    plane = plane_of_walkers(line_of_minima(2), away, Grid((-0.1, -0.1), (0.1, 1.3), (40, 70)))
    steps = np.linspace(0.0, STEPS, TIMES + 1)
    collapse, ways = [], []
    for place, run in runs.items():
        logs = np.log(np.abs(run.positions[..., 0]))
        error = 2 * logs.std(axis=1) / run.walkers**0.5
        label, seen = f"SGD, $w_2 = {place:g}$", slice(None, None, EVERY)
        collapse.append(Series.measured(label, steps[seen], logs.mean(axis=1)[seen], error[seen]))
        ways.append(Series.measured(label, steps[seen], run.positions[seen, :, 1].mean(axis=1) / place))
    for place, fall in falls.items():
        law = np.log(BESIDE) + float(fall) * steps
        collapse.append(Series.predicted(f"exponent, $w_2 = {place:g}$", steps, law))
    ways.append(Series.predicted("stuck", steps, np.ones(TIMES + 1)))
    drift = partly.positions[..., 1].mean(axis=1) / PLACES[0]
    ways.append(Series.control("$w_1$ in place of $w_1^2$", steps, drift, joined=True))
    panels = (
        plane,
        Panel(Axis("step"), Axis(r"mean of $\log|w_1|$"), collapse),
        Panel(Axis("step"), Axis("$w_2/w_2(0)$"), ways),
    )
    return Picture(panels, "SGD on the degenerate line $w_1 = 0$ of $q = (w_1^2 + w_2^2)^2 w_1^2$.")
