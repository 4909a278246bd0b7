"""What a process does for a sweep: measure some of its points, whatever happens at them."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from functools import cache
from numbers import Real
from typing import Any

from compare.sweeps.plan import Plan, code_here
from compare.sweeps.point_record import PointRecord
from compare.sweeps.ranges import Numbers
from theory.base.errors import InputError, in_one_line, require
from theory.base.progress import only_asked_for

NAME = re.compile(r"[A-Za-z_]\w*")
TAKEN = ("failure", "point")


class OtherCode(InputError):
    """A process would compute with other sources or versions than the sweep was begun with."""

    def __init__(self) -> None:
        super().__init__(
            "every worker of a sweep must have the code and versions of the one that asks, one has others; "
            "install the same there"
        )


def measure_points(plan: Plan, points: Sequence[Numbers]) -> tuple[list[PointRecord], float]:
    """What is found at each of some points, in their order, and the seconds that it took.

    Raises
    ------
    InputError
        If this process has other code or versions than the plan.
    """
    if _code() != plan.code:
        raise OtherCode
    begin = time.perf_counter()
    with only_asked_for():
        found = [_outcome(plan, numbers) for numbers in points]
    return found, time.perf_counter() - begin


@cache
def _code() -> str:
    """The code this process began with: it goes on with that, whatever happens to the files."""
    return code_here()


def _outcome(plan: Plan, numbers: Numbers) -> PointRecord:
    try:
        return _checked(plan.measure(plan.study(numbers)), plan.names)
    except InputError as error:
        return PointRecord(failure=in_one_line(str(error)))
    except (Exception, SystemExit) as error:
        return PointRecord(failure=in_one_line(f"{type(error).__name__}: {error}"))


def _checked(measured: Any, names: Sequence[str]) -> PointRecord:
    """What a measure gave, its floats and its texts apart.

    Raises
    ------
    InputError
        If it is something else.
    """
    require(
        isinstance(measured, Mapping),
        f"a measure must give a mapping of names to numbers, got {type(measured).__name__}",
    )
    floats: dict[str, float] = {}
    texts: dict[str, str] = {}
    for name, value in measured.items():
        fine = isinstance(name, str) and NAME.fullmatch(name) is not None and name not in TAKEN
        require(fine, f"names of a measure must be words other than {', '.join(TAKEN)}, got {name!r}")
        name = f"{name}_" if name in names else name  # the name of a dim
        if isinstance(value, str):
            texts[name] = value
        else:
            number = isinstance(value, Real) and not math.isnan(float(value))
            require(number, f"`{name}` of a measure must be a number or a text, got {value!r}; a reason is a text")
            floats[name] = float(value)
    return PointRecord(floats, texts)
