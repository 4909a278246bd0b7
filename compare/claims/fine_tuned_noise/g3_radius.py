"""The region in which SGD stays hardly knows the curvature, if its noise is the Hessian."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Control,
    Evidence,
    Finding,
    Outcome,
    Ratio,
    Sampled,
    Share,
    at_least,
    between,
    claim,
    series_of,
)
from compare.claims.fine_tuned_noise import FINE_TUNED_NOISE
from compare.pictures import Axis, Mark, Panel, Picture, Series
from simulate import SGD, first_exit, run_sgd
from theory import Constant, Estimate, NoisyGradient, SymbolicLandscape

RATE, BATCH = 0.1, 10
SHARP, BROAD = 4.0, 1.0  # curvatures
CURVATURES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 19.0)
SIXTEENTH = (1 / 25, 1 / 9)  # of the variance: 1/16, as radii would fall to a fourth
RADIUS = 2.5  # of the ball, in standard deviations
SETTLED = 200  # steps
NOISES = {"$C = h$": 1.0, "$C = 1/h$": -1.0}


@claim(
    "G3",
    source=FINE_TUNED_NOISE,
    where="stability of minima",
    statement="Around a minimum SGD is stable within a radius inversely proportional to the largest curvature.",
    prediction="With the noise C = H of batches of B the stationary variance is eta/(B (2 - eta h)): the same for "
    "all curvatures h until eta h nears 2. Where noise does not vanish no ball holds walkers for ever.",
    quick={"walkers": 60_000},
    full={"walkers": 300_000},
)
def radius_against_curvature(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """The variance of SGD at several curvatures with noise as the Hessian, and with noise that falls with it."""
    seen = {(name, h): _variance(h, h**power, walkers, rng) for name, power in NOISES.items() for h in CURVATURES}
    ratio = {name: Ratio(seen[name, SHARP], seen[name, BROAD]) for name in NOISES}
    own, falling = NOISES
    exact = (2 - RATE * BROAD) / (2 - RATE * SHARP)
    about = "the variance at four times the curvature"
    found = Finding(about, ratio[own], between(*SIXTEENTH, formula="radius as 1/h"))
    edge = RADIUS * (RATE / (BATCH * (2 - RATE))) ** 0.5
    basin = f"w > {-edge} and w < {edge}"
    few = np.zeros((walkers // 10, 1))
    left = first_exit(_model(BROAD, BROAD), SGD(RATE, BATCH), few, basin, steps=10_000, rng=rng)
    reasons = [
        Finding(
            "the variance hardly knows the curvature, as eta/(B (2 - eta h))",
            ratio[own],
            between(0.9 * exact, 1.1 * exact, formula="(2 - eta)/(2 - 4 eta)"),
        ),
        Finding(
            f"walkers leave a ball of {RADIUS} standard deviations, and none holds them for ever",
            Share(int((left.event >= 0).sum()), len(few)),
            at_least(0.99, formula="noise at the minimum"),
        ),
    ]
    sees = Finding(f"{about}, with noise that falls as 1/h", ratio[falling], between(*SIXTEENTH))
    return Evidence([found], [Control(sees, Outcome.HOLDS)], _picture(seen), reasons)


def _model(curvature: float, covariance: float) -> NoisyGradient:
    return NoisyGradient(SymbolicLandscape(f"{curvature}*w**2/2", ("w",)), Constant(np.array([[covariance]])))


def _variance(curvature: float, covariance: float, walkers: int, rng: np.random.Generator) -> Sampled:
    model, start = _model(curvature, covariance), np.zeros((walkers, 1))
    squares = run_sgd(model, SGD(RATE, BATCH), start, steps=SETTLED, rng=rng).final[:, 0] ** 2
    return Sampled(Estimate(squares.mean(), squares.std(ddof=1) / walkers**0.5))


def _picture(seen: dict[tuple[str, float], Sampled]) -> Picture:
    h = np.geomspace(CURVATURES[0], CURVATURES[-1], 100)
    lines = []
    for name, power in NOISES.items():
        exact = RATE * h ** (power - 1) / (BATCH * (2 - RATE * h))
        lines += [
            Series.predicted(f"stationary law, {name}", h, exact),
            series_of(f"SGD, {name}", CURVATURES, [seen[name, one] for one in CURVATURES]),
        ]
    lines.append(Series.control("radius as $1/h$", h, RATE / (2 * BATCH) / h**2, joined=True))
    x, y = Axis("curvature $h$", logarithmic=True), Axis("variance", logarithmic=True)
    edge = Mark(2 / RATE, r"$\eta h = 2$")
    return Picture([Panel(x, y, lines, "", [edge])], r"Spread of SGD about minima, $\eta = 0.1$, $B = 10$.")
