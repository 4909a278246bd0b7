"""Blocks of walkers and examples: as large as the room, halved where the device has no memory, the same sums."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from theory import InputError
from theory.models.networks.room import Need, Room, side_by_side, summed

VALUES = np.random.default_rng(1).normal(size=(7, 11))


class OutOfMemoryError(RuntimeError):
    """What a framework raises."""


def filled(room, most, join=summed, error=OutOfMemoryError):
    """Sums of rows, or the rows, by a device that holds `most` numbers; and the sizes of its blocks."""
    done = []

    def compute(walkers, examples):
        part = VALUES[walkers, examples]
        if part.size > most:
            raise error("CUDA out of memory.\nTried to allocate 2 GiB")
        done.append(part.shape)
        return part.sum(axis=1) if join is summed else part

    found = room.fill(np.empty((7, 11) if join is side_by_side else 7), compute, join, 11, Need(0, 1))
    return found, done


@pytest.mark.parametrize("numbers", [1, 4, 11, 30, 1000])
def test_blocks_are_no_larger_than_the_room(numbers):
    found, done = filled(Room(numbers), 1000)
    np.testing.assert_allclose(found, VALUES.sum(axis=1), rtol=1e-13)
    np.testing.assert_array_equal(filled(Room(numbers), 1000, side_by_side)[0], VALUES)
    assert max(rows * columns for rows, columns in done) <= numbers
    assert len(done) == {1: 77, 4: 21, 11: 7, 30: 4, 1000: 1}[numbers]


@pytest.mark.parametrize("error", [OutOfMemoryError, RuntimeError, MemoryError])
def test_a_device_without_memory_halves_the_block_and_says_so(error):
    room = Room(1000)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found, done = filled(room, 20, error=error)
    np.testing.assert_allclose(found, VALUES.sum(axis=1), rtol=1e-13)
    assert [str(one.message) for one in told] == [
        "the device has no memory for 11 examples of 7 walkers at once; it gets 11 of 3 from now on",
        "the device has no memory for 11 examples of 3 walkers at once; it gets 11 of 1 from now on",
    ]
    assert done[0] == (1, 11)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is halved for good
        filled(room, 20, error=error)


def test_one_example_that_finds_no_memory_is_refused():
    with pytest.warns(RuntimeWarning), pytest.raises(InputError, match="memory for one example of one walker"):
        filled(Room(1000), 0)


def test_other_errors_come_through():
    with pytest.raises(KeyError):
        Room(10).fill(np.empty(3), lambda *_: {}["shape"], summed, 2, Need(0, 1))
