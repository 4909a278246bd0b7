"""Cells of a map: every place in one of them, and what was measured is kept."""

import numpy as np
import pytest

from compare.maps.cells import Stretch, first_cells, neighbours, owners


@pytest.mark.parametrize("shape", [(27, 9), (10, 7), (1, 4), (2, 2)])
def test_every_place_belongs_to_one_cell_however_they_are_split(shape):
    cells = list(first_cells(shape, 2))
    for _ in range(3):
        owner = owners(cells, shape)
        assert (owner >= 0).all()
        assert sum((c.x.end - c.x.begin) * (c.y.end - c.y.begin) for c in cells) == np.prod(shape)
        assert all(owner[c.at] == number for number, c in enumerate(cells))
        cells = [part for cell in cells for part in cell.split()]
    assert all(cell.whole for cell in cells)


def test_a_part_is_measured_where_the_whole_was():
    for length in range(1, 12):
        stretch = Stretch.of(3, 3 + length)
        assert stretch.at in {part.at for part in stretch.split()}
        assert len(stretch.split()) == min(length, 3)


def test_neighbours_share_a_side():
    owner = owners(first_cells((6, 3), 1), (6, 3))
    assert list(neighbours(owner)) == [(0, 1)]
