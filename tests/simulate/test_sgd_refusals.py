"""What variants of SGD refuse, each in one line with the value found and the remedy, and what they warn of."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest
from sgd_models import CUBIC, QUADRATIC, VECTOR, C, data_for, seeded

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
    UnstableStepWarning,
    WithoutReplacement,
    run_sgd,
    step_stability,
    warn_if_unstable,
)
from theory import Constant, InputError, NoisyGradient, ProductModel, SymbolicLandscape, langevin_limit

NOISY = NoisyGradient(QUADRATIC, Constant(C))
PLANE = ProductModel("(x**2 + y**2)*x")
DATA = data_for(VECTOR, 10)


class Broken(Schedule):
    def rate(self, steps):
        return np.full(len(steps), -1.0)


class Short(Schedule):
    def batch(self, steps):
        return np.ones(1)


def attempt(model=NOISY, sgd=None, steps=2, data=None):
    return run_sgd(model, sgd, np.full((2, model.dim), 0.3), steps=steps, rng=seeded(0), data=data)


def one_pass(epochs, steps, batch=3, **options):
    sgd = SGD(0.01, batch, sampling=WithoutReplacement(epochs), **options)
    return attempt(VECTOR, sgd, steps, DATA)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: SGD(0.1, 5, Nesterov(1.0)), r"`momentum` must lie in \[0, 1\), got Nesterov\(1.0\)"),
        (lambda: SGD(0.1, 5, 0, -2.0), "`preconditioner` must be positive and finite, got -2.0"),
        (lambda: SGD(0.1, 5, 0, (1.0, 0.0)), r"positive and finite, got \[1.0, 0.0\]"),
        (lambda: SGD(0.1, 5, 0, [[1, 2], [2, 1]]), "must be positive definite, got the eigenvalues -1, 3"),
        (lambda: SGD(0.1, 5, 0, [[1, 0.2], [0.1, 1]]), "`preconditioner` must be symmetric"),
        (lambda: SGD(0.1, 5, 0, "fast"), "got 'fast'; take a positive number, .* a matrix or InverseNoise"),
        (
            lambda: SGD(0.1, 5, schedule=0.5),
            "must be a Schedule or .* got 0.5; take a Schedule such as",
        ),
        (lambda: SGD(0.1, 5, noise=0.5), "`noise` must be .* got 0.5; take a noise such as GaussianNoise"),
        (lambda: SGD(0.1, 5, noise=(GaussianNoise(1), 2)), "`noise` must be"),
        (lambda: InverseNoise(-1), "`damping` must be finite and not negative, got -1"),
        (lambda: Step(3, -0.5), "`factor` must be finite and not negative, got -0.5"),
        (lambda: Linear(0, 0.5), "`steps` must be a whole number of steps, at least 1, got 0"),
        (lambda: Cosine(4, np.nan), "`final` must be finite .* got nan"),
        (lambda: Exponential(4, 0), "`final` must be positive, got 0"),
        (lambda: BatchGrowth(2, 0.5), "`factor` must be at least 1, got 0.5"),
        (lambda: GaussianNoise(0), "`std` must be positive and finite, got 0"),
        (lambda: LabelNoise(-1), "`std` must be positive"),
        (lambda: StudentNoise(0, 1), "`degrees` must be positive"),
        (lambda: StableNoise(2.5, 1), r"`alpha` must lie in \(0, 2\], got 2.5"),
        (lambda: StableNoise(1.5, 1, 2), r"`skew` must lie in \[-1, 1\], got 2"),
        (lambda: StableNoise(1, 1, 0.5), "`skew` must be 0 where alpha is 1, got 0.5"),
        (lambda: SubsampledNoise(0), "`scale` must be positive"),
        (lambda: Fresh(2.0), "`input_degrees` must be above 2, .* got 2.0; for heavier tails"),
        (lambda: WithoutReplacement(0), "`epochs` must be a whole number, at least 1, or None, got 0"),
        (lambda: attempt(sgd=SGD(0.1, 5, 0, np.eye(3))), "must fit the dimension 2 of the model, got 3 rows"),
        (lambda: attempt(sgd=SGD(0.1, 5, schedule=Broken())), "`rate` of .* must give finite factors"),
        (lambda: attempt(sgd=SGD(0.1, 5, schedule=Short())), "`batch` of .* one for each step"),
        (lambda: attempt(sgd=SGD(0.1, 5, noise=LabelNoise(1))), "has no examples for label noise"),
        (lambda: attempt(sgd=SGD(0.1, 5, noise=SubsampledNoise())), "has no examples for label noise, subsampled"),
        (lambda: attempt(sgd=SGD(0.1, 5, sampling=Fresh(5.0))), "or heavy-tailed data"),
        (lambda: attempt(CUBIC, SGD(0.1, 5, noise=SubsampledNoise())), "subsampled noise needs a data set"),
        (
            lambda: attempt(PLANE, SGD(0.1, 5, preconditioner=InverseNoise())),
            r"covariance of full rank, got the eigenvalues .* at w = \[0.3, 0.3\]; give a `damping`",
        ),
        (
            lambda: attempt(
                NoisyGradient(QUADRATIC, Constant([[1, 1], [1, 1]])), SGD(0.1, 5, preconditioner=InverseNoise())
            ),
            "covariance of full rank, got the eigenvalues .*, 2 at",
        ),
        (lambda: one_pass(1, 5), "1 epochs of 10 examples hold 4 steps, got 5"),
        (lambda: one_pass(2, 9), "hold 8 steps, got 9"),
        (lambda: one_pass(1, 4, schedule=BatchGrowth(1)), "hold 3 steps, got 4"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason) as found:
        make()
    assert "\n" not in str(found.value)


def test_what_is_next_to_a_refusal_runs():
    for epochs, steps, options in ((1, 4, {}), (2, 8, {}), (None, 9, {}), (1, 3, {"schedule": BatchGrowth(1)})):
        assert one_pass(epochs, steps, **options).diverged == 0
    assert attempt(PLANE, SGD(0.1, 5, preconditioner=InverseNoise(1.0))).diverged == 0


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"schedule": Step(3, 0.5)}, "schedule"),
        ({"sampling": Fresh(5.0)}, "heavy-tailed data"),
    ],
)
def test_the_limit_of_plain_sgd_is_not_taken_for_that_of_a_variant(change, name):
    sgd = dataclasses.replace(SGD(0.1, 5), **change)
    with pytest.raises(InputError, match=f"without {name}; take it of plain SGD"):
        langevin_limit(CUBIC, sgd)
    assert sgd.variants == (name,)
    assert langevin_limit(CUBIC, SGD(0.1, 5, Nesterov(0.5))).diffusion.factor == 0.2 / 10


def test_settings_are_compared_and_kept():
    first, second = (SGD(0.1, 5, Nesterov(0.5), np.eye(2), [Cosine(5, 0.1)]) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    assert first != dataclasses.replace(first, momentum=0.5)
    assert Nesterov(0.5) != 0.5
    assert 0.5 != Nesterov(0.5)  # noqa: SIM300 - both ways round
    assert isinstance(dataclasses.replace(first).momentum, Nesterov)
    assert SGD(0.1, 5).schedule == ()
    assert SGD(0.1, 5, schedule=None) == SGD(0.1, 5)


# Stability


@pytest.mark.parametrize("momentum", [0.0, 0.6, Nesterov(0.6)])
def test_the_limit_is_where_descent_stops_converging(momentum):
    model = NoisyGradient(SymbolicLandscape("w**2"), Constant(1e-20))
    limit = step_stability(model, SGD(0.1, 1, momentum), [0.0]).limit
    for factor, settles in ((0.98, True), (1.02, False)):
        sgd = SGD(factor * limit / 2, 1, momentum)
        found = step_stability(model, sgd, [0.0])
        assert (found.multiplier < 1) == settles
        end = run_sgd(model, sgd, [1.0], steps=400, rng=seeded(1)).final[0, 0]
        assert (abs(end) < 1) == settles


def test_a_step_beyond_the_curvature_is_warned_of():
    model = ProductModel("(w + 9/5)*(w - 9/5)**2", loss_scale=1.0)
    with pytest.warns(UnstableStepWarning, match=r"at most 2 .* got 3\.359 \(curvature 335\.9 .*to 0\.005954"):
        found = warn_if_unstable(model, SGD(0.01, 20), [-1.8])
    assert found.curvature == pytest.approx(2 * 3.6**4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_unstable(model, SGD(0.0059, 20), [-1.8])
        warn_if_unstable(model, SGD(0.01, 20, 0.7), [-1.8])


def test_preconditioners_change_the_curvature():
    found = step_stability(NOISY, SGD(0.1, 4, preconditioner=(2.0, 3.0)), [0.0, 0.0])
    expected = np.linalg.eigvals(np.diag([2.0, 3.0]) @ QUADRATIC.hessian([0.0, 0.0])).max()
    assert found.curvature == pytest.approx(expected)
    inverse = step_stability(NOISY, SGD(0.1, 4, preconditioner=InverseNoise()), [0.0, 0.0])
    expected = np.linalg.eigvals(4 * np.linalg.inv(C) @ QUADRATIC.hessian([0.0, 0.0])).max()
    assert inverse.curvature == pytest.approx(expected)
    with pytest.raises(InputError, match="`w` must have 2 components, got 1"):
        step_stability(NOISY, SGD(0.1, 4), [0.0])
