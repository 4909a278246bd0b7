"""Hessian-shaped noise leaves a valley sooner than isotropic noise across it, and later along it."""

from __future__ import annotations

import numpy as np

from compare.claims import Computed, Control, Evidence, Finding, Ratio, Share, at_least, at_most, claim, series_of
from compare.claims.fine_tuned_noise import FINE_TUNED_NOISE
from compare.pictures import Axis, Panel, Picture
from simulate import SGD, FirstEvent, first_exit, transition_operator
from theory import Constant, Grid, NoisyGradient, SymbolicLandscape

VALLEY = "(x**2 - 1)**2/2 + (y**2 - 1)**2/8"  # curvatures 4 across and 1 along at its floor
SGD_OF_ALL = SGD(0.05, 1)
SHAPES = {"isotropic": (6.0, 6.0), "Hessian-shaped": (9.6, 2.4)}
TITLES = {"x": "across the valley", "y": "along the valley"}
WAYS = {"x": "the way out is steep", "y": "the way out lies along the valley"}
ALONG = SymbolicLandscape("(y**2 - 1)**2/8", ("y",))
MORE = 1.1  # times as many, and beyond: better


@claim(
    "G5",
    source=FINE_TUNED_NOISE,
    where="isotropic and anisotropic noise",
    statement="Isotropic noise does a poor job in wide valleys: noise of the same power shaped as the Hessian is "
    "better at leaving them.",
    prediction="On a separable loss each direction has its own temperature eta C_ii/(2B): of one power the "
    "Hessian's shape has more across the valley and less along it, and exits go as exp(-barrier/temperature).",
    quick={"walkers": 40_000, "steps": 400},
    full={"walkers": 300_000, "steps": 400},
)
def exits_from_a_valley(*, walkers: int, steps: int, rng: np.random.Generator) -> Evidence:
    """First exits of SGD from a valley across and along, with both kinds of noise; rates along by its operator."""
    start = np.tile([-1.0, -1.0], (walkers, 1))

    def exits(shape: str, way: str) -> FirstEvent:
        model = NoisyGradient(SymbolicLandscape(VALLEY, ("x", "y")), Constant(np.diag(SHAPES[shape])))
        return first_exit(model, SGD_OF_ALL, start, f"{way} < 0", steps=steps, rng=rng)

    seen = {(shape, way): exits(shape, way) for shape in SHAPES for way in WAYS}
    plain, shaped = SHAPES
    found = [
        Finding(
            "Hessian-shaped noise takes more walkers out than isotropic noise",
            Ratio(_left(seen[shaped, way]), _left(seen[plain, way])),
            at_least(MORE),
            condition,
        )
        for way, condition in WAYS.items()
    ]
    rates = [_rate_along(covariance) for _, covariance in SHAPES.values()]
    reason = Finding(
        "there its rate of leaving is less than half of that of isotropic noise",
        Ratio(rates[1], rates[0]),
        at_most(0.5, formula="SGD's exact law"),
    )
    again = Ratio(_left(exits(plain, "x")), _left(seen[plain, "x"]))
    control = Finding("isotropic noise against itself", again, at_least(MORE))
    return Evidence(found, [Control(control)], _picture(seen, walkers), [reason])


def _left(exits: FirstEvent) -> Share:
    return Share(int((exits.event >= 0).sum()), len(exits.event))


def _rate_along(covariance: float) -> Computed:
    model = NoisyGradient(ALONG, Constant(np.array([[covariance]])))
    operator = transition_operator(model, SGD_OF_ALL, Grid(-4.0, 4.0, 400))
    return Computed(operator.escape_rate(lambda w: w[..., 0] < 0))


def _picture(seen: dict[tuple[str, str], FirstEvent], walkers: int) -> Picture:
    panels = []
    for way, title in TITLES.items():
        lines = []
        for shape in SHAPES:
            exits = seen[shape, way]
            steps = np.linspace(0, exits.steps, 41)
            left = [((exits.event >= 0) & (exits.event <= one)).sum() for one in steps]
            kept = [Share(walkers - int(one), walkers) for one in left]
            lines.append(series_of(f"{shape} noise", steps, kept, joined=True))
        y = Axis("share that has not left", logarithmic=True)
        panels.append(Panel(Axis("steps"), y, lines, title))
    return Picture(panels, "Walkers that leave a valley, with noise of one power and two shapes.", share_y=True)
