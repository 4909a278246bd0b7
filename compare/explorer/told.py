"""What the page says of a point: each law with its distance or its reason, stability, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass

from compare.distances import Distance
from compare.explorer.point import ExploredPoint
from compare.report import NAMES, SHORT, Law, SampledFigures, stability_lines
from theory.base.absent import Absent
from theory.laws import LimitLaw

SHOWN = ("fokker_planck", "gibbs", "posterior")
EXACT = "exact, by its transition operator"


@dataclass(frozen=True)
class LawRow:
    """A law of theory on the page: its total variation from SGD's, or the reason why there is none.

    Parameters
    ----------
    name
        As reports have it, such as "gibbs".
    distance
        None where the law, or that of SGD, does not exist.
    reason
        Why; or of a law that stands for another what it is.
    """

    name: str
    distance: Distance | None
    reason: str

    @property
    def title(self) -> str:
        """The name for people."""
        return SHORT[self.name]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The total variation, its interval, its floor and the error of the grid, as text; empty without one."""
        one = self.distance
        if one is None:
            return ()
        value = one.value if one.debiased is None else one.debiased
        error = f"{one.grid_error:.2g}" if one.grid_error_known else "not known"
        return f"{value:.4g}", f"{one.low:.4g} to {one.high:.4g}", f"{one.noise_floor:.2g}", error


def law_rows(point: ExploredPoint) -> tuple[LawRow, ...]:
    """A row for each law of theory, in the order of reports."""
    report, rows = point.report, []
    for name in SHOWN:
        law = report.laws[name]
        found = None
        if report.comparison is not None and name in report.comparison.names:
            found = report.comparison.distances[name]["total_variation"]
        reason = law.figures.reason if isinstance(law.figures, Absent) else _limit(law.law)
        rows.append(LawRow(name, found, reason))
    return tuple(rows)


def _limit(law: Law | None) -> str:
    """What stands where the stationary law is not unique."""
    if not isinstance(law, LimitLaw):
        return ""
    parts = zip(law.classes, law.weights, strict=True)
    told = "; ".join(f"{weight:.3g} x {part.describe()}" for part, weight in parts)
    return f"no unique stationary law, the limit from the start: {told}"


def sgd_line(point: ExploredPoint) -> str:
    """Where SGD's law comes from, or why it has none."""
    law, steps = point.report.laws["sgd"], point.report.study.steps
    if isinstance(law.figures, Absent):
        return f"SGD has no law on the grid: {law.figures.reason}"
    if point.exact:
        error = getattr(law.law, "error", None)
        return f"SGD's law after {steps} steps is {EXACT}" + ("" if error is None else f", error {error:.1g}")
    figures = law.figures
    assert isinstance(figures, SampledFigures)
    lost = figures.diverged + figures.outside
    return (
        f"SGD's law after {steps} steps is that of {figures.walkers} walkers"
        f"{f', {lost} of them diverged or off the grid' if lost else ''}; {point.not_exact}"
    )


def stability_of(point: ExploredPoint) -> tuple[str, ...]:
    """Learning rate times curvature at the minima against the limit, a line each."""
    return tuple(stability_lines(point.report))


def verdict_line(point: ExploredPoint) -> str:
    """Which law describes SGD or is nearest to it, and the reasons that numbers show; empty without distances."""
    verdict = point.report.verdict
    if verdict is None:
        return ""
    *_, which, _, why = verdict.sentences
    if point.exact:
        which = _nearest(point)
    return " ".join([*verdict.doubts, which, why])


def _nearest(point: ExploredPoint) -> str:
    """An exact law differs from every other one, if by little: which is nearest, and by how much."""
    found = {row.name: row.distance for row in law_rows(point) if row.distance is not None}
    name = min(found, key=lambda one: found[one].value)
    words = NAMES[name]
    return (
        f"{words[0].upper()}{words[1:]} is nearest to SGD's, {found[name].value:.2g} from it in total variation."
    )
