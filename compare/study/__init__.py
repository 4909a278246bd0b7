"""Studies: what to compare, from TOML."""

from compare.study.study import Study, load_study, read_study, shipped_studies

__all__ = ["Study", "load_study", "read_study", "shipped_studies"]
