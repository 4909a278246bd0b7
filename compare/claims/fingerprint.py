"""What a judgement depends on: the claim's code, the code it runs, its parameters and the versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from compare.claims.shipped import MODULE, SOURCES
from compare.tasks import sources_digest, versions, whole

FOLDERS = tuple(f"compare/claims/{source}/" for source in SOURCES)


def fingerprint(text: bytes, size: str, parameters: Mapping[str, Any], seed: int) -> str:
    """The SHA-256 of all that a judgement depends on; `text` is the source of its claim."""
    content = {
        "claim": hashlib.sha256(text).hexdigest(),
        "sources": sources_digest(_is_claim),
        "size": size,
        "parameters": {name: whole(value) for name, value in parameters.items()},
        "seed": seed,
        "versions": dict(versions()),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _is_claim(name: str) -> bool:
    """Whether a source is a claim, each of which counts its own; what several of them share counts for all."""
    return name.startswith(FOLDERS) and MODULE.fullmatch(name.rpartition("/")[2]) is not None
