"""A walk on rings that meet in one site visits it by its degree; of all time it has 1/n there."""

from __future__ import annotations

import numpy as np

from compare.claims import Control, Evidence, Finding, Ratio, Sampled, claim, equal_to, series_of
from compare.claims.random_motion import RANDOM_MOTION
from compare.pictures import Axis, Panel, Picture, Series
from simulate import Visits, excursions, occupation, rings
from theory import Estimate

SITES = 20  # of each ring
STEPS = 400  # of walks that begin anywhere
SIZES = np.array([5, 10, 20, 40])
NEAR = np.arange(-SITES // 2 + 1, SITES // 2)  # sites along a ring, the crossing at 0
SAME = 0.05  # of the number predicted


@claim(
    "B1",
    source=RANDOM_MOTION,
    where="random walks on sets of least loss",
    statement="A random walk on rings that meet in a point is drawn to it: the crossing weighs as its degree.",
    prediction="Stationary weights are as degrees: D rings make the crossing D times as heavy as another site. "
    "Of D rings of n sites it holds 2D/(2D + 2D(n - 1)) = 1/n, whatever D.",
    quick={"walks": 800_000},
    full={"walks": 10_000_000},
)
def weight_of_a_crossing(*, walks: int, rng: np.random.Generator) -> Evidence:
    """Walks from an ordinary site until they return, and shares of the time of walks that began anywhere."""
    visits = {count: excursions(rings(count, SITES), SITES // 2, walks=walks, rng=rng) for count in (1, 2, 3, 4)}
    many = max(walks // 10, 2)
    spent = {count: occupation(rings(count, SITES), steps=STEPS, walks=many, rng=rng) for count in (1, 4)}
    shares = [occupation(rings(4, int(n)), steps=STEPS, walks=many, rng=rng) for n in SIZES]
    per_site = "one site is compared with another"
    whole = "the share of all time is meant"
    found = [
        Finding(
            f"the crossing of {count} rings is visited as often as {count} other sites",
            _at_crossing(visits[count]),
            equal_to(count, margin=SAME * count, formula="ratio of degrees"),
            per_site,
        )
        for count in (2, 3, 4)
    ]
    grows = Finding(
        "four rings hold four times the share of one ring at their crossing",
        Ratio(_at_crossing(spent[4]), _at_crossing(spent[1])),
        equal_to(4, margin=SAME * 4, formula="ratio of degrees"),
        whole,
    )
    reasons = [
        Finding(
            "the crossing of rings of n sites holds 1/n of the time however many meet",
            _at_crossing(one, n),
            equal_to(1, margin=SAME, formula="n times the share"),
        )
        for n, one in [*zip(SIZES, shares, strict=True), (SITES, spent[1])]
    ]
    control = Finding(
        "three rings in the place of four",
        _at_crossing(visits[3]),
        equal_to(4, margin=SAME * 4, formula="4 rings"),
    )
    return Evidence([*found, grows], [Control(control)], _picture(visits, shares), reasons)


def _at_crossing(visits: Visits, times: float = 1.0) -> Sampled:
    return Sampled(Estimate(times * visits.mean[0], times * visits.error[0]))


def _picture(visits: dict[int, Visits], shares: list[Visits]) -> Picture:
    ring = np.where(NEAR < 0, NEAR + SITES, NEAR)
    rings_met = list(visits)
    walks = [
        Series.measured(f"{count} ring{'s' * (count > 1)}", NEAR, one.mean[ring], joined=True)
        for count, one in visits.items()
    ]
    weights = [
        Series.predicted("ratio of degrees", rings_met, rings_met),
        series_of("crossing", rings_met, [_at_crossing(one) for one in visits.values()]),
    ]
    sizes = np.linspace(SIZES[0], SIZES[-1], 100)
    held = [
        Series.predicted("$1/n$", sizes, 1 / sizes),
        series_of("crossing of 4 rings", SIZES, [_at_crossing(one) for one in shares]),
    ]
    return Picture(
        [
            Panel(Axis("site along a ring"), Axis("visits, relative"), walks),
            Panel(Axis("rings $D$"), Axis("visits of the crossing"), weights),
            Panel(Axis("sites $n$ of a ring"), Axis("share of time at the crossing"), held),
        ],
        "Random walks on rings that meet in one site: visits on one ring, and the share of time at the crossing.",
    )
