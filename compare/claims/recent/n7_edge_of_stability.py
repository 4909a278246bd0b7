"""Descent with large steps comes to rest where the sharpness is just below 2/eta."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from compare.claims import Control, Evidence, Finding, Share, Source, at_least, claim
from compare.pictures import Axis, Mark, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import Isotropic, NoisyGradient, SymbolicLandscape
from theory.base.arrays import Array
from theory.base.shares import percent

SOURCE = Source(
    "Zhu, Wang, Wang, Zhou & Ge",
    2023,
    "Understanding edge-of-stability training dynamics with a minimalist example",
    "arXiv:2210.03294",
)
FOURTH, SECOND = SymbolicLandscape("(1 - x**2*y**2)**2/4"), SymbolicLandscape("(1 - x*y)**2/2")
WITHOUT_NOISE = 1e-30  # temperature: what it adds is lost in rounding
RATES = (0.05, 0.1, 0.2)
SHARPEST = 2.5  # sharpness of a start over 2/eta; the flattest has 1.2
BELOW = 20 / 3  # times eta: how far below 2/eta the theorem lets the sharpness end
STEPS = 20_000
MOST = 0.95  # of the starts that come to rest


@claim(
    "N7",
    source=SOURCE,
    where="theorem 1",
    statement="Gradient descent on (1 - x^2 y^2)^2/4 that starts near minima too sharp for its rate comes to "
    "rest at minima whose sharpness lies between 2/eta - 20 eta/3 and 2/eta.",
    prediction="The bounce across the valley flattens it until eta times the sharpness is 2 less a term of order "
    "eta^2; on (1 - x y)^2/2 it stops anywhere below.",
    quick={"starts": 1000},
    full={"starts": 30_000},
)
def edge_of_stability(*, starts: int, rng: np.random.Generator) -> Evidence:
    """Shares of the starts that end less than 20 eta/3 below 2/eta, for both losses, at three rates."""
    found = {loss: {rate: _ends(loss, rate, starts, rng) for rate in RATES} for loss in (FOURTH, SECOND)}
    predicted = at_least(MOST, formula="all that come to rest")
    findings = [
        Finding(f"descent ends at the edge, eta = {rate:g}", _near(rate, ends), predicted)
        for rate, (_, ends) in found[FOURTH].items()
    ]
    controls = [
        Control(Finding(f"descent on (1 - x y)^2/2, eta = {rate:g}", _near(rate, ends), predicted))
        for rate, (_, ends) in found[SECOND].items()
    ]
    left = {rate: 1 - np.mean(np.isfinite(ends)) for rate, (_, ends) in found[FOURTH].items()}
    told = ", ".join(f"{percent(float(share))} at eta = {rate:g}" for rate, share in left.items())
    return Evidence(findings, controls, _picture(found), notes=[f"Of the starts some diverge: {told}."])


def _ends(loss: SymbolicLandscape, rate: float, starts: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Learning rate times the sharpness over 2 at the start and at the end, NaN for those that diverge."""
    beside = np.sqrt(rng.uniform(1.2, SHARPEST, starts) / rate)  # sharpness is about its square, twice that below
    points = np.stack([beside, 0.9 / beside], axis=1)
    model = NoisyGradient(loss, Isotropic(WITHOUT_NOISE, 2))
    ends = run_sgd(model, SGD(rate, 1), points, steps=STEPS, rng=rng).final
    at_end = np.full(starts, np.nan)
    rest = np.isfinite(ends).all(axis=1)
    at_end[rest] = rate / 2 * _sharpness(loss, ends[rest])
    return rate / 2 * _sharpness(loss, points), at_end


def _sharpness(loss: SymbolicLandscape, points: Array) -> Array:
    return np.asarray(np.linalg.eigvalsh(loss.hessian(points))[:, -1])


def _near(rate: float, ends: Array) -> Share:
    """Of those that come to rest."""
    rest = ends[np.isfinite(ends)]
    return Share(int(np.count_nonzero((rest > 1 - BELOW * rate**2 / 2) & (rest <= 1))), len(rest))


def _picture(found: Mapping[SymbolicLandscape, Mapping[float, tuple[Array, Array]]]) -> Picture:
    begin, end = found[FOURTH][RATES[-1]]
    other_begin, other_end = found[SECOND][RATES[-1]]
    series = [
        Series("degree four", begin[:200], end[:200], joined=False),
        Series("degree one", other_begin[:200], other_end[:200], Role.CONTROL, joined=False),
    ]
    x, y = Axis(r"$\eta h/2$ at the start"), Axis(r"$\eta h/2$ at rest", limits=(0.0, 1.1))
    panel = Panel(x, y, series, marks=[Mark(1.0, r"$2/\eta$", vertical=False)])
    return Picture([panel], "Sharpness where descent comes to rest, over the largest that is stable.")
