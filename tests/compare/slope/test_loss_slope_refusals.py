"""Where no slope of the loss is measured or predicted: each is refused with its reason."""

from __future__ import annotations

import numpy as np
import pytest
from slopes import QUICK, RATES, logistic, power, rng

from compare.slope import ByFokkerPlanck, ByFormula, BySampling, ByTransitionOperator, loss_slope
from simulate import SGD, Adam, LabelNoise, Nesterov, WithoutReplacement, WithReplacement
from theory import (
    Constant,
    Grid,
    InputError,
    Isotropic,
    LinearRegression,
    NoisyGradient,
    NoStationaryDensity,
    ProductModel,
    SymbolicLandscape,
)
from theory.learning import extrapolate_logarithmic


def test_noise_hides_a_slope():
    """A few short walkers cannot tell, and the verdict says so."""
    method = BySampling(20, 2, 200, observations=2, control_variates=False)
    found = loss_slope(LinearRegression(1.0), SGD(0.1, 4), [0.08, 0.1, 0.16], method=method, rng=rng(18))
    assert found.verdict == "cannot tell"


def test_predictions_are_refused_with_a_reason():
    wells = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(1.0, 1))
    found = loss_slope(wells, SGD(0.1, 1), [0.1, 0.2, 0.3], method=ByFokkerPlanck(Grid(-3, 3, 200)))
    assert found.verdict == "no prediction"
    assert "several minima, also at (-1)" in found.table() or "several minima, also at (1)" in found.table()
    flat = SymbolicLandscape("x**4 + y**2", variables=("x", "y"))
    uneven = NoisyGradient(flat, Constant(np.diag([1.0, 3.0])))
    found = loss_slope(uneven, SGD(0.1, 1), [0.02, 0.04, 0.08], minimum=(0, 0), method=QUICK, rng=rng(19))
    assert "not isotropic" in found.prediction.reason
    curved = NoisyGradient(SymbolicLandscape("x**2*y**2 + (x - y)**4", variables=("x", "y")), Isotropic(1.0, 2))
    assert loss_slope(
        curved, SGD(0.1, 1), [0.02, 0.04, 0.08], minimum=(0, 0), method=QUICK, rng=rng(19)
    ).prediction.value == pytest.approx(0.25)


def test_rates_out_of_range_are_refused():
    model, sgd = LinearRegression(2.0), SGD(0.1, 4)
    for rates, message in (
        ([0.1, -0.2, 0.3], "`rates` must be positive and finite"),
        ([0.1, 0.2], "at least 3 different learning rates"),
        ([0.1, 0.2, 0.2], "at least 3 different learning rates"),
        ([0.1, 0.2, 1.1], r"must be below 2 at the minimum, got 2.2 at the rate 1.1; take rates below 1"),
    ):
        with pytest.raises(InputError, match=message):
            loss_slope(model, sgd, rates, method=ByFormula())
    with pytest.raises(InputError, match="stable in mean square"):
        loss_slope(LinearRegression(1.0), SGD(0.1, 1), [0.1, 0.2, 1.2], method=ByFormula())
    long = BySampling(500, 50, 400, observations=10)
    with pytest.raises(InputError, match="must not hang on one walker"):
        loss_slope(LinearRegression(1.0), SGD(0.1, 1), [0.1, 0.2, 1.9], method=long, rng=rng(20))
    with pytest.raises(InputError, match=r"of 500 walkers diverged at the rate 0\.5"):
        loss_slope(power(2), SGD(0.1, 1), [0.3, 0.4, 0.5], minimum=0.0, method=long, rng=rng(20))
    late = BySampling(500, 400, 1, observations=10)  # they diverge while they are looked at
    with pytest.raises(InputError, match=r"of 500 walkers diverged at the rate 0\.5"):
        loss_slope(power(2), SGD(0.1, 1), [0.5, 0.6, 0.7], minimum=0.0, method=late, rng=rng(20))


def test_too_short_a_burn_in_is_refused():
    short, rates = BySampling(1000, 200, 50), [0.001, 0.002, 0.003]
    with pytest.raises(InputError, match=r"must be stationary, at the rate 0.001 .* more than 50 steps"):
        loss_slope(LinearRegression(1.0), SGD(0.1, 1), rates, method=short, rng=rng(21))


def test_minima_that_are_not_found_are_refused():
    sgd, sampled = SGD(0.1, 1), {"method": QUICK, "rng": rng(22)}
    far = NoisyGradient(SymbolicLandscape("sqrt(1 + (w - 9)**2)"), Isotropic(1.0, 1))
    with pytest.raises(InputError, match="Newton's method from 0 must find the minimum, it did not"):
        loss_slope(far, sgd, [0.1, 0.2, 0.3], **sampled)
    with pytest.raises(InputError, match="must be a minimum, the gradient at"):
        loss_slope(far, sgd, [0.1, 0.2, 0.3], minimum=2.0, **sampled)
    wells = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(1.0, 1))
    with pytest.raises(InputError, match=r"the Hessian at .* has the eigenvalue -1"):
        loss_slope(wells, sgd, [0.1, 0.2, 0.3], minimum=0.0, **sampled)
    with pytest.raises(InputError, match="1 finite numbers"):
        loss_slope(power(2), sgd, [0.1, 0.2, 0.3], minimum=(0.0, 1.0), **sampled)
    with pytest.raises(InputError, match="a minimum on the grid, got none"):
        loss_slope(power(2), sgd, [0.1, 0.2, 0.3], method=ByFokkerPlanck(Grid(1, 3, 50)))
    with pytest.raises(InputError, match="none of 300 moves: the noise vanishes there"):
        loss_slope(ProductModel("w**2"), sgd, [0.01, 0.02, 0.03], minimum=0.0, **sampled)
    with pytest.raises(NoStationaryDensity):
        loss_slope(ProductModel("w**2"), sgd, [0.01, 0.02, 0.03], method=ByFokkerPlanck(Grid(-1, 1, 100)))


def test_algorithms_that_the_slope_does_not_know_are_refused():
    model, rates = LinearRegression(1.0), [0.1, 0.2, 0.3]
    for sgd, message in (
        (SGD(0.1, 4, preconditioner=2.0), "plain SGD, got preconditioner"),
        (SGD(0.1, 4, noise=LabelNoise(1.0)), r"plain SGD, got added noise LabelNoise\(std=1.0\)"),
        (SGD(0.1, 4, rule=Adam()), r"plain SGD, got rule Adam\(\)"),
        (SGD(0.1, 4, momentum=Nesterov(0.5)), "plain SGD, got Nesterov"),
        (SGD(0.1, 4, sampling=WithoutReplacement()), "independent batches"),
        (SGD(0.1, 4, sampling=WithReplacement()), r"fresh data here; of a data set take on_data"),
        (SGD(0.1, 4, momentum=0.5), "needs no momentum, got 0.5; take BySampling"),
    ):
        with pytest.raises(InputError, match=message):
            loss_slope(model, sgd, rates, method=ByTransitionOperator(Grid(-3, 3, 64)))
    with pytest.raises(InputError, match="fresh data and no momentum"):
        loss_slope(model, SGD(0.1, 4, momentum=0.5), rates, method=ByFormula())
    with pytest.raises(InputError, match="constant noise, got another NoisyGradient"):
        loss_slope(power(2), SGD(0.1, 4), rates, minimum=0.0, method=ByFormula())
    with pytest.raises(InputError, match="a transition operator needs fresh data, got a DatasetModel"):
        loss_slope(
            logistic(),
            SGD(0.1, 4, sampling=WithReplacement()),
            rates,
            minimum=(0, 0),
            method=ByTransitionOperator(lambda rate: Grid((-3, -3), (3, 3), (32, 32))),
        )
    with pytest.raises(InputError, match="`model` must be a ProductModel"):
        loss_slope(SymbolicLandscape("w**2"), SGD(0.1, 4), rates, method=ByFormula())
    with pytest.raises(InputError, match="`confidence` must lie between 0 and 1"):
        loss_slope(model, SGD(0.1, 4), rates, method=ByFormula(), confidence=95)
    with pytest.raises(InputError, match="`walkers` must be a whole number, at least 20, got 5"):
        BySampling(walkers=5)
    with pytest.raises(InputError, match="at least 16 cells"):
        loss_slope(model, SGD(0.1, 4), rates, method=ByFokkerPlanck(Grid(-3, 3, 10)))
    with pytest.raises(InputError, match="multiplicity 3 needs at least 4 rates, got 3"):
        extrapolate_logarithmic(np.array([0.1, 0.2, 0.3]), np.ones(3), np.ones(3), 1.0, 3, independent=False)


def test_methods_are_objects_and_grids_fit():
    with pytest.raises(InputError, match="`method` must be a Method or a SlopeMethod or None, got"):
        loss_slope(LinearRegression(1.0), SGD(0.1, 4), RATES, method=ByFormula)
    grid = Grid([-3, -3], [3, 3], [30, 30])
    with pytest.raises(InputError, match="must have one dimension, got 1 and 2"):
        loss_slope(LinearRegression(1.0), SGD(0.1, 4), RATES, method=ByFokkerPlanck(grid))


def test_options_are_known_by_name_and_checked():
    model = LinearRegression(1.0)
    for wrong, words in (
        ({"confidense": 0.9}, "did you mean `confidence`"),
        ({"confidence": "high"}, "`confidence` must be a number"),
        ({"search": 3}, "`search` must be a Grid or None"),
        ({"power": [1, 2]}, "`power` must be a number or None"),
    ):
        with pytest.raises(InputError, match=words):
            loss_slope(model, SGD(0.1, 4), RATES, method=ByFormula(), **wrong)
    wide = loss_slope(model, SGD(0.1, 4), RATES, method=ByFormula(), confidence=0.99, power=1.0, search=None)
    assert wide.confidence == 0.99
