"""Whether the steps of a study's SGD can stay in a minimum."""

from __future__ import annotations

from compare.study import Study
from simulate.stability import StepStability, step_stability
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.formulas import rule_stability_edge
from theory.points import Minimum


def stability(study: Study, minimum: Minimum) -> StepStability | Absent:
    """The mean step linearised at `minimum`, of a schedule the first, or why there is none."""
    try:
        return step_stability(study.model, study.sgd, minimum.position)
    except InputError:  # the inverse of noise that vanishes there, or a rule that rescales
        if study.sgd.rules:
            return Absent(_edge_in_words(study))
        return Absent("the preconditioner has no value there")


def _edge_in_words(study: Study) -> str:
    """What the curvature must stay below under rules that divide by a root mean square, which only they know."""
    rules = ", ".join(map(repr, study.sgd.rules))
    unknown = f"no limit of a stable step is known under {rules}"
    if not any(hasattr(rule, "epsilon") for rule in study.sgd.rules):
        return unknown
    try:
        edge = rule_stability_edge(study.sgd)
    except InputError:  # a schedule, or rules that are not linear beside it
        return unknown
    return f"under {rules} steps are stable where the curvature over the root mean square gradient is < {edge:.4g}"
