"""Claims of "Langevin dynamics and the struggle for the soul of SGD": limits, temperatures, loss against rate.

Never holds a claim of another source.
"""

from compare.claims import Source

__all__ = ["SOUL_OF_SGD"]

SOUL_OF_SGD = Source("McAllester", 2017, "Langevin dynamics and the struggle for the soul of SGD")
