"""The underdamped equation on a grid: the law, its masses and its entropy production."""

from __future__ import annotations

import numpy as np

from theory import FokkerPlanck, Grid, Isotropic, Ito, Langevin, SymbolicLandscape, Underdamped, gaussian

GRID = Grid((-4, -4), (4, 4), (80, 80))


def test_the_kinetic_law_and_its_masses_have_errors_that_say_something():
    law = FokkerPlanck(Underdamped(SymbolicLandscape("w**2/2"), friction=1.0, temperature=0.3), GRID).stationary()
    exact = gaussian([0, 0], 0.3 * np.eye(2), GRID)
    miss = np.abs(law.probabilities - exact.probabilities).sum() / 2
    assert miss < law.error < 1e-4  # ragged tails foretold anything, and made the error 1
    wrong = gaussian([0, 0], 0.31 * np.eye(2), GRID)
    assert np.abs(law.probabilities - wrong.probabilities).sum() / 2 > 100 * law.error  # control


def test_entropy_production_of_a_turning_ring_whose_corners_are_empty():
    ring = SymbolicLandscape("(x**2 + y**2 - 1)**2/4")
    for temperature, exact in ((0.2, 5.383261220922111), (0.1, 10.148329705780137)):
        sde = Langevin(
            ring, Isotropic(temperature, 2), Ito(), lambda w: np.stack([-w[..., 1], w[..., 0]], axis=-1)
        )
        equation = FokkerPlanck(sde, Grid((-2.2, -2.2), (2.2, 2.2), (80, 80)))
        produced = equation.entropy_production(equation.stationary())
        assert abs(produced - exact) < produced.error < 0.06 * exact
