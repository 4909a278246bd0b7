"""Why laws miss that of SGD. Each reason is tried, and named only where its numbers make up a part of the miss."""

from __future__ import annotations

from collections.abc import Callable

from compare.report import sgd_reasons, theory_reasons
from compare.report.case import Case
from compare.report.study_verdict import MissReason

TRIED: tuple[Callable[[Case], MissReason | None], ...] = (
    sgd_reasons.unstable_step,
    sgd_reasons.barrier,
    sgd_reasons.point_mass,
    sgd_reasons.diverged,
    sgd_reasons.other_samplings,
    theory_reasons.still_moving,
    theory_reasons.on_its_way,
    theory_reasons.noise,
    theory_reasons.temperature,
    theory_reasons.finite_step,
    theory_reasons.step_of_paths,
)


def reasons(case: Case) -> tuple[MissReason, ...]:
    """Those that numbers show, what SGD does first."""
    return tuple(found for one in TRIED if (found := one(case)) is not None)
