"""Result objects drawn by one call: `draw(result)`, onto given axes or a new figure.

Never computes a result: what is drawn is in the object, with its errors.
"""

from compare.figures.drawing import (  # noqa: F401 - they teach `draw` its classes
    flows,
    judged,
    laws,
    mapped,
    measured,
    networks,
    times,
)
from compare.figures.drawing.call import draw
from compare.figures.drawing.options import DrawOptions

__all__ = ["DrawOptions", "draw"]
