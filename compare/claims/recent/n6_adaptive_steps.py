"""RMSprop and Adam follow stochastic differential equations to the weak orders that are stated."""

from __future__ import annotations

import numpy as np

from compare.claims import Evidence, Source, claim
from theory.base.absent import Absent


@claim(
    "N6",
    source=Source(
        "Callisti, Romito & Triggiano",
        2025,
        "Effective continuous equations for adaptive SGD: a stochastic analysis view",
        "arXiv:2509.21614",
    ),
    statement="In the limit of small steps the noise of RMSprop and Adam drives the parameters and their second "
    "moments by independent Brownian motions; the effective equations have the weak orders 1 and 2.",
    prediction="The weak error at a fixed time falls with slope 1, and 2 with the second-order equation.",
)
def adaptive_steps(*, rng: np.random.Generator) -> Evidence | Absent:
    """None: there is no such step."""
    return Absent("SGD here has no memory of squared gradients")
