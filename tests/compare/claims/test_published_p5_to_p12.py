"""The claims P5 to P12, N4 and N8: each runs at a tiny size."""

import numpy as np
import pytest

from compare.claims import Evidence, shipped_claim

TINY = {
    "P5": {"rate": 0.1, "cells": 200},
    "P6": {"walkers": 500, "cells": 200},
    "P7": {"walkers": 500, "cells": 30},
    "P8": {"walkers": 20, "steps": 100},
    "P9": {"rates": (0.2, 0.1), "cells": 100},
    "P10": {"walkers": 5},
    "P11": {"steps": 300, "chains": 8},
    "P12": {"cells": 200},
    "N4": {"walkers": 1000, "steps": 100, "cells": 100},
    "N8": {"cells": 155, "walkers": 500, "steps": 1000},
}


@pytest.mark.parametrize("identifier", TINY)
def test_runs_at_a_tiny_size(identifier: str) -> None:
    found = shipped_claim(identifier).function(rng=np.random.default_rng(1), **TINY[identifier])
    assert isinstance(found, Evidence)
