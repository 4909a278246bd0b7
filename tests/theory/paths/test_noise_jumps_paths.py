"""Paths where the noise jumps: Ito's reading meets its law, the others are refused."""

from __future__ import annotations

import numpy as np
import pytest

from theory import (
    AntiIto,
    FokkerPlanck,
    Grid,
    HalfSpace,
    HessianProportional,
    InputError,
    Isotropic,
    Ito,
    Langevin,
    Stratonovich,
    SymbolicLandscape,
    first_passage_times,
    sample_paths,
)

KINK = SymbolicLandscape("w**2/2 + max(w, 0)**2*3/2")
JUMP = HessianProportional(KINK, 0.3)
START = np.random.default_rng(1).normal(0.0, 0.3, (4000, 1))


def paths(reading, landscape=KINK, diffusion=JUMP):
    sde = Langevin(landscape, diffusion, reading)
    return sample_paths(sde, START, dt=0.002, steps=500, rng=np.random.default_rng(2))


@pytest.mark.parametrize("reading", [Stratonovich(), AntiIto()])
def test_other_readings_are_refused_where_noise_jumps(reading):
    with pytest.raises(InputError, match="need noise without jumps"):
        paths(reading)
    sde = Langevin(KINK, JUMP, reading)
    with pytest.raises(InputError, match="need noise without jumps"):
        first_passage_times(sde, START - 3, HalfSpace(1.0), dt=0.01, steps=5, rng=np.random.default_rng(3))
    paths(reading, diffusion=Isotropic(0.3, 1))  # control: constant noise
    bent = SymbolicLandscape("w**4/12 + w**2/2 + max(w, 0)**3/6")  # the Hessian bends, and does not jump
    paths(reading, bent, HessianProportional(bent, 0.3))


def test_itos_reading_has_its_law():
    law = FokkerPlanck(Langevin(KINK, JUMP, Ito()), Grid(-4, 4, 400)).stationary()
    found = paths(Ito()).final[:, 0]
    assert abs(found.mean() - law.mean[0]) < 5 * found.std() / np.sqrt(len(found)) + 0.2 * abs(law.mean[0])
