"""SGD's law is a tempered posterior where noise is isotropic, or there is one regular direction."""

from __future__ import annotations

import numpy as np

from compare import nearest_gibbs
from compare.claims import (
    Computed,
    Control,
    DistanceOf,
    Evidence,
    Finding,
    MeanOf,
    Ratio,
    Sampled,
    Source,
    at_most,
    between,
    claim,
)
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, run_sgd, transition_operator
from theory import (
    Density,
    Ensemble,
    Estimate,
    Grid,
    Isotropic,
    LinearRegression,
    Moments,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    collapse_exponent,
    gibbs,
    learning_coefficient,
)
from theory.base.arrays import Array

REGULAR, DEGENERATE = ProductModel("w - 1/2"), ProductModel("w**2", loss_scale=1.0)
QUARTIC = SymbolicLandscape("w**4/4")
CURVED = LinearRegression(np.diag([1.0, 4.0]))
SMALL, WHITE, FALLING = SGD(0.02, 4), SGD(0.02, 1), SGD(0.05, 4)
SETTLED, LOOKS = 400, 10  # steps, times
SAME = 0.02  # of total variation, and of ratios five times that
WRONG = 1.2  # times the temperature
ALIKE = 1.25  # ratios of variances up to which they count as the same; the posterior's is 1/4
STILL = 1e-3  # a step


@claim(
    "N4",
    source=Source(
        "Hennick & De Baerdemacker",
        2025,
        "Almost Bayesian: dynamics of SGD through singular learning theory",
        "arXiv:2503.22478",
    ),
    where="the steady state",
    statement="The local stationary law of SGD is a tempered version of the Bayesian posterior, also at "
    "degenerate minima, where the learning coefficient says what is accessible.",
    prediction="Total variation to the nearest exp(-n beta K) within .02, and E[L] = lambda T; log u of walkers "
    "at the distance u from a degenerate minimum comes to rest.",
    quick={"walkers": 40_000, "steps": 1000, "cells": 400},
    full={"walkers": 400_000, "steps": 2000, "cells": 1600},
)
def almost_bayesian(*, walkers: int, steps: int, cells: int, rng: np.random.Generator) -> Evidence:
    """Laws of SGD beside the nearest tempered posterior at minima of four kinds."""
    regular = transition_operator(REGULAR, SMALL, Grid(0.0, 1.0, cells)).stationary()
    white = NoisyGradient(QUARTIC, Isotropic(1.0, 1))
    quartic = transition_operator(white, WHITE, Grid(-1.5, 1.5, cells)).stationary()
    curved = run_sgd(CURVED, SMALL, np.zeros((walkers, 2)), steps=SETTLED, rng=rng)
    square = Grid([-0.4, -0.4], [0.4, 0.4], [30, 30])
    start = rng.uniform(-0.5, 0.5, (walkers // LOOKS, 1))
    falling = run_sgd(DEGENERATE, FALLING, start, steps=steps, rng=rng, save_every=steps // LOOKS)
    distances = np.log(np.abs(falling.positions[..., 0]))
    growth = MeanOf((distances[-1] - distances[LOOKS // 2]) / (steps - steps // LOOKS * (LOOKS // 2)))
    exponent = collapse_exponent(DEGENERATE, (0,), learning_rate=0.05, batch_size=4).discrete
    temperature = nearest_gibbs(regular, REGULAR, regular.grid)
    wrong = gibbs(REGULAR, WRONG * float(temperature.temperature), regular.grid)
    near = at_most(SAME)
    one, isotropic = "the minimum is regular, in one dimension", "noise is isotropic"
    return Evidence(
        [
            Finding("the distance to the posterior, regular", DistanceOf(regular, temperature.density), near, one),
            Finding("the distance to the posterior, w^4", _from_posterior(quartic, QUARTIC), near, isotropic),
            Finding(
                "E[L] over lambda T, w^4",
                _over_coefficient(quartic),
                between(1 - 5 * SAME, 1 + 5 * SAME),
                isotropic,
            ),
            Finding(
                "the distance to the posterior, curvatures 1 and 4",
                DistanceOf(curved.histogram(square), nearest_gibbs(curved, CURVED, square).density),
                near,
                "curvatures differ",
            ),
            Finding("log u a step at w^2", growth, between(-STILL, STILL), "noise vanishes with the gradient"),
        ],
        [Control(Finding("the distance at 1.2 times the temperature", DistanceOf(regular, wrong), near))],
        _picture(regular, temperature.density, curved, distances, float(exponent), steps),
        [
            Finding(
                "its variance is the same whatever the curvature",
                _isotropy(curved),
                between(1 / ALIKE, ALIKE),
            ),
            Finding("walkers collapse onto the degenerate minimum", Computed(exponent), at_most(-STILL)),
        ],
    )


def _from_posterior(law: Density, landscape: SymbolicLandscape) -> DistanceOf:
    return DistanceOf(law, nearest_gibbs(law, landscape, law.grid).density)


def _over_coefficient(law: Density) -> Computed:
    """E[L] over lambda eta s^2/2 at the quartic minimum."""
    value = float(learning_coefficient(QUARTIC, (0,)).value) * WHITE.learning_rate / 2
    error = (law.error or 0.0) * float(QUARTIC.value(law.grid.centers).max())
    return Computed(Estimate(law.expect(QUARTIC.value) / value, error / value))


def _isotropy(run: Ensemble) -> Ratio:
    """The variance along the steep axis over that along the flat one."""
    moments = Moments.of(run.positions)
    steep, flat = (
        Sampled(Estimate(moments.covariance[-1, axis, axis], moments.covariance_error[-1, axis, axis]))
        for axis in (1, 0)
    )
    return Ratio(steep, flat)


def _picture(
    regular: Density, posterior: Density, curved: Ensemble, distances: Array, exponent: float, steps: int
) -> Picture:
    w, k = regular.grid.axes[0], np.linspace(0, steps, len(distances))
    law = Panel(
        Axis("$w$"),
        Axis("density"),
        [
            Series.measured("SGD, exact", w, regular.values, joined=True),
            Series.predicted("tempered posterior", w, posterior.values),
        ],
        "$q = w - 1/2$",
    )
    line = Grid(-1.0, 1.0, 200)
    gaussian = nearest_gibbs(curved, CURVED, Grid([-0.4, -0.4], [0.4, 0.4], [80, 80])).density
    marginals: list[Series] = []
    for axis, name in enumerate(("flat", "steep")):
        found = Density.from_samples(curved.final[:, axis : axis + 1], line)
        one = gaussian.marginal(axis)
        marginals += [
            Series.measured(f"SGD, {name} axis", line.axes[0], found.values, joined=True),
            Series.predicted(f"posterior, {name} axis", one.grid.axes[0], one.values),
        ]
    axes = Panel(Axis("$w_i$", limits=(-0.25, 0.25)), Axis("density"), marginals, "regression, $h = 1, 4$")
    collapse = Panel(
        Axis("steps $k$"),
        Axis(r"mean of $\log |w|$"),
        [
            Series.measured(
                "SGD", k, distances.mean(axis=1), 3 * distances.std(axis=1) / distances.shape[1] ** 0.5
            ),
            Series.predicted(
                r"$k\,\mathrm{E}\log|1 - \eta X|$", k, distances.mean(axis=1)[-1] + exponent * (k - k[-1])
            ),
        ],
        "$q = w^2$",
    )
    return Picture([law, axes, collapse], "Laws of SGD and the nearest tempered posterior")
