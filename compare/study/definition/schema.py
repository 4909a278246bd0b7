"""The definition as JSON Schema, for editors that complete and check study files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from compare.study.definition.table import NEEDED, Key, Several, Table
from compare.study.definition.tables import STUDY, of_a_network, of_a_slope, of_laws
from compare.study.definition.value import Value

NARROWED = ("sgd", "posterior")  # tables of which every kind of study has its own
DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def study_schema() -> Schema:
    """The JSON Schema of study files, draft 2020-12.

    It refuses what keys, kinds of values and bounds decide. Left to the reader are formulas, what two tables say
    of each other, whole numbers written as 2.0, what is no number, and sizes below 1e-50.
    """
    defined: dict[str, Schema] = {}
    body = _object(STUDY, (), defined)
    for whole in (body, *(defined[name] for name in NARROWED)):
        del whole["required"]  # which depends on what the study is for
    alone = {"required": ["loss_slope"], "not": {"required": ["start"]}}
    other = {"if": alone, "then": _narrowed(STUDY, of_a_slope()), "else": _narrowed(STUDY, of_laws())}
    rule = {"if": {"required": ["network"]}, "then": _narrowed(STUDY, of_a_network()), "else": other}
    return {"$schema": DRAFT, "title": "gibbsgap study", **body, **rule, "$defs": defined}


def schema_text() -> str:
    """The JSON Schema as it stands in a file."""
    return json.dumps(study_schema(), indent=1, ensure_ascii=False) + "\n"


def _object(table: Table, path: tuple[str, ...], defined: dict[str, Schema]) -> Schema:
    named: dict[str, list[tuple[Key, tuple[str, ...]]]] = {}
    for key, kinds in table.everything():
        named.setdefault(key.name, []).append((key, kinds))
    properties = {
        name: _common([_property(key, kinds, (*path, name), defined) for key, kinds in same])
        for name, same in named.items()
    }
    rules = [_rule(table, kind, named, (*path,), defined) for kind in table.kinds]
    rules += [_condition(key) for same in named.values() for key, _ in same[:1] if key.only_if is not None]
    found: Schema = {
        "description": table.meaning,
        "type": "object",
        "properties": properties,
        "required": _needed(table.of(None)),
        "additionalProperties": False,
    }
    if table.kinds and table.by is None:
        found["oneOf"] = [{"required": [keys[0].name]} for keys in table.kinds.values()]
    return found | ({"allOf": rules} if rules else {})


def _needed(keys: Iterable[Key]) -> list[str]:
    return [key.name for key in keys if key.default is NEEDED and key.only_if is None]


def _property(key: Key, kinds: tuple[str, ...], path: tuple[str, ...], defined: dict[str, Schema]) -> Schema:
    """What a key holds, with what it means; a table stands in `defined` by its path."""
    of = f"Of {', '.join(kinds)}: " if kinds and kinds != (key.name,) else ""
    unit = f" Unit: {key.unit}." if key.unit else ""
    found: Schema = {"description": f"{of}{key.meaning}.{unit}"}
    if key.default is not NEEDED and key.default is not None:
        found["default"] = key.default
    if isinstance(key.value, Value):
        return found | key.value.schema()
    table = key.value.table if isinstance(key.value, Several) else key.value
    one = _reference(table, path, defined)
    if isinstance(key.value, Table):
        return found | one
    names = [{"type": "string", "enum": list(key.value.names)}] if key.value.named else []
    array: Schema = {"type": "array", "items": {"anyOf": [one, *names]} if names else one, "minItems": 1}
    array |= {} if key.value.most is None else {"maxItems": key.value.most}
    return found | {"anyOf": [one, *names, array]}


def _reference(table: Table, path: tuple[str, ...], defined: dict[str, Schema]) -> Schema:
    known = next((name for name, one in defined.items() if one["description"] == table.meaning), None)
    name = known or ".".join(path)
    if known is None:
        defined[name] = {"description": table.meaning}  # keeps its place
        defined[name] = _object(table, path, defined)
    return {"$ref": f"#/$defs/{name}"}


def _common(schemas: list[Schema]) -> Schema:
    """What several definitions of one name have in common; the rule of each kind says the rest."""
    first, *rest = schemas
    kept = {word: value for word, value in first.items() if all(one.get(word) == value for one in rest)}
    return kept | {"description": " ".join(one["description"] for one in schemas)}


def _rule(
    table: Table,
    kind: str,
    named: dict[str, list[tuple[Key, tuple[str, ...]]]],
    path: tuple[str, ...],
    defined: dict[str, Schema],
) -> Schema:
    """What a table of this kind needs, may hold and may not."""
    own = {key.name: key for key in table.of(kind)}
    properties: dict[str, Any] = {name: False for name in named if name not in own}
    for name, same in named.items():
        if len(same) > 1 and name in own:
            properties[name] = _property(own[name], (), (*path, name), defined)
    if table.by is None:
        told: Schema = {"required": [table.kinds[kind][0].name]}
    else:
        told = {"properties": {table.by.name: {"const": kind}}}
        told |= {} if table.by.default == kind else {"required": [table.by.name]}
    return {"if": told, "then": {"required": _needed(table.kinds[kind]), "properties": properties}}


def _condition(key: Key) -> Schema:
    """A key that is there only beside a value of another."""
    assert key.only_if is not None
    other, value = key.only_if
    needed = {"required": [key.name]} if key.default is NEEDED else {}
    told = {"properties": {other: {"const": value}}, "required": [other]}
    return {"if": told, "then": needed, "else": {"properties": {key.name: False}}}


def _narrowed(whole: Table, part: Table) -> Schema:
    """What the keys of `part` need and forbid, beyond what all of `whole` are."""
    kept = {key.name: key for key in part.keys}
    properties: dict[str, Any] = {}
    for key in whole.keys:
        if key.name not in kept:
            properties[key.name] = False
            continue
        inner = kept[key.name].value
        if key.name in NARROWED and isinstance(key.value, Table) and isinstance(inner, Table):
            properties[key.name] = _narrowed(key.value, inner)
        elif isinstance(inner, Value) and inner != key.value:
            properties[key.name] = inner.schema()
    return {"required": _needed(part.keys), "properties": properties}
