"""Where sliders can go: values about those of a study, with names as they are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compare.explorer.settings import PointSettings

STOPS = 20  # of a slider in each factor of ten
REACH = 100.0  # by how many times a number goes below and above that of the study
MOST_BATCH, MOST_EXAMPLES = 1000, 10**6
MOMENTA = (*(k / 20 for k in range(20)), 0.98, 0.99)
ADDED = (1e-3, 1e2)  # of noise that a study has not
UNIT = 1.0  # in the place of a number that is 0
NO_POSTERIOR = "none"
Stops = dict[str, float | None]


def stops(
    settings: PointSettings, data_examples: int | None, *, has_labels: bool, takes_momentum: bool = True
) -> dict[str, Stops]:
    """For each number of the settings, the values of its slider by the names that it shows, the study's too.

    `data_examples`: the size of a fixed data set, which a batch does not exceed. Where it `has_labels` they may be
    without noise. Where a step rule has a momentum of its own, SGD `takes_momentum` no more.
    """
    own = settings
    noise = own.noise or UNIT
    added = (own.added_noise / REACH, own.added_noise * REACH) if own.added_noise else ADDED
    most = min(data_examples or 10 * own.batch_size, max(MOST_BATCH, own.batch_size))
    examples = {} if own.examples is None else _named([own.examples])
    return {
        "learning_rate": _named(
            [*_geometric(own.learning_rate / REACH, own.learning_rate * REACH), own.learning_rate]
        ),
        "batch_size": _named([*np.round(_geometric(1, max(most, 2))), own.batch_size]),
        "momentum": _named([*(MOMENTA if takes_momentum else ()), own.momentum]),
        "noise": _named([*([0.0] if has_labels else []), *_geometric(noise / REACH, noise * REACH), own.noise]),
        "added_noise": _named([0.0, *_geometric(*added), own.added_noise]),
        "examples": {NO_POSTERIOR: None} | _named([*np.round(_geometric(1, MOST_EXAMPLES)), *examples.values()]),
    }


def _geometric(low: float, high: float) -> Sequence[float]:
    number = 1 + STOPS * max(len(str(round(high / low))) - 1, 1)  # by the digits of the quotient
    return [float(f"{x:.3g}") for x in np.geomspace(low, high, number)]


def _named(values: Sequence[float | None]) -> Stops:
    known = sorted({float(value) for value in values if value is not None})
    return {f"{value:.6g}": value for value in known}
