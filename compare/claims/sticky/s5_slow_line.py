"""On a line of minima with a non-degenerate direction SGD goes to the most degenerate point."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from compare.claims import Control, Evidence, Finding, Sampled, at_most, between, claim
from compare.claims.sticky import STICKY
from compare.claims.sticky.lines import ORIGINAL, STEPS, line_of_minima, plane_of_walkers
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, run_sgd
from theory import Ensemble, Estimate, Grid
from theory.base.arrays import Array, ArrayLike

STARTS = (0.8, 1.0, 1.2)
LARGE_BATCHES = SGD(0.01, 2000)
CLOSE = 0.01  # of the place: what counts as the same
TIMES, SHOWN = 50, 10  # of observation, and in the picture
NEAR = 0.1  # of the degenerate point


@claim(
    "S5",
    source=STICKY,
    where="figures 2 and 3",
    statement="On a line of minima where one direction is not degenerate SGD moves along the line to its most "
    "degenerate point.",
    prediction="The noise across the line drives w2 to 0 as (w2(0)^-6 + 48 eta^2 k/B)^(-1/6) after k steps: to "
    "1 % after 5000 steps, and after as many more as are run.",
    quick={"walkers": 2000, "long": 20_000},
    full={"walkers": 20_000, "long": 200_000},
)
def slow_line(*, walkers: int, long: int, rng: np.random.Generator) -> Evidence:
    """Places after 5000 steps from three starts and after more from the last, against the slow law."""
    runs = {start: _run(ORIGINAL, start, STEPS, walkers, rng) for start in STARTS}
    later = _run(ORIGINAL, STARTS[-1], long, walkers // 5, rng)
    still = _run(LARGE_BATCHES, STARTS[-1], STEPS, walkers // 5, rng)
    moved = [Sampled(Estimate(float(_place(one)) - start, _place(one).error)) for start, one in runs.items()]
    findings = [
        *(
            Finding(f"the way from w2 = {start} to the degenerate point", way, at_most(-CLOSE * start))
            for start, way in zip(STARTS, moved, strict=True)
        ),
        *(_close(f"from {start} after {STEPS} steps", one, _law(start, STEPS)) for start, one in runs.items()),
        _close(f"from {STARTS[-1]} after {long} steps", later, _law(STARTS[-1], long)),
    ]
    controls = [
        Control(_close("batches of 2000 under the law of 20", still, _law(STARTS[-1], STEPS))),
        Control(_close("half the drift", runs[1.0], _law(1.0, STEPS // 2))),
        Control(_close("the law with the power -1/2", later, _law(STARTS[-1], long, power=2))),
    ]
    left = (NEAR**-6 - STARTS[0] ** -6) / (48 * ORIGINAL.learning_rate**2 / ORIGINAL.batch_size)
    notes = [
        f"At the rate k^(-1/6) walkers from {STARTS[0]} are within {NEAR} of the point after {left:.1e} steps."
    ]
    return Evidence(findings, controls, _picture(runs, later), notes=notes)


def _run(sgd: SGD, start: float, steps: int, walkers: int, rng: np.random.Generator) -> Ensemble:
    begin = np.tile([0.0, start], (walkers, 1))
    return run_sgd(line_of_minima(1), sgd, begin, steps=steps, rng=rng, save_every=steps // TIMES)


def _place(run: Ensemble) -> Estimate:
    """The mean of w2 at the end with its standard error."""
    return _places(run)[-1]


def _places(run: Ensemble) -> list[Estimate]:
    found = run.positions[..., 1]
    errors = found.std(axis=1, ddof=1) / run.walkers**0.5
    return [Estimate(float(mean), float(error)) for mean, error in zip(found.mean(axis=1), errors, strict=True)]


def _law(start: float, steps: ArrayLike, power: int = 6) -> Array:
    """The place after `steps` where the noise across drives w2 by -8 eta^2 w2^(power + 1) / B a step."""
    slowing = 8 * power * ORIGINAL.learning_rate**2 / ORIGINAL.batch_size
    return np.asarray((start**-power + slowing * np.asarray(steps)) ** (-1 / power))


def _close(about: str, run: Ensemble, law: Array) -> Finding:
    return Finding(
        about,
        Sampled(_place(run)),
        between((1 - CLOSE) * float(law), (1 + CLOSE) * float(law), formula="slow law, 1 %"),
    )


def _picture(runs: Mapping[float, Ensemble], later: Ensemble) -> Picture:
    plane = plane_of_walkers(line_of_minima(1), runs[STARTS[0]], Grid((-0.15, -0.1), (0.15, 0.9), (30, 50)))
    series = []
    for start, run in (*runs.items(), (STARTS[-1], later)):
        assert run.steps is not None
        shown = np.unique(np.geomspace(1, TIMES, SHOWN).astype(int))
        means, errors = np.array([tuple(one) for one in _places(run)])[shown].T
        label = f"SGD from {start:g}" + (", longer" if run is later else "")
        series.append(Series.measured(label, run.steps[shown], means, 2 * errors))
    longest = np.geomspace(STEPS // TIMES, later.steps[-1] if later.steps is not None else STEPS, TIMES)
    series += [Series.predicted(f"slow law from {start:g}", longest, _law(start, longest)) for start in STARTS]
    slow = Panel(Axis("step", logarithmic=True), Axis("$w_2$ along the line"), series)
    return Picture([plane, slow], "SGD on the line of minima $w_1 = 0$ of $q = (w_1^2 + w_2^2)^2 w_1$.")
