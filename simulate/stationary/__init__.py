"""Means under the stationary law of SGD, from independent walkers with control variates.

Never holds a derivative, which is in `simulate.sensitivity`, or a law on a grid.
"""

from simulate.stationary.control import Controlled, ControlVariates, controlled_mean
from simulate.stationary.loss import Valley, Window, stationary_loss

__all__ = ["ControlVariates", "Controlled", "Valley", "Window", "controlled_mean", "stationary_loss"]
