"""What was found at one point: numbers and reasons, or why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PointRecord:
    """The numbers of a point with its reasons as texts; `failure` says in a line why there are none."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
