"""Studies: what to compare, read from TOML as data.

Never runs anything: a study is what is asked, a `Report` what was found.
"""

from compare.study.data_at_hand import StudyOnData
from compare.study.definition import NumericKey, numeric_keys, schema_text, study_schema
from compare.study.loss_slope import SlopePlan
from compare.study.network_streams import NetworkStreams
from compare.study.network_study import ChainPlan, NetworkStudy, load_network_study, read_network_study
from compare.study.noise_study import NoisePlan
from compare.study.slope_study import SlopeStudy, load_slope_study, read_slope_study
from compare.study.source import shipped_studies
from compare.study.study import Study, load_study, read_study
from theory.base.arguments import check_faces

__all__ = [
    "ChainPlan",
    "NetworkStreams",
    "NetworkStudy",
    "NoisePlan",
    "NumericKey",
    "SlopePlan",
    "SlopeStudy",
    "Study",
    "StudyOnData",
    "load_network_study",
    "load_slope_study",
    "load_study",
    "numeric_keys",
    "read_network_study",
    "read_slope_study",
    "read_study",
    "schema_text",
    "shipped_studies",
    "study_schema",
]

check_faces("compare.study")
