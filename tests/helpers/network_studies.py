"""Small studies of networks, and the studies that ship without them."""

from __future__ import annotations

from typing import Any

from compare.study import read_network_study, shipped_studies
from compare.study.source import study_table

Table = dict[str, Any]
SGD = {"learning_rate": 0.4, "batch_size": 5, "steps": 240, "walkers": 16}
LAYERED = {"kind": "two-layer tanh", "examples": 40, "inputs": 2, "hidden": 2, "teacher": 1, "label_noise": 0.3}
DIAGONAL = {"kind": "diagonal linear", "examples": 30, "inputs": 3, "teacher": 1, "label_noise": 0.3}
LOGISTIC = {"kind": "logistic regression", "data": "iris", "label": 1}
FEW = {"number": 6, "steps": 100, "burn_in": 40, "every": 1}
LOOKS = {"burn_in": 60, "every": 5}


def network(kind: Table = LAYERED, **tables: Any) -> Table:
    """A study of a small network; `tables` replace or join those that it has."""
    own = {
        "network": {**kind, "weight_decay": 0.1, "searches": 3},
        "sgd": SGD,
        "chains": FEW,
        "observables": LOOKS,
    }
    return {"name": "a small network", "seed": 2, **own, **tables}


def changed(place: str, **keys: Any) -> Table:
    """The small study with other keys in one of its tables."""
    table = network()
    return {**table, place: {**table.get(place, {}), **keys}}


def is_network(name: str) -> bool:
    """Whether a study that ships is of a network."""
    return "network" in study_table(name)


def law_studies() -> list[str]:
    """The studies that ship whose laws are on a grid."""
    return [name for name in shipped_studies() if not is_network(name)]


def network_studies() -> list[str]:
    """Those of networks."""
    return [name for name in shipped_studies() if is_network(name)]


SMALL = read_network_study(network())
