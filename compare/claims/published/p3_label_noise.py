"""The stationary covariance of SGD on linear regression with label noise."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Control,
    Evidence,
    Finding,
    MeanOf,
    Measurement,
    Prediction,
    Source,
    claim,
    equal_to,
    series_of,
)
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import LinearRegression, linear_regression_covariance
from theory.base.arrays import Array

ZIYIN = Source(
    "Ziyin, Liu, Mori & Ueda", 2022, "Strength of minibatch noise in SGD", "https://arxiv.org/abs/2102.05375"
)
INPUTS, BATCH, RATE, STEPS = np.array([1.0, 2.0]), 4, 0.2, 100
MODEL = LinearRegression(np.diag(INPUTS))
RATES = (0.05, 0.1, 0.2)
MARGIN = 0.03


@claim(
    "P3",
    source=ZIYIN,
    where="section on label noise",
    statement="Of linear regression with inputs of covariance A and label noise sigma^2 the noise of a batch has "
    "the covariance C = (A S A + tr(A S) A + sigma^2 A)/B: that of the weights, S, shapes it.",
    prediction="S solves A S + S A - eta A S A = eta C; on a line it is eta sigma^2/(B (2 - eta a (1 + 2/B))).",
    quick={"walkers": 300_000},
    full={"walkers": 4_000_000},
)
def label_noise(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Variances of walkers and of the gradient of their next batch, in two directions."""
    exact = linear_regression_covariance(MODEL, RATE, BATCH)
    found = {rate: _sampled(rate, walkers if rate == RATE else walkers // 10, rng) for rate in RATES}
    weights, gradients = found[RATE]
    noise = _noise(exact)
    constant = RATE / (BATCH * (2 - RATE * INPUTS))
    limit = RATE / (2 * BATCH)
    return Evidence(
        [
            *(Finding(f"variance of weight {k + 1}", weights[k], _near(exact[k, k])) for k in range(2)),
            *(
                Finding(
                    f"mean square of batch gradient {k + 1}",
                    gradients[k],
                    _near(noise[k] + INPUTS[k] ** 2 * exact[k, k]),
                )
                for k in range(2)
            ),
        ],
        [
            *(
                Control(
                    Finding(f"variance of weight {k + 1} if C were sigma^2 A/B", weights[k], _near(constant[k]))
                )
                for k in range(2)
            ),
            *(
                Control(Finding(f"variance of weight {k + 1} in continuous time", weights[k], _near(limit)))
                for k in range(2)
            ),
        ],
        Picture(
            [_panel(k, found) for k in range(2)], "Linear regression with label noise, $A = \\mathrm{diag}(1, 2)$."
        ),
    )


def _noise(covariance: Array) -> Array:
    """Diagonal of the published C at this covariance of the weights, sigma being 1."""
    spread = np.diag(covariance)
    return np.asarray((INPUTS**2 * spread + (INPUTS @ spread + 1) * INPUTS) / BATCH)


def _near(value: float) -> Prediction:
    return equal_to(float(value), margin=MARGIN * float(value))


def _sampled(rate: float, walkers: int, rng: np.random.Generator) -> tuple[list[Measurement], list[Measurement]]:
    """Variances of the weights, and mean squares of the gradient of the step that follows."""
    steps = round(STEPS * RATE / rate)
    before = run_sgd(MODEL, SGD(rate, BATCH), np.zeros((walkers, 2)), steps=steps, rng=rng)
    assert before.checkpoint is not None
    after = run_sgd(MODEL, SGD(rate, BATCH), before.checkpoint, steps=1)
    gradients = (after.final - before.final) / rate
    return [MeanOf(w**2) for w in before.final.T], [MeanOf(g**2) for g in gradients.T]


def _panel(axis: int, found: dict[float, tuple[list[Measurement], list[Measurement]]]) -> Panel:
    rates = np.linspace(0.01, 0.25, 49)
    exact = [linear_regression_covariance(MODEL, rate, BATCH)[axis, axis] for rate in rates]
    series = [
        Series.predicted("with the noise of the weights", rates, exact),
        Series(r"$C = \sigma^2 A / B$", rates, rates / (BATCH * (2 - rates * INPUTS[axis])), Role.CONTROL),
        Series("continuous time", rates, rates / (2 * BATCH), Role.REFERENCE),
        series_of("SGD", RATES, [found[rate][0][axis] for rate in RATES]),
    ]
    return Panel(Axis(r"learning rate $\eta$"), Axis(rf"variance of $w_{axis + 1}$"), series)
