"""First passages, walls and jumps against exact times, laws and powers."""

from __future__ import annotations

import numpy as np
import pytest
from checks import errors_off, observed_order
from schemes import DOUBLE_WELL, WIENER, bare, seeded
from scipy.stats import norm

from theory import (
    BAOAB,
    AlphaStable,
    Constant,
    EulerMaruyama,
    Grid,
    HalfSpace,
    InputError,
    Isotropic,
    Langevin,
    LeimkuhlerMatthews,
    Outside,
    Reflecting,
    SymbolicLandscape,
    Underdamped,
    first_passage_times,
    sample_paths,
)

BOWL = SymbolicLandscape("w**2/2")
OU = Langevin(BOWL, Isotropic(1.0, 1))


def passed(sde, start, target, dt, time, walkers=100_000, **options):
    """The times of walkers from `start` in steps of `dt`."""
    return first_passage_times(
        sde, np.full((walkers, 1), float(start)), target, dt=dt, steps=round(time / dt), rng=seeded(1), **options
    )


# Times


def test_brownian_motion_passes_a_level_as_it_should_at_any_step():
    """P(tau <= t) = 2 P(N > a / sqrt(t)), also within the first step."""
    times = passed(WIENER, 0, HalfSpace(1.0), dt=0.5, time=8).times
    for t in (0.2, 0.4, 0.9, 3.3, 7.9):
        assert errors_off((times <= t).astype(float), 2 * norm.sf(1 / np.sqrt(t))) < 5
    mirrored = passed(WIENER, 0, HalfSpace(-1.0, above=False), dt=0.5, time=8).times
    assert errors_off((mirrored <= 0.9).astype(float), 2 * norm.sf(1 / np.sqrt(0.9))) < 5


def test_drift_that_does_not_change_is_exact_too():
    """Mean a / b and variance a / b^3 of the inverse Gaussian law."""
    times = passed(Langevin(SymbolicLandscape("-w"), Constant(0.5)), 0, HalfSpace(1.0), dt=0.5, time=60).times
    assert errors_off(times, 1.0) < 5
    assert errors_off((times - times.mean()) ** 2, 1.0) < 5


def test_exit_from_an_interval_takes_its_exact_mean_time():
    """(a^2 - x^2) / (2 D); without a look between steps walkers stay too long, by a half order."""
    errors = []
    for dt in (0.04, 0.02, 0.01):
        bridged = passed(WIENER, 0.3, Outside(-1, 1), dt=dt, time=20, walkers=20_000)
        assert errors_off(bridged.times, 0.91) < 5
        errors.append(passed(WIENER, 0.3, Outside(-1, 1), dt, 20, 20_000, between=False).mean[0] - 0.91)
    assert observed_order((0.04, 0.02, 0.01), errors) == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(("between", "start", "parts", "order"), [(True, 1, 4, 1), (False, 0.5, 8, 0.5)])
def test_the_bridge_restores_the_first_order(between, start, parts, order):
    """From x to 0 the Ornstein-Uhlenbeck process has P(tau <= t) = 2 P(N > x e^-t / sqrt(1 - e^-2t)); t = 1/2."""
    exact = 2 * norm.sf(start * np.exp(-0.5) / np.sqrt(1 - np.exp(-1)))
    steps = 0.5 / (parts * np.array([1, 2, 4]))
    errors = []
    for dt in steps:
        run = passed(OU, start, HalfSpace(0, above=False), dt, 0.5, 400_000, between=between)
        errors.append(abs(run.arrived / 400_000 - exact))
    assert observed_order(steps, errors) == pytest.approx(order, abs=0.15)


def test_the_double_well_is_crossed_in_its_mean_time():
    well = Langevin(DOUBLE_WELL, Isotropic(0.1, 1))
    run = passed(well, -1, HalfSpace(1.0), dt=0.05, time=1500, walkers=20_000)
    mean, error = run.mean
    assert error < 0.7
    assert abs(mean - 66.269) < 5 * error
    censored = passed(well, -1, HalfSpace(1.0), dt=0.05, time=100, walkers=20_000)
    assert 0 < censored.waiting == np.isnan(censored.times).sum()
    assert np.nanmax(censored.times) <= censored.horizon == 100
    assert abs(1 / censored.rate[0] - mean) < 0.1 * mean
    with pytest.raises(InputError, match=r"needs all walkers to arrive, got \d+ of 20000 still on their way"):
        _ = censored.mean


def test_any_function_can_be_a_target():
    """Looked at after every step only, as without the bridge."""
    well = Langevin(DOUBLE_WELL, Isotropic(0.5, 1))
    rates = [
        passed(well, -1, target, 0.05, 40, 4000, between=False).rate
        for target in (HalfSpace(1.0), lambda w: w[:, 0] >= 1)
    ]
    assert rates[0][0] == pytest.approx(rates[1][0], abs=4 * rates[0][1])


@pytest.mark.parametrize("scheme", [EulerMaruyama(), LeimkuhlerMatthews(), AlphaStable(1.5, 0.3)], ids=str)
def test_threads_and_routes_change_no_time(scheme):
    start = seeded(3).normal(-1, 0.2, (1300, 1))
    options = {"dt": 0.1, "steps": 150, "scheme": scheme}
    fast, plain = (Langevin(landscape, Isotropic(0.2, 1)) for landscape in (DOUBLE_WELL, bare(DOUBLE_WELL)))
    runs = [
        first_passage_times(e, start, HalfSpace(0.9), rng=seeded(4), threads=k, **options)
        for e, k in ((fast, 1), (fast, 2), (fast, 7), (plain, 2))
    ]
    assert 0.2 < runs[0].arrived / 1300 < 0.99
    for run in runs[1:3]:
        np.testing.assert_array_equal(run.times, runs[0].times)
    np.testing.assert_allclose(runs[3].times, runs[0].times, atol=1e-6)


def test_momentum_is_followed_through_phase_space():
    """From rest on a slope, without noise to speak of: t = sqrt(2 distance)."""
    falling = Underdamped(SymbolicLandscape("-w"), 1e-9, 1e-9)
    start = np.zeros((3, 2))
    run = first_passage_times(falling, start, HalfSpace(2.0), dt=0.001, steps=3000, rng=seeded(1), scheme=BAOAB())
    np.testing.assert_allclose(run.times, 2, atol=2e-3)


def test_nobody_is_dropped():
    steep = Langevin(SymbolicLandscape("w**4/4"), Isotropic(1e-6, 1))
    start = [0.1, 2.0, 9.0, 9.0, -9.0]
    run = first_passage_times(steep, start, HalfSpace(1.5), dt=0.1, steps=30, rng=seeded(1))
    np.testing.assert_array_equal(run.times[1:4], 0)
    assert (run.arrived, run.waiting, run.diverged) in {(3, 1, 1), (4, 1, 0)}
    lost = first_passage_times(steep, start, HalfSpace(-1e40, above=False), dt=0.1, steps=30, rng=seeded(1))
    assert lost.diverged + lost.arrived == 3
    assert lost.waiting == 2


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (HalfSpace(1.0, axis=1), "the target's `axis` must be 0 to 0, got 1"),
        (3, "`target` must be a HalfSpace or an Outside or a function, got 3"),
        (lambda w: w, r"`target` must map points \(1, 1\) to flags \(1,\), got float64"),
    ],
)
def test_refuses_targets(target, reason):
    with pytest.raises(InputError, match=reason):
        first_passage_times(OU, [0.0], target, dt=0.1, steps=1, rng=seeded(0))


# Walls


def test_walls_turn_paths_back_to_first_order():
    """Drift -1 against a wall, D = 1/2 on [0, 1]: the law is e^(-2 w) between the walls."""
    sliding = Langevin(SymbolicLandscape("w"), Constant(0.5))
    mean = 0.5 - 1 / np.expm1(2)
    errors = []
    for dt in (0.1, 0.05, 0.025):
        start = seeded(0).uniform(size=200_000)
        run = sample_paths(
            sliding, start, dt=dt, steps=round(2 / dt), rng=seeded(1), domain=Grid(0, 1, 1), sides=Reflecting()
        )
        assert ((run.final >= 0) & (run.final <= 1)).all()
        errors.append(run.final.mean() - mean)
    assert observed_order((0.1, 0.05, 0.025), errors) == pytest.approx(1, abs=0.15)


def test_walls_and_circles_stand_beside_each_other():
    box = Grid((0, 0), (1, 1), (2, 2), periodic=(True, False))
    free = Langevin(SymbolicLandscape("0*x + 0*y", ["x", "y"]), Constant(np.diag([1.0, 4.0])))
    run = sample_paths(
        free, np.full((20_000, 2), 0.1), dt=0.5, steps=6, rng=seeded(1), domain=box, sides=Reflecting()
    )
    assert ((run.final >= 0) & (run.final <= 1)).all()
    assert errors_off(run.final, 0.5) < 5
    assert errors_off(run.final**2, 1 / 3) < 5
    open_side = sample_paths(free, np.full((2000, 2), 0.1), dt=0.5, steps=6, rng=seeded(1), domain=box)
    assert np.abs(open_side.final[:, 1]).max() > 3


# Jumps


def test_stable_noise_has_its_law_to_first_order():
    """For the linear equation E cos w = exp(-scale^alpha (1 - e^(-alpha t)) / alpha)."""
    linear = Langevin(BOWL, Constant(0.0))
    for alpha, steps in ((1.5, (0.2, 0.1, 0.05)), (1.0, (0.1,)), (2.0, (0.1,)), (0.7, (0.1,))):
        errors = []
        for dt in steps:
            run = sample_paths(
                linear, np.zeros(200_000), dt=dt, steps=round(1 / dt), rng=seeded(3),
                scheme=AlphaStable(alpha, 1.0, length=1e12),
            )  # fmt: skip
            discrete = dt * np.sum((1 - dt) ** (alpha * np.arange(round(1 / dt))))
            assert errors_off(np.cos(run.final), np.exp(-discrete)) < 5
            errors.append(abs(np.cos(run.final).mean() - np.exp(-(1 - np.exp(-alpha)) / alpha)))
        if len(steps) > 1:
            assert observed_order(steps, errors) == pytest.approx(AlphaStable.weak_order, abs=0.25)


def test_jumps_cross_a_barrier_at_a_power_of_their_scale_and_heat_exponentially():
    """Rates scale^alpha against exp(-height / T); the height of the barrier is 1/4."""
    cold = Langevin(DOUBLE_WELL, Constant(0.0))
    for alpha, walkers, time in ((1.0, 3000, 60), (1.5, 4000, 200)):
        scales = (0.05, 0.025, 0.0125)
        rates = [
            passed(cold, -1, HalfSpace(0.0), 0.1, time, walkers, scheme=AlphaStable(alpha, scale)).rate[0]
            for scale in scales
        ]
        assert observed_order(scales, rates) == pytest.approx(alpha, abs=0.2)
    temperatures = np.array([0.08, 0.06, 0.05])
    rates = [
        passed(Langevin(DOUBLE_WELL, Isotropic(t, 1)), -1, HalfSpace(1.0), 0.05, 200, 8000).rate[0]
        for t in temperatures
    ]
    slope = np.polyfit(1 / temperatures, np.log(rates), 1)[0]
    assert slope == pytest.approx(-0.25, abs=0.03)
    assert observed_order(temperatures, rates) > 3  # no power: it grows as T falls
