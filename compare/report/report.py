"""What a study found: laws, distances and checks, with their errors, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from compare.comparison import Comparison, NoiseAgainstHessian
from compare.distances import Distance
from compare.report.law_figures import LawFigures
from compare.report.movement import LastHalf
from compare.report.second_opinion import SecondOpinion
from compare.report.study_verdict import StudyVerdict
from compare.slope import LossSlopes
from compare.study import Study
from simulate.survival_curve import Survival
from theory.base.absent import Absent
from theory.fokker_planck.currents import Current
from theory.laws import Density, Histogram, LimitLaw
from theory.points import Minimum

LAWS = ("sgd", "sgd_exact", "langevin", "fokker_planck", "gibbs", "posterior")
Law: TypeAlias = Density | Histogram | LimitLaw


@dataclass(frozen=True, eq=False)
class LawReport:
    """One law with its figures, or why there is none; `law` is None where figures stand alone as well.

    `fine` holds the densities of a computed law on the cells it was computed on: one, or one a recurrent class.
    """

    figures: LawFigures | Absent
    law: Law | None = field(default=None, repr=False)
    fine: tuple[Density, ...] = field(default=(), repr=False)

    @property
    def status(self) -> str:
        """'ok', or 'none: ' with the reason."""
        return str(self.figures) if isinstance(self.figures, Absent) else "ok"

    @property
    def numbers(self) -> Mapping[str, Any]:
        """The figures with their errors as result files hold them; empty where there are none."""
        return {} if isinstance(self.figures, Absent) else self.figures.as_json()


@dataclass(eq=False)
class Report:
    """All that a study has found so far; filled stage by stage, so that an interrupted study keeps what it has.

    Parameters
    ----------
    last_half
        Whether SGD's law still moved over the last half of its steps.
    current
        The probability current of the Fokker-Planck law in a plane, averages over the cells.
    noises
        What was found at each place where noise is set against the Hessian, or why nothing was.
    settled
        Of those places, whether the law of their walkers still moved.
    second_opinions
        Of the laws that other packages were asked about what they say, or why nothing.
    on_data, comparison_on_data
        Of a study with a fixed data set the laws of theory for the data at hand, and SGD's distances from them.
    other_samplings
        Of a fixed data set the total variation between SGD's law and that with batches of another kind.
    verdict
        What it all means, once the laws are compared.
    timings
        Seconds of each stage.
    """

    study: Study
    laws: dict[str, LawReport] = field(default_factory=dict)
    comparison: Comparison | None = None
    last_half: LastHalf | None = None
    minima: tuple[Minimum, ...] = ()
    survival: Survival | None = None
    current: Current | None = field(default=None, repr=False)
    slopes: LossSlopes | None = None
    noises: dict[str, NoiseAgainstHessian | Absent] = field(default_factory=dict)
    settled: dict[str, LastHalf] = field(default_factory=dict)
    second_opinions: dict[str, SecondOpinion | Absent] = field(default_factory=dict)
    on_data: dict[str, LawReport] = field(default_factory=dict)
    comparison_on_data: Comparison | None = None
    other_samplings: dict[str, Distance] = field(default_factory=dict)
    verdict: StudyVerdict | None = None
    timings: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        laws = ", ".join(f"{name} {law.status}" for name, law in self.laws.items()) or "no law yet"
        parts = [self.study.name, "complete" if self.complete else "not complete", laws]
        parts += [repr(one) for one in (self.comparison, self.slopes) if one is not None]
        return f"Report({'; '.join(parts)})"

    @property
    def complete(self) -> bool:
        """Whether every stage was run."""
        slopes = self.slopes is not None and self.slopes.complete
        noises = all(plan.name in self.noises for plan in self.study.noises)
        return self.verdict is not None and noises and (slopes or self.study.slope is None)

    @property
    def checks(self) -> Mapping[str, Any]:
        """The checks of SGD's law as result files hold them."""
        return {} if self.last_half is None else {"sgd_last_half": self.last_half.as_json()}

    @property
    def settling(self) -> Mapping[str, Mapping[str, Any]]:
        """`settled` as result files hold it."""
        return {name: check.as_json() for name, check in self.settled.items()}
