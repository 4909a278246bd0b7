"""The tables of a study of a network."""

from __future__ import annotations

from dataclasses import replace

from compare.study.definition.bounds import NOT_NEGATIVE, POSITIVE
from compare.study.definition.lists import Names
from compare.study.definition.scalars import Choice, Number, Whole
from compare.study.definition.table import Key, Table, by_kind

MOST_HIDDEN = 1000
MOST_INPUTS = 10_000
MOST_POINTS = 1_000_000
MOST_SEARCHES = 10_000
MOST_CHAINS = 10_000
LARGEST_LABEL = 1000
DATA_SETS = ("breast cancer", "digits", "iris", "wine")
OBSERVABLES = ("loss", "log loss", "distance", "sharpest")
ALL = "all"

_DRAWN = (
    Key("examples", Whole(2, MOST_POINTS), "N, whose inputs are drawn from N(0, 1)", unit="examples"),
    Key("inputs", Whole(1, MOST_INPUTS), "components of an input"),
)
_TEACHER = "makes the labels: "
_NOISE = Key(
    "label_noise", Number(NOT_NEGATIVE), "standard deviation of what is added to labels", 0.0, unit="that of y"
)

NETWORK = replace(
    by_kind(
        "A model on data in many dimensions, instead of [model], [grid] and [start].",
        "`two-layer tanh`: half the square of Σ aⱼ tanh(bⱼ·x) − y; `diagonal linear`: of Σ (uⱼ² − vⱼ²) xⱼ − y; "
        "`logistic regression` on a data set of scikit-learn",
        {
            "two-layer tanh": (
                *_DRAWN,
                Key("hidden", Whole(1, MOST_HIDDEN), "units of the network"),
                Key("teacher", Whole(1, MOST_HIDDEN), f"{_TEACHER}units of another, with outer weights ±3/2", 2),
                _NOISE,
            ),
            "diagonal linear": (
                *_DRAWN,
                Key("teacher", Whole(1, MOST_INPUTS), f"{_TEACHER}inputs that count, with weights ±1", 2),
                _NOISE,
            ),
            "logistic regression": (
                Key("data", Choice(DATA_SETS), "inputs in standard deviations from their means, and a 1"),
                Key("features", Whole(1, MOST_INPUTS), "how many inputs, the first", None, "all"),
                Key("label", Whole(0, LARGEST_LABEL), "the class that is 1, the others are 0", 1),
            ),
        },
    ),
    keys=(
        Key("weight_decay", Number(NOT_NEGATIVE), "r of r|w|²/2 beside the loss", 0.0, unit="that of L / w²"),
        Key("searches", Whole(1, MOST_SEARCHES), "descents, of whose ends the lowest is the minimum", 10),
        Key("spread", Number(POSITIVE), "standard deviation of where they begin", 0.7, unit="that of w"),
        Key(
            "scatter",
            Number(NOT_NEGATIVE),
            "standard deviation about the minimum of where walkers and chains begin",
            0.05,
            unit="that of w",
        ),
    ),
)

LOOKS = Table(
    "What is looked at of a network, and when.",
    (
        Key(
            "names",
            Names(OBSERVABLES, ALL),
            "loss above the minimum, its decimal logarithm, distance from the minimum, coordinates along the two "
            "sharpest directions there",
            ALL,
        ),
        Key("burn_in", Whole(0), "steps before the first look", None, "half of `steps`", "steps"),
        Key("every", Whole(), "from one look to the next", 10, unit="steps"),
    ),
)

GIBBS = Table(
    "The Gibbs measure of a network, exp(−L/T).",
    (
        Key(
            "temperature",
            Number(POSITIVE),
            "T",
            None,
            "η tr C / (2 B d (1 − momentum)) at the minimum",
            "that of L",
        ),
    ),
)

CHAINS = Table(
    "The Hamiltonian chains that sample Gibbs measure and posterior of a network.",
    (
        Key("number", Whole(4, MOST_CHAINS), "independent chains", 24),
        Key("steps", Whole(8), "of each that count", 600, unit="steps"),
        Key("burn_in", Whole(0), "before them", 300, unit="steps"),
        Key("every", Whole(), "from one draw that is kept to the next", 2, unit="steps"),
    ),
)
