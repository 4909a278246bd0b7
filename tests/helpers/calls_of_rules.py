"""Right calls of step rules."""

from __future__ import annotations

import own_parts
from call_objects import START, Call

import simulate

CALLS = [
    Call(simulate.check_rule, {"rule": own_parts.Averaged(), "points": START, "dim": 1}, {"points": "none"}),
    Call(simulate.ClipByValue, {"limit": 1.0}),
    Call(simulate.ClipByNorm, {"limit": 1.0}),
    Call(simulate.WeightDecay, {"rate": 0.1}, {"rate": "zero"}),
    Call(simulate.Sign, {}),
    Call(simulate.RMSprop, {"beta": 0.9, "epsilon": 0.1}, {"beta": "zero"}),
    Call(simulate.Adam, {"beta1": 0.9, "beta2": 0.99, "epsilon": 0.1}, {"beta1": "zero"}),
    Call(
        simulate.AdamW,
        {"beta1": 0.9, "beta2": 0.99, "epsilon": 0.1, "weight_decay": 0.1},
        {"beta1": "zero", "weight_decay": "zero"},
    ),
    Call(simulate.Lion, {"beta1": 0.9, "beta2": 0.99}, {"beta1": "zero", "beta2": "zero"}),
    Call(simulate.StochasticLangevin, {"temperature": 0.1}, {"temperature": "zero"}),
    Call(
        simulate.PreconditionedLangevin,
        {"temperature": 0.1, "beta": 0.9, "epsilon": 0.1},
        {"temperature": "zero", "beta": "zero"},
    ),
    Call(simulate.StochasticHamiltonian, {"friction": 0.5, "temperature": 0.1}, {"temperature": "zero"}),
]
