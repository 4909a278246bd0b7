"""The law of SGD by signs is that of its own stochastic differential equation."""

from __future__ import annotations

import numpy as np

from compare.claims import Evidence, Source, claim
from theory.base.absent import Absent


@claim(
    "N5",
    source=Source(
        "Compagnoni, Liu, Islamov, Proske, Orvieto & Lucchi",
        2024,
        "Adaptive methods through the lens of SDEs: theoretical insights on the role of noise",
        "arXiv:2411.15958",
    ),
    statement="SGD by the signs of the gradient has an SDE of weak order 1 of its own, with three phases and "
    "another stationary law than SGD's.",
    prediction="Moments of sign SGD and of the SDE differ by O(eta) at a fixed time.",
)
def sign_sgd(*, rng: np.random.Generator) -> Evidence | Absent:
    """None: there is no such step."""
    return Absent("SGD here steps along the gradient of a batch, not along the signs of its components")
