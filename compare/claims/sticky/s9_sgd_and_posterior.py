"""Where SGD ends and where the posterior is: alike at one pair of minima, apart at degenerate pairs and lines."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Computed,
    Control,
    Difference,
    DistanceOf,
    Evidence,
    Finding,
    Share,
    at_least,
    at_most,
    claim,
)
from compare.claims.sticky import STICKY
from compare.claims.sticky.cubic import W0, cubic
from compare.claims.sticky.lines import ORIGINAL, STEPS, line_of_minima
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, WithoutReplacement, draw_data, run_sgd
from theory import Density, Ensemble, Grid, ProductModel, posterior, posterior_mass
from theory.base.arrays import Booleans

EXAMPLES, EPOCH = 1000, 50
MOST = 0.75  # of the walkers, or of the mass: what counts as concentrated
APART = 0.1  # of the mass: what counts as the same law
AROUND = 0.5  # the less degenerate minimum, where walkers start
PAIR, TOP = ProductModel("(w + 2)**2*(w - 2)**3", loss_scale=1.0), -0.4
GRID, PLANE = Grid(-4.0, 4.0, 160), Grid((-1.0, -1.0), (1.0, 1.0), (40, 40))
ONE_EPOCH = SGD(0.01, 20, sampling=WithoutReplacement(epochs=1))
NEAR, PLACE = 0.25, 0.8  # on the line: how near to the degenerate point counts, and where walkers start
LEVEL, LOWEST_AND_HIGHEST = 0.95, (0.001, 20.0)


@claim(
    "S9",
    source=STICKY,
    where="beside figures 1, 4, 5 and 6",
    statement="Where SGD ends and the posterior agree qualitatively at a sharp and a flat minimum, and differ "
    "between two degenerate minima and on a degenerate line.",
    prediction="From the less degenerate place SGD goes where the posterior is, to the flat minimum; from w^2 it "
    "does not go to w^3, nor along the line to its degenerate point, where the posterior has mass.",
    quick={"walkers": 4000},
    full={"walkers": 100_000},
)
def sgd_and_posterior(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Shares at the most degenerate place, of walkers that start elsewhere and of the posterior."""
    sharp, pair = (_line_run(model, at, walkers, rng) for model, at in ((cubic(), -W0), (PAIR, -2.0)))
    line = _plane_run(walkers, rng)
    laws = [posterior(model, EXAMPLES, GRID.refined(3)).coarsen(3) for model in (cubic(), PAIR)]
    on_line = posterior(line_of_minima(2), EXAMPLES, PLANE.refined(3)).coarsen(3)
    masses = [
        posterior_mass(cubic(), EXAMPLES, GRID, lambda w: np.asarray(w[..., 0] > -W0 / 3)),
        posterior_mass(PAIR, EXAMPLES, GRID, lambda w: np.asarray(w[..., 0] > TOP)),
        posterior_mass(line_of_minima(2), EXAMPLES, PLANE, lambda w: np.asarray(np.abs(w[..., 1]) < NEAR)),
    ]
    shares = [_share(sharp.final[:, 0] > -W0 / 3), _share(pair.final[:, 0] > TOP)]
    shares.append(_share(np.abs(line.final[:, 1]) < NEAR))
    most, apart = at_least(MOST), at_least(APART)
    gaps = [Difference(Computed(mass), share) for mass, share in zip(masses, shares, strict=True)]
    findings = [
        Finding("the posterior's mass at the flat minimum", Computed(masses[0]), most),
        Finding("SGD's share at the flat minimum, from the sharp one", shares[0], most),
        Finding("the posterior's mass at w^3 less SGD's share, from w^2", gaps[1], apart),
        Finding("the posterior's mass near the point less SGD's share, from the line", gaps[2], apart),
    ]
    same = at_most(APART, formula="total variation")
    laws_apart = DistanceOf(sharp.histogram(GRID), laws[0])
    controls = [
        Control(Finding("the mass less SGD's share at the flat minimum, as at w^3", gaps[0], apart)),
        Control(Finding("the laws themselves at the flat minimum", laws_apart, same)),
    ]
    notes = [
        f"Even where both are at the flat minimum their widths differ: the posterior's goes as {EXAMPLES}^(-1/4), "
        "and SGD's is how far it has come in one epoch."
    ]
    panels = [
        _panel("sharp and flat", sharp, laws[0]),
        _panel("two degenerate minima", pair, laws[1]),
        _panel("degenerate line", Ensemble.from_samples(line.final[:, 1]), on_line.marginal(1), "$w_2$"),
    ]
    return Evidence(findings, controls, Picture(panels, "Where SGD ends, and the posterior."), notes=notes)


def _line_run(model: ProductModel, at: float, walkers: int, rng: np.random.Generator) -> Ensemble:
    """SGD for an epoch from about the less degenerate minimum."""
    start = rng.uniform(at - AROUND, at + AROUND, (walkers, 1))
    return run_sgd(model, ONE_EPOCH, start, steps=EPOCH, rng=rng, data=draw_data(model, EXAMPLES, rng))


def _plane_run(walkers: int, rng: np.random.Generator) -> Ensemble:
    """SGD for as long as in the figures from about a place on the degenerate line."""
    start = np.array([0.0, PLACE]) + rng.uniform(-NEAR, NEAR, (walkers, 2)) / 2
    return run_sgd(line_of_minima(2), ORIGINAL, start, steps=STEPS, rng=rng)


def _share(there: Booleans) -> Share:
    """Of all walkers; who diverged is not there."""
    return Share(int(there.sum()), len(there))


def _panel(title: str, run: Ensemble, law: Density, label: str = "$w$") -> Panel:
    seen, centres = run.histogram(law.grid), law.grid.axes[0]
    intervals = [Share(int(count), run.walkers).interval(LEVEL) for count in seen.counts]
    low, high = np.array(intervals).T / law.grid.cell_volume
    low, high, found = np.where(
        seen.counts > 0, [low, high, seen.counts / run.walkers / law.grid.cell_volume], np.nan
    )
    series = [
        Series("SGD", centres, found, low=low, high=high),
        Series.predicted("posterior", centres, law.values),
    ]
    return Panel(Axis(label), Axis("density", logarithmic=True, limits=LOWEST_AND_HIGHEST), series, title)
