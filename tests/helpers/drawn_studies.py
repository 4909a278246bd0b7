"""Small results of studies, from which figures are drawn."""

from __future__ import annotations

from functools import cache
from typing import Any

from compare.job import run_study
from compare.results import Results, open_results, result_files
from compare.study import load_study, read_study

WALKERS = 1500
TURNING: dict[str, Any] = {
    "name": "turning noise",
    "model": {"landscape": "(x**2 - 1)**2/4 + y**2"},
    "sgd": {"learning_rate": 0.05, "batch_size": 10, "steps": 40, "walkers": WALKERS},
    "start": {"uniform": [[-1.2, 1.2], [-0.4, 0.4]]},
    "noise": {"kind": "constant", "matrix": [[0.05, 0.02], [0.02, 0.05]]},
    "grid": {"lower": [-4.0, -4.0], "upper": [4.0, 4.0], "cells": [64, 64]},
}
REGULAR: dict[str, Any] = {
    "name": "regular",
    "model": {"q": "w - 1/2", "noise_std": 2.0},
    "sgd": {"learning_rate": 0.02, "batch_size": 20, "steps": 100, "walkers": WALKERS},
    "start": {"uniform": [[0.2, 0.8]]},
    "grid": {"lower": [-1.0], "upper": [2.0], "cells": [240]},
    "posterior": {"examples": 1000},
}
TORUS: dict[str, Any] = {
    "name": "crossing lines on the torus",
    "model": {"landscape": "100*min(x**2, y**2)"},
    "sgd": {"learning_rate": 0.0002, "batch_size": 10, "steps": 20, "walkers": WALKERS},
    "start": {"uniform": [[-1.0, 1.0], [-1.0, 1.0]]},
    "noise": {"kind": "isotropic", "temperature": 1.0},
    "langevin": {"substeps": 2},
    "grid": {"lower": [-1.0, -1.0], "upper": [1.0, 1.0], "cells": [20, 20], "periodic": True},
}
SOLID: dict[str, Any] = {
    "name": "solid",
    "model": {"landscape": "x**2 + y**2 + z**2"},
    "sgd": {"learning_rate": 0.02, "batch_size": 10, "steps": 20, "walkers": 300},
    "start": {"point": [0.0, 0.0, 0.0]},
    "noise": {"kind": "isotropic", "temperature": 0.1},
    "grid": {"lower": [-2.0] * 3, "upper": [2.0] * 3, "cells": [8] * 3},
}
LAW: dict[str, Any] = {  # whose variables have names that files use
    "name": "names that are taken",
    "model": {"landscape": "law**2 + density**2"},
    "sgd": {"learning_rate": 0.05, "batch_size": 10, "steps": 10, "walkers": 200},
    "start": {"point": [0.0, 0.0]},
    "noise": {"kind": "isotropic", "temperature": 0.1},
    "grid": {"lower": [-2.0, -2.0], "upper": [2.0, 2.0], "cells": [12, 12]},
}


@cache
def shipped(name: str) -> Results:
    """The result of a study that ships, with few walkers."""
    return open_results(result_files(run_study(load_study(name).resized(seed=None, walkers=WALKERS, steps=None))))


@cache
def small(name: str) -> Results:
    """The result of a study above: `turning`, where a current flows, `regular`, `torus`, `law`."""
    tables = {"turning": TURNING, "regular": REGULAR, "torus": TORUS, "law": LAW}
    return open_results(result_files(run_study(read_study(tables[name]), threads=1)))
