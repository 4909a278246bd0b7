"""Where a run ended, so that it can go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.base.arrays import Array
from theory.base.showing import told


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Where a run ended, with all that it needs to go on as if it had not stopped: arrays only.

    Parameters
    ----------
    positions
        Last positions, shape (walkers, d), as they were: diverged walkers are not marked.
    streams
        State of each block's random numbers, shape (blocks, 6): four words of SFC64 and the half word in store.
    memory
        For each block the arrays that the walkers keep beside their positions, a velocity for example.
    steps, time
        Steps made and time passed since the beginning.
    """

    positions: Array = field(repr=False)
    streams: NDArray[np.uint64] = field(repr=False)
    memory: tuple[tuple[NDArray[Any], ...], ...] = field(repr=False)
    steps: int
    time: float

    def __repr__(self) -> str:
        walkers, dim = self.positions.shape
        return told("Checkpoint", walkers=walkers, dim=dim, steps=self.steps, time=self.time)

    def generators(self) -> list[np.random.Generator]:
        """The streams, one a block, as they stood at the end."""
        generators = []
        for words in self.streams:
            stream = np.random.SFC64(0)
            stream.state = {
                "bit_generator": "SFC64",
                "state": {"state": words[:4].copy()},
                "has_uint32": int(words[4]),
                "uinteger": int(words[5]),
            }
            generators.append(np.random.Generator(stream))
        return generators


def stream_words(stream: np.random.Generator) -> NDArray[np.uint64]:
    """The state of an SFC64 stream as a row of `Checkpoint.streams`."""
    state = stream.bit_generator.state
    return np.array([*state["state"]["state"], state["has_uint32"], state["uinteger"]], dtype=np.uint64)
