"""The model of a study of a network, from the table [network]."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from compare.study.section import Section
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.packages import install_line
from theory.models import (
    DatasetModel,
    diagonal_linear_network,
    logistic_regression,
    two_layer_network,
    with_weight_decay,
)

OUTER = 1.5  # size of the outer weights of a teacher, whose signs alternate
LOADERS = {
    "breast cancer": "load_breast_cancer", "digits": "load_digits", "iris": "load_iris", "wine": "load_wine"
}  # fmt: skip


class NetworkModel(NamedTuple):
    """The model, what makes its loss a negative log likelihood, how its minimum is sought, where walkers begin."""

    model: DatasetModel
    beta: float | None
    searches: int
    spread: float
    scatter: float


def read_network(section: Section, rng: np.random.Generator) -> NetworkModel:
    """The model that the table [network] describes, its data drawn from `rng`.

    `beta` is that of labels with this noise; None where they have none.

    Raises
    ------
    InputError
        If a number is out of range or does not fit another, or scikit-learn is needed and not installed.
    """
    kind, decay = section.own_kind(), section.number("weight_decay")
    searches, spread, scatter = section.whole("searches"), section.number("spread"), section.number("scatter")
    if kind == "logistic regression":
        bare, noise = _classified(section), 1.0
    else:
        bare, noise = (_layered if kind == "two-layer tanh" else _diagonal)(section, rng)
    beta = noise**-2 if noise > 0 else None
    section.close()
    model = with_weight_decay(bare, decay) if decay > 0 else bare
    return NetworkModel(model, beta, searches, spread, scatter)


def _layered(section: Section, rng: np.random.Generator) -> tuple[DatasetModel, float]:
    """A network of tanh units on the labels of another, with the noise of these."""
    x, hidden, units = _inputs(section, rng), section.whole("hidden"), section.whole("teacher")
    inner = rng.standard_normal((units, x.shape[1]))
    signs = np.where(np.arange(units) % 2 == 0, OUTER, -OUTER)
    noise = section.number("label_noise")
    y = np.tanh(x @ inner.T) @ signs + noise * rng.standard_normal(len(x))
    return two_layer_network(x, y, hidden), noise


def _diagonal(section: Section, rng: np.random.Generator) -> tuple[DatasetModel, float]:
    """A diagonal linear network on labels to which the first inputs add, with the noise of these."""
    x, count = _inputs(section, rng), section.whole("teacher")
    require(
        count <= x.shape[1],
        f"{section.where('teacher')} must be at most `inputs`, got {count} of {x.shape[1]}; reduce it",
    )
    signs = np.where(np.arange(count) % 2 == 0, 1.0, -1.0)
    noise = section.number("label_noise")
    y = x[:, :count] @ signs + noise * rng.standard_normal(len(x))
    return diagonal_linear_network(x, y), noise


def _inputs(section: Section, rng: np.random.Generator) -> Array:
    return rng.standard_normal((section.whole("examples"), section.whole("inputs")))


def _classified(section: Section) -> DatasetModel:
    """Logistic regression on a data set of scikit-learn, its inputs in standard deviations, with a 1."""
    name, features, label = section.text("data"), section.read("features"), section.whole("label")
    inputs, labels = _shipped(name)
    most = inputs.shape[1]
    require(
        features is None or features <= most,
        f"{section.where('features')} must be at most those of {name}, {most}, got {features}; reduce it",
    )
    classes = sorted({int(one) for one in labels})
    require(
        label in classes,
        f"{section.where('label')} must be a class of {name}, {classes[0]} to {classes[-1]}, got {label}",
    )
    chosen = inputs[:, :features]
    spread = chosen.std(axis=0)
    scaled = (chosen - chosen.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return logistic_regression(np.column_stack([scaled, np.ones(len(scaled))]), (labels == label) * 1.0)


def _shipped(name: str) -> tuple[Array, Array]:
    """Inputs (N, m) and classes (N,) of a data set that scikit-learn ships."""
    try:
        from sklearn import datasets  # an extra, and a second that other studies need not wait
    except ImportError:
        line = install_line("sklearn")
        raise InputError(f"the data set {name!r} needs scikit-learn, which is not installed; {line}") from None
    data: Any = getattr(datasets, LOADERS[name])()
    return np.asarray(data.data, dtype=np.float64), np.asarray(data.target, dtype=np.float64)
