"""Claims of "Spooky action at a distance in the loss landscape": walks and diffusions on crossing minima.

Never holds a claim of another source.
"""

from compare.claims import Source

__all__ = ["RANDOM_MOTION"]

RANDOM_MOTION = Source(
    "Hoogland",
    2023,
    "Spooky action at a distance in the loss landscape: singularities translate random motion into search",
    "https://www.lesswrong.com/posts/2N7eEKDuL5sHQou3N/spooky-action-at-a-distance-in-the-loss-landscape",
)
