"""Options that all pictures of results share, as a record for `**options: Unpack[...]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from theory.landscapes import Landscape


class DrawOptions(TypedDict, total=False):
    """How a result is drawn.

    Parameters
    ----------
    label
        Its name in the legend.
    colour
        As matplotlib understands it; by default the next of the axes' own cycle. Maps have none.
    title
        Over the axes; none by default.
    names
        Of the coordinates, such as ("x", "y"); w, or w1, w2, ... by default.
    landscape
        Whose level lines are drawn on maps.
    decades
        Below the highest value, on a logarithmic scale of maps; None, the default, for a linear one.
    """

    label: str | None
    colour: str | tuple[float, ...] | None
    title: str | None
    names: Sequence[str] | None
    landscape: Landscape | None
    decades: float | None
