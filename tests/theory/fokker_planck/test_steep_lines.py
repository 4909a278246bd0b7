"""Zero-flux densities whose logarithms are so large that their rounding is more than what panels are held to."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from theory import Grid, Isotropic, Langevin, SymbolicLandscape
from theory.fokker_planck.line import profile
from theory.fokker_planck.line.pieces import Line
from theory.fokker_planck.line.profile import zero_flux

TEMPERATURE = 1e-9


def pushed(height):
    """The side of a bowl behind a slope that is `height` deep, by a drift without a potential."""
    landscape = SymbolicLandscape("0*w")
    return Langevin(
        landscape,
        Isotropic(TEMPERATURE, 1),
        extra_drift=lambda w: np.where(np.asarray(w) < 0.5, height, -np.asarray(w) * TEMPERATURE * 9),
    )


@pytest.mark.parametrize("height", [0.0, 4.0])
def test_panels_are_held_to_their_own_rise_whatever_the_height(height, monkeypatch):
    """A logarithm of 4e9 is rounded by 5e-7, and no half of a panel would ever be smooth to 1e-8."""
    asked, coefficients = [], Line.coefficients

    def counted(line, w):
        asked.append(w.size)
        return coefficients(line, w)

    monkeypatch.setattr(Line, "coefficients", counted)
    line = Line.of(pushed(height), Grid(-1.0, 1.0, 40))
    found = zero_flux(line, line.pieces[0])
    assert sum(asked) < 2e4
    half = found.log_masses[30:] - found.log_masses[30]
    w = np.linspace(0.5, 1.0, 11)
    exact = np.array([np.exp(-4.5 * np.linspace(a, b, 2001) ** 2).mean() for a, b in pairwise(w)])
    assert np.exp(half) == pytest.approx(exact / exact[0], rel=1e-5)
    if height:
        assert found.log_masses[30] > 1e9  # the control: the level is where digits end
        assert profile.TAILS[16] < np.spacing(found.log_masses[30])
