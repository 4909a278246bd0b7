"""Minima that no cell shows are found from places of walkers."""

from __future__ import annotations

import numpy as np
import pytest

from theory.landscapes import SymbolicLandscape
from theory.laws import Grid
from theory.points import find_minima

GRID = Grid(-3, 3, 60)
NARROW = SymbolicLandscape("(w**2 - 1)**2 - exp(-(1000*(w - 0.202))**2)")  # a well that lies between two centres


def test_a_well_between_cells_is_found_from_within_it():
    found = [m.position[0] for m in find_minima(NARROW, GRID, np.array([0.2015, 0.2025]))]
    assert found == pytest.approx([-1, 1, 0.202], abs=1e-6)
    assert len(find_minima(NARROW, GRID)) == len(find_minima(NARROW, GRID, np.array([0.5]))) == 2
