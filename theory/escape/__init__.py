"""Formulas for the rate of escape from a minimum over a barrier, each with its conditions."""

from theory.escape.kramers import kramers_rate, langevin_escape_rate
from theory.escape.minibatch import RateRange, mori_rate, xie_rate
from theory.escape.rate import EscapeRate

__all__ = ["EscapeRate", "RateRange", "kramers_rate", "langevin_escape_rate", "mori_rate", "xie_rate"]
