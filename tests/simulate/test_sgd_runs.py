"""Runs of SGD: who diverges, what threads and observation change, what is refused."""

from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import pytest
from sgd_models import CUBIC, QUADRATIC, VECTOR, C, data_for, seeded

from simulate import SGD, DataSet, Fresh, WithoutReplacement, WithReplacement, draw_data, run_sgd
from theory import CallableLandscape, Constant, Grid, InputError, NoisyGradient, SymbolicLandscape

# Bookkeeping


def test_diverged_walkers_are_counted():
    start = np.array([0.1, 50.0, -0.2, -80.0, 0.3])
    ensemble = run_sgd(CUBIC, SGD(0.01, 5), start, steps=30, rng=seeded(17), save_every=10)
    assert ensemble.diverged == 2
    np.testing.assert_array_equal(np.isnan(ensemble.final[:, 0]), np.abs(start) > 1)
    assert np.isfinite(ensemble.positions[0]).all()
    histogram = ensemble.histogram(Grid(-3, 3, 6))
    assert (histogram.diverged, histogram.outside) == (2, 0)
    with pytest.raises(InputError, match="2 diverged"):
        ensemble.density(Grid(-3, 3, 6))


def test_a_walker_diverges_as_a_whole():
    model = NoisyGradient(SymbolicLandscape("x**2/2 - y**4/4"), Constant(C))
    final = run_sgd(model, SGD(0.1, 5), [[0.5, 90.0], [0.5, 0.0]], steps=9, rng=seeded(17)).final
    np.testing.assert_array_equal(np.isnan(final), [[True, True], [False, False]])


def test_nobody_left_is_an_error():
    with pytest.raises(
        InputError, match=r"all 2 walkers diverged within 30 steps; reduce `learning_rate` \(now 0"
    ):
        run_sgd(CUBIC, SGD(0.01, 5), [50.0, -80.0], steps=30, rng=seeded(17))


RUNS = {
    "scalar": (CUBIC, SGD(0.02, 5, 0.5), None),
    "vector": (VECTOR, SGD(0.02, 2, 0.5), None),
    "without replacement": (VECTOR, SGD(0.02, 3, 0.5, sampling=WithoutReplacement()), data_for(VECTOR, 10)),
    "with replacement": (VECTOR, SGD(0.02, 3, 0.5, sampling=WithReplacement()), data_for(VECTOR, 10)),
    "gaussian": (NoisyGradient(QUADRATIC, Constant(C)), SGD(0.02, 3, 0.5), None),
}


def start_of(model, walkers=1100):  # three blocks
    return seeded(18).normal(size=(walkers, model.dim)) / 4


@pytest.mark.parametrize("name", RUNS)
def test_results_do_not_depend_on_threads_or_observation(name):
    model, sgd, data = RUNS[name]
    start = start_of(model)

    def final(seed=19, **options):
        return run_sgd(model, sgd, start, steps=21, rng=seeded(seed), data=data, **options).final

    expected = final(threads=1)
    for options in ({"threads": 2}, {"threads": 7}, {"save_every": 1}, {"save_every": 4, "threads": 2}):
        np.testing.assert_array_equal(final(**options), expected)
    assert not np.array_equal(final(seed=20), expected)


def test_one_generator_gives_new_streams_each_time():
    rng = seeded(21)
    first, second = (run_sgd(CUBIC, SGD(0.02, 5), np.zeros(50), steps=3, rng=rng).final for _ in range(2))
    assert np.abs(first - second).min() > 0


@pytest.mark.parametrize("name", RUNS)
def test_streamed_counts_and_moments_are_those_of_the_positions(name):
    model, sgd, data = RUNS[name]
    options = {"steps": 20, "data": data, "save_every": 6}
    grid = Grid([-0.5] * model.dim, [0.4] * model.dim, [9] * model.dim)
    saved = run_sgd(model, sgd, start_of(model), rng=seeded(22), **options)
    streamed = run_sgd(model, sgd, start_of(model), rng=seeded(22), grid=grid, **options)
    np.testing.assert_array_equal(streamed.times, saved.times)
    np.testing.assert_array_equal(streamed.final, saved.final)
    assert streamed.positions.shape[0] == 1
    assert streamed.histograms[0].outside > 0
    for time, positions in enumerate(saved.positions):
        counts, outside = grid.count(positions)
        np.testing.assert_array_equal(streamed.histograms[time].counts, counts)
        assert streamed.histograms[time].outside == outside
        np.testing.assert_allclose(streamed.moments.mean[time], positions.mean(axis=0), atol=1e-14)
        np.testing.assert_allclose(
            streamed.moments.covariance[time], np.atleast_2d(np.cov(positions.T)), rtol=1e-11
        )


def test_streamed_moments_leave_diverged_walkers_out_and_count_them():
    start = np.array([0.1, 50.0, -0.2, -80.0, 0.3])
    run = run_sgd(CUBIC, SGD(0.01, 5), start, steps=30, rng=seeded(17), save_every=30, grid=Grid(-3, 3, 6))
    assert [h.diverged for h in run.histograms] == [0, 2]
    np.testing.assert_array_equal(run.moments.count, [5, 3])
    np.testing.assert_allclose(run.moments.mean[1], np.nanmean(run.final, axis=0))


def test_streaming_needs_no_memory_for_the_observations():
    def peak(**options):
        tracemalloc.start()
        run_sgd(CUBIC, SGD(0.001, 5), np.zeros(8000), steps=100, rng=seeded(23), save_every=1, **options)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    attempt()  # what compiling takes is no part of it
    kept = 8000 * 101 * 8
    assert peak() > kept
    assert peak(grid=Grid(-3, 3, 12)) < kept / 4


def test_a_landscape_without_formula_makes_the_same_walk():
    hidden = CallableLandscape(QUADRATIC.value, QUADRATIC.gradient, dim=2)
    domain = Grid((-0.3, -9), (0.3, 9), (1, 1), periodic=(True, False))
    ends = [
        run_sgd(model, SGD(0.1, 4, 0.5), np.zeros((700, 2)), steps=60, rng=seeded(24), domain=domain)
        for model in (NoisyGradient(landscape, Constant(C)) for landscape in (QUADRATIC, hidden))
    ]
    np.testing.assert_allclose(ends[0].final, ends[1].final, atol=1e-12)
    assert np.abs(ends[0].final[:, 0]).max() <= 0.3 < np.abs(ends[0].final[:, 1]).max()


def test_times_are_steps_times_the_learning_rate():
    ensemble = run_sgd(CUBIC, SGD(0.02, 5), np.zeros(3), steps=10, rng=seeded(0), save_every=4)
    np.testing.assert_allclose(ensemble.times, [0, 0.08, 0.16, 0.2])


@pytest.mark.parametrize("numbers", [(1, 2.0, 0), (np.float32(1), np.int64(2), np.float64(0))])
def test_whole_numbers_may_come_as_any_kind(numbers):
    sgd = SGD(*numbers)
    assert (sgd.learning_rate, sgd.batch_size, sgd.momentum) == (1.0, 2, 0.0)
    assert [type(n) for n in dataclasses.astuple(sgd)[:3]] == [float, int, float]


DATA = data_for(CUBIC, 10)


def attempt(model=CUBIC, sgd=None, start=(0.0, 0.1), **options):
    options = {"steps": 2, "rng": seeded(0)} | options
    return run_sgd(model, sgd or SGD(0.01, 5), start, **options)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: SGD(0, 5), "`learning_rate` must be positive and finite, got 0"),
        (lambda: SGD(np.inf, 5), "`learning_rate` must be positive and finite, got inf"),
        (lambda: SGD(0.1, 0), "`batch_size` must be a whole number, at least 1, got 0"),
        (lambda: SGD(0.1, 2.5), "got 2.5"),
        (lambda: SGD(0.1, np.inf), "got inf"),
        (lambda: SGD(0.1, 5, 1.0), r"`momentum` must lie in \[0, 1\), got 1.0"),
        (lambda: SGD(0.1, 5, -0.1), "got -0.1"),
        (lambda: SGD(0.1, 5, sampling="fresh"), "`sampling` must be a Fresh or .* got 'fresh'"),
        (lambda: SGD(0.1, 5, sampling=Fresh), r"`sampling` must be a Fresh or .*Fresh\(...\)"),
        (lambda: DataSet(np.ones((3, 2)), np.ones(4)), r"x of shape \(N, m\) and y .* \(3, 2\) and \(4,\)"),
        (lambda: DataSet([], []), r"got \(0, 1\) and \(0,\)"),
        (lambda: DataSet([1.0, np.nan], [1, 2]), "must be finite"),
        (lambda: draw_data(CUBIC, 0, seeded(0)), "at least 1 example, got 0"),
        (lambda: attempt(data=DATA), r"sampling Fresh\(\) takes no data set; leave `data` out"),
        (
            lambda: attempt(sgd=SGD(0.01, 5, sampling=WithReplacement())),
            r"WithReplacement\(\) needs a data set; give `data`",
        ),
        (
            lambda: attempt(sgd=SGD(0.01, 11, sampling=WithoutReplacement()), data=DATA),
            "must fit into the data set of 10, got 11",
        ),
        (
            lambda: attempt(VECTOR, SGD(0.01, 5, sampling=WithReplacement()), np.zeros((2, 2)), data=DATA),
            "inputs must have 3 components as q has, got 1",
        ),
        (lambda: attempt(SymbolicLandscape("w**2")), r"got SymbolicLandscape.*; NoisyGradient\(lands"),
        (
            lambda: attempt(NoisyGradient(QUADRATIC, Constant(C)), start=np.zeros((2, 2)), data=DATA),
            "has no examples; take sampling",
        ),
        (lambda: attempt(domain=Grid(-1, 1, 2, periodic=True)), "periodic `domain` needs a NoisyGradient"),
        (lambda: attempt(domain=Grid((0, 0), (1, 1), (2, 2))), "`domain` must have dimension 1, got 2"),
        (lambda: attempt(grid=Grid((0, 0), (1, 1), (2, 2))), "`grid` must have dimension 1, got 2"),
        (lambda: attempt(start=np.zeros((3, 2))), r"shape \(walkers, 1\), got \(3, 2\)"),
        (lambda: attempt(start=[np.inf, 0]), "got 1 walkers that are not"),
        (lambda: attempt(steps=-1), "`steps` must be a whole number, not negative, got -1"),
        (lambda: attempt(save_every=0.5), "`save_every` must be a whole number or None, got 0.5"),
        (lambda: attempt(threads=0), "`threads` must be at least 1, got 0"),
        (lambda: attempt(rng=3), "`rng` must be a numpy Generator .*, got 3"),
        (lambda: attempt(rng=np.random), "`rng` must be a numpy Generator .*, got <module"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()


def test_a_batch_with_replacement_may_be_larger_than_the_data():
    sgd = SGD(0.01, 25, sampling=WithReplacement())
    assert attempt(sgd=sgd, data=DATA).diverged == 0


def test_no_step_leaves_walkers_where_they_are():
    np.testing.assert_array_equal(attempt(steps=0).final[:, 0], [0.0, 0.1])
