"""The derivative of a stationary expectation on a line: differences of laws that are exact to rounding."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Booleans
from theory.base.estimate import Estimate
from theory.fokker_planck.derivatives.problem import DerivativeProblem, beyond
from theory.fokker_planck.line import LineDensity, stationary_line
from theory.laws import Density

PARTS_OF_STEP = 2  # of a step: the equation exists within two steps, and differences go four parts far
EIGHTH = (4 / 5, -1 / 5, 4 / 105, -1 / 280)  # of differences over 1, 2, 3, 4 parts to either side, twice them
SIXTH = (3 / 4, -3 / 20, 1 / 60, 0.0)
WEIGHTS = 4.0  # times <|f - <f>|> by which a law that is unsure by 1 in total variation moves <f>
LAST_PLACES = 4e-16  # of the mean: what is left of it when two are subtracted
SILENT = 1e-12  # of the largest noise at the centres: a side at which the law ends


def derivative_on_line(problem: DerivativeProblem) -> Estimate | None:
    """d<f>/da by a central difference of eighth order of expectations by quadrature; None of laws through gates.

    `error` is the step from the sixth order, what the quadrature leaves of the laws, and what is beyond the grid.

    Raises
    ------
    InputError, NoStationaryDensity
        As `stationary_line`.
    """
    problem.values(problem.grid)  # finite at the centres

    def law(part: int) -> Density:
        return stationary_line(problem.at(part / PARTS_OF_STEP), problem.grid, problem.held)

    here, width = law(0), problem.step / PARTS_OF_STEP
    laws = {part: law(part) for k in range(1, 5) for part in (k, -k)}
    if not all(isinstance(one, LineDensity) for one in (here, *laws.values())):
        return None
    mean = here.expect(problem.observable)
    means = {part: one.expect(lambda w: np.asarray(problem.observable(w)) - mean) for part, one in laws.items()}
    eighth, sixth = (
        sum(c * (means[k] - means[-k]) for k, c in enumerate(weights, 1)) / width for weights in (EIGHTH, SIXTH)
    )
    size = here.expect(lambda w: np.abs(np.asarray(problem.observable(w)) - mean))
    unsure = max(one.error or 0.0 for one in laws.values())
    rounding = (WEIGHTS * unsure * size + LAST_PLACES * abs(mean)) / width
    tangent = (laws[4].probabilities - laws[-4].probabilities) / (8 * width)
    centred = problem.values(problem.grid) - mean
    outside = beyond(problem, here.probabilities, centred, tangent, _ends(problem))
    return Estimate(eighth, abs(eighth - sixth) + rounding + outside)


def _ends(problem: DerivativeProblem) -> Booleans:
    """The sides at which noise vanishes or the drift has a pole, shape (1, 2): no law goes on beyond."""
    grid, equation = problem.grid, problem.at(0)
    sides = np.array([[grid.lower[0]], [grid.upper[0]]])
    with np.errstate(all="ignore"):
        noise, drift = equation.tensor(sides)[:, 0, 0], equation.drift(sides)[:, 0]
    return np.array([~(noise > SILENT * equation.tensor(grid.centers).max()) | ~np.isfinite(drift)])
