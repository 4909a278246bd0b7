"""A minimum that is stable for SGD has a Hessian whose trace is 2/eta at most."""

from __future__ import annotations

import numpy as np

from compare.claims import Control, Evidence, Finding, MeanOf, Source, at_least, at_most, claim, series_of
from compare.pictures import Axis, Mark, Panel, Picture, Role
from simulate import SGD, run_sgd
from theory import LinearRegression
from theory.base.arrays import Array

SOURCE = Source(
    "Wu & Su", 2023, "The implicit regularization of dynamical stability in stochastic gradient descent",
    "arXiv:2305.17490",
)  # fmt: skip
DIM, LARGE = 4, 16
FITS = 1e-9  # deviation of labels: every example is fitted
CURVATURES = (np.ones(DIM), np.array([4.0, 1.0, 0.5, 0.5]))
SHARES = np.linspace(0.4, 1.4, 6)  # of the rate 2/tr H


@claim(
    "N11",
    source=SOURCE,
    where="abstract",
    statement="If a global minimum is stable for SGD, the trace of its Hessian is at most 2/eta; for descent only "
    "the largest eigenvalue is bounded.",
    prediction="For Gaussian examples and equal curvatures a the mean square distance is multiplied by "
    "1 - 2 eta a + (eta a)^2 (1 + (d + 1)/B): at eta = 2/tr H by 1 + 8/d^2 for B = 1, by less than 1 for "
    "large batches.",
    quick={"walkers": 40_000},
    full={"walkers": 1_000_000},
)
def trace(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Growth of the square distance from a minimum where every example is fitted, at the rate 2/tr H."""
    grows, shrinks = at_least(1.0, formula="not stable"), at_most(1.0, formula="stable")
    findings = [
        Finding(
            f"it leaves at tr H = 2/eta, curvatures {name}",
            _growth(curvatures, batch, 1.0, walkers, rng),
            grows,
            f"a batch is {words}",
        )
        for batch, words in ((1, "one example"), (LARGE, f"{LARGE} examples"))
        for name, curvatures in zip(("equal", "unequal"), CURVATURES, strict=True)
    ]
    below = _growth(CURVATURES[0], 1, 0.5, walkers, rng)
    controls = [
        Control(Finding("single examples at half that rate", below, grows)),
        Control(Finding("single examples at that rate", findings[0].measured, shrinks)),
    ]
    return Evidence(findings, controls, _picture(walkers // 10, rng))


def _growth(curvatures: Array, batch: int, share: float, walkers: int, rng: np.random.Generator) -> MeanOf:
    """Mean of |w_1|^2/|w_0|^2 from the eigenvector of second moments, at a share of the rate 2/tr H."""
    rate = share * 2 / float(curvatures.sum())
    moments = _leading(rate * curvatures, batch)
    start = rng.standard_normal((walkers, DIM)) * np.sqrt(moments)
    model = LinearRegression(np.diag(curvatures), noise_std=FITS)
    ends = run_sgd(model, SGD(rate, batch), start, steps=1, rng=rng).final
    return MeanOf(np.sum(ends**2, axis=1) / moments.sum())


def _leading(steps: Array, batch: int) -> Array:
    """Second moments that a step multiplies: S -> (1 - x)^2 S + (x^2 S + x tr(x S))/B, x = eta a, diagonal."""
    matrix = np.diag((1 - steps) ** 2 + steps**2 / batch) + np.outer(steps, steps) / batch
    _, vectors = np.linalg.eigh(matrix)
    return np.asarray(np.abs(vectors[:, -1]))


def _picture(walkers: int, rng: np.random.Generator) -> Picture:
    series = [
        series_of(
            f"batches of {batch}",
            SHARES,
            [_growth(CURVATURES[0], batch, share, walkers, rng) for share in SHARES],
            Role.MEASURED if batch == 1 else Role.CONTROL,
        )
        for batch in (1, LARGE)
    ]
    x, y = Axis(r"$\eta\,\mathrm{tr}H/2$"), Axis("growth of the mean square a step")
    panel = Panel(x, y, series, marks=[Mark(1.0, "stated"), Mark(1.0, "stable below", vertical=False)])
    return Picture(
        [panel], "How one step multiplies the mean square distance from a minimum, four equal curvatures."
    )
