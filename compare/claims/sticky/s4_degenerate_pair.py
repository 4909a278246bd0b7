"""Between two degenerate minima SGD does not pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.claims import Computed, Control, Evidence, Finding, Share, at_most, claim
from compare.claims.sticky import STICKY
from compare.claims.sticky.cubic import W0, cubic
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, WithoutReplacement, draw_data, run_sgd
from theory import ProductModel, collapse_exponent
from theory.base.arrays import Array
from theory.base.shares import percent

PAIR = ProductModel("(w + 2)**2*(w - 2)**3", loss_scale=1.0)
TOP = -0.4  # of the barrier
STEPS, EXAMPLES, REACH = 50, 1000, 3.6
SETTLED = 10  # steps, after which nobody comes down from the slopes any more
NOBODY = 0.005  # of those who are there: what counts as nobody
LEVEL = 0.95
LOST_IN_SOURCE = Share(81, 100)
ORIGINAL = SGD(0.01, 20, momentum=0.5, sampling=WithoutReplacement(epochs=1))
PLAIN = replace(ORIGINAL, momentum=0.0)


@claim(
    "S4",
    source=STICKY,
    where="figure 4",
    statement="Between two degenerate minima, q = (w + 2)^2 (w - 2)^3, no walker passes the barrier, not even "
    "with momentum.",
    prediction="Both minima have eta h = 0 and no noise: walkers collapse onto them. Of those that are left after "
    "10 steps, diverged ones counted apart, at most 1 in 200 changes sides in the other 40.",
    quick={"walkers": 48_000},
    full={"walkers": 200_000},
)
def degenerate_pair(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Walkers on each side at every step, with and without momentum, and those at a regular minimum."""
    run, plain = (_sides(PAIR, sgd, TOP, walkers, rng) for sgd in (ORIGINAL, PLAIN))
    regular = _sides(cubic(), replace(PLAIN, learning_rate=0.008), -W0 / 3, walkers // 4, rng)
    exponent = collapse_exponent(PAIR, [-2], learning_rate=0.01, batch_size=20).discrete
    nobody = at_most(NOBODY)
    findings = [
        Finding("walkers that pass with momentum", _passed(run), nobody),
        Finding("walkers that pass without momentum", _passed(plain), nobody),
        Finding("the exponent of collapse onto -2", Computed(exponent), at_most(0.0)),
    ]
    controls = [Control(Finding("walkers that leave a regular minimum at eta h = 2.69", _passed(regular), nobody))]
    lost = [float(np.isnan(one[-1]).mean()) for one in (run, plain)]
    low, high = LOST_IN_SOURCE.interval(LEVEL)
    notes = [
        f"{percent(lost[0])} of the walkers diverge with momentum and {percent(lost[1])} without; of the "
        f"source's, 81 of 100 of which are missing, {percent(low)} to {percent(high)}. "
        "Who is dropped is not seen to leave."
    ]
    return Evidence(findings, controls, _picture(run), notes=notes)


def _sides(model: ProductModel, sgd: SGD, top: float, walkers: int, rng: np.random.Generator) -> Array:
    """-1 left of the barrier, 1 right of it and NaN where diverged, (steps + 1, walkers)."""
    data, start = draw_data(model, EXAMPLES, rng), rng.uniform(-REACH, REACH, (walkers, 1))
    run = run_sgd(model, sgd, start, steps=STEPS, rng=rng, data=data, save_every=1)
    return np.asarray(np.sign(run.positions[..., 0] - top))


def _passed(sides: Array) -> Share:
    """Of the walkers that are there from the step SETTLED to the end, those that end on another side."""
    there = ~np.isnan(sides[-1])
    return Share(int((sides[SETTLED] * sides[-1] < 0).sum()), int(there.sum()))


def _picture(sides: Array) -> Picture:
    walkers, steps = sides.shape[1], np.arange(STEPS + 1.0)
    series = []
    for label, seen in (
        ("right of the barrier", sides > 0),
        ("left of the barrier", sides < 0),
        ("diverged", np.isnan(sides)),
    ):
        counts = seen.sum(axis=1)
        low, high = np.array([Share(int(n), walkers).interval(LEVEL) for n in counts]).T
        series.append(Series(label, steps, counts / walkers, low=low, high=high))
    predicted = np.full(STEPS + 1 - SETTLED, 1.0)
    for seen in (sides > 0, sides < 0):
        series.append(Series.predicted("nobody passes", steps[SETTLED:], predicted * seen[SETTLED].mean()))
    panel = Panel(Axis("step"), Axis("share of walkers", limits=(0.0, 1.0)), series)
    return Picture([panel], "Walkers between two degenerate minima, momentum 0.5.")
