"""Reasons that lie in what SGD does: it leaves, crosses, diverges, or has one data set."""

from __future__ import annotations

from compare.report.case import Case, size
from compare.report.law_figures import SampledFigures
from compare.report.masses import mass_in
from compare.report.steps import stability
from compare.report.study_verdict import MissReason
from theory.base.absent import Absent
from theory.base.arrays import Booleans
from theory.base.shares import fraction
from theory.fokker_planck import DensityClass
from theory.laws import LimitLaw
from theory.points import descent_basin

SAME_EQUATION = ("langevin", "fokker_planck")


def unstable_step(case: Case) -> MissReason | None:
    """SGD has left the basin of a minimum with eta h above the limit, where it began and the equation stays."""
    report = case.report
    study, basin, told = report.study, None, ""
    product = limit = 0.0
    for minimum in report.minima:
        found = stability(study, minimum)
        if isinstance(found, Absent) or found.learning_rate * found.curvature <= found.limit:
            continue
        here: Booleans = descent_basin(study.landscape, study.grid, minimum.position)
        basin = here if basin is None else basin | here
        if found.learning_rate * found.curvature > product:
            product, limit = found.learning_rate * found.curvature, found.limit
            told = ", ".join(f"{x:.4g}" for x in minimum.position)
    if basin is None:
        return None
    sgd, start = case.law("sgd"), study.start.density(study.grid)
    assert sgd is not None
    left, begun = mass_in(sgd, basin, case.looks), mass_in(start, basin, case.looks)
    paths = case.law("langevin")
    most = begun.value if paths is None else min(begun.value, mass_in(paths, basin, case.looks).low)
    kept = {name: mass_in(law, basin, case.looks) for name in case.misses if (law := case.law(name)) is not None}
    laws = case.missed_by({name: min(one.low, most) - left.high for name, one in kept.items()})
    if not laws:
        return None
    least = min(kept[name].value for name in laws)
    words = (
        f"eta h = {product:.3g} > {limit:g} at the minimum at {told}, where SGD has kept {fraction(left.value)} "
        f"of its walkers and the laws {fraction(least)}"
    )
    numbers = {
        "learning_rate_times_curvature": product,
        "limit": limit,
        "started": begun.value,
        "sgd": left.value,
        **{name: kept[name].value for name in laws},
    }
    return MissReason("unstable step", laws, words, numbers)


def _limit(case: Case) -> LimitLaw | None:
    law = case.law("fokker_planck")
    return law if isinstance(law, LimitLaw) else None


def barrier(case: Case) -> MissReason | None:
    """The equation keeps its walkers in recurrent classes that SGD passes between."""
    limit, sgd = _limit(case), case.law("sgd")
    if limit is None or sgd is None or len(limit.classes) < 2:
        return None
    most: MissReason | None = None
    for part, weight in zip(limit.classes, limit.weights, strict=True):
        if not isinstance(part, DensityClass):
            continue
        where = part.law.probabilities > 0
        here = mass_in(sgd, where, case.looks)
        held = {n: mass_in(law, where, case.looks) for n in SAME_EQUATION if (law := case.law(n)) is not None}
        laws = case.missed_by({n: max(one.low - here.high, here.low - one.high) for n, one in held.items()})
        if laws and (most is None or abs(weight - here.value) > abs(most.numbers["weight"] - most.numbers["sgd"])):
            words = (
                f"the noise vanishes at a barrier, which the equation never crosses: {fraction(weight)} stay on "
                f"{part.region}, of SGD {fraction(here.value)}"
            )
            most = MissReason("noise vanishes at the barrier", laws, words, {"weight": weight, "sgd": here.value})
    return most


def point_mass(case: Case) -> MissReason | None:
    """Walkers of the equation end in a point, of whose cell SGD holds less."""
    limit, sgd = _limit(case), case.law("sgd")
    if limit is None or sgd is None:
        return None
    for part, weight in sorted(limit.point_masses, key=lambda pair: -pair[1]):
        here = mass_in(sgd, part.density(limit.grid).probabilities > 0, case.looks)
        laws = case.missed_by({"fokker_planck": weight - here.high})
        if laws:
            place = ", ".join(f"{x:.4g}" for x in part.position)
            words = (
                f"the equation ends with {fraction(weight)} at the point {place}, SGD has "
                f"{fraction(here.value)} in that cell"
            )
            return MissReason("point mass", laws, words, {"weight": weight, "sgd": here.value})
    return None


def diverged(case: Case) -> MissReason | None:
    """Walkers of SGD are no longer finite, and a law has lost fewer."""
    found = {name: law.figures for name, law in case.report.laws.items()}
    shares = {n: one.diverged / one.walkers for n, one in found.items() if isinstance(one, SampledFigures)}
    gone = shares.get("sgd", 0.0)
    laws = case.missed_by({name: gone - shares.get(name, 0.0) for name in case.misses}) if gone > 0 else {}
    words = f"{fraction(gone)} of SGD's walkers have diverged"
    return MissReason("diverged walkers", laws, words, {"diverged": gone}) if laws else None


def other_samplings(case: Case) -> MissReason | None:
    """With batches of another kind SGD's own law is another."""
    shown = {kind: one.among(case.looks) for kind, one in case.report.other_samplings.items()}
    laws = case.missed_by(dict.fromkeys(case.misses, max(map(size, shown.values()), default=0.0)))
    if not laws:
        return None
    parts = [f"{kind} its law lies {size(one):.2g} away" for kind, one in shown.items() if size(one) > 0]
    words = f"SGD has one data set of {case.report.study.data_examples} examples: {', '.join(parts)}"
    return MissReason("one data set", laws, words, {kind: size(one) for kind, one in shown.items()})
