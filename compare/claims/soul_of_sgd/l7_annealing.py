"""Annealing finds better minima than quenching."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Control,
    Difference,
    Evidence,
    Finding,
    MeanOf,
    Share,
    at_least,
    between,
    claim,
    series_of,
)
from compare.claims.soul_of_sgd import SOUL_OF_SGD
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, Exponential, Step, run_sgd
from theory import Isotropic, NoisyGradient, SymbolicLandscape
from theory.base.arrays import Array

LANDSCAPE = SymbolicLandscape("w**2/20 + (1 - cos(2*pi*w))/20")  # wells one apart with barriers of about 0.1
MODEL = NoisyGradient(LANDSCAPE, Isotropic(1.0, 1))
RATE, LAST, QUIET = 0.2, 0.02, 1000  # the last rate over the first, and a batch that makes no noise
WIDE, WELL = 4.0, 0.5  # half widths of the start and of the lowest well
FAST, SLOW = 100, 1000  # steps


@claim(
    "L7",
    source=SOUL_OF_SGD,
    where="annealing",
    statement="Lowering the learning rate gradually (annealing) finds better minima than lowering it at once "
    "(quenching).",
    prediction="A quench stays in the well where it starts: 1/8 of the walkers are in the lowest. The slower the "
    "annealing, the more of them are.",
    quick={"walkers": 20_000, "steps": (30, FAST, 300, SLOW)},
    full={"walkers": 50_000, "steps": (30, FAST, 300, SLOW, 3000, 10_000)},
)
def annealing(*, walkers: int, steps: tuple[int, ...], rng: np.random.Generator) -> Evidence:
    """The share of walkers in the lowest well, and the loss, from an even start over eight wells."""
    annealed = {n: _ends(SGD(RATE, 1, schedule=Exponential(n, LAST)), n, walkers, rng) for n in steps}
    quenched = {n: _ends(SGD(RATE, 1, schedule=Step(0, LAST)), n, walkers, rng) for n in steps}
    quiet = {n: _ends(SGD(RATE, QUIET, schedule=Exponential(n, LAST)), n, walkers, rng) for n in steps}
    gain = at_least(0.3)
    shares = [[_lowest(found[n]) for n in steps] for found in (annealed, quenched, quiet)]
    losses = [MeanOf(MODEL.value(found[SLOW])) for found in (quenched, annealed)]
    return Evidence(
        [
            Finding(
                "more walkers in the lowest well by annealing than by quenching",
                Difference(_lowest(annealed[SLOW]), _lowest(quenched[SLOW])),
                gain,
            ),
            Finding("by how much the loss is lower", Difference(*losses), at_least(0.1)),
            Finding(
                "more walkers in the lowest well by annealing ten times as slowly",
                Difference(_lowest(annealed[SLOW]), _lowest(annealed[FAST])),
                gain,
            ),
            Finding("share of a quench in the lowest well", _lowest(quenched[FAST]), between(0.1, 0.15)),
        ],
        [
            Control(
                Finding(
                    "more walkers in the lowest well by annealing without noise",
                    Difference(_lowest(quiet[SLOW]), _lowest(quenched[SLOW])),
                    gain,
                )
            )
        ],
        Picture([_shares(steps, *shares), _wells(annealed[SLOW], quenched[SLOW])], "Annealing and quenching."),
    )


def _ends(sgd: SGD, steps: int, walkers: int, rng: np.random.Generator) -> Array:
    start = rng.uniform(-WIDE, WIDE, (walkers, 1))
    return run_sgd(MODEL, sgd, start, steps=steps, rng=rng).final


def _lowest(ends: Array) -> Share:
    return Share(int((np.abs(ends) < WELL).sum()), len(ends))


def _shares(steps: tuple[int, ...], annealed: list[Share], quenched: list[Share], quiet: list[Share]) -> Panel:
    series = [
        series_of("annealed", steps, annealed),
        series_of("quenched", steps, quenched, Role.REFERENCE),
        series_of("annealed without noise", steps, quiet, Role.CONTROL),
        Series.predicted("where they started", [steps[0], steps[-1]], [1 / (2 * WIDE)] * 2),
    ]
    return Panel(Axis("steps", True), Axis("share in the lowest well"), series)


def _wells(annealed: Array, quenched: Array) -> Panel:
    """Walkers in each well beside the loss."""
    places, line = np.arange(-WIDE, WIDE + 1), np.linspace(-WIDE - WELL, WIDE + WELL, 400)
    series = [Series.predicted("loss", line, LANDSCAPE.value(line[:, None]))]
    for name, ends, role in (("annealed", annealed, Role.MEASURED), ("quenched", quenched, Role.REFERENCE)):
        wells = np.rint(ends[:, 0])
        shares = [Share(int((wells == place).sum()), len(ends)) for place in places]
        series.append(series_of(name, places, shares, role))
    return Panel(Axis("$w$"), Axis("loss, share of walkers"), series)
