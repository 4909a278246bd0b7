"""Studies that are wrong, each with words of its refusal."""

from __future__ import annotations

import copy
import math
from typing import Any

from study_options import STEP

LINE: dict[str, Any] = {
    "name": "line",
    "model": {"q": "w - 1/2", "noise_std": 2.0},
    "sgd": {"learning_rate": 0.02, "batch_size": 20, "steps": 50, "walkers": 300},
    "start": {"uniform": [[-1.0, 2.0]]},
    "noise": {"kind": "minibatch"},
    "grid": {"lower": [-1.0], "upper": [2.0], "cells": [60]},
    "data": {"examples": 100},
    "langevin": {"substeps": 2},
    "posterior": {"examples": 100},
    "survival": {"basin": [0.0, 1.0]},
}
LINE["sgd"]["sampling"] = "without replacement"
PLANE: dict[str, Any] = {
    "name": "plane",
    "model": {"landscape": "x**2/2 + y**2"},
    "sgd": {"learning_rate": 0.01, "batch_size": 10, "steps": 50, "walkers": 300},
    "start": {"normal": {"mean": [0.0, 0.0], "std": [0.2, 0.1]}},
    "noise": {"kind": "isotropic", "temperature": 0.1},
    "grid": {"lower": [-2.0, -2.0], "upper": [2.0, 2.0], "cells": [20, 20]},
}
NAN, INF = float("nan"), float("inf")


def with_entry(table: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy of `table` with the entry at ``section.key`` set, or taken out where `value` is None."""
    copied = copy.deepcopy(table)
    *sections, key = place.split(".")
    inner = copied
    for section in sections:
        inner = inner.setdefault(section, {})
    if value is None:
        inner.pop(key)
    else:
        inner[key] = value
    return copied


REFUSED: list[tuple[dict[str, Any], str, Any, str]] = [
    (LINE, "model", {"q": "w", "landscape": "w**2"}, "either `q` or `landscape`"),
    (LINE, "model", {"q": "w", "variables": ["w", "w"]}, "must differ"),
    (LINE, "model", {"q": "w", "variables": ["exp"]}, "'exp'"),
    (LINE, "model", {"q": ["w", 3]}, "a list of texts"),
    (LINE, "model", {"q": "w*v"}, "as many axes as the model has variables, got 1 and 2"),
    (LINE, "model.noise_std", 0.0, "`noise_std` > 0"),
    (LINE, "sgd.momentum", 1.0, "momentum"),
    (LINE, "sgd.walkers", 10**11, "at most 100000000"),
    (LINE, "sgd.batch_size", 101, "got 101 of 100"),
    (LINE, "data", None, "needs both"),
    (LINE, "langevin.substeps", 3, "must be even, got 3"),
    (LINE, "survival.basin", [1.0, 0.0], "an interval"),
    (LINE, "survival.basin", [1.0, 3.0], "must lie in"),
    (LINE, "grid.periodic", True, "`periodic` in"),
    (PLANE, "noise", {"kind": "minibatch"}, "minibatch noise needs a model with `q`"),
    (PLANE, "noise", {"kind": "isotropic"}, "`temperature` in"),
    (PLANE, "noise", {"kind": "isotropic", "temperature": 0.0}, "must be positive"),
    (PLANE, "noise", {"kind": "isotropic", "temperature": 1.0, "scale": 1.0}, "no key `scale`"),
    (PLANE, "noise", {"kind": "loss", "scale": -1.0}, "must be positive"),
    (PLANE, "model.landscape", "x**2 + y**2 + 1/(x - 0.1)**64", "finite on"),
    (PLANE, "data", {"examples": 10}, "sampling"),
    (PLANE, "grid.cells", [100_000, 100_000], "300000 cells in 2 dimensions, got 10000000000"),
    (PLANE, "grid.cells", [10**30, 2], "300000 cells"),
    (PLANE, "grid.cells", [1, 20], "at least 2"),
    (PLANE, "grid.cells", [0, 20], "at least|whole"),
    (PLANE, "grid.cells", [-5, 20], "at least|whole"),
    (PLANE, "grid.cells", [True, 20], "whole numbers"),
    (PLANE, "grid.cells", 20, "a list of whole numbers"),
    (PLANE, "grid.cells", [], "a list of whole numbers, got \\[\\]"),
    (PLANE, "grid.upper", [2.0], "as many"),
    (PLANE, "grid.upper", [-2.0, 2.0], "lower < upper"),
    (PLANE, "grid.upper", [NAN, 2.0], "finite"),
    (PLANE, "grid.upper", [1e308, 2.0], "of size"),
    (PLANE, "grid.periodic", 1, "true, false"),
    (PLANE, "start", {"point": [3.0, 0.0]}, "start must lie in the grid, along axis 0"),
    (PLANE, "start", {"point": [0.0]}, "2 components"),
    (PLANE, "start", {"point": [True, False]}, "finite numbers"),
    (PLANE, "start", {"point": [0.0, 0.0], "uniform": [[0, 1], [0, 1]]}, "exactly one"),
    (PLANE, "start", {}, "exactly one"),
    (PLANE, "start", {"uniform": [[0.0, 1.0], [1.0, 0.0]]}, "rows \\[low, high\\]"),
    (PLANE, "start", {"uniform": [[0.0, 1.0], [-3.0, 0.0]]}, "along axis 1"),
    (PLANE, "start", {"normal": {"mean": [0.0, 0.0], "std": [1.0, 0.1]}}, "reaches \\[-5, 5\\]"),
    (
        PLANE,
        "start",
        {"normal": {"mean": [0.0, 0.0], "std": [0.0, 0.1]}},
        "`std` in \\[start.normal\\] must be positive and finite",
    ),
    (PLANE, "start", {"normal": {"mean": [0.0, 0.0], "sd": [0.1, 0.1]}}, "is 'sd' misspelt"),
]

REFUSED_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"nesterv": True}, "no key `nesterv` in [sgd]; did you mean 'nesterov'?"),
    ({"preconditoner": 2.0}, "did you mean 'preconditioner'?"),
    ({"schedul": STEP}, "did you mean 'schedule'?"),
    ({"nois": {"kind": "gaussian", "std": 1}}, "did you mean 'noise'?"),
    ({"dampin": 1}, "did you mean 'damping'?"),
    ({"nesterov": 1, "momentum": 0.5}, "`nesterov` in [sgd] must be true or false, got 1"),
    ({"nesterov": True}, "needs a `momentum` above 0, got 0"),
    ({"momentum": 1.0}, "`momentum` in [sgd] must lie in [0, 1), got 1.0"),
    ({"preconditioner": "inverse nois"}, "got 'inverse nois'"),
    ({"preconditioner": True}, "`preconditioner` in [sgd] must be a positive number"),
    ({"preconditioner": 0.0}, "positive and finite, got 0.0"),
    ({"preconditioner": []}, "got []"),
    ({"preconditioner": [1.0, -1.0]}, "positive and finite, got [1.0, -1.0]"),
    ({"preconditioner": [1.0]}, "must fit the dimension 2 of the model, got 1 rows"),
    ({"preconditioner": [[1.0, 0.0]]}, "a square matrix"),
    ({"preconditioner": [[1.0, 2.0], [2.0, 1.0]]}, "`preconditioner` in [sgd] must be positive definite"),
    ({"preconditioner": [[1.0, 0.5], [0.0, 1.0]]}, "symmetric"),
    ({"preconditioner": [[1.0, math.nan], [math.nan, 1.0]]}, "a square matrix"),
    ({"preconditioner": {"kind": "inverse noise"}}, "must be a positive number, a list of them"),
    ({"damping": 0.1}, '`damping` in [sgd] needs preconditioner = "inverse noise", got None'),
    ({"damping": 0.1, "preconditioner": 2.0}, "got 2.0; leave it out"),
    (
        {"damping": -1.0, "preconditioner": "inverse noise"},
        "`damping` in [sgd] must be a finite number, at least 0",
    ),
    ({"schedule": "cosine"}, "[sgd.schedule] of a study must be a table, got 'cosine'"),
    ({"schedule": []}, "[sgd.schedule] must be a table or several, got []"),
    ({"schedule": [3]}, "must be a table, got 3"),
    ({"schedule": {"at": 5, "factor": 0.5}}, "`kind` in [sgd.schedule], it is missing"),
    ({"schedule": STEP | {"kind": "cosin"}}, "'cosin', which is unknown; did you mean 'cosine'?"),
    ({"schedule": STEP | {"factr": 1}}, "no key `factr` in [sgd.schedule]; did you mean 'factor'?"),
    ({"schedule": STEP | {"at": [5, 3]}}, "a rising list of steps"),
    ({"schedule": STEP | {"at": []}}, "got []"),
    ({"schedule": STEP | {"at": -1}}, "`at` in [sgd.schedule] must be a whole number, at least 0, got -1"),
    ({"schedule": STEP | {"at": 2.0}}, "got 2.0"),
    (
        {"schedule": STEP | {"factor": -1}},
        "`factor` in [sgd.schedule] must be a finite number, at least 0, got -1",
    ),
    ({"schedule": {"kind": "exponential", "steps": 5, "final": 0}}, "`final` in [sgd.schedule] must be positive"),
    ({"schedule": {"kind": "linear", "steps": 0, "final": 0}}, "`steps` in [sgd.schedule] must be a whole number"),
    ({"schedule": {"kind": "linear", "step": 9, "final": 0}}, "is 'step' misspelt?"),
    ({"schedule": {"kind": "batch growth", "every": 2, "factor": 0.5}}, "at least 1, got 0.5"),
    ({"schedule": STEP, "steps": 10**8}, "`steps` must be at most 10000000, got 100000000"),
    ({"rule": "adm"}, "`kind` in [sgd.rule] is 'adm', which is unknown; did you mean 'adam'?"),
    ({"rule": "clip by norm"}, "a study needs `limit` in [sgd.rule], it is missing"),
    ({"rule": 3}, "[sgd.rule] must be a table or a name such as 'sign', got 3"),
    ({"rule": []}, "[sgd.rule] must be a table or several, got []"),
    ({"rule": {"kind": "adam", "beta1": 1.0}}, "`beta1` in [sgd.rule] must lie in [0, 1), got 1.0"),
    ({"rule": {"kind": "adam", "beta": 0.9}}, "no key `beta` in [sgd.rule] here; it belongs to kind `rmsprop` or"),
    ({"rule": {"kind": "adam", "bta2": 0.9}}, "no key `bta2` in [sgd.rule]; did you mean 'beta2'?"),
    ({"rule": {"kind": "adam", "beta2": 0.5}}, "[sgd.rule] does not fit: `beta1` squared must be below"),
    ({"rule": "adam", "momentum": 0.9}, "`momentum` must be 0 with Adam(), which has its own, got 0.9"),
    ({"rule": [{"kind": "langevin", "temperature": 0.1}, "sign"]}, "`rule` must end with StochasticLangevin"),
    ({"noise": {"kind": "gausian", "std": 1}}, "did you mean 'gaussian'?"),
    ({"noise": {"kind": "gaussian", "scale": 1}}, "needs `std` in [sgd.noise], it is missing"),
    ({"noise": {"kind": "gaussian", "std": 0}}, "`std` in [sgd.noise] must be positive"),
    ({"noise": {"kind": "gaussian", "std": 1, "skw": 1}}, "no key `skw` in [sgd.noise]"),
    ({"noise": {"kind": "student", "degrees": 0, "scale": 1}}, "`degrees` in [sgd.noise] must be positive"),
    (
        {"noise": {"kind": "stable", "alpha": 3, "scale": 1}},
        "`alpha` in [sgd.noise] must lie in (0, 2], got 3",
    ),
    ({"noise": {"kind": "stable", "alpha": 1, "scale": 1, "skew": 0.5}}, "`skew` must be 0 where alpha is 1"),
    ({"noise": {"kind": "label", "std": 1}}, "needs a model with `q`, a bare landscape has no labels"),
    ({"sampling": "frsh"}, "did you mean 'fresh'?"),
]
