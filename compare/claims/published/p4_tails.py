"""The power of the tail of SGD's law against that of its limit equation."""

from __future__ import annotations

import numpy as np

from compare.claims import Control, Evidence, Finding, Prediction, Sampled, Source, claim, equal_to
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import LinearRegression, tail_index
from theory.base.arrays import Array
from theory.laws import hill_index

HEAVY = Source(
    "Gurbuzbalaban, Simsekli & Zhu; Hodgkinson & Mahoney",
    2021,
    "The heavy-tail phenomenon in SGD",
    "https://arxiv.org/abs/2006.04740",
)
MODEL, RATE, STEPS = LinearRegression(1.0), 1.0, 80
BATCHES, SHARE = (1, 2, 4), 1 / 300  # of the walkers from which the power is read
LIMIT = "1 + B/(eta a)"
CORE = 0.5**0.5  # the noise has the variance 1 + 2 w^2: the power is that of (w^2 + 1/2)^(1/2), and sooner
MARGIN, SEEN = 0.15, 30  # of the power; walkers that show a share


@claim(
    "P4",
    source=HEAVY,
    where="theorem 2; Hodgkinson & Mahoney, arXiv:2006.06293; Kesten (1973)",
    statement="The stationary law of SGD on linear regression has a power tail with the index alpha of "
    "E|1 - eta a chi2_B/B|^alpha = 1.",
    prediction="Kesten's alpha at eta a = 1: 1.09, 2, 3.50 for B = 1, 2, 4; the Langevin equation has "
    "1 + B/(eta a), that is 2, 3, 5.",
    quick={"walkers": 1_200_000},
    full={"walkers": 7_000_000},
)
def tails(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Hill's estimate from the largest of independent walkers."""
    found, panels = {}, []
    for batch in BATCHES:
        start = np.zeros((walkers, 1))
        ends = np.abs(run_sgd(MODEL, SGD(RATE, batch), start, steps=STEPS, rng=rng).final[:, 0])
        found[batch] = Sampled(hill_index(np.hypot(ends, CORE), round(SHARE * walkers)))
        panels.append(_panel(batch, np.sort(ends)[::-1]))
    return Evidence(
        [
            Finding(f"power of the tail, B = {batch}", one, _near(tail_index(RATE, batch), "Kesten"))
            for batch, one in found.items()
        ],
        [
            Control(Finding(f"that of the limit, B = {batch}", one, _near(_limit(batch), LIMIT)))
            for batch, one in found.items()
        ],
        Picture(panels, r"Tails of SGD on linear regression at $\eta a = 1$.", share_y=True),
        notes=[
            f"At eta a = 0.1 and B = 1 Kesten's power is {tail_index(0.1, 1):.4g}, that of the limit equation 11."
        ],
    )


def _limit(batch: int) -> float:
    return 1 + batch / RATE


def _near(power: float, formula: str) -> Prediction:
    return equal_to(power, margin=MARGIN * power, formula=formula)


def _panel(batch: int, largest: Array) -> Panel:
    """The share of walkers beyond u, with the powers through the place that they are read from."""
    walkers = len(largest)
    ranks = np.unique(np.geomspace(SEEN, walkers / 2, 60).astype(int))
    u, shares = largest[ranks], ranks / walkers
    bars = 2 * shares / np.sqrt(ranks)
    at = largest[round(SHARE * walkers)]
    beyond = np.geomspace(at, u[0], 20)
    kesten, limit = (SHARE * (beyond / at) ** -power for power in (tail_index(RATE, batch), _limit(batch)))
    return Panel(
        Axis("$u$", True),
        Axis("$P(|w| > u)$", True),
        [
            Series("SGD", u, shares, Role.MEASURED, shares - bars, shares + bars),
            Series.predicted("Kesten", beyond, kesten),
            Series("Langevin equation", beyond, limit, Role.CONTROL),
        ],
        f"$B = {batch}$",
    )
