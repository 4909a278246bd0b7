"""Right calls of what checks parts of the user's own."""

from __future__ import annotations

import own_parts
from call_objects import HISTOGRAM, SDE, START, WELL, Call

import compare
import simulate
import theory
from theory.tensors import whole_field

CALLS = [
    Call(
        theory.check_landscape, {"landscape": WELL, "points": START}, {"points": "none", "landscape": "dimension"}
    ),
    Call(
        theory.check_model,
        {"model": own_parts.Laplace(), "points": START, "batch_size": 4},
        {"points": "none", "model": "dimension"},
    ),
    Call(theory.check_tensor_field, {"field": own_parts.Rising(), "points": START}, {"points": "none"}),
    Call(theory.check_interpretation, {"interpretation": own_parts.Quarter()}),
    Call(
        theory.check_scheme,
        {"scheme": own_parts.Euler(), "sde": SDE, "points": START, "dt": 0.01},
        {"points": "none"},
    ),
    Call(simulate.check_noise, {"noise": own_parts.Shaken(), "points": START, "dim": 1}, {"points": "none"}),
    Call(
        simulate.check_preconditioner,
        {"preconditioner": own_parts.Steeper(), "points": START, "dim": 1},
        {"points": "none"},
    ),
    Call(
        simulate.check_sampling,
        {"sampling": own_parts.Uniform(), "examples": 20, "batch_size": 4, "inputs": 2},
    ),
    Call(simulate.check_schedule, {"schedule": own_parts.Decay(), "steps": 20}),
    Call(compare.check_distance, {"distance": own_parts.coarse, "law": HISTOGRAM}, {"law": "none"}),
    Call(whole_field, {"field": own_parts.Rising()}),
]
