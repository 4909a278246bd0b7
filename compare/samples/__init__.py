"""Two samples beside each other in any dimension: distances with their floors, and tests with their power.

Never holds a law on a grid, or a verdict on one.
"""

from compare.samples.classifier import Classifier
from compare.samples.contract import SampleDistance
from compare.samples.energy import EnergyDistance
from compare.samples.found import TwoSampleTest
from compare.samples.kernel_distance import MaximumMeanDiscrepancy
from compare.samples.sliced import SlicedWasserstein
from compare.samples.two_sample import two_sample_test
from theory.base.arguments import check_faces

__all__ = [
    "Classifier",
    "EnergyDistance",
    "MaximumMeanDiscrepancy",
    "SampleDistance",
    "SlicedWasserstein",
    "TwoSampleTest",
    "two_sample_test",
]

check_faces("compare.samples")
