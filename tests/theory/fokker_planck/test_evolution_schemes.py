"""What laws in time are made of: orders read from meshes, averages and values, fractions of the exponential."""

from __future__ import annotations

import numpy as np
import pytest

from theory import Grid
from theory.fokker_planck.evolution.fitted_laws import remaining
from theory.fokker_planck.meshes.cells import averaged, centred
from theory.markov.implicit import POLES, RESIDUES


def test_orders_are_read_from_three_meshes():
    for order in (0.7, 1.0, 2.0):
        levels = [1.0 + 0.3 * h**order for h in (0.1, 0.3, 0.6)]
        changes = np.abs(np.diff(levels))
        assert remaining(changes, [3.0, 2.0], 2.0) == pytest.approx(2.5 * 0.3 * 0.1**order, rel=0.02)
    assert remaining(changes, [3.0, 2.0], 1.0) > 2 * remaining(changes, [3.0, 2.0], 2.0)
    assert np.isnan(remaining(np.zeros(0), [], 2.0))


def test_averages_and_values_are_each_other_s_inverse_and_exact_to_eighth_order():
    misses = []
    for n in (40, 80):
        grid = Grid(0.0, 2.0, n, True)
        faces = grid.edges[0]
        means = np.diff(np.sin(np.pi * faces) / np.pi) / grid.spacing[0] + 2
        values = np.cos(np.pi * grid.axes[0]) + 2
        misses.append(np.abs(averaged(values, grid) - means).max())
        np.testing.assert_allclose(centred(means, grid), values, atol=1e-8)
    assert misses[0] < 1e-10
    assert np.abs(values - means).max() > 1e-4


def test_the_fractions_are_those_of_the_exponential():
    for z in (0.0, -0.5, 0.3j, -0.3 + 0.3j):
        found = sum(c / (z - p) + np.conj(c) / (z - np.conj(p)) for c, p in zip(RESIDUES, POLES, strict=True))
        assert found == pytest.approx(np.exp(z), abs=1e-13)
    far = sum(2 * (c / (-1e8 - p)).real for c, p in zip(RESIDUES, POLES, strict=True))
    assert abs(far) < 1e-6
