"""The laws of theory at a point, each on the grid of SGD's law or with the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from compare.comparison import limit_instead
from compare.distances import Law, total_variation
from compare.stages.fokker_planck import LARGEST_REFINED
from compare.study import Study
from compare.sweeps.laws.observed import Observed
from compare.sweeps.laws.reason import Code, NoLaw
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.equations import Langevin, nearest_gibbs, posterior
from theory.fokker_planck import FokkerPlanck
from theory.laws import Density, Grid, Histogram, LimitLaw, NoStationaryDensity
from theory.models import ProductModel
from theory.paths import sample_paths
from theory.points import find_degenerate_points

LAWS = ("fokker_planck", "langevin", "gibbs", "posterior")
PARTS = 3  # of a cell in which theory is computed, where that takes no longer than a second
GOOD = 0.02  # error of the equation's law in time, up to which paths are not asked
MOST_SOLVED = 3000  # cells up to which that law is solved for
FEWEST_SUBSTEPS = 4  # a learning rate, with which paths begin at most
CUT = 4  # shorter steps
FOLLOWED = 0.25  # of the time in which the drift changes: longest step of paths that are Python functions
MOST_WORK = 2e7  # steps of walkers by Python functions, a minute or two
FEWEST_PATHS = 1000


@dataclass(frozen=True, eq=False)
class PathLaw:
    """A law counted from paths, and what twice their step changes of it in total variation, at most."""

    law: Histogram
    step_error: float


Prediction = Law | PathLaw | NoLaw


def predict(study: Study, observed: Observed, *, settled: bool) -> Mapping[str, Prediction]:
    """Every law of theory beside the law of SGD.

    `fokker_planck` is the stationary density. `langevin` is the law of the same equation at the time of the last
    step, or in the end where the law is `settled`. It is solved for on the grid where noise vanishes nowhere
    and the error stays small, and counted from paths else. `gibbs` is the nearest to SGD's law.
    """
    grid = observed.law.grid
    factor = PARTS if grid.size * PARTS**grid.dim <= LARGEST_REFINED else 1
    found: dict[str, Prediction] = {"gibbs": _gibbs(study, observed, factor)}
    found["posterior"] = _posterior(study, grid, factor)
    if isinstance(study.equation, Absent):
        none = NoLaw(Code.EQUATION, study.equation.reason)
        return found | {"fokker_planck": none, "langevin": none}
    if not settled:
        found["langevin"] = _in_time(study, study.equation, grid)
        if factor > 1 and _noise_vanishes(study, study.equation):  # most often with several classes: see first
            found["fokker_planck"], _ = _stationary(study, study.equation, grid, 1)
            if isinstance(found["fokker_planck"], NoLaw) and found["fokker_planck"].code is Code.CLASSES:
                return found
    found["fokker_planck"], in_the_end = _stationary(study, study.equation, grid, factor)
    return {"langevin": in_the_end} | found


def _stationary(study: Study, sde: Langevin, grid: Grid, factor: int) -> tuple[Prediction, Prediction]:
    """The stationary density, and the law in the end from the study's start where it is not unique."""
    try:
        equation = FokkerPlanck(sde, grid.refined(factor))
        law = equation.stationary().coarsen(factor)
    except InputError as error:
        return (NoLaw.told(error),) * 2
    except NoStationaryDensity as refusal:
        reason = NoLaw.of(refusal)
        try:
            limit: LimitLaw = limit_instead(equation, refusal, lambda: study.start.density(equation.grid))
        except (NoStationaryDensity, InputError):
            return reason, reason
        return reason, limit.coarsen(factor)
    return law, law


def _in_time(study: Study, sde: Langevin, grid: Grid) -> Prediction:
    """The law of the equation at the time of the last step."""
    if _is_solved(study, sde, grid):
        times = [float(study.sgd.times(study.steps))]
        try:
            law = FokkerPlanck(sde, grid).evolve(study.start.density(grid), times)[0]
        except (InputError, NoStationaryDensity):
            law = None
        if law is not None and law.error is not None and law.error <= GOOD:
            return law
    return _paths(study, sde, grid)


def _is_solved(study: Study, sde: Langevin, grid: Grid) -> bool:
    if grid.dim > 1:
        return grid.dim == 2 and grid.size <= MOST_SOLVED
    return grid.size <= MOST_SOLVED and not _noise_vanishes(study, sde)


def _noise_vanishes(study: Study, sde: Langevin) -> bool:
    """Whether there are points of the study's line without noise, as far as can be told."""
    try:
        return study.grid.dim == 1 and bool(find_degenerate_points(sde, study.grid.lower[0], study.grid.upper[0]))
    except InputError:
        return True


def _paths(study: Study, sde: Langevin, grid: Grid) -> Prediction:
    """Independent of SGD's walkers; steps are cut until that changes little, or they are the study's.

    What a cut in `CUT` changes is CUT^p - 1 times the error left, where that is of order p: half of it covers
    from p = .8 on, and that of Euler-Maruyama is 1 in law. What counting leaves open of it comes on top. Equations
    that are Python functions begin with steps as long as their fastest rate allows, and have fewer walkers and
    cuts where they would take more than some minutes.
    """
    numbers, walkers = _work(study, sde, grid)
    streams = np.random.SeedSequence([study.seed, 1]).spawn(1 + len(numbers))
    start = study.start.sample(walkers, np.random.default_rng(streams[0]))
    found: Prediction = NoLaw.told(InputError("paths must have a step, none was tried"))
    coarse: Histogram | None = None
    for number, stream in zip(numbers, streams[1:], strict=True):
        if sde.loop_field is None and isinstance(found, PathLaw) and walkers * number > MOST_WORK:
            break
        try:
            fine = sample_paths(
                sde, start, dt=float(study.sgd.times(1)) / (number / study.steps), steps=number,
                rng=np.random.default_rng(stream), threads=1,
                domain=study.grid if any(study.grid.periodic) else None,
            ).histogram(grid)  # fmt: skip
        except InputError as error:  # with shorter steps they may not diverge
            found, coarse = NoLaw.told(error), None
            continue
        if coarse is not None:
            moved = total_variation(fine, coarse)
            seen = moved.debiased or 0.0
            found = PathLaw(fine, seen / 2 + moved.margin)
            if seen <= max(moved.standard_error, GOOD):
                break
        coarse = fine
    return found


def _work(study: Study, sde: Langevin, grid: Grid) -> tuple[list[int], int]:
    """Numbers of steps to the last time, each `CUT` times the one before, and how many walkers make them."""
    numbers = [study.steps * count for count in _substeps(study.substeps)]
    if sde.loop_field is not None or sde.dim != grid.dim:
        return numbers, study.walkers
    least = max(1.0, _fastest(sde, grid) * float(study.sgd.times(study.steps)) / FOLLOWED)
    while numbers[0] / CUT >= least:
        numbers.insert(0, round(numbers[0] / CUT))
    return numbers, min(study.walkers, max(FEWEST_PATHS, int(MOST_WORK / sum(numbers[:2]))))


def _fastest(sde: Langevin, grid: Grid) -> float:
    """The largest slope of the drift between centres next to each other, over time."""
    drift = sde.drift(grid.centers)
    slopes = [np.abs(np.diff(drift, axis=k)).max(initial=0.0) / grid.spacing[k] for k in range(grid.dim)]
    return float(np.max(slopes))


def _substeps(most: int) -> list[int]:
    """Numbers of steps a learning rate, each `CUT` times the one before, the last `most`; two at least."""
    counts = [most]
    while len(counts) < 2 or counts[0] > FEWEST_SUBSTEPS:
        counts.insert(0, max(1, round(counts[0] / CUT)))
    return counts


def _gibbs(study: Study, observed: Observed, factor: int) -> Prediction:
    try:
        return nearest_gibbs(observed.law, study.landscape, refinement=factor).density
    except InputError as error:
        return NoLaw.told(error)


def _posterior(study: Study, grid: Grid, factor: int) -> Prediction:
    if study.posterior_examples is None:
        return NoLaw(Code.NOT_ASKED, "the study has no [posterior]")
    model = study.model if isinstance(study.model, ProductModel) else study.landscape
    try:
        law: Density = posterior(model, study.posterior_examples, grid.refined(factor), study.beta).coarsen(factor)
    except InputError as error:
        return NoLaw.told(error, Code.UNRESOLVED)
    return law
