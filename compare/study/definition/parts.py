"""The tables of a study that stand within others or in several places."""

from __future__ import annotations

from compare.study.definition.bounds import NOT_NEGATIVE, POSITIVE, Bounds
from compare.study.definition.lists import Either, Items, Numbers, Rows, Wholes
from compare.study.definition.scalars import Choice, Flag, Number, Text, Whole
from compare.study.definition.table import Key, Table, by_kind

SMOOTH = "smooth"
INDEFINITE = ("refuse", "absolute", "positive part", SMOOTH)
POSITION = "that of w"

_STEPS = Key("steps", Whole(), "step at which `final` is reached", unit="steps")
_FINAL = "factor that is reached, and kept"

SCHEDULE = by_kind(
    "How the learning rate or the batch changes; one table or several, whose factors multiply.",
    "`step`: factors from steps on; `linear`, `cosine`, `exponential`: down to `final`; `batch growth`: larger "
    "batches instead of smaller rates",
    {
        "step": (
            Key(
                "at",
                Either((Whole(0), Wholes(0)), "a step or a rising list of steps, whole numbers from 0 on"),
                "the step, or rising list of steps, from which the rate is multiplied",
                unit="steps",
            ),
            Key("factor", Number(NOT_NEGATIVE), "of the learning rate, at each of these steps"),
        ),
        "linear": (_STEPS, Key("final", Number(NOT_NEGATIVE), _FINAL)),
        "cosine": (_STEPS, Key("final", Number(NOT_NEGATIVE), _FINAL)),
        "exponential": (_STEPS, Key("final", Number(POSITIVE), _FINAL)),
        "batch growth": (
            Key("every", Whole(), "steps after which the batch grows, again and again", unit="steps"),
            Key("factor", Number(Bounds(1)), "of the batch size, each time", 2.0),
            Key("largest", Number(Bounds(1)), "factor that is never passed", 1e6),
        ),
    },
)

_SCALE = Key("scale", Number(POSITIVE), "width of the noise of a coordinate", unit="that of the gradient")

ADDED_NOISE = by_kind(
    "Noise that is added on purpose; one table or several.",
    "`label` is added to labels and needs `q`; the others are added to the gradient of a batch",
    {
        "label": (Key("std", Number(POSITIVE), "standard deviation", unit="that of labels"),),
        "gaussian": (Key("std", Number(POSITIVE), "standard deviation", unit="that of the gradient"),),
        "student": (Key("degrees", Number(POSITIVE), "degrees of freedom; no variance up to 2"), _SCALE),
        "stable": (
            Key("alpha", Number(Bounds(0, 2, above=True)), "index of the tails; 2 is Gaussian"),
            _SCALE,
            Key("skew", Number(Bounds(-1, 1)), "to one side; 0 where alpha is 1", 0.0),
        ),
    },
)


def _indefinite(default: str) -> tuple[Key, Key]:
    choice = Key(
        "indefinite",
        Choice(INDEFINITE),
        "what stands for the Hessian where it has negative eigenvalues; `smooth` is √(H² + width²)",
        default,
    )
    left = "curvature that is left where there is none"
    width = Key("width", Number(POSITIVE), left, unit="that of the Hessian", only_if=("indefinite", SMOOTH))
    return choice, width


NOISE = by_kind(
    "The diffusion tensor D(w) of the Langevin equation.",
    "`minibatch`: that of batches, which needs `q`; a bare `landscape` needs one of the others",
    {
        "minibatch": (),
        "isotropic": (Key("temperature", Number(POSITIVE), "D = temperature · 1", unit="that of L"),),
        "gradient": (
            Key(
                "std", Number(POSITIVE), "of one example's gradient: D = η std² / (2 B) · 1", unit="that of L / w"
            ),
        ),
        "constant": (Key("matrix", Rows(), "D, a symmetric and positive definite matrix"),),
        "hessian": (Key("scale", Number(POSITIVE), "D = scale · H(w)"), *_indefinite("refuse")),
        "loss": (Key("scale", Number(POSITIVE), "D = scale · L(w)"),),
    },
    default="minibatch",
)

_NORMAL = Table(
    "Independent normal coordinates; five standard deviations must fit into the grid.",
    (
        Key("mean", Numbers(), "mean of each coordinate", unit=POSITION),
        Key("std", Numbers(POSITIVE), "standard deviation of each coordinate", unit=POSITION),
    ),
)

START = Table(
    "Where walkers start, inside the grid: exactly one of these.",
    kinds={
        "uniform": (Key("uniform", Rows(columns=2), "`[[low, high], …]`, one row a coordinate", unit=POSITION),),
        "point": (Key("point", Numbers(), "the coordinates of one point", unit=POSITION),),
        "normal": (Key("normal", _NORMAL, "`{ mean = […], std = […] }`"),),
    },
)

GRID = Table(
    "Where laws are compared: a box of cells.",
    (
        Key("lower", Numbers(), "lower end along each axis", unit=POSITION),
        Key("upper", Numbers(), "upper end along each axis, above the lower", unit=POSITION),
        Key("cells", Wholes(2), "cells along each axis; in all 10⁶ on a line, 300 000 in a plane, 10⁵ in space"),
        Key(
            "periodic",
            Either((Flag(), Items(Flag())), "true, false or a list of them"),
            "whether an axis is a circle; of a bare `landscape` only",
            default=False,
        ),
    ),
)

PLACE = Table(
    "A place where the noise of SGD is set against the Hessian; one table or several.",
    (
        Key("name", Text(line=True), "of the place", None, "`place 1`, …"),
        Key("start", START, "where walkers start there", None, "that of the study"),
        Key("grid", GRID, "where the laws are; needs `start` too", None, "that of the study"),
        *_indefinite("absolute"),
    ),
)
