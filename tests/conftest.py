"""What all tests share: random examples that are the same in every run, and no promise on time."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# Modules, formulas and machine code stay to the end: to look through them for garbage took a fiftieth of the time.
gc.set_threshold(100_000, 20, 100)
