"""The limit of SGD with each of its options against exact covariances of quadratic loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from checks import observed_order
from scipy.linalg import expm
from sgd_models import data_for

from simulate import (
    SGD,
    Cosine,
    Fresh,
    GaussianNoise,
    InverseNoise,
    LabelNoise,
    Nesterov,
    StableNoise,
    StudentNoise,
    SubsampledNoise,
    WithoutReplacement,
)
from theory import (
    CallableLandscape,
    Constant,
    HessianProportional,
    InputError,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    langevin_limit,
    linear_regression_covariance,
    on_data,
    sgd_covariance,
    stationary_covariance,
)
from theory.equations import NoLimitEquation
from theory.tensors import TensorSum, Transformed

H = np.array([[1.0, 0.25], [0.25, 2.0]])
C = np.array([[1.0, 0.3], [0.3, 0.5]])
TURNED = np.array([[1.0, 0.2], [0.2, 2.0]])
BATCH = 10
RATES = np.array([0.02, 0.01, 0.005])
BOWL = SymbolicLandscape("x**2/2 + x*y/4 + y**2")
FORMULA = NoisyGradient(BOWL, Constant(C))
FUNCTIONS = NoisyGradient(CallableLandscape(BOWL.value, BOWL.gradient, BOWL.hessian, dim=2), Constant(C))
ORIGIN = np.zeros(2)


@dataclass(frozen=True)
class Uniform:
    """A noise that SGD does not know, on (-half, half)."""

    half: float

    @property
    def variance(self) -> float:
        return self.half**2 / 3


@dataclass(frozen=True)
class TurnedBack:
    """A preconditioner that SGD does not know, given where it is applied only."""

    def applied(self, covariance: Any, gradient: Any, batch_size: int, w: Any) -> Any:
        return gradient @ TURNED.T


@dataclass(frozen=True)
class Steps:
    """What the limit reads of an algorithm that is no SGD of ours."""

    learning_rate: float
    batch_size: int
    momentum: float = 0.0
    preconditioner: Any = None
    noises: tuple[Any, ...] = ()


OPTIONS: dict[str, tuple[dict[str, Any], float, Any]] = {  # options, variance of a step's gradient beside C/B, P
    "momentum": ({"momentum": 0.4}, 0.0, np.eye(2)),
    "number": ({"preconditioner": 2.0}, 0.0, 2 * np.eye(2)),
    "rates": ({"preconditioner": (2.0, 0.5)}, 0.0, np.diag([2.0, 0.5])),
    "matrix": ({"preconditioner": TURNED, "momentum": 0.3}, 0.0, TURNED),
    "inverse": ({"preconditioner": InverseNoise()}, 0.0, BATCH * np.linalg.inv(C)),
    "damped": ({"preconditioner": InverseNoise(1.0)}, 0.0, BATCH * np.linalg.inv(C + np.eye(2))),
    "gaussian": ({"noise": GaussianNoise(0.5)}, 0.25, np.eye(2)),
    "several": ({"noise": (GaussianNoise(0.3), GaussianNoise(0.4))}, 0.25, np.eye(2)),
    "student": ({"noise": StudentNoise(5.0, 0.5), "preconditioner": (0.5, 1.0)}, 1.25 / 3, np.diag([0.5, 1.0])),
    "stable": ({"noise": StableNoise(2.0, 0.2)}, 0.08, np.eye(2)),
}


def gaps(limit: Any, exact: Any) -> float:
    """Relative distance of the stationary covariance of a linear equation from `exact`."""
    slope = -np.stack([limit.drift(e) for e in np.eye(2)], axis=-1)  # the drift is -F w
    return float(np.abs(stationary_covariance(slope, limit.tensor(ORIGIN)) - exact).max() / np.abs(exact).max())


@pytest.mark.parametrize("model", [FORMULA, FUNCTIONS], ids=["formula", "functions"])
@pytest.mark.parametrize("name", OPTIONS)
def test_the_exact_covariance_meets_the_limit_to_first_order_in_the_rate(name: str, model: NoisyGradient) -> None:
    options, added, matrix = OPTIONS[name]
    found, wrong = [], []
    for rate in RATES:
        # InverseNoise() multiplies by some 20: smaller steps, or the second order shows
        sgd = SGD(float(rate) / np.linalg.norm(matrix, 2), BATCH, **options)
        exact = sgd_covariance(H, C / BATCH + added * np.eye(2), sgd.learning_rate * matrix, float(sgd.momentum))
        found.append(gaps(langevin_limit(model, sgd), exact))
        wrong.append(gaps(langevin_limit(model, SGD(sgd.learning_rate, BATCH)), exact))
    assert 0.85 < observed_order(RATES, found) < 1.15
    assert min(wrong) > 0.05  # control: the limit of plain SGD is another


def test_nesterovs_momentum_has_the_limit_of_the_heavy_ball() -> None:
    heavy, ahead = (langevin_limit(FORMULA, SGD(0.1, BATCH, mu)) for mu in (0.4, Nesterov(0.4)))
    np.testing.assert_array_equal(heavy.tensor(ORIGIN), ahead.tensor(ORIGIN))
    assert not np.allclose(langevin_limit(FORMULA, SGD(0.1, BATCH)).tensor(ORIGIN), ahead.tensor(ORIGIN))


@pytest.mark.parametrize("own", [True, False], ids=["regression", "product"])
def test_label_noise_joins_that_of_the_labels(own: bool) -> None:
    regression = LinearRegression(H, noise_std=0.5)
    model = regression if own else ProductModel(regression.q, [str(v) for v in regression.variables], 0.5)
    found, wrong = [], []
    for rate in RATES:
        exact = linear_regression_covariance(LinearRegression(H, noise_std=1.3), float(rate), BATCH)
        found.append(gaps(langevin_limit(model, SGD(float(rate), BATCH, noise=LabelNoise(1.2))), exact))
        wrong.append(gaps(langevin_limit(model, SGD(float(rate), BATCH)), exact))
    assert 0.85 < observed_order(RATES, found) < 1.15
    assert min(wrong) > 0.5


def test_noise_over_subsampled_examples_adds_its_share_of_their_covariance() -> None:
    vector = ProductModel(["x", "x - y"], ["x", "y"])
    data = data_for(vector, 12)
    w = np.array([0.3, -0.2])
    for model in (vector, on_data(vector, data.x, data.y)):
        covariance = model.gradient_covariance(w)
        for batch, sampling, share in ((4, Fresh(), 1 / 4), (12, WithoutReplacement(), 1 / 12)):
            full = batch == 12 and model is not vector  # then the batches of a data set have no noise
            sgd = SGD(0.1, batch, sampling=sampling, noise=SubsampledNoise(0.5))
            expected = 0.1 / 2 * (0.25 + (0.0 if full else share)) * covariance
            limit = langevin_limit(model, sgd)
            np.testing.assert_allclose(limit.tensor(w), expected, rtol=1e-12)
            root = limit.diffusion.root(w)
            np.testing.assert_allclose(root @ root.T, expected, rtol=1e-9)
            plain = langevin_limit(model, SGD(0.1, batch))
            assert not np.allclose(plain.tensor(w), expected, rtol=0.1)


def test_parts_of_a_users_own_count() -> None:
    sgd = Steps(0.01, BATCH, 0.0, TurnedBack(), (Uniform(0.6),))
    exact = sgd_covariance(H, C / BATCH + 0.12 * np.eye(2), 0.01 * TURNED)
    for model in (FORMULA, FUNCTIONS):
        limit = langevin_limit(model, sgd)
        assert gaps(limit, exact) < 0.03
        np.testing.assert_allclose(limit.divergence(ORIGIN), 0.0, atol=1e-12)
    assert gaps(langevin_limit(FORMULA, Steps(0.01, BATCH, 0.0, TurnedBack())), exact) > 0.2  # without its noise
    assert gaps(langevin_limit(FORMULA, Steps(0.01, BATCH, 0.0, None, (Uniform(0.6),))), exact) > 0.2


def moved(equation: Any, time: float) -> tuple[Any, Any]:
    """Mean and covariance at `time` of a linear equation from (1, -1/2)."""
    slope, start = -np.stack([equation.drift(e) for e in np.eye(2)], axis=-1), np.array([1.0, -0.5])
    step = expm(-slope * time)
    rest = stationary_covariance(slope, equation.tensor(ORIGIN))
    return step @ start, rest - step @ rest @ step.T


@pytest.mark.parametrize("model", [FORMULA, FUNCTIONS], ids=["formula", "functions"])
@pytest.mark.parametrize("name", ["gaussian", "several", "number", "matrix", "damped", "student"])
def test_weak_errors_at_a_fixed_time_have_the_order_that_was_asked_for(name: str, model: NoisyGradient) -> None:
    options, added, matrix = OPTIONS[name]
    options = {key: value for key, value in options.items() if key != "momentum"}
    rates, noise = RATES / np.linalg.norm(matrix, 2), C / BATCH + added * np.eye(2)
    errors, time = np.empty((2, 2, len(rates))), 0.5 / np.linalg.norm(matrix, 2)
    for k, rate in enumerate(rates):
        mean, covariance = np.array([1.0, -0.5]), np.zeros((2, 2))
        step, push = np.eye(2) - rate * matrix @ H, rate * matrix
        for _ in range(round(0.5 / RATES[k])):
            mean, covariance = step @ mean, step @ covariance @ step.T + push @ noise @ push.T
        for order in (1, 2):
            limit = langevin_limit(model, SGD(float(rate), BATCH, **options), order=order)
            for i, (a, b) in enumerate(zip(moved(limit, time), (mean, covariance), strict=True)):
                errors[order - 1, i, k] = np.abs(a - b).max()
    for order in (1, 2):  # the covariance has a factor of the rate
        assert observed_order(rates, errors[order - 1, 0]) == pytest.approx(order, abs=0.2)
        assert observed_order(rates, errors[order - 1, 1]) == pytest.approx(2, abs=0.2)


def test_a_preconditioner_that_depends_on_w_is_one_equation_by_formula_and_by_functions() -> None:
    model = ProductModel(["x + y**2/4", "y"], ["x", "y"])
    functions = NoisyGradient(
        CallableLandscape(model.value, model.gradient, model.hessian, dim=2), model.example_covariance
    )
    points = np.random.default_rng(0).normal(size=(20, 2))
    sgd = SGD(0.1, 5, preconditioner=InverseNoise(0.3), noise=GaussianNoise(0.5))
    pull = 5 * np.linalg.inv(model.gradient_covariance(points) + 0.3 * np.eye(2))
    inner = 0.1 / 2 * (model.gradient_covariance(points) / 5 + 0.25 * np.eye(2))
    for order in (1, 2):
        formula, other = (langevin_limit(one, sgd, order=order) for one in (model, functions))
        assert formula.compiled is not None
        assert isinstance(other.diffusion, Transformed)
        assert isinstance(other.diffusion.field, TensorSum)
        np.testing.assert_allclose(formula.tensor(points), pull @ inner @ pull, rtol=1e-9)
        np.testing.assert_allclose(other.tensor(points), pull @ inner @ pull, rtol=1e-9)
        np.testing.assert_allclose(other.divergence(points), formula.divergence(points), rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(other.drift(points), formula.drift(points), rtol=1e-6, atol=1e-8)
        first = -np.einsum("nij,nj->ni", pull, model.gradient(points))
        assert np.allclose(formula.drift(points), first, rtol=1e-9) == (order == 1)


def test_noise_along_a_hessian_that_is_no_formula_takes_options_too() -> None:
    space = SymbolicLandscape("x**2/2 + y**2 + z**2 + x*y*z/3")
    model = NoisyGradient(space, HessianProportional(space, 2.0))
    w = np.array([0.1, 0.2, -0.1])
    limit = langevin_limit(model, SGD(0.1, 4, preconditioner=(1.0, 2.0, 0.5), noise=GaussianNoise(0.5)))
    pull, inner = np.diag([1.0, 2.0, 0.5]), 0.1 / 2 * (2 * space.hessian(w) / 4 + 0.25 * np.eye(3))
    np.testing.assert_allclose(limit.tensor(w), pull @ inner @ pull, rtol=1e-12)
    np.testing.assert_allclose(limit.drift(w), -pull @ space.gradient(w), rtol=1e-12)


@pytest.mark.parametrize(
    ("model", "sgd", "order", "reason"),
    [
        (FORMULA, SGD(0.1, 5, schedule=Cosine(5, 0.1)), 1, r"under a schedule .* got Cosine\(.*; .*plain SGD"),
        (FORMULA, SGD(0.1, 5, noise=StableNoise(1.5, 0.1)), 1, r"has no variance.* got StableNoise\(.*; take"),
        (FORMULA, SGD(0.1, 5, noise=StudentNoise(2.0, 0.1)), 2, "has no variance"),
        (FORMULA, SGD(0.1, 5, noise=LabelNoise(0.1)), 1, "noise of its labels, got NoisyGradient; take"),
        (ProductModel("x"), SGD(0.1, 5, sampling=Fresh(5.0)), 1, r"normal data, got Fresh\(.*; .*plain SGD"),
        (ProductModel("x*y"), SGD(0.1, 5, preconditioner=InverseNoise()), 1, "no inverse.*give a `damping`"),
        (FORMULA, SGD(0.1, 5, 0.5, noise=GaussianNoise(0.1)), 2, r"known without momentum, got 0\.5; take"),
        (FORMULA, SGD(0.1, 5, noise=StudentNoise(2.5, 0.1)), 2, r"third moment, got the tail index 2\.5; take"),
        (FORMULA, SGD(0.1, 5, preconditioner=(1.0, 2.0, 3.0)), 1, "fit the dimension 2 of the model, got 3"),
    ],
)  # fmt: skip
def test_where_there_is_none_it_says_why(model: Any, sgd: SGD, order: int, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as found:
        langevin_limit(model, sgd, order=order)
    assert "\n" not in str(found.value)
    if order == 1 and isinstance(found.value, NoLimitEquation):
        assert str(found.value).startswith(found.value.reason)


def test_what_is_next_to_a_refusal_has_a_limit() -> None:
    near = SGD(0.1, 5, noise=(StudentNoise(2.1, 0.1), StableNoise(2.0, 0.1)))
    assert langevin_limit(FORMULA, near).tensor(ORIGIN)[0, 0] > 0
    assert langevin_limit(FORMULA, SGD(0.1, 5, noise=StudentNoise(3.5, 0.1)), order=2).extra_drift is not None
    assert langevin_limit(ProductModel("x*y"), SGD(0.1, 5, preconditioner=InverseNoise(0.1))).dim == 2
