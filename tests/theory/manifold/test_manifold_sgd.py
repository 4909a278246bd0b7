"""SGD along a manifold of minima against the slow equation."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from checks import errors_off

from simulate import SGD, Nesterov, run_sgd
from theory import (
    AntiIto,
    Constant,
    FokkerPlanck,
    Grid,
    Isotropic,
    Ito,
    Langevin,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    SymbolicTensor,
    gaussian,
    sample_paths,
)
from theory.manifold import OnManifold, slow_limit, slow_path
from theory.points.collapse import collapse_rate

STARTS = (0.6, 0.8, 1.0, 1.2)


def ends(model, sgd, steps, walkers=1000):
    """Final positions from the four points of the line w1 = 0."""
    rng = np.random.default_rng(5)
    return [run_sgd(model, sgd, np.tile([0.0, s], (walkers, 1)), steps=steps, rng=rng).final for s in STARTS]


@pytest.mark.parametrize(("momentum", "steps"), [(0.0, 5000), (0.5, 1500)])
def test_sgd_drifts_along_the_degenerate_line_by_the_closed_law(momentum, steps):
    model, sgd = ProductModel("(w1**2 + w2**2)**2*w1", loss_scale=1.0), SGD(0.01, 20, momentum)
    final = ends(model, sgd, steps)
    means = np.array([walkers[:, 1].mean() for walkers in final])
    eta = 0.01 / (1 - momentum)

    def worst(number):
        return np.abs(means / (np.array(STARTS) ** -6.0 + number * eta**2 * steps / 20) ** (-1 / 6) - 1).max()

    assert worst(48) < 0.01
    assert worst(24) > 0.02  # controls
    assert worst(96) > 0.02
    for start, walkers in zip(STARTS, final, strict=True):
        dynamics = slow_limit(model, sgd, [0.0, start])
        path = slow_path(dynamics, [0.0, start], [eta * steps])
        error = walkers[:, 1].std() / np.sqrt(len(walkers))
        assert abs(walkers[:, 1].mean() - path.positions[0, 1]) < 5 * error + path.model_error[0]
        assert path.model_error[0] < 0.15 * start
    spread = dynamics.transverse_covariance([0.0, 1.0])[0, 0]  # at the last start it is stationary
    assert spread == pytest.approx(eta / 20, rel=1e-12)
    squares = final[-1][:, 0] ** 2
    assert abs(squares.mean() - spread) < 5 * squares.std() / np.sqrt(len(squares)) + 0.05 * spread
    assert errors_off(squares, 2 * spread) > 5  # control


def test_the_start_without_fluctuations_lags_by_what_the_path_says():
    # At w2 = .6 the fluctuations take 1500 of the 5000 steps to build up; the lag is |drift| / (2 h) = .0017.
    model, sgd = ProductModel("(w1**2 + w2**2)**2*w1", loss_scale=1.0), SGD(0.01, 20)
    final = ends(model, sgd, 5000, 4000)[0][:, 1]
    dynamics = slow_limit(model, sgd, [0.0, 0.6])
    law = slow_path(dynamics, [0.0, 0.6], [50.0]).positions[0, 1]
    lag = float(np.linalg.norm(dynamics.drift([0.0, 0.6])) / (2 * 2 * 0.6**8))
    assert slow_path(dynamics, [0.0, 0.6], [0.0]).model_error[0] == pytest.approx(lag, rel=1e-12)
    assert errors_off(final, law) > 5  # the lag is seen
    assert abs(final.mean() - law - lag) < 5 * final.std() / np.sqrt(len(final)) + 0.25 * lag


def test_another_line_has_another_power():
    model, sgd = ProductModel("w1*(w1**2 + w2**2)", loss_scale=1.0), SGD(0.01, 20)
    means = np.array([walkers[:, 1].mean() for walkers in ends(model, sgd, 10_000)])

    def worst(number):
        return np.abs(means / (np.array(STARTS) ** -2.0 + number * 1e-4 * 10_000 / 20) ** -0.5 - 1).max()

    assert worst(8) < 0.01
    assert worst(4) > 0.02  # control


def test_on_the_fully_degenerate_line_sgd_collapses_and_does_not_drift():
    model, sgd, steps = ProductModel("(w1**2 + w2**2)**2*w1**2", loss_scale=1.0), SGD(0.02, 4), 4000
    start = np.tile([0.002, 1.0], (2000, 1))
    final = run_sgd(model, sgd, start, steps=steps, rng=np.random.default_rng(1)).final
    slopes = -np.log(np.abs(final[:, 0]) / 0.002) / (0.02 * steps)
    rate = collapse_rate(model, [0.0, 1.0], 0.02, 4)
    assert rate == pytest.approx(8 * 0.02 / 4, rel=1e-8)
    assert abs(slopes.mean() - rate) < 5 * slopes.std() / np.sqrt(len(slopes)) + 0.01 * rate
    assert errors_off(slopes, rate / 2) > 5  # control
    assert np.abs(final[:, 1] - 1).mean() < 5e-4
    moving = ProductModel("(w1**2 + w2**2)**2*w1", loss_scale=1.0)  # control: the other line moves as many steps
    assert run_sgd(moving, sgd, start[:100], steps=steps, rng=np.random.default_rng(1)).final[:, 1].mean() < 0.8


def test_brownian_motion_on_the_circle_has_the_speed_of_its_noise():
    circle = SymbolicLandscape("(x**2 + y**2 - 1)**2/4", ["x", "y"])
    for momentum in (0.0, 0.5):
        sgd = SGD(0.02 * (1 - momentum), 2, momentum)
        walkers, steps = 20_000, 2000
        final = run_sgd(
            NoisyGradient(circle, Isotropic(1.0, 2)),
            sgd,
            np.tile([1.0, 0.0], (walkers, 1)),
            steps=steps,
            rng=np.random.default_rng(4),
        ).final
        angle = np.arctan2(final[:, 1], final[:, 0])
        tensor = slow_limit(NoisyGradient(circle, Isotropic(1.0, 2)), sgd, [1.0, 0.0]).tensor([1.0, 0.0])
        variance = 2 * tensor[1, 1] * 0.02 * steps
        assert variance == pytest.approx(0.4, rel=1e-12)
        assert abs(angle.var() - variance) < variance * (5 * np.sqrt(2 / walkers) + 0.02)
        assert abs(angle.var() - 2 * variance) > 0.3 * variance  # control


@pytest.mark.parametrize("momentum", [0.0, 0.5, Nesterov(0.5)])
def test_noise_shared_by_both_directions_keeps_the_angle_uniform(momentum):
    # With constant C the angle has D_tt and the drift -2 D_nt = d D_tt / d angle, all of it from the shared noise:
    # the equation of D_tt read at the end of each step, whose law becomes uniform whatever C is.
    circle = SymbolicLandscape("(x**2 + y**2 - 1)**2/4", ["x", "y"])
    model = NoisyGradient(circle, Constant([[1.0, 0.8], [0.8, 1.0]]))
    angle = sympy.Symbol("x", real=True)
    tangent = SymbolicTensor(sympy.Matrix([sympy.sqrt(1 - sympy.Rational(4, 5) * sympy.sin(2 * angle))]), (angle,))
    grid = Grid(-np.pi, np.pi, 400)

    def law(reading):
        sde = Langevin(SymbolicLandscape("0*x", ["x"]), tangent, reading)
        return FokkerPlanck(sde, grid).evolve(gaussian([0.0], [[0.01]], grid), [0.2])[0]

    right, wrong = law(AntiIto()), law(Ito())
    sgd = SGD(0.02 * (1 - momentum), 2, momentum)  # T = .005
    rng = np.random.default_rng(6)
    dynamics = slow_limit(model, sgd, [1.0, 0.0])

    def starts(walkers):
        angles = rng.normal(0.0, 0.1, walkers)
        return np.stack([np.cos(angles), np.sin(angles)], axis=-1)

    runs = [
        run_sgd(model, sgd, starts(20_000), steps=2000, rng=rng).final,
        sample_paths(dynamics, starts(2048), dt=1.0, steps=40, rng=rng, scheme=OnManifold()).final,
    ]
    for w in runs:
        angles = np.arctan2(w[:, 1], w[:, 0])
        for power in (1, 2):
            expected = right.expect(lambda a, power=power: a[..., 0] ** power)
            error = (angles**power).std() / np.sqrt(len(angles))
            assert abs((angles**power).mean() - expected) < 5 * error + 0.02 * abs(expected)
        assert errors_off(angles, float(wrong.mean[0])) > 5  # control: without the drift


def test_a_valley_of_varying_width_has_the_mean_and_the_spread_of_the_slow_equation():
    # L = h(x) y^2 / 2 with isotropic noise: dx = -(T/2) (log h)' dt + sqrt(2T) dW. In tau = T t the law is one
    # for all rates; SGD's differs by O(eta).
    model = NoisyGradient(SymbolicLandscape("(2 + cos(x))*y**2/2", ["x", "y"]), Isotropic(1.0, 2))
    line = FokkerPlanck(
        Langevin(SymbolicLandscape("log(2 + cos(x))/2"), Isotropic(1.0, 1)), Grid(-10.0, 12.0, 800)
    )
    (law,) = line.evolve(gaussian([1.0], [[0.04]], line.grid), [1.0])
    mean, variance = float(law.mean[0]), float(law.covariance[0, 0])
    rng = np.random.default_rng(8)

    def starts(walkers):
        return np.stack([rng.normal(1.0, 0.2, walkers), np.zeros(walkers)], axis=-1)

    def misses(x):
        """Distances of mean and variance in standard errors."""
        scale = np.sqrt(len(x))
        squares = (x - mean) ** 2
        return abs(x.mean() - mean) / (x.std() / scale), abs(squares.mean() - variance) / (squares.std() / scale)

    dynamics = slow_limit(model, SGD(0.1, 1), [1.0, 0.0])
    for scheme_seed in (1, 2):
        paths = sample_paths(
            dynamics, starts(2048), dt=1.0, steps=20, rng=np.random.default_rng(scheme_seed), scheme=OnManifold()
        )
        assert max(misses(paths.final[:, 0])) < 5
    errors = []
    for rate in (0.32, 0.16, 0.08):
        final = run_sgd(model, SGD(rate, 1), starts(200_000), steps=round(2 / rate**2), rng=rng).final[:, 0]
        errors.append(abs(final.mean() - mean))
    noise = np.sqrt(variance / 200_000)
    assert errors[0] > 10 * noise
    assert errors[1] < 0.6 * errors[0] + 5 * noise
    assert errors[2] < 0.3 * errors[0] + 5 * noise
    for sgd in (SGD(0.04, 1), SGD(0.02, 1, 0.5)):
        final = run_sgd(model, sgd, starts(20_000), steps=round(2 / 0.04**2), rng=rng).final[:, 0]
        assert max(misses(final)) < 5
        flat = 1.0  # control: without the drift the mean would stay
        assert abs(final.mean() - flat) > 5 * final.std() / np.sqrt(len(final))
    fast = SymbolicLandscape("log(2 + cos(x))", ["x"])  # control: twice the drift
    (wrong,) = FokkerPlanck(Langevin(fast, Isotropic(1.0, 1)), line.grid).evolve(
        gaussian([1.0], [[0.04]], line.grid), [1.0]
    )
    assert abs(final.mean() - float(wrong.mean[0])) > 5 * final.std() / np.sqrt(len(final))
