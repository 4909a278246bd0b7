"""Learning coefficients by cooled particles, and likelihood ratios of data, against exact values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from local_coefficients import seeded

from theory import (
    InputError,
    Localization,
    ProductModel,
    SymbolicLandscape,
    learning_coefficient,
    on_data,
    two_layer_network,
)
from theory.learning import Annealing, Ladder, LikelihoodRatio, local_learning_coefficient

FEW = Annealing(particles=96, islands=16, moves=2, leaps=6)


def measured(landscape, at, sampler=FEW, **named):
    return local_learning_coefficient(landscape, at, 1000, rng=seeded(5), sampler=sampler, **named)


@pytest.mark.parametrize(("formula", "at"), [("w**2", (0,)), ("x**2*y**2", (0, 0))])
def test_the_interval_holds_the_exact_coefficient_and_is_narrow(formula, at):
    landscape = SymbolicLandscape(formula)
    exact, found = learning_coefficient(landscape, at), measured(landscape, at)
    low, high = found.interval()
    assert low < float(exact.value) < high
    assert high - low < 0.1 * len(at)
    assert found.multiplicity == exact.multiplicity
    assert not low < float(found.tempered) < high or len(at) == 1  # the control: at this n alone it is too low


def test_energies_are_those_of_quadrature():
    """x^2 y^2/2 under a normal prior: Z(t) is the mean of (1 + t y^2)^(-1/2), E that of t y^2/(1 + t y^2)/2."""
    found = measured(SymbolicLandscape("x**2*y**2/2"), (0, 0), localization=Localization(1.0)).ladder
    logs = np.linspace(-40, math.log(9), 4001)
    y = np.exp(logs)
    for level in (5, 12, found.settled - 1):
        t = found.inverse_temperatures[level]
        weight = y * np.exp(-(y**2) / 2) / np.sqrt(1 + t * y**2)
        exact = float((weight * t * y**2 / (1 + t * y**2)).sum() / weight.sum() / 2)
        assert abs(found.at(level) - exact) < 5 * found.at(level).error
    assert abs(found.at(5) - exact) > 5 * found.at(5).error  # another temperature's


def test_a_tanh_unit_on_data_has_the_coefficient_of_its_truth():
    rng = seeded(8)
    model = two_layer_network(rng.normal(size=60), rng.normal(size=60))
    ratio, w = LikelihoodRatio(model, [0.0, 0.0]), rng.normal(size=(3, 2))
    losses = model.loss(w[:, None], model.x, model.y) - model.loss(np.zeros(2), model.x, model.y)
    np.testing.assert_allclose(ratio.value(w), (losses**2).mean(axis=1) / 2)
    step = 1e-6 * np.eye(2)
    slopes = [(ratio.value(w + e) - ratio.value(w - e)) / 2e-6 for e in step]
    np.testing.assert_allclose(ratio.gradient(w), np.stack(slopes, axis=1), rtol=1e-6, atol=1e-8)
    low, high = measured(ratio, [0.0, 0.0], Annealing(16, 8, moves=4, leaps=5)).interval()
    assert low < 0.5 < high
    assert high - low < 0.3


def test_an_approach_is_carried_to_its_limit():
    """Energies made from an approach of multiplicity 3; the control is fitted without logarithms."""
    logs, rng = np.arange(26) * math.log(3), seeded(2)
    means = 0.75 - 2 / (logs + 3)
    ladder = Ladder(np.exp(logs), means[:, None] + 0.01 * rng.standard_normal((26, 16)))
    value, bias, multiplicity = ladder.limit(3)
    assert multiplicity == 3
    assert abs(value - 0.75) < 3 * value.error + bias < 0.1
    plain, _, one = ladder.limit(1)
    assert one == 1
    assert abs(plain - 0.75) > 3 * plain.error


def test_levels_before_an_approach_has_begun_are_left_out(monkeypatch):
    """Energies that rise to 2 by two steps, as no power does; the control fits both."""
    logs = np.arange(26) * math.log(3)
    means = 2 - 1 / (1 + np.exp(logs - 6)) - 0.8 / (1 + np.exp(2 * (logs - 13)))
    ladder = Ladder(np.exp(logs), means[:, None] + 0.05 * seeded(2).standard_normal((26, 16)))
    value, bias, _ = ladder.limit(1)
    assert abs(value - 2) < math.hypot(2 * value.error, bias) < 0.05
    monkeypatch.setattr("theory.learning.ladder.MISFIT", 1.0)
    value, bias, _ = ladder.limit(1)
    assert abs(value - 2) > 2 * math.hypot(2 * value.error, bias)


def test_what_an_island_keeps_through_all_levels_is_in_the_error():
    """Half of the variance is the island's own; the control is the error were all levels independent."""
    logs, rng = np.arange(26) * math.log(3), seeded(6)
    own = 0.05 * (rng.standard_normal(16) + rng.standard_normal((26, 16)))
    value, _, _ = Ladder(np.exp(logs), 0.5 + own).limit(1)
    assert 0.05 / 4 < 1.3 * value.error < 3 * 0.05 / 4
    drawn = 0.05 * math.sqrt(2) * rng.standard_normal((26, 16))
    assert Ladder(np.exp(logs), 0.5 + drawn).limit(1)[0].error < 0.7 * value.error


def test_levels_at_which_islands_drift_apart_do_not_count():
    logs = np.arange(26) * math.log(3)
    energies = 0.5 + 0.01 * seeded(3).standard_normal((26, 16))
    energies[20:] *= 1 + 10 * seeded(4).random((6, 16))
    assert Ladder(np.exp(logs), energies).settled == 20
    with pytest.raises(InputError, match="at least 10 levels must be settled, got 3"):
        Ladder(np.exp(logs[:9]), energies[:9]).limit(1)


def test_what_cannot_be_annealed_is_refused():
    rng = seeded(8)
    x, y = rng.normal(size=(2, 9))
    model, line = two_layer_network(x, y), on_data(ProductModel("w"), x, y)
    with pytest.raises(
        InputError, match="Annealing goes to temperatures at which the loss of data shows their noise"
    ):
        local_learning_coefficient(line, [x @ y / (x @ x)], rng=rng, sampler=FEW)
    with pytest.raises(InputError, match="Annealing has numbers of its own, leave out `chains`"):
        measured(SymbolicLandscape("w**2"), (0,), chains=4)
    with pytest.raises(InputError, match="Annealing knows no wall"):
        measured(SymbolicLandscape("w**2"), (0,), localization=Localization(1.0, 2.0))
    with pytest.raises(InputError, match="`islands` must be a whole number, at least 8, got 2"):
        Annealing(islands=2)
    with pytest.raises(InputError, match="`at` must be 2 finite numbers"):
        LikelihoodRatio(model, [0.0])


def test_a_point_beside_the_minimum_ends_the_ladder_before_it_shows():
    landscape = SymbolicLandscape("x**2/2 + y**4")
    for off in (0.0, 1e-6, 1e-5):
        low, high = measured(landscape, (off, 0)).interval()
        assert low <= 0.75 <= high
    with pytest.raises(InputError, match=r"levels must be settled, got \d; give the minimum more exactly"):
        measured(landscape, (1e-2, 0))


@pytest.mark.parametrize("dim", [1, 10])
def test_levels_lie_as_close_as_weights_need(dim):
    """Of gamma variables of mean d/2, as t K is, weights are to leave half; factors end at 3."""
    landscape = SymbolicLandscape(" + ".join(f"w{k}**2/2" for k in range(dim)))
    sampler = Annealing(particles=64, islands=8, moves=1, leaps=4, reach=1e10)
    found = measured(landscape, np.zeros(dim), sampler)
    levels = found.ladder.inverse_temperatures
    assert np.abs(levels / (1000 / math.log(1000)) - 1).min() < 1e-8
    factors = levels[1:] / levels[:-1]
    draws = seeded(9).gamma(dim / 2, size=1_000_000)

    def left(factor):
        weights = np.exp(-(factor - 1) * draws)
        return weights.mean() ** 2 / (weights**2).mean()

    if dim == 1:
        assert factors == pytest.approx(3.0)
        assert left(3.0) > 0.5
    else:
        assert left(float(np.median(factors))) == pytest.approx(0.5, abs=0.05)
        assert left(3.0) < 0.1  # the control: three times leaves few
