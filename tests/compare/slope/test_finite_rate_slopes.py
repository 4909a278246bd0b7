"""Three derivatives at finite rates side by side: SGD's own by two methods, and that of its continuous limit."""

from __future__ import annotations

import numpy as np
import pytest
from sgd_models import seeded

from compare import finite_rate_slopes
from simulate import SGD, Nesterov
from theory import Grid, InputError, Isotropic, LinearRegression, NoisyGradient, ProductModel, SymbolicLandscape

CURVATURE, NOISE, BATCH = 2.0, 3.0, 4
BOWL = NoisyGradient(SymbolicLandscape("w**2"), Isotropic(NOISE, 1))
QUICK = {"walkers": 80, "steps": 100, "burn_in": 60}


def found_by(model, rates, name="learning_rate", momentum=0.0, **more):
    given = QUICK | {"rng": seeded(1)} | more
    return finite_rate_slopes(model, SGD(0.1, BATCH, momentum=momentum), rates, parameter=name, **given)


def own(rate, name):
    return {
        "learning_rate": NOISE / (BATCH * (2 - rate * CURVATURE) ** 2),
        "batch_size": -rate * NOISE / (2 * BATCH**2 * (2 - rate * CURVATURE)),
    }[name]


@pytest.mark.parametrize("name", ["learning_rate", "batch_size"])
def test_each_method_has_its_own_closed_form(name):
    """SGD's at its rate, by operator and walkers; the limit's, C/4B, by the Fokker-Planck equation."""
    rates = [0.1, 0.5]
    found = found_by(BOWL, rates, name)
    for rate, one in zip(rates, found.slopes, strict=True):
        limit = NOISE / (4 * BATCH) * (1 if name == "learning_rate" else -rate / BATCH)
        exact, walkers, continuous = (one.found[method] for method in ("operator", "sampling", "fokker planck"))
        assert abs(exact - own(rate, name)) <= exact.error < 1e-9 * abs(exact)
        assert abs(walkers - own(rate, name)) <= 2 * walkers.error < 0.3 * abs(walkers)
        assert abs(continuous - limit) <= continuous.error < 1e-8 * abs(limit)
        assert abs(limit - own(rate, name)) > 1e6 * exact.error  # the control: the limit is another number
        assert one.verdict_of("fokker planck") == "differs"
    assert found.verdict == "agree"


def test_momentum_by_all_three():
    """Var w = eta C (1 + m) / (B a (1 - m) (2 (1 + m) - eta a)), and eta C / (2 B a (1 - m)) in the limit."""
    rate, momentum, h = 0.2, 0.5, 1e-5

    def loss(m):
        return (
            CURVATURE
            / 2
            * rate
            * NOISE
            * (1 + m)
            / (BATCH * CURVATURE * (1 - m) * (2 * (1 + m) - rate * CURVATURE))
        )

    (one,) = found_by(BOWL, [rate], "momentum", momentum).slopes
    truth = (loss(momentum + h) - loss(momentum - h)) / (2 * h)
    assert abs(one.found["operator"] - truth) <= one.found["operator"].error + 1e-9 < 1e-6
    assert abs(one.found["sampling"] - truth) <= 2 * one.found["sampling"].error
    limit = rate * NOISE / (4 * BATCH * (1 - momentum) ** 2)
    assert abs(one.found["fokker planck"] - limit) <= one.found["fokker planck"].error < 1e-8


def test_a_table_says_what_each_is_worth():
    found = found_by(BOWL, [0.1])
    lines = found.table().splitlines()
    assert lines[0] == "derivative in learning_rate of the stationary mean"
    assert lines[1].split()[:2] == ["rate", "operator"]
    assert lines[2].split()[-1] == "differs"
    assert lines[-1] == "SGD's own: agree"


def test_a_method_that_does_not_fit_says_why():
    """Walkers of two wells that are far apart would not settle; the operator weighs them."""
    wells = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4 + w/50"), Isotropic(0.5, 1))
    found = found_by(wells, [0.1], grid=Grid(-1.7, 1.7, 120), minimum=[-1.0], burn_in=None)
    (one,) = found.slopes
    assert "settle within 100000 steps of burn-in" in one.refused["sampling"]
    assert one.found["operator"].error < 1e-6 * abs(one.found["operator"])
    assert found.verdict == "cannot tell"
    assert "no sampling: walkers must settle" in found.table()


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: found_by(BOWL, []), "`rates` must hold a learning rate, got none"),
        (lambda: found_by(BOWL, [0.1, -0.1]), "must be positive and finite, got -0.1"),
        (lambda: found_by(BOWL, [0.1, 1.2]), "must be below 2 at the minimum"),
        (lambda: found_by(BOWL, [0.1], "rate"), "`parameter` must be one of"),
        (lambda: found_by(BOWL, [0.1], "momentum"), "needs one above 0, got 0"),
        (lambda: found_by(ProductModel("w - 1"), [0.1], "batch_size"), "needs the Gaussian noise"),
        (lambda: found_by(LinearRegression(1.0), [0.1], "batch_size"), "Gaussian noise|ProductModel"),
        (lambda: found_by(BOWL, [0.1], confidence=1.0), "`confidence` must lie between 0 and 1"),
        (lambda: found_by(BOWL, [0.1], walkers=5), "`walkers` must be a whole number, at least 20, got 5"),
        (lambda: found_by(BOWL, [0.1], observable=lambda w: np.nan * w[..., 0]), "`observable` must be finite"),
        (
            lambda: found_by(BOWL, [0.1], observable=lambda w: np.where(w[..., 0] > 0.1, np.nan, 1.0)),
            "a method must find",
        ),
        (lambda: found_by(BOWL, [0.1], momentum=Nesterov(0.5)), "known of plain SGD"),
    ],
)
def test_refused_by_name(call, reason):
    with pytest.raises(InputError, match=reason):
        call()
