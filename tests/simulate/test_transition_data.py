"""SGD's exact law on a fixed data set, against walkers and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from data_laws import BOX, CUBIC, DATA, LINE, WALKERS, WIDE, floors, uniform, walked
from sgd_models import seeded

from simulate import SGD, DataSet, WithoutReplacement, WithReplacement, run_sgd, transition_operator
from simulate.transition.choices import multisets, number_of_batches
from simulate.transition.convolved import mean_laws
from theory import Density, Grid, Histogram, InputError
from theory.models import logistic_regression, on_data


def moments(data, sgd, chosen=None):
    """Stationary mean and second moment of q = w with replacement: w' = a w + b is affine."""
    square, product = data.x[:, 0] ** 2, data.x[:, 0] * data.y
    rate, batch = sgd.learning_rate, sgd.batch_size
    a, b = 1 - rate * square.mean(), rate * product.mean()
    covariance = rate**2 / batch * np.cov(np.stack([square, product]), bias=True)
    mean = b / (1 - a)
    second = (2 * mean * (a * b - covariance[0, 1]) + b**2 + covariance[1, 1]) / (1 - a**2 - covariance[0, 0])
    return mean, second


@pytest.mark.parametrize(
    ("model", "rate", "batch", "examples"),
    [(LINE, 0.2, 2, 3), (LINE, 0.1, 5, 10), (LINE, 0.05, 1, 1000), (CUBIC, 0.01, 1, 10), (CUBIC, 0.01, 5, 1000)],
)
def test_the_law_is_that_of_walkers_who_share_the_data(model, rate, batch, examples):
    grid, ends = (WIDE, (-3.0, 3.0)) if model is LINE else (BOX, (-2.4, 3.2))
    sgd, data, steps = SGD(rate, batch, sampling=WithReplacement()), DATA[examples], [1, 10, 100]
    laws = transition_operator(model, sgd, grid, data).evolve(uniform(grid, *ends), steps)
    walkers = list(walked(model, sgd, data, steps, grid, ends))
    for seen, law in zip(walkers, laws, strict=True):
        assert floors(seen, law) < 1.35
        assert law.error < 0.03
    if model is LINE:
        fresh = transition_operator(model, SGD(rate, batch), grid).evolve(uniform(grid, *ends), steps[-1])[0]
        assert floors(walkers[-1], fresh) > 3  # control: with fresh data it is another law


def test_the_law_of_the_mean_of_many_batches_has_the_exact_moments_and_sees_one_example():
    data, sgd = DATA[1000], SGD(0.1, 20, sampling=WithReplacement())
    operator = transition_operator(LINE, sgd, Grid(-1.0, 1.0, 80), data)
    assert (operator.batches.way, operator.batches.exact) == ("by their mean's law", False)
    assert f"{operator.batches!r}".startswith("BatchCount(number=")
    law = operator.stationary()
    mean, second = moments(data, sgd)
    found = law.mean[0], law.covariance[0, 0]
    assert found == pytest.approx((mean, second - mean**2), rel=3e-4)
    wrong = SGD(0.1, 21, sampling=WithReplacement())  # control: a batch of one example more
    assert found[1] != pytest.approx(moments(data, wrong)[1] - moments(data, wrong)[0] ** 2, rel=1e-2)


def test_batches_that_can_be_counted_have_the_law_of_their_mean():
    numbers, chances = seeded(5).standard_normal((1, 6)), np.full(6, 1 / 6)
    shares, weights = multisets(chances, 5)
    assert number_of_batches(6, 5) == len(weights) == 252
    counted = np.sort(numbers @ shares.T)[0]
    order = np.argsort((numbers @ shares.T)[0])
    values, law = mean_laws(numbers, chances, 5)
    for power in range(4):
        assert law[0] @ values[0] ** power == pytest.approx(weights[order] @ counted**power, abs=1e-12)
    below = [law[0][values[0] < x].sum() for x in (-0.5, 0.0, 0.5)]
    assert below == pytest.approx([weights[order][counted < x].sum() for x in (-0.5, 0.0, 0.5)], abs=0.02)
    values, law = mean_laws(numbers, chances, 6)  # control: a batch of one more
    assert abs(law[0] @ values[0] ** 2 - weights[order] @ counted**2) > 1e-3


def test_batches_of_one_example_need_no_table_of_shares():
    shares, weights = multisets(np.full(20_000, 1 / 20_000), 1)
    assert shares is None  # 3.2 GB otherwise
    assert weights.sum() == pytest.approx(1, abs=1e-12)


def test_examples_that_are_equal_are_one_kind():
    twice = DataSet(np.tile(DATA[3].x[:, 0], 4), np.tile(DATA[3].y, 4))
    sgd, grid = SGD(0.2, 2, sampling=WithReplacement()), Grid(-4, 4, 16)
    one, other = (transition_operator(LINE, sgd, grid, data) for data in (DATA[3], twice))
    start = uniform(grid, -3, 3)
    assert one.batches == other.batches
    assert one.evolve(start, 5)[0].values == pytest.approx(other.evolve(start, 5)[0].values, abs=1e-13)


def test_a_plane_and_momentum_have_the_law_of_walkers():
    rng = seeded(4)
    x = rng.standard_normal((4, 2))
    model, sgd = logistic_regression(x, np.array([0, 1, 1, 0])), SGD(0.5, 2, sampling=WithReplacement())
    grid, start = Grid((-2, -2), (2, 2), (40, 40)), np.array([0.8, 0.8])
    flat = Density.normalised(grid, (np.abs(grid.centers) < start).all(axis=-1).astype(float), cell_averages=True)
    law = transition_operator(model, sgd, grid).evolve(flat, 3)[0]
    walkers = run_sgd(model, sgd, rng.uniform(-0.8, 0.8, (WALKERS, 2)), steps=3, rng=rng)
    assert floors(Histogram.from_samples(walkers.final, grid), law) < 1.1
    heavy = SGD(0.1, 1, momentum=0.5, sampling=WithReplacement())
    plane = Grid((-3, -2), (3, 2), (60, 60))
    begin = Density.normalised(plane, (np.abs(plane.centers) < (1.0, 0.2)).all(axis=-1).astype(float))
    found = transition_operator(LINE, heavy, plane, DATA[3]).evolve(begin, [1, 40])[1]
    mean, _ = moments(DATA[3], heavy)
    assert found.mean == pytest.approx([mean, 0.0], abs=2e-3)


@pytest.mark.parametrize(
    ("model", "sgd", "data", "grid", "words"),
    [
        (LINE, SGD(0.1, 2), DATA[3], WIDE, r"sampling Fresh\(\) takes no data set"),
        (LINE, SGD(0.1, 2, sampling=WithReplacement()), None, WIDE, r"needs a data set; give `data`"),
        (LINE, SGD(0.1, 2, sampling=WithReplacement()), DATA[3], Grid(0, 1, 20, True), "a periodic axis needs"),
        (
            LINE,
            SGD(0.1, 4, sampling=WithoutReplacement()),
            DATA[3],
            WIDE,
            "must fit into the data set of 3, got 4",
        ),
        (on_data(LINE, [1.0], [1.0]), SGD(0.1, 1), None, WIDE, "a DatasetModel has no fresh data"),
        (LINE, SGD(0.1, 2, sampling=WithReplacement()), DATA[3], Grid(0, 1, 4), "at least 8 cells"),
    ],
)
def test_what_does_not_fit_is_refused(model, sgd, data, grid, words):
    with pytest.raises(InputError, match=words):
        transition_operator(model, sgd, grid, data)


def test_who_leaves_and_comes_back_moves_a_law_by_no_more_than_the_share_outside():
    """Two examples, one that throws walkers out and one that draws them in: every sequence, from every place."""
    x, y, grid = np.array([1.6, 0.9]), np.array([0.5, -0.3]), Grid(-4.0, 4.0, 64)
    data, sgd, steps = DataSet(x[:, None], y), SGD(1.0, 1, sampling=WithReplacement()), 4
    laws = transition_operator(LINE, sgd, grid, data).evolve(uniform(grid, -3.0, 3.0), steps)
    w = -3.0 + 6.0 * (np.arange(200_000) + 0.5) / 200_000
    inside = np.ones(w.size, dtype=bool)
    for _ in range(steps):
        w = (w - x[:, None] * (x[:, None] * w - y[:, None])).ravel()
        inside = np.tile(inside, 2) & (np.abs(w) < 4)
    stayed, all_there = (np.histogram(some, grid.edges[0])[0] for some in (w[inside], w))
    apart = [float(np.abs(one / one.sum() - laws[0].probabilities).sum()) / 2 for one in (stayed, all_there)]
    outside = float(laws.outside[0])
    assert outside == pytest.approx(1 - inside.mean(), abs=1e-3)
    assert apart[0] < laws[0].error + 1e-4
    assert laws[0].error < apart[1] < laws[0].error + outside
