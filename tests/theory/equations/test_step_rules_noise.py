"""The noise that step rules get: amplified, absent, vanishing at places, and that of samplers after them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy

from simulate import (
    SGD,
    SVAG,
    Adam,
    ClipByValue,
    Lion,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    WithoutReplacement,
    WithReplacement,
    run_sgd,
)
from theory import (
    CallableLandscape,
    Constant,
    Isotropic,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    SymbolicTensor,
    langevin_limit,
    logistic_regression,
    sample_paths,
)
from theory.equations import EnlargedLangevin
from theory.equations.limit import limit_with
from theory.models import ProductOnData

MODEL = NoisyGradient(SymbolicLandscape("w**2/2 + w**4/8"), Isotropic(0.25, 1))
PLANE = SymbolicLandscape("x**2/2 + y**2")
BARE = CallableLandscape(PLANE.value, PLANE.gradient, PLANE.hessian, dim=2)
FUNCTIONS = NoisyGradient(BARE, Constant(np.array([[1.0, 0.3], [0.3, 0.5]])))
PLACE = np.array([[0.5, -0.3]])


@pytest.mark.parametrize("sampler", [StochasticLangevin(0.5), StochasticHamiltonian(0.5, 0.5)])
def test_a_sampler_after_clipping_keeps_its_temperature(sampler: Any) -> None:
    for model, place in ((MODEL, [[0.3]]), (FUNCTIONS, PLACE)):
        momentum = 0.5 if isinstance(sampler, StochasticHamiltonian) else 0.0
        clipped = langevin_limit(model, SGD(0.1, 1, rule=ClipByValue(0.5), momentum=momentum))
        heated = langevin_limit(model, SGD(0.1, 1, rule=(ClipByValue(0.5), sampler)))
        assert np.allclose(heated.drift(place), clipped.drift(place))
        assert np.allclose(heated.tensor(place), clipped.tensor(place) + 0.5 * np.eye(model.dim))


def test_signs_of_amplified_batches_are_those_of_their_noise() -> None:
    model, sgd, n = ProductModel("a"), SGD(0.1, 4, noise=SVAG(4.0), rule=Sign()), 40_000
    ends = run_sgd(model, sgd, np.full((n, 1), 0.3), steps=1, rng=np.random.default_rng(1)).final[:, 0]
    simulated = float(ends.mean() - 0.3) / 0.1
    without = langevin_limit(model, SGD(0.1, 4, rule=Sign())).drift([[0.3]])[0, 0]
    found = langevin_limit(model, sgd).drift([[0.3]])[0, 0]
    assert abs(found - simulated) < 0.05  # two batches are not quite normal
    assert abs(without - simulated) > 0.2  # control
    squares = [
        langevin_limit(model, SGD(0.1, 4, noise=noise, rule=RMSprop())).begin([[0.3]])[0, 1]  # type: ignore[attr-defined]
        for noise in ((), SVAG(4.0))
    ]
    own = 0.3**2
    assert squares[1] - own == pytest.approx(4 * (squares[0] - own))


def test_signs_of_a_product_with_other_noise_are_those_of_normal_numbers() -> None:
    model, sgd = ProductModel("a"), SGD(0.1, 4, rule=Sign())
    place = np.array([[0.3]])
    found = limit_with(model, sgd, Constant([[0.1]])).drift(place)[0, 0]  # the variance of a batch is 2
    assert found == pytest.approx(-math.erf(model.gradient(place)[0, 0] / 2))
    assert abs(langevin_limit(model, sgd).drift(place)[0, 0] - found) > 0.2  # control


def test_a_parameter_that_nothing_moves_stays() -> None:
    data = np.array([[1.0, 0.0], [-0.5, 0.0], [0.3, 0.0]])
    model = logistic_regression(data, np.array([1.0, 0.0, 0.0]))
    tensor = langevin_limit(model, SGD(0.1, 1, rule=Sign(), sampling=WithReplacement())).tensor(PLACE)[0]
    assert tensor[0, 0] > 0
    assert not tensor[1].any()
    still = ProductModel("a", noise_std=0.0)
    tensor = langevin_limit(still, SGD(0.1, 1, rule=Sign())).tensor([[0.0], [0.3]])
    assert not tensor.any()


@pytest.mark.parametrize("rule", [Sign(), ClipByValue(0.4), Lion(0.6, 0.9)], ids=repr)
def test_a_direction_without_noise_follows_its_own_gradient(rule: Any) -> None:
    model = NoisyGradient(PLANE, Constant(np.diag([1.0, 0.0])))
    places = np.array([[0.5, -0.3], [0.5, 0.0]])
    sde = langevin_limit(model, SGD(0.1, 1, rule=rule))
    start = sde.begin(places) if isinstance(sde, EnlargedLangevin) else places
    drift, tensor = sde.drift(start), sde.tensor(start)
    assert np.allclose(drift[:, 1], [0.4 if isinstance(rule, ClipByValue) else 1.0, 0.0], atol=1e-6)
    assert not tensor[:, 1].any()
    assert np.isfinite(tensor).all()
    assert np.isfinite(sample_paths(sde, start, dt=0.1, steps=2, rng=np.random.default_rng(1)).final).all()


@pytest.mark.parametrize(
    "rule", [Sign(), ClipByValue(0.4), Lion(0.6, 0.9), RMSprop(0.9), Adam(0.8, 0.9)], ids=repr
)
def test_full_batches_of_a_formula_have_an_equation_without_noise(rule: Any) -> None:
    x = np.array([1.0, -0.5, 0.7, 2.0])
    model = ProductOnData(ProductModel("a"), x, 0.6 * x + 0.1)
    sde = langevin_limit(model, SGD(0.1, 4, rule=rule, sampling=WithoutReplacement()))
    start = sde.begin([[0.3]]) if isinstance(sde, EnlargedLangevin) else np.array([[0.3]])
    assert not sde.tensor(start).any()
    assert sde.drift(start)[0, 0] == pytest.approx(0.4 if isinstance(rule, ClipByValue) else 1.0, abs=1e-6)


@pytest.mark.parametrize("rule", [Sign(), ClipByValue(0.4), Lion(0.6, 0.9)], ids=repr)
def test_noise_that_vanishes_at_a_place_has_an_equation_there(rule: Any) -> None:
    bowl = SymbolicLandscape("w**2/2")
    model = NoisyGradient(bowl, SymbolicTensor(sympy.Matrix([bowl.variables]), bowl.variables))
    sde = langevin_limit(model, SGD(0.1, 1, rule=rule))
    start = sde.begin([[0.0]]) if isinstance(sde, EnlargedLangevin) else np.array([[0.0]])
    assert not sde.drift(start).any()
    assert not sde.tensor(start).any()


@pytest.mark.parametrize("rule", [RMSprop(0.9), Adam(0.8, 0.9)], ids=repr)
@pytest.mark.parametrize("formula", ["w**2", "w"])
def test_the_second_order_is_known_where_gradient_and_noise_vanish(formula: str, rule: Any) -> None:
    sde = langevin_limit(ProductModel(formula, noise_std=0.0), SGD(0.1, 1, rule=rule), order=2)
    assert isinstance(sde, EnlargedLangevin)
    rest, beside = sde.begin([[0.0]]), sde.begin([[0.1]])
    assert not rest[:, sde.names.index("v")].any()
    drift = sde.drift(rest)[0]
    assert not drift[[k for k, name in enumerate(sde.names) if name != "t"]].any()
    assert not sde.tensor(rest).any()
    assert sde.drift(beside)[0, 0] < -0.5  # the control: with little in it a memory weighs much
