"""What flows in a law: probability currents, entropy production, detailed balance, the two parts of a drift.

Never holds the search for a law: one is given, or asked of `lattice` and `line`.
"""

from theory.fokker_planck.currents.balance import (
    Balance,
    DriftParts,
    detailed_balance,
    drift_parts,
    entropy_production,
)
from theory.fokker_planck.currents.flow import Current
from theory.fokker_planck.currents.net_flow import current_of

__all__ = [
    "Balance",
    "Current",
    "DriftParts",
    "current_of",
    "detailed_balance",
    "drift_parts",
    "entropy_production",
]
