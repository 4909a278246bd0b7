"""Studies to which options of SGD are added."""

from __future__ import annotations

import copy
import functools
from typing import Any

import numpy as np

from compare.job import run_study
from compare.report import Report
from compare.study import Study, read_study
from theory.equations.langevin import Langevin

LINE: dict[str, Any] = {
    "name": "line",
    "model": {"q": "w - 1/2", "noise_std": 2.0},
    "sgd": {"learning_rate": 0.05, "batch_size": 10, "steps": 100, "walkers": 500},
    "start": {"uniform": [[-1.0, 2.0]]},
    "grid": {"lower": [-4.0], "upper": [5.0], "cells": [90]},
    "survival": {"basin": [0.0, 1.0]},
}
PLANE: dict[str, Any] = {
    "name": "plane",
    "model": {"landscape": "x**2/2 + x*y/4 + y**2"},
    "sgd": {"learning_rate": 0.05, "batch_size": 10, "steps": 60, "walkers": 500},
    "start": {"point": [0.1, 0.2]},
    "noise": {"kind": "constant", "matrix": [[0.1, 0.02], [0.02, 0.05]]},
    "grid": {"lower": [-4.0, -3.0], "upper": [4.0, 3.0], "cells": [30, 30]},
}
STEP = {"kind": "step", "at": 5, "factor": 0.5}


def with_sgd(table: dict[str, Any], **keys: Any) -> dict[str, Any]:
    copied = copy.deepcopy(table)
    copied["sgd"] |= keys
    return copied


@functools.cache
def plain_report(name: str) -> Report:
    """What the study of this name finds without options."""
    return run_study(read_study({"line": LINE, "plane": PLANE, "weak": weak(0.02)}[name]))


def weak(rate: float) -> dict[str, Any]:
    """The plane at a learning rate, its D in proportion: gradient noise with the C that it has at any rate."""
    matrix = (rate * np.array(PLANE["noise"]["matrix"])).tolist()
    grid = {"lower": [-0.6, -0.6], "upper": [0.6, 0.6], "cells": [40, 40]}
    return with_sgd(PLANE, learning_rate=rate) | {"noise": {"kind": "constant", "matrix": matrix}, "grid": grid}


def study(table: dict[str, Any], **keys: Any) -> Study:
    return read_study(with_sgd(table, **keys))


def equation(found: Study) -> Langevin:
    assert isinstance(found.equation, Langevin)
    return found.equation
