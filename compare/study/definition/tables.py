"""All tables of a study: the one definition from which files are read, checked, completed and documented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from compare.slope.allowed import METHODS
from compare.slope.measure import FEWEST_RATES
from compare.study.definition.bounds import NOT_NEGATIVE, POSITIVE, Bounds
from compare.study.definition.lists import Either, Items, Names, Numbers, Rows
from compare.study.definition.networks import ALL, CHAINS, GIBBS, LOOKS, NETWORK
from compare.study.definition.parts import ADDED_NOISE, GRID, NOISE, PLACE, SCHEDULE, START
from compare.study.definition.rules import RULE
from compare.study.definition.scalars import Choice, Flag, Number, Text, Whole
from compare.study.definition.table import NEEDED, Key, Several, Table
from theory.laws.walkers import FEWEST_WALKERS

LARGEST_SEED = 2**63 - 1  # of a NetCDF attribute
MOST_NUMBERS = 100_000_000  # components of all walkers together: a run holds a handful of arrays of this size
MOST_EXAMPLES = 1_000_000  # without replacement every walker of a block has an order of its own
MOST_PLACES = 20
MOST_RATES = 100
MOST_SLOPE_STEPS = 10**9
MOST_SLOPE_WALKERS = 1_000_000
INVERSE = "inverse noise"
SAMPLINGS = ("fresh", "with replacement", "without replacement")
OF_LAWS = ("data", "start", "langevin", "posterior", "survival", "noise_against_hessian")  # not of a slope alone
OF_NETWORKS = ("network", "observables", "gibbs", "chains")
OF_LANDSCAPES = ("model", "data", "start", "noise", "grid", "survival", "loss_slope", "noise_against_hessian")
NOT_OF_NETWORKS = ("preconditioner", "damping", "schedule", "noise")  # in [sgd], likewise
OF_RUNS = ("steps", "walkers")  # in [sgd], likewise

_TEXTS = Either((Text(), Items(Text())), "a text or a list of texts")

MODEL = Table(
    "The loss: a model of data with `q`, or a bare `landscape`.",
    (Key("variables", _TEXTS, "names of the components of w, in order", None, "those in the formulas"),),
    {
        "q": (
            Key("q", _TEXTS, "formula, or list of formulas, of y = q(w)·x + noise"),
            Key(
                "noise_std",
                Number(NOT_NEGATIVE),
                "standard deviation of the noise of labels",
                1.0,
                unit="that of y",
            ),
            Key("input_std", Number(POSITIVE), "standard deviation of inputs x", 1.0, unit="that of x"),
            Key("loss_scale", Number(POSITIVE), "of the squared residual: 1/2, or 1 for the mean square", 0.5),
        ),
        "landscape": (Key("landscape", Text(), "formula of a bare loss L(w)"),),
    },
)

SGD_TABLE = Table(
    "The algorithm.",
    (
        Key("learning_rate", Number(POSITIVE), "η of w ← w − η g", unit="time a step"),
        Key("batch_size", Whole(), "examples a step", unit="examples"),
        Key("steps", Whole(), "steps of a run; under a schedule up to 10⁷", unit="steps"),
        Key("walkers", Whole(most=MOST_NUMBERS), "independent runs", unit="walkers"),
        Key(
            "momentum", Number(Bounds(0, 1, below=True)), "heavy ball; the rate in time is η / (1 − momentum)", 0.0
        ),
        Key("nesterov", Flag(), "whether momentum looks ahead; needs a `momentum` above 0", default=False),
        Key(
            "preconditioner",
            Either(
                (Number(POSITIVE), Numbers(POSITIVE), Rows(square=True), Choice((INVERSE,))),
                f'a positive number, a list of them, a square matrix or "{INVERSE}"',
            ),
            "P of w ← w − η P g: of all coordinates, of each, a matrix, or B (C(w) + damping)⁻¹",
            None,
            "none",
        ),
        Key(
            "damping",
            Number(NOT_NEGATIVE),
            "added to C(w) before it is inverted",
            0.0,
            unit="that of C",
            only_if=("preconditioner", INVERSE),
        ),
        Key("sampling", Choice(SAMPLINGS), "how batches are drawn; the last two need [data]", SAMPLINGS[0]),
        Key("schedule", Several(SCHEDULE), "changes of rate or batch", None, "none"),
        Key("noise", Several(ADDED_NOISE), "added noise", None, "none"),
        Key("rule", Several(RULE, named=True), "step rules, such as Adam", None, "none"),
    ),
)

LOSS_SLOPE = Table(
    "How the stationary loss grows with the learning rate.",
    (
        Key(
            "rates",
            Numbers(POSITIVE, FEWEST_RATES, MOST_RATES),
            "learning rates below stability, increasing, each by a thousandth or more",
            unit="time a step",
        ),
        Key("methods", Names(METHODS, ALL), "by which the slope is found"),
        Key("minimum", Numbers(), "the place of the minimum, or one next to it", None, "see below", "that of w"),
        Key("walkers", Whole(FEWEST_WALKERS, MOST_SLOPE_WALKERS), "of `sampling`", 1000, unit="walkers"),
        Key("steps", Whole(2, MOST_SLOPE_STEPS), "of `sampling`, averaged over", 1000, unit="steps"),
        Key("burn_in", Whole(1, MOST_SLOPE_STEPS), "of `sampling`, steps before", None, "see below", "steps"),
        Key("confidence", Number(Bounds(0, 1, above=True, below=True)), "of the intervals", 0.95),
    ),
)

STUDY = Table(
    "A study of gibbsgap: what SGD is compared with, and how.",
    (
        Key("name", Text(), "title"),
        Key("seed", Whole(0, LARGEST_SEED), "of everything random", 1),
        Key("model", MODEL, "the loss"),
        Key("network", NETWORK, "the model on data", None, "none"),
        Key("sgd", SGD_TABLE, "the algorithm"),
        Key(
            "data",
            Table(
                "A fixed data set, drawn from the truth.",
                (Key("examples", Whole(most=MOST_EXAMPLES), "its size", unit="examples"),),
            ),
            "a fixed data set",
            None,
            "with a `sampling` other than fresh",
        ),
        Key("start", START, "where walkers start"),
        Key("noise", NOISE, "the noise of the Langevin equation", None, "that of batches"),
        Key(
            "langevin",
            Table(
                "The paths of the Langevin equation.",
                (Key("substeps", Whole(2, even=True), "Euler–Maruyama steps a learning rate", 4, unit="steps"),),
            ),
            "its paths",
            None,
        ),
        Key("grid", GRID, "where laws are compared"),
        Key(
            "posterior",
            Table(
                "The Bayesian posterior exp(−n beta K).",
                (
                    Key("examples", Number(POSITIVE), "n, the examples that it has seen", unit="examples"),
                    Key("beta", Number(POSITIVE), "inverse temperature", 1.0),
                ),
            ),
            "the posterior",
            None,
            "no posterior",
        ),
        Key(
            "survival",
            Table(
                "A basin in which SGD is followed, for one variable.",
                (Key("basin", Numbers(fewest=2, most=2), "`[low, high]`, inside [grid]", unit="that of w"),),
            ),
            "the basin that is followed",
            None,
            "none",
        ),
        Key("loss_slope", LOSS_SLOPE, "the slope of the loss", None, "none"),
        Key("observables", LOOKS, "what is looked at", None, "all"),
        Key("gibbs", GIBBS, "the Gibbs measure", None),
        Key("chains", CHAINS, "the chains", None),
        Key("noise_against_hessian", Several(PLACE, MOST_PLACES), "the noise against the Hessian", None, "none"),
    ),
)


def of_laws() -> Table:
    """What a study may hold whose laws are those of [model] on [grid]."""
    return replace(STUDY, keys=tuple(key for key in STUDY.keys if key.name not in OF_NETWORKS))


def of_a_slope() -> Table:
    """What a study may hold that has [loss_slope] and no [start], and is there for the slope alone."""
    sgd = replace(SGD_TABLE, keys=tuple(key for key in SGD_TABLE.keys if key.name not in OF_RUNS))
    changed: dict[str, dict[str, Any]] = {
        "sgd": {"value": sgd},
        "grid": {"default": None, "otherwise": "fitted at each rate"},
        "loss_slope": {"default": NEEDED},
    }
    kept = (key for key in of_laws().keys if key.name not in OF_LAWS)
    return replace(STUDY, keys=tuple(replace(key, **changed.get(key.name, {})) for key in kept))


def of_a_network() -> Table:
    """What a study may hold that has [network]."""
    own: dict[str, dict[str, Any]] = {"sampling": {"value": Choice(SAMPLINGS[1:]), "default": SAMPLINGS[1]}}
    plain = (key for key in SGD_TABLE.keys if key.name not in NOT_OF_NETWORKS)
    sgd = replace(SGD_TABLE, keys=tuple(replace(key, **own.get(key.name, {})) for key in plain))
    beta = Key("beta", Number(POSITIVE), "inverse temperature", None, "1 / label_noise², or 1 for labels 0 and 1")
    changed: dict[str, dict[str, Any]] = {
        "network": {"default": NEEDED},
        "sgd": {"value": sgd},
        "posterior": {"value": Table("The Bayesian posterior exp(−N beta L) of a network.", (beta,))},
    }
    kept = (key for key in STUDY.keys if key.name not in OF_LANDSCAPES)
    return replace(STUDY, keys=tuple(replace(key, **changed.get(key.name, {})) for key in kept))
