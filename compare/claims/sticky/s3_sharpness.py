"""Sharpness and learning rate decide how fast SGD leaves a sharp minimum, the batch size hardly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot, log

import numpy as np

from compare.claims import Computed, Control, Evidence, Finding, Sampled, at_least, at_most, claim
from compare.claims.sticky import STICKY
from compare.claims.sticky.cubic import CHANCE, SETTLED, W0, cubic, left_of_barrier, spread
from compare.pictures import Axis, Mark, Panel, Picture, Role, Series
from simulate import SGD, WithoutReplacement, draw_data, transition_operator
from theory import Estimate, Grid
from theory.base.arrays import Array

READING = 0.005  # how well a rate is read off a figure
LITTLE = 0.5  # exponent of B up to which its effect is little: sixteen times B at most quarter the rate
MUCH = 2.0  # exponent of a learning rate that matters
STEPS, CELLS = 60, 60
HIGHER = 3  # places of the axis, of .001 each, by which the control reads the rates of other learning rates


@dataclass(frozen=True, eq=False)
class Sweep:
    """A panel of figure 7: w0, learning rate and batch size (one of them swept), and rates a step read by eye."""

    name: str
    label: str
    w0: Sequence[float]
    eta: Sequence[float]
    batch: Sequence[int]
    read: Sequence[float]
    examples: int = 500
    reach: float = 4.0
    threshold: float | None = None

    @property
    def values(self) -> Array:
        """What is swept, (n,)."""
        swept = next(one for one in (self.w0, self.eta, self.batch) if len(one) > 1)
        return np.array(swept, dtype=np.float64)

    def run(self, every: int, data_sets: int, walkers: int, rng: np.random.Generator) -> Mapping[int, Array]:
        """Rates of SGD on data sets of their own, (data_sets,), by the place on the axis."""
        places = range(0, len(self.values), every)
        return {place: self._rates(place, data_sets, walkers, rng) for place in places}

    def _rates(self, place: int, data_sets: int, walkers: int, rng: np.random.Generator) -> Array:
        w0, eta, batch = (float(one[place % len(one)]) for one in (self.w0, self.eta, self.batch))
        sgd, steps = SGD(eta, int(batch), sampling=WithoutReplacement(epochs=1)), -(-self.examples // int(batch))
        found = []
        for _ in range(data_sets):
            data, start = (
                draw_data(cubic(w0), self.examples, rng),
                rng.uniform(-self.reach, self.reach, (walkers, 1)),
            )
            found.append(float(left_of_barrier(w0, sgd, start, steps, rng, data=data).rate(SETTLED)))
        return np.array(found)


SHARPNESS = Sweep(
    "sharpness",
    r"$w_0$",
    [1.6, 1.625, 1.65, 1.675, 1.7, 1.725, 1.75, 1.775, 1.8, 1.825, 1.85, 1.875, 1.9, 1.925],
    [0.01],
    [25],
    [0.0, 0.001, 0.005, 0.012, 0.025, 0.042, 0.070, 0.098, 0.137, 0.18, 0.198, 0.247, 0.292, 0.292],
    reach=3.6,
    threshold=1.58,
)
LEARNING_RATE = Sweep(
    "learning rate",
    r"learning rate $\eta$",
    [W0],
    [0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.010, 0.011, 0.012],
    [25],
    [0.0, 0.0, 0.0, 0.005, 0.026, 0.077, 0.136, 0.19, 0.256],
    threshold=0.00595,
)
BATCH_SIZE = Sweep(
    "batch size",
    r"batch size $B$",
    [W0],
    [0.01],
    [10, 30, 50, 70, 90, 110, 130, 150, 170, 190, 210, 230],
    [0.172, 0.153, 0.16, 0.15, 0.153, 0.145, 0.145, 0.14, 0.115, 0.112, 0.09, 0.088],
    examples=1000,
)


@claim(
    "S3",
    source=STICKY,
    where="figure 7",
    statement="How fast SGD leaves a sharp minimum depends on its sharpness and the learning rate, and hardly "
    "on the batch size.",
    prediction="The rates of figure 7 are ones that data sets have. They begin at eta h = 2, where the minimum "
    "begins to repel the mean step; they go with eta to a power above 2, and with 1/B to one of at most 1/2.",
    quick={"data_sets": 20, "walkers": 150, "every": 4, "paths": 6000},
    full={"data_sets": 40, "walkers": 500, "every": 1, "paths": 100_000},
)
def sharpness(*, data_sets: int, walkers: int, every: int, paths: int, rng: np.random.Generator) -> Evidence:
    """The sweeps of figure 7, exact rates at the threshold, and exponents at and below the crisis of descent."""
    crisis, below = "eta h = 3.36, the crisis of plain descent", "eta h = 2.69, below it"
    sweeps = {one: one.run(every, data_sets, walkers, rng) for one in (SHARPNESS, LEARNING_RATE, BATCH_SIZE)}
    by_rate = [_exponent((0.9 * eta, 20), (1.1 * eta, 20), paths, rng) for eta in (0.01, 0.008)]
    by_batch = [_exponent((eta, 160), (eta, 10), paths, rng) for eta in (0.01, 0.008)]
    operator = transition_operator(cubic(W0), SGD(0.00595, 25), Grid(-2 * W0, 2 * W0, CELLS))
    start = rng.uniform(-2 * W0, 2 * W0, (paths, 1))
    above = left_of_barrier(W0, SGD(0.008, 25), start, STEPS, rng).rate(SETTLED)
    fits, nobody = at_most(1.0, formula="of the spread over data sets"), at_most(READING)
    little, much = at_most(LITTLE, formula="exponent of 1/B"), at_least(MUCH, formula="exponent of eta")
    findings = [
        *(Finding(f"rates against the {one.name}", _worst(one, seen), fits) for one, seen in sweeps.items()),
        Finding("the rate at eta h = 2", Computed(operator.escape_rate(lambda w: w[..., 0] < -W0 / 3)), nobody),
        *(Finding("the learning rate matters much", one, much) for one in by_rate),
        Finding("the batch size matters little", by_batch[0], little, crisis),
        Finding("the batch size matters little", by_batch[1], little, below),
    ]
    shifted = _worst(LEARNING_RATE, sweeps[LEARNING_RATE], HIGHER)
    controls = [
        Control(Finding("rates read at learning rates .003 higher", shifted, fits)),
        Control(Finding("the rate at eta h = 2.69", Sampled(above), nobody)),
    ]
    notes = [
        f"Rates go with the learning rate to the power {one.value:.1f} and with the batch size to the power "
        f"-{other.value:.2f} at eta h = {product}."
        for one, other, product in zip(by_rate, by_batch, (3.36, 2.69), strict=True)
    ]
    return Evidence(findings, controls, _picture(sweeps), notes=notes)


def _worst(sweep: Sweep, rates: Mapping[int, Array], shift: int = 0) -> Computed:
    """The largest distance of a rate that was read from the mean over data sets, in units of their spread.

    The spread is wide enough that one more data set keeps to it at all places in 99 of 100 cases.
    """
    found = []
    for place, seen in rates.items():
        if place + shift < len(sweep.read):
            low, high = spread(seen, CHANCE / len(rates))
            found.append(abs(sweep.read[place + shift] - (low + high) / 2) / ((high - low) / 2 + READING))
    return Computed(Estimate(max(found), 0.0))


def _exponent(low: tuple[float, int], high: tuple[float, int], paths: int, rng: np.random.Generator) -> Sampled:
    """Of the rate as a power, from two pairs of learning rate and batch size of which one differs."""
    rates = []
    for eta, batch in (low, high):
        start = rng.uniform(-2 * W0, 2 * W0, (paths, 1))
        rates.append(left_of_barrier(W0, SGD(eta, batch), start, STEPS, rng).rate(SETTLED))
    ratio = high[0] / low[0] * low[1] / high[1]
    error = hypot(*(one.error / float(one) for one in rates))
    return Sampled(Estimate(log(rates[1] / rates[0]) / log(ratio), error / log(ratio)))


def _picture(sweeps: Mapping[Sweep, Mapping[int, Array]]) -> Picture:
    panels = []
    for sweep, rates in sweeps.items():
        places = list(rates)
        means = np.array([seen.mean() for seen in rates.values()])
        low, high = np.array([spread(seen) for seen in rates.values()]).T
        label = "SGD, 99 of 100 data sets"
        marks = [Mark(sweep.threshold, r"$\eta h = 2$")] if sweep.threshold else []
        series = [
            Series(label, sweep.values[places], means, Role.MEASURED, np.maximum(low, 0.0), high, joined=False),
            Series("figure 7 of the source", sweep.values, np.array(sweep.read), Role.REFERENCE, joined=False),
        ]
        panels.append(Panel(Axis(sweep.label), Axis("escape rate a step"), series, marks=marks))
    return Picture(panels, "Escape rates over sharpness, learning rate and batch size.", share_y=True)
