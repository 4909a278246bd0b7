"""Variants of SGD against a plain loop on the same random numbers, and against exact covariances."""

from __future__ import annotations

import numpy as np
import pytest
from checks import errors_off, squares
from scipy.linalg import solve_discrete_lyapunov
from sgd_models import CUBIC, QUADRATIC, VECTOR, C, H, data_for, seeded

from simulate import (
    SGD,
    BatchGrowth,
    Cosine,
    Exponential,
    Fresh,
    GaussianNoise,
    InverseNoise,
    LabelNoise,
    Linear,
    Nesterov,
    Schedule,
    StableNoise,
    Step,
    StudentNoise,
    SubsampledNoise,
    WithoutReplacement,
    WithReplacement,
    run_sgd,
)
from theory import (
    CallableLandscape,
    Constant,
    Grid,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    langevin_limit,
    sgd_covariance,
    stationary_covariance,
)

NOISY = NoisyGradient(QUADRATIC, Constant(C))
HIDDEN = NoisyGradient(CallableLandscape(QUADRATIC.value, QUADRATIC.gradient, dim=2), Constant(C))
DOMAIN = Grid((-0.3, -9), (0.3, 9), (1, 1), periodic=(True, False))
LATER = Step(10**6, 0.5)  # makes a variant that does what plain SGD does
P = np.array([[0.3, 0.1], [0.1, 0.4]])


class Sawtooth(Schedule):
    def rate(self, steps):
        return 1 + 0.5 * (steps % 3)


# One loop for all

PLAIN = {
    "scalar": (CUBIC, {"momentum": 0.5}, None),
    "vector": (VECTOR, {}, None),
    "without replacement": (VECTOR, {"sampling": WithoutReplacement()}, data_for(VECTOR, 10)),
    "with replacement": (VECTOR, {"momentum": 0.5, "sampling": WithReplacement()}, data_for(VECTOR, 10)),
    "gaussian": (NOISY, {"momentum": 0.5}, None),
}


@pytest.mark.parametrize("name", PLAIN)
def test_the_loop_of_the_variants_makes_the_walk_of_plain_sgd(name):
    model, options, data = PLAIN[name]
    start = seeded(1).normal(size=(600, model.dim)) / 4
    plain, general, other = (
        run_sgd(model, SGD(0.02, 3, schedule=schedule, **options), start, steps=21, rng=seeded(2), data=data).final
        for schedule in (None, LATER, Step(20, 0.5))
    )
    np.testing.assert_array_equal(general, plain)
    assert not np.array_equal(other, plain)


def twin(sgd, start, steps, seed, period=None, extra=0.0):
    """Plain SGD on the quadratic in NumPy, with the random numbers of one block; Gaussian `extra` at the end."""
    stream = np.random.Generator(np.random.SFC64(seeded(seed).bit_generator.seed_seq.spawn(1)[0]))
    root, w, v = np.linalg.cholesky(C), start.copy(), np.zeros_like(start)
    matrix = np.eye(2) if sgd.preconditioner is None else np.array(sgd.preconditioner)
    matrix = matrix if matrix.ndim == 2 else np.diag(np.broadcast_to(matrix, (2,)))
    for k in range(steps):
        rate, batch = sgd.learning_rate, sgd.batch_size
        for schedule in sgd.schedules:
            rate = rate * schedule.rate(np.array([k]))[0]
            batch = batch * schedule.batch(np.array([k]))[0]
        at = w + sgd.momentum * v if isinstance(sgd.momentum, Nesterov) else w
        noise = stream.standard_normal((2, len(w))).T / np.sqrt(max(1, np.rint(batch)))
        g = at @ H + noise @ root.T
        if extra:
            g = g + extra * stream.standard_normal((2, len(w))).T
        v = float(sgd.momentum) * v - rate * g @ matrix.T
        w = w + v
        if period:
            w[:, 0] = (w[:, 0] + period) % (2 * period) - period
    return w


VARIANTS = {
    "step": SGD(0.1, 4, 0.5, schedule=Step((5, 20), 0.5)),
    "linear": SGD(0.1, 4, schedule=Linear(20, 0.1)),
    "cosine": SGD(0.1, 4, 0.5, schedule=Cosine(20, 0.1)),
    "exponential": SGD(0.1, 4, schedule=Exponential(20, 0.1)),
    "batch growth": SGD(0.1, 4, schedule=BatchGrowth(7, 1.6, largest=3)),
    "two schedules": SGD(0.1, 4, schedule=(BatchGrowth(7), Sawtooth())),
    "number": SGD(0.1, 4, 0.5, 2.0),
    "rates": SGD(0.1, 4, 0.5, (2.0, 0.5)),
    "matrix": SGD(0.1, 4, 0.5, P),
    "nesterov": SGD(0.1, 4, Nesterov(0.7), P),
    "added noise": SGD(0.1, 4, Nesterov(0.7), P, Cosine(20, 0.1), noise=GaussianNoise(0.8)),
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("model", [NOISY, HIDDEN], ids=["compiled", "numpy"])
def test_variants_are_a_plain_loop_on_the_same_numbers(name, model):
    sgd, start = VARIANTS[name], seeded(3).normal(size=(300, 2))
    found = run_sgd(model, sgd, start, steps=31, rng=seeded(4), domain=DOMAIN).final
    extra = sgd.noise[0].std if sgd.noise else 0.0
    np.testing.assert_allclose(found, twin(sgd, start, 31, 4, 0.3, extra), atol=1e-11)
    plain = twin(SGD(0.1, 4), start, 31, 4, 0.3)
    assert np.abs(found - plain).max() > 0.05


def test_schedules_say_what_they_do():
    steps = np.arange(6)
    np.testing.assert_allclose(Step((2, 4), 0.5).rate(steps), [1, 1, 0.5, 0.5, 0.25, 0.25])
    np.testing.assert_allclose(Linear(4, 0.2).rate(steps), [1, 0.8, 0.6, 0.4, 0.2, 0.2])
    np.testing.assert_allclose(Cosine(4, 0).rate(steps), [1, 0.853553, 0.5, 0.146447, 0, 0], atol=1e-6)
    np.testing.assert_allclose(Exponential(2, 0.25).rate(steps), [1, 0.5, 0.25, 0.25, 0.25, 0.25])
    rates, batches = SGD(0.1, 3, schedule=(BatchGrowth(2, 1.5, 2), Step(1, 0.1))).plan(0, 6)
    np.testing.assert_array_equal(batches, [3, 3, 4, 4, 6, 6])  # 4.5 is rounded to even
    np.testing.assert_allclose(rates, [0.1, *[0.01] * 5])
    sgd = SGD(0.1, 3, 0.5, schedule=Linear(4, 0.2))
    times = run_sgd(NOISY, sgd, np.zeros((2, 2)), steps=6, rng=seeded(0), save_every=4).times
    np.testing.assert_allclose(times, [0, 0.2 * 2.8, 0.2 * 3.2])


def test_annealing_finds_better_minima_than_quenching():
    """On a bowl with cosine ripples, from the same start: the share of walkers in the lowest minimum."""
    model = NoisyGradient(SymbolicLandscape("w**2/20 + (1 - cos(4*w))/4"), Constant(4.0))
    start = seeded(1).uniform(-6, 6, 2000)

    def share(schedule):
        final = run_sgd(model, SGD(0.4, 1, schedule=schedule), start, steps=2000, rng=seeded(2)).final
        return np.mean(np.abs(final) < np.pi / 4)

    quenched, annealed = share(Step(0, 0.01)), share(Exponential(2000, 0.01))
    assert quenched == pytest.approx(np.mean(np.abs(start) < np.pi / 4), abs=0.02)  # who starts there
    assert annealed > 3 * quenched


# Exact covariances


def limit_covariance(batch=1, momentum=0.0, rate=0.2):
    limit = langevin_limit(NOISY, SGD(rate, batch, momentum))
    return stationary_covariance(H, limit.tensor([0.0, 0.0]))


def sample(sgd, steps, walkers=40_000, model=NOISY):
    return run_sgd(model, sgd, np.zeros((walkers, 2)), steps=steps, rng=seeded(5)).final


@pytest.mark.parametrize(
    ("momentum", "expected"),
    [(0.0, [[0.07016, -0.02138], [-0.02138, 0.23367]]), (0.9, [[0.87407, -0.48080], [-0.48080, 1.98270]])],
)
def test_a_matrix_of_rates_has_the_reference_covariance(momentum, expected):
    final = sample(SGD(1.0, 1, momentum, 0.2 * np.eye(2)), 250)
    assert errors_off(squares(final), expected) < 5
    assert errors_off(squares(final), limit_covariance(1, momentum)) > 10


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_a_full_matrix_of_rates_has_the_exact_covariance(momentum):
    final = squares(sample(SGD(0.7, 2, momentum, P), 250))
    assert errors_off(final, sgd_covariance(H, C / 2, 0.7 * P, momentum)) < 5
    assert errors_off(final, sgd_covariance(H, C / 2, 0.7 * np.diag(np.diag(P)), momentum)) > 10


def nesterov_covariance(rate, momentum):
    """The covariance of (w, v) solves X = M X M' + N, with the gradient taken at w + mu v."""
    kept = np.eye(2) - rate * H
    step = np.block([[kept, momentum * kept], [-rate * H, momentum * kept]])
    push = np.vstack([rate * np.eye(2)] * 2)
    return solve_discrete_lyapunov(step, push @ C @ push.T)[:2, :2]


def test_nesterovs_momentum_has_its_covariance():
    final = squares(sample(SGD(0.2, 1, Nesterov(0.8)), 150))
    assert errors_off(final, nesterov_covariance(0.2, 0.8)) < 5
    assert errors_off(final, sgd_covariance(H, C, 0.2, 0.8)) > 10  # the heavy ball
    np.testing.assert_allclose(nesterov_covariance(0.2, 0.0), sgd_covariance(H, C, 0.2), rtol=1e-12)


@pytest.mark.parametrize("batch", [1, 9])
def test_inverse_noise_restores_gibbs(batch):
    """With C constant the law is exp(-2 L / eta), of covariance (eta / 2) H^-1, for small eta, any C and B."""
    rate = 0.02 / batch
    final = squares(sample(SGD(rate, batch, preconditioner=InverseNoise()), 500, 20_000))
    gibbs = rate / 2 * np.linalg.inv(H)
    exact = sgd_covariance(H, C / batch, rate * batch * np.linalg.inv(C))
    np.testing.assert_allclose(exact, gibbs, rtol=0.03)  # the rate is not 0
    assert errors_off(final, exact) < 5
    assert errors_off(final, sgd_covariance(H, C / batch, rate)) > 10  # without it


def test_inverse_noise_follows_the_covariance():
    """Of a ProductModel C depends on w: one step is that of the rate B / C(w)."""
    start, batch = np.array([0.2, 0.6]), 5
    model = ProductModel("(w + 1)*(w - 1)**2", noise_std=0.7, loss_scale=1.0)
    sgd = SGD(0.01, batch, preconditioner=InverseNoise(0.5))
    found = run_sgd(model, sgd, start, steps=1, rng=seeded(6)).final[:, 0]
    plain = run_sgd(model, SGD(0.01, batch), start, steps=1, rng=seeded(6)).final[:, 0]
    rates = batch / (model.gradient_covariance(start[:, None])[:, 0, 0] + 0.5)
    np.testing.assert_allclose(found - start, rates * (plain - start), rtol=1e-12)
    hidden = run_sgd(HIDDEN, SGD(0.1, 4, preconditioner=InverseNoise()), np.ones((9, 2)), steps=5, rng=seeded(7))
    compiled = run_sgd(NOISY, SGD(0.1, 4, preconditioner=InverseNoise()), np.ones((9, 2)), steps=5, rng=seeded(7))
    np.testing.assert_allclose(hidden.final, compiled.final, atol=1e-12)


# Threads and time

RUNS = {
    "compiled": (VECTOR, SGD(0.02, 2, Nesterov(0.5), P, Cosine(9, 0.1), noise=StableNoise(1.5, 0.01)), None),
    "heavy data": (VECTOR, SGD(0.02, 2, sampling=Fresh(5.0, 3.0), noise=LabelNoise(0.2)), None),
    "inverse": (VECTOR, SGD(0.002, 2, preconditioner=InverseNoise(0.1), noise=StudentNoise(3, 0.1)), None),
    "subsampled": (
        VECTOR,
        SGD(0.02, 3, noise=(SubsampledNoise(), LabelNoise(0.3)), sampling=WithoutReplacement()),
        data_for(VECTOR, 10),
    ),
    "numpy": (HIDDEN, SGD(0.1, 4, 0.5, schedule=BatchGrowth(3)), None),
}


@pytest.mark.parametrize("name", RUNS)
def test_results_do_not_depend_on_threads_or_observation(name):
    model, sgd, data = RUNS[name]
    start = seeded(8).normal(size=(1100, 2)) / 4

    def final(seed=9, **options):
        return run_sgd(model, sgd, start, steps=11, rng=seeded(seed), data=data, **options).final

    expected = final(threads=1)
    assert np.isfinite(expected).all()
    for options in ({"threads": 2}, {"threads": 7}, {"save_every": 1}, {"save_every": 4, "threads": 2}):
        np.testing.assert_array_equal(final(**options), expected)
    assert not np.array_equal(final(seed=10), expected)


def test_batches_of_a_schedule_are_rounded_and_not_cut():
    _, batches = SGD(0.1, 3, schedule=BatchGrowth(1, 1.25)).plan(0, 4)
    np.testing.assert_array_equal(batches, [3, 4, 5, 6])  # of 3, 3.75, 4.69, 5.86
