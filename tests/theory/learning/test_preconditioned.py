"""Preconditioned Langevin steps against the exact law of their chain."""

from __future__ import annotations

import numpy as np
import pytest
from local_coefficients import seeded

from theory import InputError, Localization, SymbolicLandscape, local_learning_coefficient
from theory.learning import SGLD, PreconditionedSGLD

CURVATURES = (1, 64)
STIFF = SymbolicLandscape("(x**2 + 64*y**2)/2")
WARM = 1000 / np.log(1000)


def measured(sampler, landscape=STIFF):
    return local_learning_coefficient(
        landscape, (0, 0), 1000, rng=seeded(1), sampler=sampler, localization=Localization(1e-3), chains=32,
        steps=2000, burn_in=400,
    )  # fmt: skip


def test_a_stiff_minimum_has_its_coefficient_and_the_step_its_bias():
    """With G = a^(-1/2) frozen, a = n beta h, the variance is 1 / (a (1 - step sqrt(a)/4)) in each direction."""
    step = 0.8 / np.sqrt(64 * WARM)
    found = measured(PreconditionedSGLD(step))
    rough = sum(0.5 / (1 - step * np.sqrt(h * WARM) / 4) for h in CURVATURES)
    fine = sum(0.5 / (1 - step * np.sqrt(h * WARM) / 8) for h in CURVATURES)
    assert found.step_bias == pytest.approx(rough - fine, abs=5 * found.step_bias.error)
    assert abs(found.value - 1) < 5 * found.error + found.bias
    assert found.tempered.error < 0.1


def test_plain_steps_do_not_mix_there():
    """The control: at a step that a direction 10^4 times as stiff bears the soft one stays where it began."""
    landscape = SymbolicLandscape("(x**2 + 10000*y**2)/2")
    found = measured(SGLD(0.2 / (1e4 * WARM)), landscape)
    assert abs(found.tempered - 1) > 5 * found.tempered.error


def test_numbers_out_of_range_are_refused():
    with pytest.raises(InputError, match="`smoothing` must be from 0 to below 1, got 1"):
        PreconditionedSGLD(0.1, smoothing=1.0)
    with pytest.raises(InputError, match="`damping` must be positive and finite, got 0"):
        PreconditionedSGLD(0.1, damping=0.0)
    assert PreconditionedSGLD(0.1, 4, 0.9).halved() == PreconditionedSGLD(0.05, 4, 0.9)
