"""Right calls of the transition operator, with fresh data and those of a data set."""

from __future__ import annotations

from call_objects import DATA, DENSITY, EVEN, FEW, GRID, MODEL, ON_DATA, OPERATOR, SGD, Call, rng

import simulate

CALLS = [
    Call(simulate.transition_operator, {"model": MODEL, "sgd": SGD, "grid": GRID}),
    Call(
        simulate.transition_operator,
        {
            "model": DATA,
            "sgd": simulate.SGD(0.1, 2, sampling=simulate.WithoutReplacement()),
            "grid": FEW,
            "data": None,
            "orders": 40,
            "rng": rng(),
        },
        {"data": "none", "orders": "none"},
    ),
    Call(
        simulate.transition_operator,
        {"model": MODEL, "sgd": simulate.SGD(0.1, 4, rule=simulate.Sign()), "grid": FEW},
    ),
    Call(
        simulate.BatchCount,
        {"number": 3.0, "way": "one by one", "followed": 3},
        {"followed": "zero", "number": "infinite"},
    ),
    Call(ON_DATA.evolve, {"initial": EVEN, "steps": 2}, {"steps": "zero list"}),
    Call(ON_DATA.limit_law, {"initial": EVEN}),
    Call(ON_DATA.weights, {"initial": EVEN}),
    Call(OPERATOR.evolve, {"initial": DENSITY, "steps": 2}, {"steps": "zero list"}),
    Call(OPERATOR.escape_rate, {"basin": lambda w: w[..., 0] < 0.6}),
    Call(OPERATOR.spectrum, {"k": 2}),
]
