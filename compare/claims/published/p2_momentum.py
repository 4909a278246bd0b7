"""The stationary covariance of SGD with momentum at finite rates."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Computed,
    Control,
    Evidence,
    Finding,
    Measurement,
    Prediction,
    Sampled,
    Source,
    at_most,
    claim,
    equal_to,
    series_of,
)
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import Constant, Estimate, NoisyGradient, SymbolicLandscape, sgd_covariance, stationary_covariance
from theory.base.arrays import Array

LIU = Source(
    "Liu, Ziyin & Ueda",
    2021,
    "Noise and fluctuation of finite learning rate stochastic gradient descent",
    "https://arxiv.org/abs/2012.03636",
)
HESSIAN, NOISE, RATE = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.3], [0.3, 2.0]]), 0.2
MODEL = NoisyGradient(SymbolicLandscape("x**2 + x*y/2 + y**2/2"), Constant(NOISE))
MOMENTA, SHOWN = (0.0, 0.9), (0.0, 0.3, 0.6, 0.9)
ENTRIES = ((0, 0), (0, 1), (1, 1))
MARGIN, ROUNDING = 0.02, 1e-10  # of the standard deviations; of an equation solved


def equation(covariance: Array, momentum: float) -> Array:
    """Left less right side of the published equation for the covariance, with the rate as a matrix."""
    mu, rate = momentum, RATE * np.eye(2)
    pull = rate @ HESSIAN
    first = (1 - mu) * (pull @ covariance + covariance @ pull.T)
    second = (1 + mu**2) / (1 - mu**2) * pull @ covariance @ pull.T
    third = mu / (1 - mu**2) * (pull @ pull @ covariance + covariance @ (pull @ pull).T)
    return np.asarray(first - second + third - rate @ NOISE @ rate)


@claim(
    "P2",
    source=LIU,
    where="theorem 3",
    statement="On a quadratic loss with noise C the stationary covariance S of SGD with momentum mu and rate "
    "matrix R solves (1 - mu)(R H S + S H R) - (1 + mu^2)/(1 - mu^2) R H S H R "
    "+ mu/(1 - mu^2)(R H R H S + S H R H R) = R C R.",
    prediction="The covariance of walkers is that of the equation at any stable rate; that of the limit in "
    "continuous time is not.",
    quick={"walkers": 600_000},
    full={"walkers": 6_000_000},
)
def momentum_covariance(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """All entries at two momenta, beside the solution for position and velocity together."""
    exact = {mu: sgd_covariance(HESSIAN, NOISE, RATE, mu) for mu in SHOWN}
    found = {mu: _sampled(mu, walkers if mu in MOMENTA else walkers // 10, rng) for mu in SHOWN}
    limit = {mu: stationary_covariance(HESSIAN, RATE / (1 - mu) / 2 * NOISE) for mu in SHOWN}
    zero = at_most(ROUNDING, formula="0")
    solved = [Computed(Estimate(float(np.abs(equation(exact[mu], mu)).max()), 0.0)) for mu in MOMENTA]
    unsolved = Computed(Estimate(float(np.abs(equation(limit[MOMENTA[1]], MOMENTA[1])).max()), 0.0))
    findings = [
        Finding(f"covariance {i + 1}{j + 1} at momentum {mu:g}", found[mu][i, j], _predicted(exact[mu], i, j))
        for mu in MOMENTA
        for i, j in ENTRIES
    ]
    residuals = [
        Finding(f"what is left of the equation for the exact covariance at momentum {mu:g}", one, zero)
        for mu, one in zip(MOMENTA, solved, strict=True)
    ]
    return Evidence(
        [*findings, *residuals],
        [
            *(
                Control(
                    Finding(
                        f"variance 11 of the continuous limit at momentum {mu:g}",
                        found[mu][0, 0],
                        _predicted(limit[mu], 0, 0),
                    )
                )
                for mu in MOMENTA
            ),
            Control(Finding("what is left of the equation for the covariance of the limit", unsolved, zero)),
        ],
        Picture(
            [_panel(0, exact, found, limit), _panel(1, exact, found, limit)], "Variances of SGD with momentum."
        ),
    )


def _sampled(momentum: float, walkers: int, rng: np.random.Generator) -> dict[tuple[int, int], Measurement]:
    steps = round(60 / (1 - momentum))
    found = run_sgd(MODEL, SGD(RATE, 1, momentum=momentum), np.zeros((walkers, 2)), steps=steps, rng=rng).moments
    assert found is not None
    return {
        (i, j): Sampled(Estimate(found.covariance[-1, i, j], found.covariance_error[-1, i, j])) for i, j in ENTRIES
    }


def _predicted(covariance: Array, i: int, j: int) -> Prediction:
    spread = float(np.sqrt(covariance[i, i] * covariance[j, j]))
    return equal_to(float(covariance[i, j]), margin=MARGIN * spread)


def _panel(
    axis: int,
    exact: dict[float, Array],
    found: dict[float, dict[tuple[int, int], Measurement]],
    limit: dict[float, Array],
) -> Panel:
    momenta = np.linspace(0, SHOWN[-1], 91)
    variances = [sgd_covariance(HESSIAN, NOISE, RATE, mu)[axis, axis] for mu in momenta]
    limits = stationary_covariance(HESSIAN, RATE / 2 * NOISE)[axis, axis] / (1 - momenta)
    series = [
        Series.predicted("at finite rate", momenta, variances),
        Series("continuous time", momenta, limits, Role.CONTROL),
        series_of("SGD", SHOWN, [found[mu][axis, axis] for mu in SHOWN]),
    ]
    return Panel(Axis(r"momentum $\mu$"), Axis(rf"$\Sigma_{{{axis + 1}{axis + 1}}}$", True), series)
