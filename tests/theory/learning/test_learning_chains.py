"""Chains that sample a tempered posterior: exact with acceptance, with a step bias without, and their moments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from checks import errors_off, observed_order, squares
from hypothesis import given, settings
from hypothesis import strategies as st
from local_coefficients import LINE, PARABOLA, QUARTIC, WARM, estimate, off, seeded, tether

import theory.learning.steps as steps_module
from theory import CallableLandscape, ProductModel, SymbolicLandscape, mean_energy, on_data
from theory.learning import MALA, SGLD, Localization, local_learning_coefficient
from theory.learning.chains import Chains
from theory.learning.target import Target
from theory.learning.widths import widths
from theory.statistics import effective_sample_size, split_rhat


@pytest.mark.parametrize("step", [None, 0.3, 0.02])
def test_mala_leaves_the_tempered_posterior_invariant_at_any_step(step):
    """Mean energies, without the localization to first order, and slopes are those of quadrature."""
    found = estimate(QUARTIC, sampler=MALA(step), steps=20_000)
    assert off(found.tempered, mean_energy(QUARTIC, WARM, LINE, tether(1.0))) < 5
    free = {shift: mean_energy(QUARTIC, WARM * math.exp(shift), LINE) for shift in (-0.1, 0.0, 0.1)}
    assert off(found.energy, free[0.0]) < 5
    assert off(found.slope, (free[0.1] - free[-0.1]) / 0.2) < 5
    assert off(found.tempered, free[0.0]) > 4


def test_an_acceptance_without_the_proposals_density_is_caught(monkeypatch):
    """The same loop with Metropolis' ratio for proposals that are not symmetric."""
    landscape = CallableLandscape(lambda w: w[..., 0] ** 2, lambda w: 2 * w, lambda w: 2 * np.eye(1), dim=1)
    exact = mean_energy(PARABOLA, WARM, LINE, tether(1.0))
    options = {"sampler": MALA(0.004), "steps": 1500, "burn_in": 200, "chains": 300}
    assert off(estimate(landscape, **options).tempered, exact) < 5

    def wrong(stream, walk):
        def energy(w, field):
            return walk.numbers[0] * field[0] + walk.numbers[1] * (w**2).sum(axis=0) / 2

        with np.errstate(over="ignore"):
            chance = np.exp(np.minimum(0, energy(walk.w, walk.field) - energy(walk.trial, walk.trial_field)))
        accepted = stream.random(chance.shape) < chance
        walk.w[:, accepted], walk.field[:, accepted] = walk.trial[:, accepted], walk.trial_field[:, accepted]
        return chance.mean()

    monkeypatch.setattr(steps_module, "decide", wrong)
    assert off(estimate(landscape, **options).tempered, exact) > 5


def test_python_functions_and_formulas_give_the_same_chains():
    plain = CallableLandscape(PARABOLA.value, PARABOLA.gradient, PARABOLA.hessian, dim=1)
    options = {"steps": 200, "burn_in": 100, "chains": 64}
    for sampler in (MALA(), SGLD(1e-3)):
        first, second = (estimate(one, sampler=sampler, **options) for one in (PARABOLA, plain))
        assert first.value == pytest.approx(second.value, abs=1e-6)
    assert estimate(PARABOLA, **options) == estimate(PARABOLA, **options)
    assert estimate(PARABOLA, **options) != estimate(PARABOLA, 1, **options)


def test_the_bias_of_sgld_is_first_order_and_the_formula_of_a_parabola():
    """The stationary variance is 1 / (k (1 - h k / 4)), k = 2 t + strength, and the energy t times that."""
    target = Target(PARABOLA, np.zeros(1), WARM, Localization())
    stiff = 2 * WARM + 1
    sizes, errors = np.array([0.8, 0.4, 0.2]) / stiff, []
    for step in sizes:
        chains = SGLD(step).run(target, seeded(2), chains=256, steps=8_000, burn_in=500, save_every=1)
        energy = chains.estimate(chains.energies)
        assert off(energy, WARM / (stiff * (1 - step * stiff / 4))) < 5
        assert off(energy, WARM / stiff) > 5
        errors.append(energy - WARM / stiff)
    assert 0.95 < observed_order(sizes, errors) < 1.3
    found = estimate(PARABOLA, sampler=SGLD(sizes[0]), chains=128)
    biases = [WARM / (stiff * (1 - share)) for share in (0.2, 0.1)]
    assert off(found.step_bias, biases[0] - biases[1]) < 5
    assert off(found.tempered, WARM / stiff) < 5 + found.bias / found.tempered.error


@pytest.mark.parametrize(("formula", "exact", "step"), [("w**4", 0.25, 1e-3), ("a**2+b**2+c**2", 1.5, 7e-4)])
def test_sgld_on_toys(formula, exact, step):
    found = estimate(SymbolicLandscape(formula), sampler=SGLD(step), steps=20_000)
    assert abs(found.value - exact) < 5 * found.error + found.bias
    assert found.error < 0.03
    assert found.bias < 0.03
    assert found.acceptance is None


def regression(examples=150):
    """A linear model of two parameters on data, with its minimum."""
    rng = seeded(4)
    x = rng.normal(size=(examples, 2))
    y = x @ [0.5, -1.0] + rng.normal(size=examples)
    return on_data(ProductModel(["a", "b"]), x, y), np.linalg.lstsq(x, y, rcond=None)[0]


def test_batches_of_a_data_set_agree_with_mala_and_with_half_the_dimension():
    model, at = regression()
    warm = 150 / math.log(150)
    curvatures = np.linalg.eigvalsh(model.hessian(at))
    tempered = float((warm * curvatures / (warm * curvatures + 1)).sum() / 2)
    exact = local_learning_coefficient(model, at, rng=seeded(5), steps=600, burn_in=150)
    options = {"chains": 64, "steps": 1_000, "burn_in": 100, "save_every": 5}
    batches = local_learning_coefficient(model, at, rng=seeded(6), sampler=SGLD(0.02, 15), **options)
    assert off(exact.tempered, tempered) < 5
    assert off(exact.energy, 1.0) < 5
    assert exact.value == exact.energy  # no carrying on of data to larger n
    assert exact.bias >= abs(exact.slope)
    assert abs(batches.tempered - tempered) < 5 * batches.tempered.error + batches.bias
    assert abs(batches.value - exact.value) < 5 * math.hypot(batches.error, exact.error) + batches.bias
    noise = np.trace(model.gradient_covariance(at)) / 15  # both effects of the step, to first order
    stated = 0.02 * warm / 16 * (curvatures.sum() + warm * noise)
    assert abs(batches.step_bias - stated) < 5 * batches.step_bias.error + 0.4 * stated
    assert batches.step_bias > 3 * batches.step_bias.error


def test_batch_gradients_have_the_mean_and_covariance_of_draws_with_replacement():
    model, at = regression()
    points = np.repeat((at + 0.5)[:, None], 20_000, axis=1)
    target, out = Target(model, at, 30.0, Localization()), np.zeros((3, 20_000))
    SGLD(0.01, 15).batches(target, seeded(8))(points, out, False)
    assert errors_off(out[1:].T, model.gradient(at + 0.5)) < 5
    assert errors_off(squares(out[1:].T), model.gradient_covariance(at + 0.5) / 15) < 5
    assert errors_off(out[1:].T, 1.1 * model.gradient(at + 0.5)) > 5


def test_a_burn_in_that_is_counted_biases():
    exact = 0.5 * 2 * WARM / (2 * WARM + 1)
    options = {"sampler": MALA(2e-3), "steps": 100, "chains": 12_000}
    assert off(estimate(PARABOLA, burn_in=60, **options).tempered, exact) < 5
    assert off(estimate(PARABOLA, burn_in=0, **options).tempered, exact) > 5


def test_mixing_and_effective_sizes_of_autoregressive_chains():
    """AR(1) with rho = 1/2 is worth a third of its length; chains around different means do not agree."""
    rng, series = seeded(7), np.empty((4_000, 16))
    series[0] = rng.normal(size=16)
    for k in range(1, len(series)):
        series[k] = 0.5 * series[k - 1] + math.sqrt(0.75) * rng.normal(size=16)
    assert effective_sample_size(series) == pytest.approx(64_000 / 3, rel=0.05)
    assert split_rhat(series) == pytest.approx(1, abs=2e-3)
    assert split_rhat(series + np.linspace(-1, 1, 16)) > 1.05
    assert split_rhat(series + np.linspace(-1, 1, 4_000)[:, None]) > 1.05
    assert effective_sample_size(series + np.linspace(-1, 1, 16)) < 1000
    assert math.isinf(split_rhat(np.ones((10, 4))))
    assert effective_sample_size(np.ones((10, 4))) == 0


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.1, 3.0))
def test_series_have_the_cumulants_as_means(seed, scale):
    x, u = scale * seeded(seed).gamma(1.5, size=(2, 40, 4))
    energy, slope = Chains(x, u, None, 1.0).moments()
    a, b = x - x.mean(), u - u.mean()
    covariance = (a * b).mean()
    assert energy.mean() == pytest.approx(x.mean() + covariance, abs=1e-10)
    expected = x.mean() - (a * a).mean() + covariance - (a * a * b).mean()
    assert slope.mean() == pytest.approx(expected, abs=1e-9)


def test_widths_are_where_the_energy_has_changed_by_one():
    def energy(offsets):
        x, y, z = offsets.T
        return 100 * x**2 + y**4 + x**2 * z**2

    found = widths(energy, np.eye(3), np.array([200.0, 0.0, 0.0]))
    np.testing.assert_allclose(found[:2], [0.1, 1.0], rtol=1e-5)
    assert found[2] == pytest.approx(10, rel=1e-3)  # felt beside the others: (x z)^2 = 1 at x = .1
    wall = widths(lambda w: np.where(w[:, 0] < 2, 0.0, np.nan), np.eye(1), np.zeros(1))
    assert wall == pytest.approx(2, rel=1e-5)
    assert widths(lambda w: 0 * w[:, 0], np.eye(1), np.zeros(1)) == 1.0
