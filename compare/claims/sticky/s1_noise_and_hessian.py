"""The covariance of gradient noise is proportional to the Hessian around critical points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from compare.claims import Computed, Control, Evidence, Finding, Prediction, Sampled, at_most, between, claim
from compare.claims.sticky import STICKY
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import Estimate, ProductModel, judge_proportionality, line
from theory.base.arrays import Array
from theory.noise import Proportionality

EXACT = 1e-9  # what rounding leaves of an exact misfit
SAME = 0.05  # of a constant: what SGD's steps may show at a distance from the point
BESIDE = 0.03  # the distance
DISTANCES = np.geomspace(0.01, 1.0, 40)


@dataclass(frozen=True, eq=False)
class Place:
    """A critical point of q and a direction from it, in words that a verdict uses as a condition."""

    words: str
    label: str
    q: str
    at: Sequence[float]
    direction: Sequence[float]

    @property
    def model(self) -> ProductModel:
        """In the source's convention, plain mean square."""
        return ProductModel(self.q, loss_scale=1.0)

    def fields(self, distances: Array) -> tuple[Array, Array]:
        """C and H at distances (n,) from the point, (n, d, d) each."""
        points = np.asarray(self.at) + distances[:, None] * np.asarray(self.direction)
        return self.model.gradient_covariance(points), self.model.hessian(points)


ZEROS = [
    Place(f"q ~ {power} on a line", f"$q = {power}$", f"w**{k}", [0.0], [1.0])
    for k, power in ((1, "u"), (2, "u^2"), (3, "u^3"))
]
ARM = Place("the path is an arm of a crossing", "arm of a crossing", "x*y", [0.0, 0.0], [1.0, 0.0])
BETWEEN = Place(
    "the path is between the arms, where C has rank 1 and H rank 2",
    "between the arms",
    "x*y",
    [0.0, 0.0],
    [1.0, 1.0],
)
TOP = Place(
    "the point is the top of a barrier, where C = 0 and H is not",
    "top of a barrier",
    "(w + 1.8)*(w - 1.8)**2",
    [-0.6],
    [1.0],
)
PLACES = (*ZEROS, ARM, BETWEEN, TOP)
LEVEL, HIGHEST = 0.95, 3.0


@claim(
    "S1",
    source=STICKY,
    where="main takeaways",
    statement="For models linear in the data the covariance of SGD's noise is proportional to the Hessian in the "
    "neighbourhood of a critical point of the loss.",
    prediction="C = (2s)^2 (sigma^2 + 2 q^2) grad q grad q' has rank one. Where q ~ u^k on a line, C/H tends to "
    "2 s sigma^2 k/(2k - 1); elsewhere the ranks of C and H decide.",
    quick={"walkers": 400_000},
    full={"walkers": 4_000_000},
)
def noise_and_hessian(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Leading terms of C and H towards critical points, in exact arithmetic, and the noise of SGD's steps."""
    cases = {place: judge_proportionality(place.model, line(place.at, place.direction)) for place in PLACES}
    misfits = {place: _misfit(one) for place, one in cases.items()}
    none = at_most(EXACT, formula="misfit of C = c H")
    findings = [Finding("C = c H with c > 0", misfits[place], none, place.words) for place in PLACES]
    seen = {place: _noise_of_steps(place, walkers, rng) for place in ZEROS}
    by_steps = {place: 2 * k / (2 * k - 1) for k, place in enumerate(ZEROS, 1)}
    findings += [
        Finding("C/H of SGD's steps", seen[place], _near(constant), place.words)
        for place, constant in by_steps.items()
    ]
    controls = [Control(Finding("the constant of u^3 where q ~ u^2", seen[ZEROS[1]], _near(by_steps[ZEROS[2]])))]
    notes = [f"{place.words}: {one}." for place, one in cases.items()]
    return Evidence(findings, controls, _picture(seen), notes=notes)


def _near(constant: float) -> Prediction:
    return between((1 - SAME) * constant, (1 + SAME) * constant, formula="2 s sigma^2 k/(2k - 1)")


def _misfit(found: Proportionality) -> Computed:
    """The sine of the angle between the leading terms of C and H; 1 where one vanishes beside the other."""
    apart = found.covariance_order != found.hessian_order
    return Computed(Estimate(1.0, 0.0) if apart else found.misfit)


def _noise_of_steps(place: Place, walkers: int, rng: np.random.Generator) -> Sampled:
    """C/H from the spread of single steps of SGD, with single examples, beside the point."""
    w = np.asarray(place.at) + BESIDE * np.asarray(place.direction)
    moments = run_sgd(place.model, SGD(1.0, 1), np.tile(w, (walkers, 1)), steps=1, rng=rng).moments
    hessian = float(place.model.hessian(w)[0, 0])
    assert moments is not None
    return Sampled(
        Estimate(
            float(moments.covariance[-1, 0, 0]) / hessian, float(moments.covariance_error[-1, 0, 0]) / hessian
        )
    )


def _picture(seen: Mapping[Place, Sampled]) -> Picture:
    ratios, misfits = [], []
    for place in (*ZEROS, TOP):
        covariance, hessian = place.fields(DISTANCES)
        ratio = (covariance / hessian)[:, 0, 0]
        shown = np.where(np.abs(ratio) < HIGHEST, ratio, np.nan)
        ratios.append(Series(place.label, DISTANCES, shown, Role.REFERENCE))
    for k, one in enumerate(seen.values(), 1):
        low, high = np.array([one.interval(LEVEL)]).T
        ratios.append(
            Series(
                "SGD's steps",
                np.array([BESIDE]),
                np.array([one.value]),
                low=low,
                high=high,
                joined=False,
            )
        )
        limit = 2 * k / (2 * k - 1)
        ratios.append(Series.predicted("limit $2k/(2k - 1)$", DISTANCES, np.full(len(DISTANCES), limit)))
    for place in (ARM, BETWEEN):
        misfits.append(Series(place.label, DISTANCES, _sines(*place.fields(DISTANCES)), Role.REFERENCE))
    distance = Axis("distance $u$ from the point", logarithmic=True)
    return Picture(
        [
            Panel(distance, Axis("$C/H$", limits=(-1.0, HIGHEST)), ratios),
            Panel(distance, Axis("misfit of $C = cH$"), misfits),
        ],
        "Covariance of the noise and Hessian towards critical points.",
    )


def _sines(first: Array, second: Array) -> Array:
    """Of the angle between matrices (n, d, d)."""
    inner = (first * second).sum(axis=(1, 2))
    cosine = inner / np.sqrt((first**2).sum(axis=(1, 2)) * (second**2).sum(axis=(1, 2)))
    return np.asarray(np.sqrt(np.maximum(1 - cosine**2, 0.0)))
