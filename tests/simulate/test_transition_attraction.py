"""Points without noise that hold many walkers: whether they converge there or come by again and again."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from simulate import SGD, transition_operator
from theory import Grid, NoisyGradient, NoStationaryDensity, SymbolicLandscape, SymbolicTensor


@pytest.mark.parametrize(("pull", "converges"), [(0.0575, False), (0.04, True)])
def test_a_point_that_repels_on_average_holds_many_and_is_no_collapse(pull, converges):
    """A law like |w|^(k - 1) with k = 0.16 next to 0, where E log|w'/w| is -0.001 or 0.0008."""
    loss = SymbolicLandscape(f"w**4/4 - {pull}*w**2/2")
    model = NoisyGradient(loss, SymbolicTensor(sympy.Matrix(loss.variables), loss.variables))
    operator = transition_operator(model, SGD(0.1, 1), Grid(-2, 2, 240))
    if converges:
        with pytest.raises(NoStationaryDensity, match=r"share of 0\.9.* collapses to 0"):
            operator.stationary()
        return
    law = operator.stationary()
    assert law.error < 1e-6
    assert law.mass(lambda w: np.abs(w[..., 0]) < 0.1) > 0.5
    second, fourth, sixth = (law.probabilities @ law.grid.axes[0] ** power for power in (2, 4, 6))
    growth = 1 + 0.1 * pull
    kept = second * (growth**2 + 0.1**2) - 0.2 * growth * fourth + 0.1**2 * sixth  # E w'^2
    assert second - kept == pytest.approx(0.0, abs=0.02 * second * (growth**2 + 0.1**2 - 1))
