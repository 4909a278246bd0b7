"""How many walkers and examples are computed at once, and what happens where the device has not the memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.models.slabs import LARGEST_BLOCK

ON_ACCELERATORS: Final = 50  # times as many numbers at once, since small blocks leave them idle
FEW_STEPS, MOST_STEPS = 8, 128  # in one call of a framework
SAID: Final = (
    "out of memory",
    "out_of_memory",
    "resource_exhausted",
    "not enough memory",
)  # of a device without memory


class Need(NamedTuple):
    """Numbers that a walker needs, and each of its examples."""

    walker: int
    example: int


@dataclass(eq=False)
class Room:
    """`numbers` are what a block of walkers and examples may need, halved where the device has not so many."""

    numbers: int

    def sizes(self, walkers: int, examples: int, need: Need) -> tuple[int, int]:
        """Walkers and examples at once: all examples of as many walkers as fit, or of one walker what fits."""
        some = max(1, min(examples, (self.numbers - need.walker) // max(need.example, 1)))
        return max(1, min(walkers, self.numbers // (need.walker + some * need.example))), some

    def fill(
        self,
        found: Array,
        compute: Callable[[slice, slice], Array],
        join: Callable[[list[Array]], Array],
        examples: int,
        need: Need,
    ) -> Array:
        """`found` (n, ...), filled with what `compute` gives for walkers and some examples, joined over these.

        Raises
        ------
        InputError
            If the device has not the memory for one example of one walker.
        """
        begin = 0
        while begin < len(found):
            many, some = self.sizes(len(found) - begin, examples, need)
            here = slice(begin, begin + many)
            try:
                parts = [compute(here, slice(first, first + some)) for first in range(0, examples, some)]
            except Exception as error:
                if not _exhausted(error):
                    raise
                self._halve(many, some, need)
                continue
            found[here] = join(parts)
            begin += many
        return found

    def _halve(self, walkers: int, examples: int, need: Need) -> None:
        if walkers == examples == 1:
            raise InputError(
                "a network needs a device with memory for one example of one walker, got one without; take a "
                "smaller network, dtype='float32' or another `device`"
            )
        self.numbers = walkers * (need.walker + examples * need.example) // 2
        many, some = self.sizes(walkers, examples, need)
        warnings.warn(
            f"the device has no memory for {examples} examples of {walkers} walkers at once; it gets {some} of "
            f"{many} from now on",
            RuntimeWarning,
            stacklevel=2,
        )


def numbers_at_once(*, on_host: bool) -> int:
    """How many numbers a block may need, on the processor or on an accelerator."""
    return LARGEST_BLOCK if on_host else ON_ACCELERATORS * LARGEST_BLOCK


def most_steps(numbers: int) -> int:
    """How many steps go into one call, where each needs so many numbers of examples."""
    return max(1, min(MOST_STEPS, LARGEST_BLOCK // max(numbers, 1)))


def capacity(steps: int, numbers: int) -> int:
    """Steps that a compiled program has room for: one for few, and one for all that go into a call."""
    most = most_steps(numbers)
    return min(FEW_STEPS, most) if steps <= FEW_STEPS else most


def summed(parts: list[Array]) -> Array:
    """Parts of sums over the examples, together."""
    return parts[0] if len(parts) == 1 else np.asarray(sum(parts[1:], start=parts[0]))


def side_by_side(parts: list[Array]) -> Array:
    """Parts for some of the examples, together."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _exhausted(error: Exception) -> bool:
    """Whether the error is that of a device without memory, as each framework says it in its own way."""
    text = f"{type(error).__name__} {error}".lower()
    return isinstance(error, MemoryError) or "outofmemory" in text or any(words in text for words in SAID)
