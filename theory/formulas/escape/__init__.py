"""Formulas for the rate of escape from a minimum over a barrier, and from a saddle, each with its conditions.

Never holds a rate that is solved for on a grid or measured on walkers.
"""

from theory.formulas.escape.kramers import kramers_rate, langevin_escape_rate
from theory.formulas.escape.minibatch import RateRange, mori_rate, xie_rate
from theory.formulas.escape.rate import EscapeRate
from theory.formulas.escape.saddle import SaddlePassage, saddle_passage_time, sgd_saddle_passage_time
from theory.formulas.escape.underdamped import underdamped_escape_rate

__all__ = [
    "EscapeRate",
    "RateRange",
    "SaddlePassage",
    "kramers_rate",
    "langevin_escape_rate",
    "mori_rate",
    "saddle_passage_time",
    "sgd_saddle_passage_time",
    "underdamped_escape_rate",
    "xie_rate",
]
