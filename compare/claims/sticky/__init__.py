"""Claims of "Degeneracies are sticky for SGD": barriers, degenerate minima and lines of them.

Conventions of the source: plain mean square (`loss_scale` 1), x and noise standard normal, one fixed data set, one
epoch without replacement.

Never holds a claim of another source.
"""

from compare.claims import Source

__all__ = ["STICKY"]

STICKY = Source(
    "Corlouer & Macé",
    2024,
    "Degeneracies are sticky for SGD",
    "https://www.alignmentforum.org/posts/JDrxA3vwZAKZfmShz/degeneracies-are-sticky-for-sgd",
)
