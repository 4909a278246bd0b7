"""Convergence to a critical point is the slower the more degenerate it is."""

from __future__ import annotations

from math import hypot, log

import numpy as np

from compare.claims import Control, Evidence, Finding, Prediction, Sampled, at_least, between, claim
from compare.claims.sticky import STICKY
from compare.pictures import Axis, Mark, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import Estimate, ProductModel
from theory.base.arrays import Array

ORIGINAL = SGD(0.01, 20)
DEGREES = (1, 2, 3, 4)  # k of q = w^k
SHOWN = 16  # times at which the picture shows SGD
FIRST, LAST = 250, 1000  # steps between which exponents are measured
SAME = 0.1  # of an exponent: what steps of .01 and noise may change by then
COLLAPSE = ORIGINAL.batch_size / (
    8 * ORIGINAL.learning_rate**2
)  # steps, after which noise draws walkers to w^2 = 0


@claim(
    "S7",
    source=STICKY,
    where="main takeaways",
    statement="Convergence to a critical point is slower, the more degenerate the critical point is.",
    prediction="At q = w^k the gradient flow falls as t^(-1/(2k - 2)), and SGD with it, to a tenth of the "
    "exponent, until noise takes over: at w at the width sqrt(eta/2B), at w^2 by collapse, B/(8 eta^2) steps.",
    quick={"walkers": 2000, "steps": 16_000},
    full={"walkers": 20_000, "steps": 64_000},
)
def slow_convergence(*, walkers: int, steps: int, rng: np.random.Generator) -> Evidence:
    """Means of log|w| of SGD from 1 at several degrees, their exponents, and their order."""
    start = np.ones((walkers, 1))
    seen = {}
    for k in DEGREES:
        model = ProductModel(f"w**{k}", loss_scale=1.0)
        run = run_sgd(model, ORIGINAL, start, steps=steps, rng=rng, save_every=FIRST)
        seen[k] = np.log(np.abs(run.positions[..., 0]))
    exponents = {k: _exponent(seen[k], FIRST, LAST) for k in DEGREES[1:]}
    late = _exponent(seen[2], steps // 2, steps)
    findings = [
        *(Finding(f"the exponent at w^{k}", one, _law(k)) for k, one in exponents.items()),
        *(
            Finding(
                f"the distance left at w^{k + 1} over that at w^{k}, as a logarithm", _gap(seen, k), at_least(0.0)
            )
            for k in DEGREES[:-1]
        ),
    ]
    controls = [
        Control(Finding("the exponent of w^4 at w^3", exponents[3], _law(4))),
        Control(Finding("the exponent at w^2 when noise has taken over", late, _law(2))),
    ]
    notes = [
        f"From {steps // 2} to {steps} steps the distance at w^2 falls as k^{late.value:.2f}: collapse, by a "
        f"factor e in {COLLAPSE:.0f} steps."
    ]
    return Evidence(findings, controls, _picture(seen), notes=notes)


def _mean(logs: Array, step: int) -> Estimate:
    found = logs[step // FIRST]
    return Estimate(float(found.mean()), float(found.std(ddof=1)) / len(found) ** 0.5)


def _exponent(logs: Array, first: int, last: int) -> Sampled:
    """Of the distance as a power of time, between two steps; of walkers that are the same at both."""
    changes = (logs[last // FIRST] - logs[first // FIRST]) / log(last / first)
    return Sampled(Estimate(float(changes.mean()), float(changes.std(ddof=1)) / len(changes) ** 0.5))


def _gap(seen: dict[int, Array], k: int) -> Sampled:
    one, other = _mean(seen[k], LAST), _mean(seen[k + 1], LAST)
    return Sampled(Estimate(float(other) - float(one), hypot(one.error, other.error)))


def _law(k: int) -> Prediction:
    exponent = -1 / (2 * k - 2)
    return between((1 + SAME) * exponent, (1 - SAME) * exponent, formula="-1/(2k - 2)")


def _picture(seen: dict[int, Array]) -> Picture:
    series = []
    for k, logs in seen.items():
        shown = np.unique(np.geomspace(1, len(logs) - 1, SHOWN).astype(int))
        steps, means = FIRST * shown.astype(float), logs[shown].mean(axis=1)
        error = 2 * logs[shown].std(axis=1) / logs.shape[1] ** 0.5
        low, high = np.exp([means - error, means + error])
        label = "$q = w$" if k == 1 else f"$q = w^{k}$"
        series.append(Series(f"SGD, {label}", steps, np.exp(means), Role.MEASURED, low, high, joined=False))
        if k > 1:
            flow = (1 + 2 * k * (2 * k - 2) * ORIGINAL.learning_rate * steps) ** (-1 / (2 * k - 2))
            series.append(Series.predicted(f"flow, $q = w^{k}$", steps, flow))
    panel = Panel(
        Axis("step", logarithmic=True),
        Axis(r"distance $\exp\,\mathrm{E}\log|w|$", logarithmic=True),
        series,
        marks=[Mark(COLLAPSE, r"$B/8\eta^2$")],
    )
    return Picture([panel], "Convergence to minima of rising degeneracy.")
