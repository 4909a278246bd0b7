"""The law of SGD itself at a point: by its transition operator where that exists, else by walkers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from compare.distances.noise import counting_floor
from compare.stages.exact import LARGEST_ERROR, MOST_OUTSIDE, no_operator
from compare.study import Study
from compare.sweeps.laws.reason import Code, NoLaw
from simulate.data import draw_data
from simulate.run import run_sgd
from simulate.transition import transition_operator
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.laws import Density, Ensemble, Grid, Histogram, NoStationaryDensity
from theory.models import ProductModel

FAR = 1e3  # windows: walkers that have gone so far do not come back
SCOUTS = 2000  # walkers that show whether SGD diverges, where its law leaves every window
NOBODY = 0.99  # of the walkers that diverged: there is no law left to compare


@dataclass(frozen=True, eq=False)
class Observed:
    """SGD's law on a grid, computed or counted.

    Parameters
    ----------
    floor
        The total variation that the study's walkers leave open; None where `law` has been counted and each
        distance knows its own.
    lost
        Share of the walkers that diverged or left the grid.
    """

    law: Density | Histogram = field(repr=False)
    floor: float | None
    lost: float

    @property
    def exact(self) -> bool:
        """Whether no random number has part in it."""
        return self.floor is not None


def observe(study: Study, grid: Grid, *, settled: bool) -> Observed | NoLaw:
    """SGD's law on `grid`: that which a step leaves as it is where it shall be `settled`, else that of the steps.

    Walkers stand in where there is no operator; they take the study's steps in both cases.
    """
    if isinstance(no_operator(study, grid), Absent):
        return _counted(study, grid)
    try:
        operator = transition_operator(study.model, study.sgd, grid)
    except InputError as error:  # it may not know the step rules
        return _counted(study, grid) if study.sgd.rules else NoLaw.told(error, Code.WALLS)
    try:
        if settled:
            return _computed(study, operator.stationary(), 0.0)
        laws = operator.evolve(study.start.density(grid), study.steps)
    except NoStationaryDensity as refusal:
        return NoLaw.of(refusal)
    except InputError as error:
        return NoLaw.told(error, Code.WALLS)
    law, outside = laws[0], float(laws.outside[0])
    if outside > MOST_OUTSIDE:
        return NoLaw(Code.WALLS, f"a share {outside:.2g} of the walkers leaves the window", "wider")
    if (law.error or 0.0) > LARGEST_ERROR:
        return NoLaw(Code.UNRESOLVED, f"half the cells move SGD's law by {law.error:.2g}", "finer")
    return _computed(study, law, outside)


def observe_walkers(study: Study, grid: Grid) -> Observed | NoLaw:
    """SGD's law after its steps, counted: also where an operator is there, whose windows it leaves."""
    return _counted(study, grid)


def share_diverged(study: Study) -> float:
    """Of a few walkers, how many are after the study's steps no longer finite, or a thousand windows away."""
    walkers = min(study.walkers, SCOUTS)
    try:
        ends = _walk(study, walkers).final
    except InputError:  # nobody is left
        return 1.0
    sides = np.array(study.grid.lower), np.array(study.grid.upper)
    near = np.abs(ends - (sides[0] + sides[1]) / 2) <= FAR * (sides[1] - sides[0])  # False where not finite
    return 1 - float(np.mean(near.all(axis=1)))


def _computed(study: Study, law: Density, outside: float) -> Observed:
    return Observed(law, counting_floor(law, study.walkers), outside)


def _counted(study: Study, grid: Grid) -> Observed | NoLaw:
    try:
        seen = _walk(study, study.walkers).histogram(grid)
    except InputError as error:
        return NoLaw.told(error, Code.DIVERGES)
    lost = (seen.diverged + seen.outside) / seen.walkers
    if lost >= NOBODY:
        return NoLaw(Code.DIVERGES, f"a share {lost:.4g} of the walkers has diverged")
    return Observed(seen, None, lost)


def _walk(study: Study, walkers: int) -> Ensemble:
    """Walkers of SGD at the last step; streams depend on the study's seed alone."""
    start, data, steps = (np.random.default_rng(child) for child in np.random.SeedSequence(study.seed).spawn(3))
    examples = None
    if study.data_examples is not None:
        assert isinstance(study.model, ProductModel)  # the reader refuses data for anything else
        examples = draw_data(study.model, study.data_examples, data)
    return run_sgd(
        study.model, study.sgd, study.start.sample(walkers, start), steps=study.steps, rng=steps, data=examples,
        domain=study.grid if any(study.grid.periodic) else None, threads=1,
    )  # fmt: skip
