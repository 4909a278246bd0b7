"""Names of the components of a network's parameters."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def component_names(places: Iterable[tuple[str, tuple[int, ...]]]) -> tuple[str, ...]:
    """Of arrays with their names and shapes, such as 0.weight[2, 1], in the order of their numbers."""
    return tuple(
        f"{name}[{', '.join(map(str, at))}]" if shape else name
        for name, shape in places
        for at in np.ndindex(shape)
    )
