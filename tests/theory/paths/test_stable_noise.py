"""Alpha-stable noise: linear drifts untamed, steep ones followed, exits seen within steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from schemes import bare, seeded

from theory import (
    AlphaStable,
    Constant,
    HalfSpace,
    Isotropic,
    Langevin,
    Outside,
    SymbolicLandscape,
    first_passage_times,
    sample_paths,
)

BOWL, QUARTIC = SymbolicLandscape("w**2/2"), SymbolicLandscape("w**4/4")
FREE = Langevin(SymbolicLandscape("0*w"), Constant(0.0))


def stationary(rate, scheme, share=0.1, walkers=20_000, time=5.0):
    dt = share / rate
    sde = Langevin(SymbolicLandscape(f"{rate!r}*w**2/2"), Constant(0.0))
    steps = round(time / rate / dt / min(scheme.alpha, 1))
    return sample_paths(sde, np.zeros(walkers), dt=dt, steps=steps, rng=seeded(1), scheme=scheme).final[:, 0]


def test_a_linear_drift_has_the_tails_of_its_stable_law():
    """Cauchy noise: P(|w| > 10) = (2/pi) arctan(1/10) = .0635; tamed to steps of 1 it was .085."""
    exact = 2 / math.pi * math.atan(0.1)
    spread = math.sqrt(exact / 20_000)
    assert abs(np.mean(np.abs(stationary(1.0, AlphaStable(1.0, 1.0))) > 10) - exact) < 5 * spread
    tamed = stationary(1.0, AlphaStable(1.0, 1.0, length=1.0))
    assert np.mean(np.abs(tamed) > 10) > exact + 10 * spread


@pytest.mark.parametrize(("alpha", "rate", "scale"), [(0.6, 1.0, 1.0), (1.4, 2.0, 0.3), (1.8, 0.5, 2.0)])
def test_the_stationary_law_is_stable(alpha, rate, scale):
    """E cos(k w) = exp(-(k width)^alpha), width = scale / (alpha rate)^(1/alpha)."""
    width = scale / (alpha * rate) ** (1 / alpha)
    cosines = np.cos(stationary(rate, AlphaStable(alpha, scale)) / width)
    assert abs(cosines.mean() - math.exp(-1)) < 5 * cosines.std() / math.sqrt(20_000) + 0.02
    wrong = np.cos(stationary(rate, AlphaStable(alpha, 2 * scale)) / width)
    assert abs(wrong.mean() - math.exp(-1)) > 0.05  # control


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5, 1.9, 2.0])
def test_exits_from_an_interval_take_getoors_time(alpha):
    """E time = (1 - x^2)^(alpha/2) / Gamma(1 + alpha), at steps of a fifth of it."""
    for start in (0.0, 0.7):
        exact = (1 - start**2) ** (alpha / 2) / math.gamma(1 + alpha)
        times = {}
        for between in (True, False):
            times[between] = first_passage_times(
                FREE, np.full((4000, 1), start), Outside(-1, 1), dt=exact / 5, steps=2000, rng=seeded(2),
                scheme=AlphaStable(alpha, 1.0), between=between,
            ).mean  # fmt: skip
        mean, error = times[True]
        assert abs(mean - exact) < 5 * error
        assert times[False][0] > exact + 5 * error  # control: the ends of steps alone


def test_exits_within_a_step_change_no_law_and_go_with_brownian_motion():
    """With both noises the time lies below each alone; the positions of those who stay have one law."""
    both = Langevin(SymbolicLandscape("0*w"), Isotropic(0.5, 1))
    options = {"dt": 0.02, "steps": 1500, "rng": seeded(3), "scheme": AlphaStable(1.2, 0.5)}
    coarse = first_passage_times(both, np.zeros((4000, 1)), Outside(-1, 1), **options).mean
    fine = first_passage_times(
        both, np.zeros((4000, 1)), Outside(-1, 1), **options | {"dt": 0.1, "steps": 400}
    ).mean
    assert abs(coarse[0] - fine[0]) < 5 * math.hypot(coarse[1], fine[1])
    assert coarse[0] < 0.8  # of Brownian motion alone it is 1
    far = first_passage_times(FREE, np.zeros((3000, 1)), HalfSpace(1e3), dt=0.1, steps=10, rng=seeded(4),
                              scheme=AlphaStable(1.0, 1.0))  # fmt: skip
    assert far.arrived == pytest.approx(3000 / (math.pi * 1e3), abs=6)


def test_a_steep_drift_is_followed_in_one_step():
    """From 1000 dw = -w^3 dt gives w = (1e-6 + 2 t)^(-1/2) = 7.07 after .01; tamed it has moved by 1."""
    quiet = AlphaStable(1.5, 1e-9)
    ends = [
        sample_paths(
            Langevin(landscape, Constant(0.0)), [1e3, -1e3, 0.5], dt=0.01, steps=1, rng=seeded(1), scheme=quiet
        ).final[:, 0]
        for landscape in (QUARTIC, bare(QUARTIC))
    ]
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)
    np.testing.assert_allclose(ends[0][:2], [7.07, -7.07], rtol=0.05)
    assert ends[0][2] == pytest.approx(4.02**-0.5, abs=1e-8)


@pytest.mark.parametrize(("alpha", "dt"), [(1.0, 0.01), (1.0, 0.1)])
def test_a_quartic_well_of_cauchy_noise(alpha, dt):
    """Its density is 1/(pi (1 - w^2 + w^4)) (Chechkin et al. 2002), also in the tails and at long steps.

    With the jumps at the ends of steps P(|w| > 5) was 12 times as large at dt = .16, and 1.3 times at .01.
    """
    well, scheme = Langevin(QUARTIC, Constant(0.0)), AlphaStable(alpha, 1.0)
    ends = sample_paths(well, np.zeros(40_000), dt=dt, steps=round(4 / dt), rng=seeded(1), scheme=scheme).final
    sizes = np.abs(ends[:, 0])
    grid = np.linspace(0.5, 400, 400_001)
    density = 1 / (math.pi * (1 - grid**2 + grid**4))
    for level in (0.5, 1.0, 2.0, 5.0):
        exact = 2 * np.trapezoid(density[grid >= level], grid[grid >= level])
        error = math.sqrt(exact / 40_000)
        assert abs(np.mean(sizes > level) - exact) < 5 * error + 0.2 * dt**2
        assert abs(np.mean(sizes > 1.4 * level) - exact) > 5 * error  # control
    tamed = AlphaStable(alpha, 1.0, length=0.1)
    rough = sample_paths(well, np.zeros(4_000), dt=dt, steps=round(4 / dt), rng=seeded(1), scheme=tamed).final
    assert np.mean(np.abs(rough) > 5) > 10 * np.mean(sizes > 5)  # control
