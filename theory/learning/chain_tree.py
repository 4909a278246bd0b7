"""The chains of a local learning coefficient as a DataTree for ArviZ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.base.errors import require
from theory.laws.datatree import AXES, tree_of
from theory.learning.chains import Chains

if TYPE_CHECKING:
    import xarray as xr

SOURCES = (
    "Lau, Furman, Wang, Murfet & Wei (2023), arXiv:2308.12108",
    "Watanabe (2013), Journal of Machine Learning Research 14, 867",
)


def labelled_chains(runs: Sequence[Chains], **facts: Any) -> xr.DataTree:
    """The series whose means are `tempered`, `energy` and `slope`, and log densities up to a constant.

    Two runs of SGLD stand side by side along `step_size`.

    Raises
    ------
    InputError
        If there are no chains.
    """
    import xarray as xr  # half a second that only files need

    require(len(runs) > 0, "a coefficient needs its chains for a data tree, it has none; sample it again")
    first, several = runs[0], len(runs) > 1
    axes = (*AXES, "step_size") if several else AXES
    draws, chains = first.energies.shape
    along: dict[str, Any] = {"chain": np.arange(chains), "draw": np.arange(draws)}
    if several:
        along["step_size"] = [float(f"{run.step_size:.12g}") for run in runs]  # as it was asked for
    else:
        along["step"] = ("draw", first.burn_in + first.save_every * np.arange(1, draws + 1))

    def stacked(series: Sequence[Any]) -> tuple[tuple[str, ...], Any]:
        return axes, np.stack([one.T for one in series], axis=-1) if several else series[0].T

    moments = [run.moments() for run in runs]
    posterior = {
        "tempered": stacked([run.energies for run in runs]),
        "energy": stacked([energy for energy, _ in moments]),
        "slope": stacked([slope for _, slope in moments]),
    }
    groups = {
        "posterior": xr.Dataset(posterior, along),
        "sample_stats": xr.Dataset({"lp": stacked([-run.energies - run.tethers for run in runs])}, along),
    }
    told = {
        "acceptance": first.acceptance,
        "thinning": [run.save_every for run in runs] if several else first.save_every,
        "burn_in": [run.burn_in for run in runs] if several else first.burn_in,
        "sources": list(SOURCES),
    }
    if not several:
        told["step_size"] = first.step_size
    return tree_of(groups, "LocalLearningCoefficient", **told, **facts)
