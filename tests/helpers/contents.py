"""What an object holds, part by part, so that two can be compared whose class says nothing of equality."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.landscapes.compiled import OfFormulas


def content(value: Any, seen: tuple[int, ...] = ()) -> Any:
    """The parts of `value` with their names; of what is compiled in a process only what it is made of."""
    if id(value) in seen:
        return "itself"
    seen = (*seen, id(value))
    if isinstance(value, np.ndarray):
        return value.shape, str(value.dtype), value.tobytes() if value.dtype != object else repr(value)
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, dict):
        return {repr(key): content(part, seen) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return type(value).__name__, [content(part, seen) for part in parts]
    if callable(value) and hasattr(value, "__qualname__"):
        return value.__qualname__
    states = isinstance(value, OfFormulas) or type(value).__module__.startswith("theory.models.networks")
    own = value.__getstate__() if states else getattr(value, "__dict__", None)
    if own and type(value).__module__.partition(".")[0] not in {"sympy", "numpy"}:
        return type(value).__qualname__, content(dict(own), seen)
    told = repr(value)
    return type(value).__qualname__ if " at 0x" in told else told
