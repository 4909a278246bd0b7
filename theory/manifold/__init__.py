"""Slow motion along manifolds of minima.

Never holds a stationary law: motion along a manifold is an equation, and laws of equations are elsewhere.
"""

from theory.manifold.drift import label_noise_drift, projection, slow_diffusion, slow_drift, transverse_covariance
from theory.manifold.dynamics import SlowDynamics, slow_limit
from theory.manifold.flow import gradient_flow_limit
from theory.manifold.on_manifold import OnManifold
from theory.manifold.path import SlowPath, slow_path
from theory.manifold.point import manifold_point

__all__ = [
    "OnManifold",
    "SlowDynamics",
    "SlowPath",
    "gradient_flow_limit",
    "label_noise_drift",
    "manifold_point",
    "projection",
    "slow_diffusion",
    "slow_drift",
    "slow_limit",
    "slow_path",
    "transverse_covariance",
]
