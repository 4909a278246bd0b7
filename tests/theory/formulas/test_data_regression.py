"""SGD's stationary variance on a fixed data set, against all batches one by one and against walkers."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from checks import observed_order
from sgd_models import seeded

from simulate import (
    SGD,
    SVAG,
    DataSet,
    GaussianNoise,
    InverseNoise,
    LabelNoise,
    Nesterov,
    Sign,
    StableNoise,
    Step,
    StochasticHamiltonian,
    StochasticLangevin,
    StudentNoise,
    WeightDecay,
    WithoutReplacement,
    WithReplacement,
    draw_data,
    run_sgd,
)
from theory import InputError, ProductModel, langevin_limit, stationary_covariance
from theory.base.arrays import Array
from theory.formulas import data_regression_covariance
from theory.models import ProductOnData, on_data

Q = ProductModel("2*w - 1/2", noise_std=0.7, loss_scale=1.0)
DATA = draw_data(Q, 4, seeded(3))
ON_DATA = ProductOnData(Q, DATA.x, DATA.y)
RATE, STD, HEAT = 0.03, 0.6, 0.2
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "heavy ball": {"momentum": 0.6},
    "Nesterov": {"momentum": Nesterov(0.6)},
    "label": {"noise": LabelNoise(STD), "momentum": 0.3},
    "gaussian": {"noise": (GaussianNoise(STD), LabelNoise(STD)), "momentum": Nesterov(0.5)},
    "student": {"noise": StudentNoise(5, STD)},
    "preconditioner": {"preconditioner": 1.5, "momentum": 0.2},
    "decay": {"rule": WeightDecay(HEAT)},
    "langevin": {"rule": StochasticLangevin(HEAT), "noise": LabelNoise(STD)},
    "hamiltonian": {"rule": StochasticHamiltonian(0.5, HEAT)},
}
ADDED = {"gaussian": STD**2, "student": STD**2 * 5 / 3, "langevin": 2 * HEAT / RATE, "hamiltonian": HEAT / RATE}


def algorithm(**options: Any) -> SGD:
    return SGD(**{"learning_rate": RATE, "batch_size": 2, "sampling": WithReplacement(), **options})


def one_by_one(sgd: SGD, added: float, decay: float) -> float:
    """Var w from the means over all batches of products of steps, by repeating the step until nothing changes."""
    momentum, rate = float(sgd.kept_velocity), sgd.learning_rate * float(np.asarray(sgd.preconditioner or 1.0))
    ahead = momentum if isinstance(sgd.momentum, Nesterov) else 0.0
    label = sum(one.std**2 for one in sgd.noises if isinstance(one, LabelNoise))
    x = DATA.x[:, 0]
    at = [on_data(Q, DATA.x, DATA.y).examples(np.array([[place]]))[:, 0] for place in (0.0, 1.0)]
    slopes = at[1] - at[0]
    centre = -at[0].mean() / (slopes.mean() + decay)
    steps, sources = [], []
    for batch in map(list, product(range(4), repeat=2)):
        pull = rate * (slopes[batch].mean() + decay)
        steps.append(np.array([[1 - pull, momentum - pull * ahead], [-pull, momentum - pull * ahead]]))
        push = (at[0][batch] + slopes[batch] * centre).mean() + decay * centre
        sources.append(rate**2 * (push**2 + 16 * label * (x[batch] ** 2).sum() / 4 + added))
    second: Array = np.zeros((2, 2))
    for _ in range(4000):
        second = np.mean([a @ second @ a.T for a in steps], axis=0) + np.mean(sources)
    return float(second[0, 0])


@pytest.mark.parametrize("name", OPTIONS)
def test_the_variance_is_that_of_all_batches_one_by_one(name: str) -> None:
    sgd = algorithm(**OPTIONS[name])
    found = data_regression_covariance(ON_DATA, sgd)
    assert found.shape == (1, 1)
    exact = one_by_one(sgd, ADDED.get(name, 0.0), HEAT if name == "decay" else 0.0)
    assert found[0, 0] == pytest.approx(exact, rel=1e-9)
    if name != "plain":
        plain = data_regression_covariance(ON_DATA, algorithm())
        assert found[0, 0] != pytest.approx(plain[0, 0], rel=0.01)  # control


@pytest.mark.parametrize("name", ["heavy ball", "label", "student", "decay"])
def test_the_limit_on_the_data_has_this_variance_to_first_order_in_the_rate(name: str) -> None:
    rates = np.array([4e-3, 2e-3, 1e-3])
    gaps = []
    for rate in rates:
        sgd = algorithm(learning_rate=float(rate), **OPTIONS[name])
        limit = langevin_limit(ON_DATA, sgd)
        at, one = limit.drift(np.array([[0.0], [1.0]]))[:, 0]
        place = np.array([at / (at - one)])
        law = stationary_covariance([[at - one]], limit.tensor(place))
        gaps.append(abs(law / data_regression_covariance(ON_DATA, sgd) - 1)[0, 0])
    assert 0.9 < observed_order(rates, gaps) < 1.1
    assert gaps[0] < 0.2


def test_walkers_that_share_the_data_have_this_variance() -> None:
    sgd = algorithm(noise=LabelNoise(STD), momentum=Nesterov(0.5))
    walkers = run_sgd(Q, sgd, np.full((20_000, 1), 0.25), steps=150, rng=seeded(6), data=DATA)
    found = float(walkers.final.var(ddof=1))
    error = float(((walkers.final - walkers.final.mean()) ** 2).std() / np.sqrt(20_000))
    assert abs(found - data_regression_covariance(ON_DATA, sgd)[0, 0]) < 5 * error
    heavy = data_regression_covariance(ON_DATA, algorithm(noise=LabelNoise(STD), momentum=0.5))
    assert abs(found - heavy[0, 0]) > 10 * error  # control: heavy ball


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_label_noise_keeps_all_of_its_own_without_replacement(batch: int) -> None:
    sgd = algorithm(batch_size=batch, sampling=WithoutReplacement(), noise=LabelNoise(STD))
    point = np.array([[0.3]])
    found = float(langevin_limit(ON_DATA, sgd).diffusion.tensor(point).item()) * 2 / RATE
    gradients = on_data(Q, DATA.x, DATA.y).examples(point[:, None])[0, :, 0]
    labels = 16 * STD**2 * float((DATA.x**2).mean()) / batch
    assert found == pytest.approx((4 - batch) / 3 * np.var(gradients) / batch + labels, rel=1e-12)
    assert batch == 1 or found > 1.05 * (4 - batch) / 3 * (np.var(gradients) / batch + labels)  # control


def test_full_batches_with_label_noise_are_independent() -> None:
    sgd = algorithm(batch_size=4, sampling=WithoutReplacement(), noise=LabelNoise(STD))
    curvature = float(ON_DATA.hessian([0.0])[0, 0])
    source = RATE**2 * 16 * STD**2 * float((DATA.x**2).mean()) / 4
    exact = source / (1 - (1 - RATE * curvature) ** 2)
    assert data_regression_covariance(ON_DATA, sgd)[0, 0] == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        (ON_DATA, {"sampling": WithoutReplacement()}, "those of an epoch depend on each other"),
        (ON_DATA, {"schedule": Step(5, 0.5)}, "under a schedule the noise changes in time"),
        (ON_DATA, {"noise": StableNoise(1.5, 0.1)}, "the added noise has no variance"),
        (ON_DATA, {"noise": SVAG(2.0)}, "not known of SVAG"),
        (ON_DATA, {"rule": Sign()}, r"not known of the step rule Sign\(\)"),
        (ON_DATA, {"preconditioner": InverseNoise(0.1)}, "needs a constant preconditioner"),
        (ON_DATA, {"learning_rate": 5.0}, "must be stable in mean square, got growth"),
        (ProductOnData(ProductModel("w**2"), DATA.x, DATA.y), {}, r"needs q affine in w, got w\*\*2"),
        (ProductOnData(ProductModel("x + y"), DATA.x, DATA.y), {}, "needs one variable of a scalar q, got 2"),
    ],
)
def test_what_has_no_exact_variance_on_data_says_why(model: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        data_regression_covariance(model, algorithm(**options))


def test_one_example_alone_has_no_noise_but_what_is_added() -> None:
    single = DataSet(np.array([[1.0]]), np.array([0.4]))
    model = ProductOnData(Q, single.x, single.y)
    assert data_regression_covariance(model, algorithm())[0, 0] == 0
    assert data_regression_covariance(model, algorithm(noise=LabelNoise(STD)))[0, 0] > 1e-3
