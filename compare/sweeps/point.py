"""What a sweep measures at one point unless it is told otherwise: how far SGD is from each law of theory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from compare.distances import total_variation
from compare.distances.variation import hidden_in_cells
from compare.study import Study
from compare.sweeps.laws.lines import edges_of, has_heavy_tail
from compare.sweeps.laws.observed import Observed, observe, observe_walkers, share_diverged
from compare.sweeps.laws.predicted import LAWS, PathLaw, Prediction, predict
from compare.sweeps.laws.reason import Code, NoLaw
from compare.sweeps.laws.windows import first_grid, other_grid, widest_cell
from theory.base.threads import in_one_thread
from theory.laws import Density, Histogram, LimitLaw
from theory.points import Minimum, find_minima

MOST_TRIES = 6  # grids of one point
CONFIDENCE = 0.95
LARGEST_CELL_ERROR = 0.02  # change of a distance by cells twice as wide, beyond which cells are halved
LASTING_LEAK = 0.5  # of what left a window half as wide: they diverge, as any law with a mean leaks less
SHARE_DIVERGED = 0.01  # of a few walkers: SGD diverges
Measured: TypeAlias = Mapping[str, float | str]
Measure: TypeAlias = Callable[[Study], Measured]
F = TypeVar("F", bound=Measure)
LABELS = "__labels__"
NAMED = {"fokker_planck": "Fokker-Planck", "langevin": "Langevin", "gibbs": "Gibbs"}  # as figures write them


def labelled(**labels: str) -> Callable[[F], F]:
    """Give the variables of a measure names in words, which the data set holds as their `long_name`."""

    def mark(measure: F) -> F:
        setattr(measure, LABELS, labels)
        return measure

    return mark


def _labels() -> dict[str, str]:
    found = {
        "sgd_reason": "why there is no law of SGD",
        "sgd_exact": "whether SGD's law was computed (1) or counted (0)",
        "sgd_lost": "share of walkers that diverged or left the grid",
        "cells": "cells of the grid",
    }
    for name in LAWS:
        words = NAMED.get(name, name)
        found |= {
            f"{name}_total_variation": f"total variation between SGD and {words}",
            f"{name}_error": f"half width of its 95 % interval, {words}",
            f"{name}_floor": f"noise floor of the total variation between SGD and {words}",
            f"{name}_excess": f"total variation between SGD and {words}, less its floor",
            f"{name}_reason": f"why there is no law of {words}",
        }
    return found


@labelled(**_labels())
def measure_point(study: Study) -> Measured:
    """Total variation of SGD after the study's steps from each law of theory, or why there is none.

    SGD's law is computed by the transition operator where that exists, and counted from walkers else. For each of
    `fokker_planck`, `langevin`, `gibbs` and `posterior` there are

    - `NAME_total_variation`, without what counting adds where SGD was counted, and `NAME_error`, at 95 %;
    - `NAME_floor`, what the study's walkers leave open, and `NAME_excess`, the distance as seen less its floor;
    - `NAME_reason`, empty where the law exists, else a `Code` with its words; then the numbers are missing.

    `sgd_reason`, `sgd_exact` (1 or 0), `sgd_lost` and `cells` tell of SGD's law and its grid, `edge_NAME` are the
    numbers of `edges_of`, 0 on a line of the map.

    The grid follows the law: a tenth of the narrowest width that theory predicts, wider and finer as long as a
    law leaves its window, is not resolved, or the distances move with the cells, within 16 000 cells.

    Raises
    ------
    InputError
        If the study itself is out of range.
    """
    return _measured(study, settled=False)


@labelled(**_labels())
def measure_settled_point(study: Study) -> Measured:
    """The same of the law that the steps of SGD leave as it is, where it has a transition operator.

    Raises
    ------
    InputError
        As `measure_point`.
    """
    return _measured(study, settled=True)


@in_one_thread
def _measured(study: Study, *, settled: bool) -> Measured:
    minima = find_minima(study.landscape, study.grid)
    found = _laws(study, minima, settled=settled)
    edges = {f"edge_{edge.name}": edge.value for edge in edges_of(study, minima)}
    if isinstance(found, NoLaw):
        return {"sgd_reason": str(found)} | {f"{name}_reason": str(found) for name in LAWS} | edges
    observed, laws = found
    record: dict[str, float | str] = {
        "sgd_reason": "",
        "sgd_exact": float(observed.exact),
        "sgd_lost": observed.lost,
    }
    for name in LAWS:
        record |= _told(name, observed, laws[name])
    return record | {"cells": float(observed.law.grid.size)} | edges


def _laws(
    study: Study, minima: tuple[Minimum, ...], *, settled: bool
) -> tuple[Observed, Mapping[str, Prediction]] | NoLaw:
    """SGD's law and those of theory on the first grid that shows them, or why there is none."""
    grid = first_grid(study, minima, settled=settled)
    if grid is None:
        return NoLaw(Code.UNRESOLVED, "the narrowest law needs more cells than a point may have")
    best: tuple[Observed, Mapping[str, Prediction]] | None = None
    leak = math.inf
    for _ in range(MOST_TRIES):
        observed = observe(study, grid, settled=settled)
        if isinstance(observed, Observed):
            best = observed, predict(study, observed, settled=settled)
            worst = max((_cell_error(observed.law, law) for law in best[1].values()), default=0.0)
            if worst <= LARGEST_CELL_ERROR or not observed.exact:
                return best
        elif observed.leak > LASTING_LEAK * leak:
            break
        else:
            leak = observed.leak or math.inf
        remedy = "finer" if isinstance(observed, Observed) else observed.remedy
        other = other_grid(grid, remedy, widest_cell(study, minima))
        if other is None:
            break
        grid = other
    if best is not None:
        return best
    assert isinstance(observed, NoLaw)
    return _when_none(study, minima, observed, settled=settled)


def _when_none(
    study: Study, minima: tuple[Minimum, ...], reason: NoLaw, *, settled: bool
) -> tuple[Observed, Mapping[str, Prediction]] | NoLaw:
    """What walkers say where no window holds the law: they diverge, or are counted at the last step."""
    if reason.code is not Code.WALLS and not (settled and reason.code is Code.CLASSES):
        return reason
    if settled:
        if reason.code is Code.WALLS and has_heavy_tail(study, minima):
            return NoLaw(Code.TAIL, reason.words)
        share = share_diverged(study)
        words = f"a share {share:.3g} of the walkers has diverged by step {study.steps}"
        return NoLaw(Code.DIVERGES, words) if share > SHARE_DIVERGED else reason
    counted = observe_walkers(study, study.grid)
    return counted if isinstance(counted, NoLaw) else (counted, predict(study, counted, settled=settled))


def _told(name: str, observed: Observed, law: Prediction) -> dict[str, float | str]:
    if isinstance(law, NoLaw):
        return {f"{name}_reason": str(law)}
    told, step_error = (law.law, law.step_error) if isinstance(law, PathLaw) else (law, 0.0)
    found = total_variation(observed.law, told, confidence=CONFIDENCE)
    floor = max(found.noise_floor, observed.floor or 0.0)
    value = found.value if found.debiased is None else found.debiased
    error = found.margin + _cell_error(observed.law, law)
    error += step_error + (observed.lost if observed.exact else 0.0)
    return {
        f"{name}_total_variation": value,
        f"{name}_error": error if found.grid_error_known else math.inf,
        f"{name}_floor": floor,
        f"{name}_excess": found.value - floor,
        f"{name}_reason": "",
    }


def _cell_error(observed: Density | Histogram, law: Prediction) -> float:
    """What cells twice as wide change in the distance of two computed laws, and what cells hide; 0 of others."""
    if isinstance(observed, Histogram) or not isinstance(law, Density | LimitLaw):
        return 0.0
    hidden = hidden_in_cells(observed, law)
    if any(n % 2 for n in observed.grid.cells):
        return hidden
    rough = total_variation(observed.coarsen(2), law.coarsen(2)).value
    return hidden + abs(total_variation(observed, law).value - rough)
