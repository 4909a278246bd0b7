"""Where the examples of a batch come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fresh:
    """Every batch is drawn anew from the distribution of the data: one endless epoch."""


@dataclass(frozen=True)
class WithReplacement:
    """Every batch is drawn from a fixed data set with replacement."""


@dataclass(frozen=True)
class WithoutReplacement:
    """Every walker goes through a fixed data set in an order of its own, reshuffled each epoch.

    The last batch of an epoch holds what is left where the batch size does not divide the data set.
    """


Sampling = Fresh | WithReplacement | WithoutReplacement
