"""Whether the steps of a study's SGD can stay in a minimum."""

from __future__ import annotations

from compare.study import Study
from simulate.stability import StepStability, step_stability
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.points import Minimum


def stability(study: Study, minimum: Minimum) -> StepStability | Absent:
    """The mean step linearised at `minimum`, of a schedule the first, or why there is none."""
    try:
        return step_stability(study.model, study.sgd, minimum.position)
    except InputError:  # the inverse of noise that vanishes there
        return Absent("the preconditioner has no value there")
