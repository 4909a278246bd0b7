"""Claims of "Fine-tuned noise": what the covariance of gradient noise is, and what it does.

Never holds a claim of another source.
"""

from compare.claims import Source

__all__ = ["FINE_TUNED_NOISE"]

FINE_TUNED_NOISE = Source("Golmant", 2018, "Fine-tuned noise")
