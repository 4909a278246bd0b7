"""Studies: what to compare, from TOML."""

from compare.study.source import shipped_studies
from compare.study.study import Study, load_study, read_study
from theory.arguments import check_faces

__all__ = ["Study", "load_study", "read_study", "shipped_studies"]

check_faces("compare.study")
