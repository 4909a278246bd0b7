"""Whether the steps of a study's SGD can stay in a minimum."""

from __future__ import annotations

from compare.study.study import Study
from simulate.stability import StepStability, step_stability
from theory.base.errors import InputError
from theory.points.minima import Minimum


def stability(study: Study, minimum: Minimum) -> StepStability | None:
    """The mean step linearised at `minimum`, of a schedule the first; None where P has no value."""
    try:
        return step_stability(study.model, study.sgd, minimum.position)
    except InputError:  # the inverse of noise that vanishes there
        return None
