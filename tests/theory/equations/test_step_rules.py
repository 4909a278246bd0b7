"""Equations of step rules: the moments that they are made of, how they are taken, and what has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from simulate import (
    SGD,
    Adam,
    ClipByNorm,
    ClipByValue,
    Lion,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    StudentNoise,
    WeightDecay,
    WithoutReplacement,
)
from theory import (
    CallableLandscape,
    Constant,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    gibbs,
    langevin_limit,
    logistic_regression,
    sample_paths,
)
from theory.base.arrays import Array
from theory.equations import EnlargedLangevin, NoLimitEquation
from theory.equations.step_rules.normals import sign_moments

STD, EPSILON = 0.5, 0.1
MODEL = NoisyGradient(SymbolicLandscape("w**2/2 + w**4/8"), Isotropic(STD**2, 1))
PLANE = SymbolicLandscape("x**2/2 + y**2")
MIXED = np.array([[1.0, 0.3], [0.3, 0.5]])
FORMULA = NoisyGradient(PLANE, Constant(MIXED))
FUNCTIONS = NoisyGradient(CallableLandscape(PLANE.value, PLANE.gradient, PLANE.hessian, dim=2), Constant(MIXED))
PLACE = np.array([[0.5, -0.3]])


class Own:
    """A rule of the user's."""

    def update(self, *given: Any) -> Any:
        return given

    def __repr__(self) -> str:
        return "Own()"


@dataclass(frozen=True)
class Coins:
    """Noise of the user's of variance 1, normal only where it says so."""

    variance: float = 1.0

    def sample(self, w: Array, rng: np.random.Generator) -> Array:
        return rng.choice([-1.0, 1.0], w.shape)


@dataclass(frozen=True)
class NormalCoins(Coins):
    """Noise that says it is normal."""

    normal: bool = True


@dataclass(frozen=True)
class Steps:
    """What the limit reads of an algorithm that is no SGD of ours."""

    learning_rate: float
    batch_size: int
    rules: tuple[Any, ...]
    momentum: float = 0.0
    preconditioner: Any = None
    noises: tuple[Any, ...] = ()


def pull(w: Array) -> Array:
    return w + w**3 / 2


@pytest.mark.parametrize("rule", [Sign(), ClipByValue(0.5)], ids=["sign", "clip"])
def test_signs_and_clipped_values_have_the_moments_of_their_samples(rule: Any) -> None:
    n, mean = 400_000, PLANE.gradient(PLACE)[0]
    g = np.random.default_rng(1).multivariate_normal(mean, MIXED, n)
    shaped = np.sign(g) if isinstance(rule, Sign) else np.clip(g, -0.5, 0.5)
    for model in (FORMULA, FUNCTIONS):
        sde = langevin_limit(model, SGD(0.1, 1, rule=rule))
        assert (np.abs(sde.drift(PLACE)[0] + shaped.mean(axis=0)) < 5 * shaped.std(axis=0) / np.sqrt(n)).all()
        assert np.abs(sde.tensor(PLACE)[0] / 0.05 - np.cov(shaped.T)).max() < 5 / np.sqrt(n)


def test_signs_of_numbers_that_are_one_number_are_one_sign() -> None:
    mean = np.array([[0.3, 0.2], [0.3, -0.6]])
    for side in (1.0, -1.0):
        covariance = np.broadcast_to([[1.0, 2 * side], [2 * side, 4.0]], (2, 2, 2))
        _, found = sign_moments(mean, covariance)
        places = mean / [1.0, 2.0] * [1.0, side]
        both = norm.cdf(places.min(axis=1)) - norm.cdf(places[:, 0]) * norm.cdf(places[:, 1])
        assert np.allclose(found[:, 0, 1], 4 * side * both)


def test_the_formula_of_signs_is_that_of_functions() -> None:
    apart = NoisyGradient(PLANE, Constant(np.diag([1.0, 0.5])))
    bare = CallableLandscape(PLANE.value, PLANE.gradient, PLANE.hessian, dim=2)
    for rule in (Sign(), (WeightDecay(0.2), ClipByValue(0.4), WeightDecay(0.3))):
        for order in (1, 2) if isinstance(rule, Sign) else (2,):
            one = langevin_limit(apart, SGD(0.1, 2, rule=rule), order)
            other = langevin_limit(
                NoisyGradient(bare, Constant(np.diag([1.0, 0.5]))), SGD(0.1, 2, rule=rule), order
            )
            assert one.compiled is not None
            assert other.compiled is None
            assert np.allclose(one.drift(PLACE), other.drift(PLACE), atol=1e-9)
            assert np.allclose(one.tensor(PLACE), other.tensor(PLACE), atol=1e-12)


def test_functions_have_the_equation_of_formulas() -> None:
    adam = (WeightDecay(0.2), Adam(0.8, 0.9, EPSILON), WeightDecay(0.1))
    for rule in (RMSprop(0.9, EPSILON), adam, PreconditionedLangevin(0.3, 0.9, EPSILON)):
        one, other = (langevin_limit(model, SGD(0.1, 2, rule=rule)) for model in (FORMULA, FUNCTIONS))
        assert isinstance(one, EnlargedLangevin)
        assert isinstance(other, EnlargedLangevin)
        y = one.begin(PLACE, {"v": [0.3, 0.7]})
        assert np.allclose(y, other.begin(PLACE, {"v": [0.3, 0.7]}))
        assert np.allclose(one.drift(y), other.drift(y))
        assert np.allclose(one.tensor(y), other.tensor(y))
        assert np.allclose(one.drift(one.begin(PLACE))[:, 2:-1], 0.0)  # settled


def test_batches_of_a_product_have_the_moments_of_their_samples() -> None:
    model, size, rng = ProductModel("w + w**3/2", noise_std=STD), 2, np.random.default_rng(1)
    w, n = 0.7, 400_000
    x, e = rng.standard_normal((n, size)), STD * rng.standard_normal((n, size))
    g = (2 * 0.5 * (x * pull(np.array(w)) - e) * x).mean(axis=1) * (1 + 1.5 * w**2)
    sde = langevin_limit(model, SGD(0.1, size, rule=RMSprop(0.9, EPSILON)), order=2)
    assert isinstance(sde, EnlargedLangevin)
    y = sde.begin([[w]])
    for found, sample in (
        (y[0, 1], g**2),
        (sde.tensor(y)[0, 1, 1] / 0.05, (g**2 - (g**2).mean()) ** 2),
        (-sde.tensor(y)[0, 0, 1] * (np.sqrt(y[0, 1]) + EPSILON) / 0.05, (g - g.mean()) * (g**2 - (g**2).mean())),
    ):
        assert abs(found - sample.mean()) < 5 * sample.std() / np.sqrt(n)


def test_lion_has_the_moments_of_its_samples() -> None:
    rule, n, rng = Lion(0.6, 0.9), 400_000, np.random.default_rng(2)
    sde = langevin_limit(MODEL, SGD(0.1, 1, rule=rule))
    y = np.array([[0.4, 0.2]])
    g = pull(np.array(0.4)) + STD * rng.standard_normal(n)
    sign = np.sign(0.6 * 0.2 + 0.4 * g)
    assert abs(sde.drift(y)[0, 0] + sign.mean()) < 5 / np.sqrt(n)
    tensor = np.cov(np.stack([-sign, g - 0.2])) * 0.05
    assert np.abs(sde.tensor(y)[0] - tensor).max() < 1e-3
    assert abs(tensor[0, 1]) > 5e-3  # control: their noise is one


def test_weight_decay_alone_is_another_loss_and_a_sampler_another_temperature() -> None:
    grid = Grid(-4.0, 4.0, 400)
    law = FokkerPlanck(langevin_limit(MODEL, SGD(0.1, 1, rule=(WeightDecay(0.5), StochasticLangevin(0.3)))), grid)
    decayed = SymbolicLandscape("w**2/2 + w**4/8 + w**2/4")
    assert np.allclose(law.stationary().values, gibbs(decayed, 0.3 + 0.05 * STD**2, grid).values, atol=1e-10)
    slow = langevin_limit(MODEL, SGD(0.1, 1, rule=StochasticHamiltonian(0.5, 0.3)))
    assert np.allclose(slow.tensor([[0.0]]), 0.3 + 0.1 * STD**2)


def test_noise_of_ones_own_that_says_it_is_normal_has_a_limit() -> None:
    sde = langevin_limit(FORMULA, Steps(0.1, 1, (Sign(),), noises=(NormalCoins(),)))
    assert np.allclose(sde.drift(PLACE), langevin_limit(
        NoisyGradient(PLANE, Constant(MIXED + np.eye(2))), SGD(0.1, 1, rule=Sign())).drift(PLACE))  # fmt: skip


def test_paths_and_grids_take_an_enlarged_equation() -> None:
    bowl = NoisyGradient(SymbolicLandscape("w**2/2"), Isotropic(1.0, 1))
    sde = langevin_limit(bowl, SGD(0.05, 1, rule=RMSprop(0.98, EPSILON)), order=2)
    assert isinstance(sde, EnlargedLangevin)
    assert sde.names == ("w", "v")
    start = sde.begin(np.zeros((4_000, 1)), {"v": 1.0})
    paths = sample_paths(sde, start, dt=0.05, steps=160, rng=np.random.default_rng(3))
    square = sde.part(paths.final)[:, 0] ** 2
    law = FokkerPlanck(sde, Grid((-1.0, 0.3), (1.0, 1.9), (24, 24))).stationary()
    exact = law.covariance[0, 0]
    assert abs(square.mean() - exact) < 5 * square.std() / np.sqrt(len(square)) + 0.002
    assert sde.part(paths.final, "v").mean() == pytest.approx(law.mean[1], abs=0.01)


@pytest.mark.parametrize("rule", [Sign(), Adam(0.8, 0.9, EPSILON)], ids=["sign", "Adam"])
def test_full_batches_of_a_data_set_have_an_equation_without_noise(rule: Any) -> None:
    x = np.array([[1.0, 0.5], [-0.5, 1.0], [0.3, -0.2], [0.8, 0.1]])
    model = logistic_regression(x, np.array([1.0, 0.0, 1.0, 0.0]))
    sde = langevin_limit(model, SGD(0.1, 4, rule=rule, sampling=WithoutReplacement()))
    start = sde.begin(PLACE) if isinstance(sde, EnlargedLangevin) else PLACE
    assert not sde.tensor(start).any()
    assert np.allclose(np.sign(sde.drift(start)[:, :2]), -np.sign(model.gradient(PLACE)))
    ends = sample_paths(sde, start, dt=0.1, steps=3, rng=np.random.default_rng(1)).final
    assert np.isfinite(ends).all()
    some = langevin_limit(model, SGD(0.1, 2, rule=rule, sampling=WithoutReplacement()))
    assert some.tensor(start).any()  # control


@pytest.mark.parametrize(
    ("rule", "options", "order", "said"),
    [
        (Own(), {}, 1, r"a step rule of one's own is not known, got Own\(\); write it as a Langevin equation"),
        ((Sign(), ClipByValue(1.0)), {}, 1, "one rule that is not linear, beside weight decay"),
        (ClipByNorm(1.0), {}, 1, "closed form in one dimension only"),
        (Lion(0.9, 0.99), {}, 1, "components with independent noise"),
        (Sign(), {"noises": (StudentNoise(5.0, 0.1),)}, 1, "needs noise that is normal, got StudentNoise"),
        (Sign(), {"noises": (Coins(),)}, 1, "needs noise that is normal, got Coins"),
        ((Adam(), StochasticLangevin(0.1)), {}, 1, "a sampler needs a gradient, which averages are not"),
        (Sign(), {"preconditioner": 2.0}, 1, "a limit is known of a step rule or of a preconditioner"),
        (Sign(), {"momentum": 0.5}, 2, "`order` 2 is known without momentum"),
        (StochasticLangevin(0.1), {}, 2, "with noise of a temperature order 1 is known"),
    ],
)
def test_what_has_no_limit_is_refused(rule: Any, options: Any, order: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        langevin_limit(FORMULA, Steps(0.1, 1, rule if isinstance(rule, tuple) else (rule,), **options), order)


def test_a_velocity_has_no_second_order() -> None:
    with pytest.raises(InputError, match=r"`order` 2 is known without momentum, got 0\.5"):
        langevin_limit(MODEL, SGD(0.1, 1, rule=StochasticHamiltonian(0.5, 0.0)), 2)


def test_functions_with_averages_have_no_second_order() -> None:
    with pytest.raises(NoLimitEquation, match="order 2 of a rule with averages is known of formulas"):
        langevin_limit(FUNCTIONS, SGD(0.1, 1, rule=RMSprop(0.9, EPSILON)), 2)


def test_memory_that_does_not_fit_is_refused() -> None:
    sde = langevin_limit(MODEL, SGD(0.1, 1, rule=RMSprop(0.9, EPSILON)))
    assert isinstance(sde, EnlargedLangevin)
    for memory, said in (({"m": 0.0}, "`memory` must be of v"), ({"v": -1.0}, "must not be negative"),
                         ({"v": [1.0, 2.0]}, r"must have the shape \(1, 1\)")):  # fmt: skip
        with pytest.raises(InputError, match=said):
            sde.begin([[0.0]], memory)
    with pytest.raises(InputError, match="`name` must be one of w, v"):
        sde.part([[0.0, 1.0]], "m")
