"""Paths of the reduced equation along a manifold of minima, and what SGD's options do to it."""

from __future__ import annotations

import numpy as np
import pytest
from checks import assert_near, check_tensor

from simulate import SGD
from theory import (
    Constant,
    EulerMaruyama,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    Minibatch,
    NoisyGradient,
    SymbolicLandscape,
    sample_paths,
)
from theory.manifold import (
    OnManifold,
    SlowDynamics,
    slow_diffusion,
    slow_drift,
    slow_limit,
    slow_path,
    transverse_covariance,
)

CIRCLE = SymbolicLandscape("(x**2 + y**2 - 1)**2/4", ["x", "y"])


VALLEY = SymbolicLandscape("(2 + x**2)*(y - x**2/2)**2/2", ["x", "y"])


def test_the_ito_drift_keeps_the_circle_round():
    # Brownian motion on the circle: the angle has variance 2 T t, and |w| = 1 at all times.
    temperature, time = 0.05, 4.0
    equation = SlowDynamics(CIRCLE, Isotropic(temperature, 2), [1.0, 0.0])
    assert_near(equation.drift([0.6, 0.8]), -temperature * np.array([0.6, 0.8]), 1e-12)
    start = np.tile([1.0, 0.0], (1500, 1))

    def run(sde, scheme, seed=1, dt=0.1, **options):
        steps = round(time / dt)
        return sample_paths(
            sde, start, dt=dt, steps=steps, rng=np.random.default_rng(seed), scheme=scheme, **options
        )

    final = run(equation, OnManifold()).final
    angle = np.arctan2(final[:, 1], final[:, 0])
    expected = 2 * temperature * time
    assert abs(angle.var() - expected) < 5 * expected * np.sqrt(2 / len(angle))
    assert abs(angle.mean()) < 5 * np.sqrt(expected / len(angle))
    assert np.abs(np.hypot(*final.T) - 1).max() < 1e-12
    np.testing.assert_array_equal(run(equation, OnManifold(), threads=1).final, final)
    plain = (run(equation, EulerMaruyama()).final ** 2).sum(axis=-1)
    assert abs(plain.mean() - 1) < 5 * plain.std() / np.sqrt(len(plain)) + 0.1 * temperature
    loose = Langevin(equation.landscape, equation.diffusion)  # control: without the drift the radius grows
    grown = (run(loose, EulerMaruyama()).final ** 2).sum(axis=-1)
    assert abs(grown.mean() - 1) > 5 * grown.std() / np.sqrt(len(grown)) + 0.1 * temperature


def test_runs_go_on_and_join_and_the_noise_is_a_tensor():
    equation = SlowDynamics(VALLEY, Constant([[0.02, 0.01], [0.01, 0.03]]), [0.5, 0.125])
    check_tensor(equation.diffusion, np.array([[0.5, 0.125], [-0.3, 0.045], [0.4, 0.1]]), 1e-6)
    assert equation.compiled is None
    assert equation.potential([0.5, 0.125]) is None
    start = np.tile([0.5, 0.125], (40, 1))
    whole = sample_paths(equation, start, dt=0.1, steps=20, rng=np.random.default_rng(2), scheme=OnManifold())
    half = sample_paths(equation, start, dt=0.1, steps=10, rng=np.random.default_rng(2), scheme=OnManifold())
    rest = sample_paths(equation, half.checkpoint, dt=0.1, steps=10, scheme=OnManifold())
    np.testing.assert_allclose(rest.final, whole.final, rtol=1e-12)
    errors = []
    for joined in (16, 4):
        coarse = sample_paths(
            equation,
            start,
            dt=0.01 * joined,
            steps=160 // joined,
            rng=np.random.default_rng(2),
            scheme=OnManifold(),
            join=joined,
        )
        fine = sample_paths(equation, start, dt=0.01, steps=160, rng=np.random.default_rng(2), scheme=OnManifold())
        errors.append(np.abs(coarse.final - fine.final).mean())
    assert errors[1] < 0.6 * errors[0]
    assert errors[0] < 0.2 * np.abs(fine.final[:, 0] - 0.5).mean()
    assert_near(fine.final[:, 1], fine.final[:, 0] ** 2 / 2, 1e-10)
    with pytest.raises(InputError, match=r"OnManifold\(\) needs SlowDynamics, got Langevin"):
        sample_paths(Langevin(VALLEY, Isotropic(1.0, 2)), start, dt=0.1, steps=1, scheme=OnManifold())
    box = Grid([-3, -3], [3, 3], [4, 4], periodic=(True, False))
    with pytest.raises(InputError, match="needs an open domain"):
        sample_paths(equation, start, dt=0.1, steps=1, scheme=OnManifold(), domain=box)
    with pytest.raises(InputError, match="a slow path needs noise without a part along the manifold"):
        slow_path(equation, [0.5, 0.125], [1.0])
    with pytest.raises(InputError, match="from where Newton's method finds none; take smaller steps"):
        SlowDynamics(CIRCLE, Isotropic(1.0, 2), [1.0, 0.0]).drift([0.0, 0.0])
    assert np.isnan(equation.drift([np.nan, 0.0])).all()


def test_the_reduced_equation_of_a_batch_is_that_of_its_tensor():
    model = NoisyGradient(VALLEY, Constant([[2.0, 0.3], [0.3, 1.0]]))
    for momentum in (0.0, 0.6):
        limit = slow_limit(model, SGD(0.02, 4, momentum), [0.5, 0.125])
        eta = 0.02 / (1 - momentum)
        same = SlowDynamics(model, Minibatch(model, eta, 4), [0.5, 0.125])
        w = np.array([[0.5, 0.125], [-0.4, 0.08]])
        np.testing.assert_array_equal(limit.drift(w), same.drift(w))
        assert_near(limit.drift(w), slow_drift(model, w, 0.02, 4, momentum), 1e-14)
        assert_near(limit.tensor(w), slow_diffusion(model, w, 0.02, 4, momentum), 1e-14)
        assert_near(limit.transverse_covariance(w), transverse_covariance(model, w, 0.02, 4, momentum), 1e-14)


def test_the_slow_drift_grows_with_momentum_as_its_learning_rate():
    model, w = NoisyGradient(VALLEY, Isotropic(1.0, 2)), np.array([0.5, 0.125])
    plain = slow_drift(model, w, 0.1, 2)
    assert np.abs(plain).max() > 1e-3
    assert_near(slow_drift(model, w, 0.1, 2, momentum=0.75), 4 * plain, 1e-12)
