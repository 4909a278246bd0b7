"""Lines and points of random examples."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from theory import Grid
from theory.base.arrays import Array

PROPERTY = settings(max_examples=80)
GRIDS = [Grid(0, 1, 10), Grid(-1.3, 2.7, 97), Grid(-3.6, 3.6, 1001), Grid(1e3, 1e3 + 0.7, 333)]
PLANE = Grid((-1, 0), (1, 3), (4, 6))


@st.composite
def lines(draw: Any) -> Grid:
    lower = draw(st.floats(-100, 100))
    return Grid(lower, lower + draw(st.floats(0.01, 100)), draw(st.integers(1, 60)), draw(st.booleans()))


def points_near(grid: Grid, data: Any, most: int = 50) -> Array:
    width = grid.upper[0] - grid.lower[0]
    faces = st.integers(0, grid.size).map(lambda k: k / grid.size)
    shares = data.draw(st.lists(st.floats(-0.2, 1.2) | faces, max_size=most))
    return (grid.lower[0] + width * np.array(shares, dtype=float))[:, None]
