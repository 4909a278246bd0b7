"""The laws of a network seen through each observable, and their distances from SGD's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from compare.comparison import Comparison, compare_laws
from compare.distances import Distance
from compare.report import NETWORK_LAWS, NetworkReport, View
from theory.base.absent import Absent
from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.laws import Draws, project

MIXED = 1.05  # R-hat of a law's chains, above which they do not agree
FEWEST = 100.0  # independent draws, below which nothing is said of a law
REMEDY = {"gibbs": "`steps` in [chains]", "posterior": "`steps` in [chains]"}


def view_laws(
    report: NetworkReport, observables: Mapping[str, Callable[[Array], Array]], confidence: float
) -> None:
    """Fill the views of a report whose laws are there, by `observables` of w (n, d), shape (n,) or (n, 2)."""
    for name, observable in observables.items():
        laws = {law: _seen(report.laws[law], observable, law, name) for law in NETWORK_LAWS}
        coarse = None if report.coarse is None else _seen(report.coarse, observable, "langevin", name)
        report.views[name] = _view(laws, coarse, confidence)


def _seen(law: Draws | Absent, observable: Callable[[Array], Array], of: str, name: str) -> Draws | Absent:
    """A law through an observable, or why nothing may be said of it."""
    if isinstance(law, Absent):
        return law
    try:
        seen = project(law, observable)
    except InputError as error:
        return Absent(str(error))
    assert isinstance(seen, Draws)
    words, remedy = NETWORK_LAWS[of], REMEDY.get(of, "`burn_in` and `steps`")
    lost = int((~np.isfinite(seen.positions)).any(axis=-1).sum())
    if lost:
        return Absent(f"{lost} draws of {words} have no {name}: they lie below the minimum; raise `searches`")
    if not seen.rhat <= MIXED:
        return Absent(f"the chains of {words} do not agree, R-hat {seen.rhat:.3g} > {MIXED}; raise {remedy}")
    size = seen.effective_size
    if not size >= FEWEST:
        return Absent(
            f"the draws of {words} are worth {size:.3g} independent ones, below {FEWEST:g}; raise {remedy}, or "
            "walkers"
        )
    return seen


def _view(laws: Mapping[str, Draws | Absent], coarse: Draws | Absent | None, confidence: float) -> View:
    observed = laws["sgd"]
    others = {name: law for name, law in laws.items() if name != "sgd" and isinstance(law, Draws)}
    if isinstance(observed, Absent):
        return View(laws, observed)
    if not others:
        return View(laws, Absent("no law of theory is there to compare SGD with"))
    return View(laws, _compared(observed, others, confidence), _step_error(laws["langevin"], coarse, confidence))


def _compared(observed: Draws, others: Mapping[str, Draws], confidence: float) -> Comparison | Absent:
    try:
        return compare_laws(observed, others, confidence=confidence)
    except InputError as error:
        return Absent(str(error))


def _step_error(fine: Draws | Absent, coarse: Draws | Absent | None, confidence: float) -> Distance | None:
    if isinstance(fine, Absent) or not isinstance(coarse, Draws):
        return None
    found = _compared(fine, {"coarse": coarse}, confidence)
    return found.distances["coarse"]["total_variation"] if isinstance(found, Comparison) else None
