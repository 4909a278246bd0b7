"""Networks of PyTorch and JAX as models, imported when one comes in.

Never holds a layer, a training loop, or an import of either at its top.
"""

from theory.models.networks.makers import from_jax, from_torch
from theory.models.networks.network import Network

__all__ = ["Network", "from_jax", "from_torch"]
