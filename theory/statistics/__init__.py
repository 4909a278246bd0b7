"""What chance leaves open: means, counts, rates and exponents of independent walkers beside what they should be.

Never holds a law, or where it comes from.
"""

from theory.base.arguments import check_faces
from theory.statistics.event_rate import EventRate
from theory.statistics.goodness import GoodnessOfFit, goodness_of_fit
from theory.statistics.linear_discriminant import left_out_scores
from theory.statistics.mixing import effective_sample_size, least_effective_size, rank_rhat, split_rhat
from theory.statistics.order import chance_of_order
from theory.statistics.power_law import Coefficient, PowerLaw, fit_power_law
from theory.statistics.studentised import StudentisedMeans

__all__ = [
    "Coefficient",
    "EventRate",
    "GoodnessOfFit",
    "PowerLaw",
    "StudentisedMeans",
    "chance_of_order",
    "effective_sample_size",
    "fit_power_law",
    "goodness_of_fit",
    "least_effective_size",
    "left_out_scores",
    "rank_rhat",
    "split_rhat",
]

check_faces("theory.statistics")
