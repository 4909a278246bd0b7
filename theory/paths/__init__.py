"""Sample paths of Langevin equations."""

from theory.paths.sample import sample_paths
from theory.paths.schemes import EulerMaruyama, Scheme, Sdeint

__all__ = ["EulerMaruyama", "Scheme", "Sdeint", "sample_paths"]
