"""SGD as it really is: exact in law with fresh data, exact in bookkeeping with a fixed data set."""

from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import pytest
from checks import batch_gradients, errors_off, squares
from scipy.stats import ks_2samp

from simulate import SGD, DataSet, Fresh, WithoutReplacement, WithReplacement, draw_data, run_sgd
from theory import (
    CallableLandscape,
    Constant,
    Grid,
    InputError,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    langevin_limit,
    linear_regression_covariance,
    sgd_covariance,
    stationary_covariance,
)

H = np.array([[2, 0.5], [0.5, 1]])
C = np.array([[1, 0.3], [0.3, 2]])
QUADRATIC = SymbolicLandscape("x**2 + x*y/2 + y**2/2")
CUBIC = ProductModel("(w + 1)*(w - 1)**2", noise_std=0.7, loss_scale=1.0)
VECTOR = ProductModel(["x", "x*y", "y - 1"], noise_std=0.5, input_std=(1, 2, 0.5), loss_scale=0.8)


def seeded(seed):
    return np.random.default_rng(seed)


# Exact discrete laws


def limit_covariance(model, sgd, at):
    limit = langevin_limit(model, sgd)
    return stationary_covariance(model.hessian(at), limit.tensor(at))


@pytest.mark.parametrize(("eta", "batch"), [(0.3, 4), (0.5, 10)])
def test_linear_regression_has_its_discrete_variance(eta, batch):
    model, sgd = ProductModel("w"), SGD(eta, batch)
    final = run_sgd(model, sgd, np.zeros(100_000), steps=80, rng=seeded(1)).final
    assert errors_off(squares(final), eta / (batch * (2 - eta * (1 + 2 / batch)))) < 5
    assert errors_off(squares(final), limit_covariance(model, sgd, [0.0])) > 10


def test_linear_regression_in_the_plane_has_the_reference_covariance():
    model, sgd = ProductModel(["x", "y"], input_std=(1, np.sqrt(2))), SGD(0.3, 2)
    final = run_sgd(model, sgd, np.zeros((60_000, 2)), steps=80, rng=seeded(2)).final
    assert errors_off(squares(final), np.diag([0.153488, 0.216279])) < 5
    assert errors_off(squares(final), limit_covariance(model, sgd, [0.0, 0.0])) > 10


def test_correlated_regression_has_its_discrete_covariance():
    model, sgd = ProductModel(["x", "x - y + 1"], noise_std=0.8), SGD(0.2, 3)
    final = run_sgd(model, sgd, np.tile([0.0, 1.0], (60_000, 1)), steps=150, rng=seeded(3)).final
    assert errors_off(final, [0.0, 1.0]) < 5
    assert errors_off(squares(final), linear_regression_covariance(model, 0.2, 3)) < 5
    assert errors_off(squares(final), limit_covariance(model, sgd, [0.0, 1.0])) > 10


@pytest.mark.parametrize(
    ("momentum", "expected"),
    [(0.0, [[0.07016, -0.02138], [-0.02138, 0.23367]]), (0.9, [[0.87407, -0.48080], [-0.48080, 1.98270]])],
)
def test_gaussian_noise_and_momentum_have_the_reference_covariance(momentum, expected):
    sgd = SGD(0.2, 1, momentum)
    model = NoisyGradient(QUADRATIC, Constant(C))
    final = run_sgd(model, sgd, np.zeros((60_000, 2)), steps=250, rng=seeded(4)).final
    assert errors_off(squares(final), expected) < 5
    assert errors_off(squares(final), limit_covariance(model, sgd, [0.0, 0.0])) > 10


def test_batches_divide_gaussian_noise():
    model = NoisyGradient(QUADRATIC, Constant(C))
    final = run_sgd(model, SGD(0.2, 5), np.zeros((40_000, 2)), steps=60, rng=seeded(5)).final
    assert errors_off(squares(final), sgd_covariance(H, C / 5, 0.2)) < 5
    assert errors_off(squares(final), sgd_covariance(H, C / 4, 0.2)) > 10


# Fresh data against a twin that draws every example


def twin(model, q, jacobian, sgd, start, steps, rng):
    """SGD that draws its B examples, in NumPy; q (n, m) and its Jacobian (n, m, d) of w (n, d)."""
    w, v = start.copy(), np.zeros_like(start)
    for _ in range(steps):
        x = rng.standard_normal((len(w), sgd.batch_size, model.outputs)) * model.input_std
        y = model.noise_std * rng.standard_normal((len(w), sgd.batch_size))
        residual = np.einsum("nbm,nm->nb", x, q(w)) - y
        pull = 2 * model.loss_scale * np.einsum("nb,nbm->nm", residual, x) / sgd.batch_size
        v = sgd.momentum * v - sgd.learning_rate * np.einsum("nm,nmd->nd", pull, jacobian(w))
        w = w + v
    return w


def cubic(w):
    return (w + 1) * (w - 1) ** 2


def cubic_slope(w):
    return ((w - 1) * (3 * w + 1))[..., None]


def vector(w):
    x, y = w.T
    return np.stack([x, x * y, y - 1], axis=-1)


def vector_slope(w):
    x, y = w.T
    one, zero = np.ones_like(x), np.zeros_like(x)
    return np.stack([np.stack(row, axis=-1) for row in ((one, zero), (y, x), (zero, one))], axis=1)


@pytest.mark.parametrize(
    ("model", "q", "slope", "start", "rate"),
    [(CUBIC, cubic, cubic_slope, [0.2], 0.03), (VECTOR, vector, vector_slope, [0.6, -0.4], 0.03)],
    ids=["scalar", "vector"],
)
@pytest.mark.parametrize("batch", [1, 2, 5], ids="B={}".format)
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_sufficient_statistics_have_the_law_of_examples(model, q, slope, start, rate, batch, momentum):
    sgd = SGD(rate, batch, momentum)
    starts = np.tile(start, (30_000, 1))
    ours = run_sgd(model, sgd, starts, steps=3, rng=seeded(6)).final
    drawn = twin(model, q, slope, sgd, starts, 3, seeded(7))
    larger = twin(model, q, slope, dataclasses.replace(sgd, batch_size=2 * batch), starts, 3, seeded(8))
    for axis in range(model.dim):
        assert ks_2samp(ours[:, axis], drawn[:, axis]).pvalue > 1e-3
        assert ks_2samp(ours[:, axis], larger[:, axis]).pvalue < 1e-6
    assert errors_off(ours - drawn, 0) < 5
    assert errors_off(ours**2 - drawn**2, 0) < 5
    assert errors_off(squares(ours) - squares(drawn), 0) < 5
    assert errors_off(squares(ours) - squares(larger), 0) > 10


def test_one_example_of_three_inputs_moves_along_itself():
    """Without label noise q(w) = w has the gradient x (x.w): at w = e1 it is x x1, whose length is |x| |x1|."""
    model, at = ProductModel(["x", "y", "z"], noise_std=0.0), np.array([1.0, 0.0, 0.0])
    gradients = batch_gradients(model, at, 1, 4000, seeded(9))
    assert (gradients[:, 0] >= 0).all()
    assert errors_off(gradients[:, 0], 1) < 5
    assert errors_off((gradients**2).sum(axis=1) / gradients[:, 0], 3) < 5
    pairs = batch_gradients(model, at, 2, 4000, seeded(9))  # the control
    assert errors_off((pairs**2).sum(axis=1) / pairs[:, 0], 3) > 10


# Fixed data


def data_for(model, examples, seed=10):
    return draw_data(model, examples, seeded(seed))


def test_full_batches_are_gradient_descent():
    data = data_for(VECTOR, 12)
    rate, momentum = 0.01, 0.6
    sgd = SGD(rate, 12, momentum, sampling=WithoutReplacement())
    start = seeded(11).normal(size=(5, 2)) / 2
    found = run_sgd(VECTOR, sgd, start, steps=40, rng=seeded(12), data=data).final
    w, v = start.copy(), np.zeros_like(start)
    for _ in range(40):
        residual = vector(w) @ data.x.T - data.y
        v = momentum * v - rate * 2 * 0.8 * np.einsum("nb,bm,nmd->nd", residual, data.x, vector_slope(w)) / 12
        w = w + v
    np.testing.assert_allclose(found, w, rtol=1e-12)
    replaced = dataclasses.replace(sgd, sampling=WithReplacement())
    noisy = run_sgd(VECTOR, replaced, start, steps=40, rng=seeded(12), data=data).final
    assert np.abs(noisy - w).min() > 1e-6


N = 7
SEPARATE = ProductModel([f"w{i}" for i in range(N)])  # example i pulls on coordinate i only
UNITS = DataSet(np.eye(N), np.zeros(N))


def epoch(sampling, batch, steps, walkers=300):
    sgd = SGD(0.25, batch, sampling=sampling)
    return run_sgd(SEPARATE, sgd, np.ones((walkers, N)), steps=steps, rng=seeded(13), data=UNITS).final


@pytest.mark.parametrize("epochs", [1, 2, 5])
def test_an_epoch_uses_every_example_once(epochs):
    np.testing.assert_allclose(epoch(WithoutReplacement(), 1, N * epochs), 0.75**epochs, rtol=1e-13)
    assert np.ptp(epoch(WithReplacement(), 1, N * epochs)) > 0.1


def test_the_last_batch_holds_what_is_left():
    final = epoch(WithoutReplacement(), 3, 3)  # batches of 3, 3 and 1
    whole, rest = 1 - 0.25 / 3, 1 - 0.25
    np.testing.assert_allclose(np.sort(final, axis=1), np.tile([rest, *[whole] * 6], (300, 1)), rtol=1e-13)
    lonely = np.bincount(final.argmin(axis=1), minlength=N)
    assert lonely.min() > 20  # each walker has an order of its own
    np.testing.assert_allclose(np.sort(epoch(WithoutReplacement(), 3, 6))[:, 2:], whole**2, rtol=1e-13)


def test_every_order_is_equally_likely():
    used = epoch(WithoutReplacement(), 3, 1, walkers=20_000) < 1
    np.testing.assert_array_equal(used.sum(axis=1), 3)
    together = np.einsum("wi,wj->wij", used, used).astype(float)
    expected = np.where(np.eye(N, dtype=bool), 3 / N, 3 * 2 / (N * (N - 1)))
    assert errors_off(together, expected) < 5
    assert errors_off(together, np.where(np.eye(N, dtype=bool), 3 / N, 9 / N**2)) > 10


@pytest.mark.parametrize(("sampling", "factor"), [(WithReplacement(), 1), (WithoutReplacement(), 8 / 11)])
def test_batch_noise_is_that_of_the_first_lemma(sampling, factor):
    """Chaudhari & Soatto: C/B with replacement, (N - B)/((N - 1) B) C without."""
    data, w, rate = data_for(VECTOR, 12), np.array([0.6, -0.4]), 0.125
    residual = vector(w[None])[0] @ data.x.T - data.y
    gradients = 2 * 0.8 * residual[:, None] * (data.x @ vector_slope(w[None])[0])
    covariance = np.cov(gradients.T, bias=True) / 4
    sgd = SGD(rate, 4, sampling=sampling)
    final = run_sgd(VECTOR, sgd, np.tile(w, (60_000, 1)), steps=1, rng=seeded(14), data=data).final
    batch = (w - final) / rate
    assert errors_off(batch, gradients.mean(axis=0)) < 5
    assert errors_off(squares(batch), factor * covariance) < 5
    assert errors_off(squares(batch), (8 / 11 if factor == 1 else 1) * covariance) > 10


def test_fixed_data_are_taken_as_they_are():
    model = ProductModel("w", input_std=3.0)  # the spread of inputs is in the data already
    data = DataSet([2.0], [1.0])
    sgd = SGD(0.1, 1, sampling=WithoutReplacement())
    final = run_sgd(model, sgd, [[1.0]], steps=1, rng=seeded(15), data=data).final
    assert final[0, 0] == pytest.approx(1 - 0.1 * (2 * 1 - 1) * 2, rel=1e-14)


def test_drawn_data_have_the_law_of_the_model():
    data = draw_data(VECTOR, 50_000, seeded(16))
    assert errors_off(data.x, 0) < 5
    assert errors_off(squares(data.x), np.diag([1, 4, 0.25])) < 5
    assert errors_off(data.y**2, 0.25) < 5
    assert len(data) == 50_000


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
        (lambda: SGD(0.1, 5, sampling="fresh"), r"`sampling` must be Fresh\(\), .*, got 'fresh'"),
        (lambda: SGD(0.1, 5, sampling=Fresh), "`sampling` must be Fresh"),
        (lambda: DataSet(np.ones((3, 2)), np.ones(4)), r"x of shape \(N, m\) and y .* \(3, 2\) and \(4,\)"),
        (lambda: DataSet([], []), r"got \(0, 1\) and \(0,\)"),
        (lambda: DataSet([1.0, np.nan], [1, 2]), "must be finite"),
        (lambda: draw_data(CUBIC, 0, seeded(0)), "at least 1 example, got 0"),
        (lambda: attempt(data=DATA), r"sampling Fresh\(\) takes no data set"),
        (lambda: attempt(sgd=SGD(0.01, 5, sampling=WithReplacement())), r"WithReplacement\(\) needs a data set"),
        (
            lambda: attempt(sgd=SGD(0.01, 11, sampling=WithoutReplacement()), data=DATA),
            "must fit into the data set of 10, got 11",
        ),
        (
            lambda: attempt(VECTOR, SGD(0.01, 5, sampling=WithReplacement()), np.zeros((2, 2)), data=DATA),
            "inputs must have 3 components as q has, got 1",
        ),
        (lambda: attempt(SymbolicLandscape("w**2")), r"got SymbolicLandscape; NoisyGradient\(lands"),
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
        (lambda: attempt(save_every=0.5), "`save_every` must be a whole number of steps, at least 1, got 0.5"),
        (lambda: attempt(threads=0), "`threads` must be at least 1, got 0"),
        (lambda: attempt(rng=3), "`rng` must be a numpy Generator, got int"),
        (lambda: attempt(rng=np.random), "`rng` must be a numpy Generator, got module"),
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
