"""The seed of a point: of the study's seed and the point's numbers, wherever the point lies in a grid."""

from __future__ import annotations

import hashlib
import json

from compare.sweeps.ranges import Numbers, canonical, path_of

LARGEST = 2**63 - 1  # of a study


def seed_of(seed: int, numbers: Numbers) -> int:
    """The seed of the point with these `numbers`, which may hold another seed of the study."""
    told = {path_of(name): canonical(value) for name, value in numbers.items()}
    told["seed"] = told.get("seed", str(seed))
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()
    return int.from_bytes(digest[:8], "big") & LARGEST
