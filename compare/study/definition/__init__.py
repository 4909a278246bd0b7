"""What a study may hold, as data: tables, keys, bounds, defaults, and what they mean.

From it come the reading with its messages, the JSON Schema, and the tables of docs/studies.md.

Never holds a number or an object of one study.
"""

from compare.study.definition.numbers import NumericKey, numeric_keys
from compare.study.definition.reference import key_table
from compare.study.definition.schema import schema_text, study_schema
from compare.study.definition.tables import STUDY

__all__ = ["STUDY", "NumericKey", "key_table", "numeric_keys", "schema_text", "study_schema"]
