"""At a degenerate minimum the slope of the loss in the learning rate measures the learning coefficient."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from compare import ByFokkerPlanck, BySampling, LossSlope, loss_slope
from compare.claims import (
    Computed,
    Control,
    Evidence,
    Finding,
    MeanOf,
    Measurement,
    Prediction,
    Sampled,
    claim,
    equal_to,
    series_of,
)
from compare.claims.soul_of_sgd import SOUL_OF_SGD
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import Constant, Estimate, Grid, Isotropic, NoisyGradient, SymbolicLandscape, learning_coefficient

POWERS = {  # of the rate, in which the loss over the rate goes on
    "w**2/2": 1.0,
    "w**4/4": 1.5,
    "w**6/6": 5 / 3,
    "x**2/2 + y**4/4": 1.0,
    "x**4/4 + y**6/6": 1.5,
    "x**4/4 + y**4/4": 1.5,
    "(x**2 + y**2)**2/4": 1.5,
}
CROSSING, BOX = "x**2*y**2/2", Grid((-1.0, -1.0), (1.0, 1.0), (64, 64))
RATES, LOW_RATES = np.array([0.0375, 0.075, 0.15]), np.geomspace(5e-4, 16e-3, 6)
SGD_OF_ONE, SMALL = SGD(0.1, 1), SGD(0.05, 1)
PLAIN, MORE = ("w**4/4", "w**6/6"), 20  # minima without control variates, and times the walkers there
MARGIN = 0.03  # of the learning coefficient


@claim(
    "L8",
    source=SOUL_OF_SGD,
    where="eq. 9, at degenerate minima (ours)",
    statement="At a degenerate minimum with isotropic noise of variance s^2 the loss slope dE[L]/deta at 0 is not "
    "E|g|^2/4 but lambda s^2/(2 B), with the learning coefficient lambda.",
    prediction="dE[L]/dT = lambda for the Gibbs law (Watanabe 2009) at the temperature eta s^2/(2 B).",
    quick={"walkers": 5000},
    full={"walkers": 120_000},
)
def learning_coefficients(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """2 B/s^2 times the slope, sampled at several minima, and of the limit law at a crossing in a box."""
    method = BySampling(walkers=walkers, steps=400, burn_in=400, observations=10)

    def measured(formula: str, noise: tuple[float, ...]) -> Sampled:
        model = NoisyGradient(SymbolicLandscape(formula), Constant(np.diag(noise)))
        found = loss_slope(model, SGD_OF_ONE, RATES, method=method, rng=rng, power=POWERS[formula])
        return Sampled(_coefficient(found))

    exact = {formula: _exact(formula) for formula in (*POWERS, CROSSING)}
    found: dict[str, Measurement] = {
        formula: measured(formula, (1.0,) * SymbolicLandscape(formula).dim) for formula in POWERS
    }
    crossing = NoisyGradient(SymbolicLandscape(CROSSING), Isotropic(1.0, 2))
    by_limit = ByFokkerPlanck(BOX)
    in_box = loss_slope(crossing, SGD_OF_ONE, LOW_RATES, method=by_limit, minimum=[0.0, 0.0])
    found[CROSSING] = Computed(_coefficient(in_box))
    mixed, quartic = "x**2/2 + y**4/4", "w**4/4"
    uneven = measured(mixed, (1.5, 0.5))
    plain = {name: _plain(name, MORE * walkers, rng) for name in PLAIN}
    return Evidence(
        [
            *(
                Finding(f"2 B/s^2 dE[L]/deta at {name}", one, _predicted(exact[name]))
                for name, one in found.items()
            ),
            *(
                Finding(
                    f"2 B/(s^2 eta) E[L] of walkers at {name}, eta = {SMALL.learning_rate:g}",
                    one,
                    _predicted(exact[name]),
                )
                for name, one in plain.items()
            ),
        ],
        [
            Control(Finding("the same with uneven noise of the same power", uneven, _predicted(exact[mixed]))),
            Control(Finding("d/2, that is E|g|^2/4, at w^4/4", found[quartic], _predicted(Fraction(1, 2)))),
        ],
        Picture(
            [_panel(exact, found, uneven, exact[mixed])],
            "The loss slope measures the learning coefficient.",
        ),
    )


def _plain(formula: str, walkers: int, rng: np.random.Generator) -> MeanOf:
    """The loss of walkers at a small rate over s^2 eta/(2 B), without control variates."""
    model = NoisyGradient(SymbolicLandscape(formula), Isotropic(1.0, 1))
    steps, looks = 400, 10  # half of both are to settle
    run = run_sgd(model, SMALL, np.zeros((walkers, 1)), steps=steps, rng=rng, save_every=steps // looks)
    losses = np.mean([model.value(seen) for seen in run.positions[looks // 2 :]], axis=0)
    return MeanOf(losses / (SMALL.learning_rate / 2))


def _exact(formula: str) -> Fraction | float:
    landscape = SymbolicLandscape(formula)
    return learning_coefficient(landscape, [0.0] * landscape.dim).value


def _predicted(value: Fraction | float) -> Prediction:
    return equal_to(float(value), margin=MARGIN * float(value), formula="lambda")


def _coefficient(found: LossSlope) -> Estimate:
    """The slope in units of s^2/(2 B), of noise with one for its mean variance."""
    return Estimate(2 * found.slope, 2 * found.slope.error)


def _panel(
    exact: Mapping[str, Fraction | float],
    found: Mapping[str, Measurement],
    uneven: Measurement,
    at: Fraction | float,
) -> Panel:
    ends = [0.1, 0.8]
    x = [float(exact[name]) for name in POWERS]
    series = [
        Series.predicted(r"$\lambda s^2 / 2B$", ends, ends),
        Series.predicted("$d / 2$ in one dimension", ends, [0.5, 0.5]),
        series_of("SGD", x, [found[name] for name in POWERS]),
        series_of("$x^2 y^2$ in a box, limit law", [float(exact[CROSSING])], [found[CROSSING]], Role.REFERENCE),
        series_of("uneven noise", [float(at)], [uneven], Role.CONTROL),
    ]
    return Panel(
        Axis(r"learning coefficient $\lambda$"), Axis(r"$(2B/s^2)\, \mathrm{d}\mathrm{E}L/\mathrm{d}\eta$"), series
    )
