"""The share of walkers that are still there: a record that is also the pair it once was."""

from __future__ import annotations

import numpy as np
import pytest

from theory import (
    Absorbing,
    Density,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    SurvivalCurve,
    SymbolicLandscape,
)

GRID = Grid(0.0, 1.0, 64)


def test_a_free_walk_between_absorbing_sides_decays_by_its_slowest_mode():
    free = Langevin(SymbolicLandscape("0*w"), Isotropic(1.0, 1))
    start = Density.normalised(GRID, np.sin(np.pi * GRID.axes[0]))
    curve = FokkerPlanck(free, GRID, Absorbing()).survival(start, [0.05, 0.1])
    assert curve.times.tolist() == [0.05, 0.1]
    assert (np.abs(curve.share - np.exp(-(np.pi**2) * curve.times)) <= curve.error).all()
    assert (curve.error < 0.01).all()


def test_it_is_the_pair_of_shares_and_errors():
    curve = SurvivalCurve([0.0, 1.0], [1.0, 0.5], [0.0, 0.1])
    share, error = curve
    assert share is curve.share is curve[0]
    assert error is curve.error is curve[1]
    assert len(curve) == 2
    assert repr(curve) == "SurvivalCurve(times=0 to 1, share=0.5 to 1, error=0 to 0.1)"


@pytest.mark.parametrize("error", [[0.1], [[0.1, 0.2]], 0.1])
def test_other_shapes_are_refused(error):
    with pytest.raises(InputError, match="`error` must have one dimension"):
        SurvivalCurve([0.0, 1.0], [1.0, 0.5], error)
