"""What step rules keep near a minimum, and the curvature at which their steps grow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from checks import observed_order
from scipy.stats import norm

from simulate import (
    SGD,
    SVAG,
    Adam,
    AdamW,
    ClipByValue,
    Cosine,
    LabelNoise,
    Lion,
    Nesterov,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    StudentNoise,
    SubsampledNoise,
    WeightDecay,
    run_sgd,
)
from theory import Constant, Grid, InputError, NoisyGradient, SymbolicLandscape, langevin_limit, stationary_law
from theory.base.arrays import Array
from theory.formulas import preconditioned_sharpness, rule_covariance, rule_stability_edge

CURVATURE, STD = 0.8, 2.0
BOWL = NoisyGradient(SymbolicLandscape("2*w**2/5"), Constant(np.array([[STD**2]])))
WALKERS = 40_000


def variance_of_signs(rate: float) -> float:
    """Of w <- w - rate sign(g), exactly: detailed balance on the lattice of steps, over all lattices."""
    places = rate * (np.arange(-400, 400)[:, None] + (np.arange(8) + 0.5) / 8)
    up = norm.logcdf(CURVATURE * places / STD)
    rise = norm.logcdf(-CURVATURE * places / STD)[:-1] - up[1:]
    mass = np.concatenate([np.zeros((1, 8)), np.cumsum(rise, axis=0)])
    weight = np.exp(mass - mass.max(axis=0))
    return float(((places**2 * weight).sum(axis=0) / weight.sum(axis=0)).mean())


def test_the_variance_of_signs_is_exact_to_first_order_and_published() -> None:
    rates = np.array([0.4, 0.2, 0.1])
    slope = math.sqrt(2 / math.pi) * CURVATURE / STD
    exact = np.array([variance_of_signs(rate) for rate in rates])
    found = np.array([rule_covariance(SGD(rate, 1, rule=Sign()), CURVATURE, STD**2)[0, 0] for rate in rates])
    assert np.allclose(found, rates / 2 * math.sqrt(math.pi / 2) * STD / CURVATURE)  # arXiv:2411.15958
    assert 0.9 < observed_order(rates, np.abs(found / exact - 1)) < 1.1
    assert np.allclose((exact / found - 1) / (rates * slope), math.pi / 8, rtol=0.05)
    published = found / (1 + rates * slope / 2)
    assert (np.abs(published / exact - 1) > 2 * np.abs(found / exact - 1)).all()  # its next order is another
    plain = np.array([rule_covariance(SGD(rate, 1), CURVATURE, STD**2)[0, 0] for rate in rates])
    assert (np.abs(plain / exact - 1) > 0.5).all()  # control: that of SGD


def test_the_equation_of_signs_has_its_own_next_order() -> None:
    rate, slope = 0.1, math.sqrt(2 / math.pi) * CURVATURE / STD
    sgd = SGD(rate, 1, rule=Sign())
    law = stationary_law(langevin_limit(BOWL, sgd), Grid(-4.0, 4.0, 400))
    found = float(law.covariance[0, 0] / rule_covariance(sgd, CURVATURE, STD**2)[0, 0] - 1) / (rate * slope)
    assert found == pytest.approx(math.pi / 8 - 1 / 2, abs=0.01)
    assert abs(found - math.pi / 8) > 0.1  # control: that of the algorithm


@pytest.mark.parametrize(
    ("rule", "formula"),
    [
        (RMSprop(0.95), STD / CURVATURE / 2),
        (Adam(0.8, 0.95), STD / CURVATURE / 2),
        (AdamW(0.8, 0.95, weight_decay=0.5), 1 / (2 * (CURVATURE / STD + 0.5)) * (4 / (4 + 0.5))),
        (ClipByValue(1.0), None),
        (Lion(0.5, 0.98), None),
    ],
    ids=["RMSprop", "Adam", "AdamW", "clip", "Lion"],
)
def test_walkers_keep_the_covariance_of_their_rule(rule: Any, formula: float | None) -> None:
    rate = 0.05
    sgd = SGD(rate, 1, rule=rule)
    found = rule_covariance(sgd, CURVATURE, STD**2)[0, 0]
    rng = np.random.default_rng(1)
    start = math.sqrt(found) * rng.standard_normal((WALKERS, 1))
    square = run_sgd(BOWL, sgd, start, steps=400, rng=rng).final[:, 0] ** 2
    error = 4 * square.std() / math.sqrt(WALKERS) + 0.03 * found  # the next order in the rate
    assert abs(square.mean() - found) < error
    assert formula is None or found == pytest.approx(rate * formula, rel=1e-6)
    assert abs(square.mean() - rule_covariance(SGD(rate, 1), CURVATURE, STD**2)[0, 0]) > error  # control


def test_correlated_signs_keep_their_covariance() -> None:
    hessian, noise = np.diag([1.0, 0.5]), np.array([[1.0, 0.8], [0.8, 1.0]])
    model = NoisyGradient(SymbolicLandscape("x**2/2 + y**2/4"), Constant(noise))
    sgd, rng = SGD(0.05, 1, rule=Sign()), np.random.default_rng(2)
    ends = run_sgd(model, sgd, np.zeros((WALKERS, 2)), steps=200, rng=rng).final
    found, without = (rule_covariance(sgd, hessian, matrix)[0, 1] for matrix in (noise, np.eye(2)))
    products = ends[:, 0] * ends[:, 1]
    assert abs(products.mean() - found) < 4 * products.std() / math.sqrt(WALKERS) + 0.05 * found
    assert abs(products.mean() - without) > 10 * products.std() / math.sqrt(WALKERS)


def test_decay_and_temperature_are_in_the_covariance() -> None:
    sgd = SGD(0.1, 2, rule=(WeightDecay(0.2), StochasticLangevin(0.3)))
    assert rule_covariance(sgd, 0.8, 4.0)[0, 0] == pytest.approx(0.05 * 2 + 0.3)
    coupled = rule_covariance(SGD(0.1, 1, rule=(WeightDecay(0.2), RMSprop(0.9))), 0.8, 4.0)[0, 0]
    assert coupled == pytest.approx(0.05 * 2 / 1.0)


def test_temperature_stays_after_clipping_and_amplified_batches_are_louder() -> None:
    for sampler in (StochasticLangevin(0.5), StochasticHamiltonian(1.0, 0.5)):
        found = rule_covariance(SGD(0.1, 4, rule=(ClipByValue(10.0), sampler)), 1.0, 1.0)[0, 0]
        assert found == pytest.approx(0.5 + 0.05 / 4)
    amplified = [rule_covariance(SGD(0.1, 4, noise=SVAG(4.0), rule=rule), 1.0, 1.0) for rule in ((), Sign())]
    assert np.allclose(amplified, [rule_covariance(SGD(0.1, 1, rule=rule), 1.0, 1.0) for rule in ((), Sign())])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"preconditioner": 4.0}, r"without a preconditioner, got 4\.0; put a number into the learning rate"),
        ({"noise": LabelNoise(1.0)}, r"a model knows, got LabelNoise.*add it to `example_covariance`"),
        ({"noise": SubsampledNoise(2.0), "rule": Sign()}, "a model knows, got SubsampledNoise"),
        ({"noise": StudentNoise(3.0, 1.0), "rule": Sign()}, "needs noise that is normal, got StudentNoise"),
    ],
)
def test_noise_that_the_matrices_do_not_have_is_refused(options: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        rule_covariance(SGD(0.1, 4, **options), 1.0, 1.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"preconditioner": 4.0}, r"curvature alone, got 4\.0"),
        ({"schedule": Cosine(10, 0.1)}, "one learning rate, got .*Cosine"),
        ({"rule": AdamW(weight_decay=30.0)}, r"weight decay of 30\.0, by which alone they grow"),
        ({"rule": (RMSprop(), WeightDecay(20.0))}, r"weight decay of 20\.0, by which alone they grow"),
    ],
)
def test_steps_without_an_edge_of_their_own_are_refused(options: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        rule_stability_edge(SGD(0.1, 1, **options))


def growth(sgd: SGD, curvature: float) -> float:
    """Spectral radius of a step on a w^2/2 without noise, the preconditioner 1."""
    rate, rule, mu = sgd.learning_rate, sgd.rules[0] if sgd.rules else None, float(sgd.momentum)
    decay = sum(getattr(one, "rate", getattr(one, "weight_decay", 0.0)) for one in sgd.rules)
    if isinstance(rule, Adam | AdamW):
        b = rule.beta1
        matrix = np.array([[1 - rate * (decay + (1 - b) * curvature), -rate * b], [(1 - b) * curvature, b]])
    else:
        ahead = mu if isinstance(sgd.momentum, Nesterov) else 0.0
        whole = rate * (curvature + decay)
        velocity: Array = np.array([-whole, mu - whole * ahead])
        matrix = np.stack([velocity + np.array([1.0, 0.0]), velocity])
    return float(np.abs(np.linalg.eigvals(matrix)).max())


@pytest.mark.parametrize(
    "sgd",
    [
        SGD(0.1, 1),
        SGD(0.1, 1, momentum=0.6),
        SGD(0.1, 1, momentum=Nesterov(0.6)),
        SGD(0.1, 1, rule=(RMSprop(), WeightDecay(0.5))),
        SGD(0.1, 1, rule=Adam(0.9)),
        SGD(0.1, 1, rule=AdamW(0.8, weight_decay=0.5)),
    ],
    ids=["descent", "heavy ball", "Nesterov", "RMSprop", "Adam", "AdamW"],
)
def test_steps_grow_above_the_edge_alone(sgd: SGD) -> None:
    edge = rule_stability_edge(sgd)
    assert growth(sgd, 0.99 * edge) < 1 < growth(sgd, 1.01 * edge)


def test_the_edge_of_adam_is_the_published_one() -> None:
    assert rule_stability_edge(SGD(0.01, 1, rule=Adam())) == pytest.approx(38 / 0.01)
    assert preconditioned_sharpness([[2.0, 0.0], [0.0, 3.0]], [1.0, 9.0]) == pytest.approx(2.0)
    assert preconditioned_sharpness([[2.0, 0.0], [0.0, 3.0]], 1.0, epsilon=0.5) == pytest.approx(2.0)


def test_what_has_no_answer_is_refused() -> None:
    with pytest.raises(InputError, match=r"got Sign\(\), whose steps do not; take `rule_covariance`"):
        rule_stability_edge(SGD(0.1, 1, rule=Sign()))
    with pytest.raises(InputError, match="needs noise of every component"):
        rule_covariance(SGD(0.1, 1, rule=Sign()), np.eye(2), np.diag([1.0, 0.0]))
    with pytest.raises(InputError, match="a drift towards 0"):
        rule_covariance(SGD(0.1, 1, rule=Sign()), -1.0, 1.0)
    with pytest.raises(InputError, match="`epsilon` must be finite and not negative"):
        preconditioned_sharpness([[1.0]], 1.0, epsilon=-0.1)
    with pytest.raises(InputError, match="`hessian` must be symmetric"):
        preconditioned_sharpness([[1.0, 2.0], [0.0, 1.0]], 1.0)
    for matrices, name in ((([[1.0, 0.5], [0.0, 1.0]], np.eye(2)), "hessian"),
                           ((np.eye(2), [[1.0, 0.5], [0.0, 1.0]]), "example_covariance")):  # fmt: skip
        with pytest.raises(InputError, match=f"`{name}` must be symmetric"):
            rule_covariance(SGD(0.1, 1), *matrices)
