"""Names of the coordinates in result files: those of the study."""

from __future__ import annotations

from compare.study import Study

TAKEN = frozenset(
    {"law", "density", "loss", "minimum", "minimum_loss", "minimum_number", "instability", "difference",
     "difference_error", "joined_density", "joined_density_error", "ratio", "ratio_error", "part", "edge", "edges",
     "current", "current_error", "coordinate", "window", "outside_window", "side"}
)  # fmt: skip


def coordinate_names(study: Study) -> tuple[str, ...]:
    """The study's names of its variables, with a line below after one that files use for something else."""
    names = [str(variable) for variable in study.landscape.variables]
    return tuple(f"{name}_" if name in TAKEN else name for name in names)
