"""Write what comes from the definition of studies: the table of keys in docs/studies.md, and the JSON Schema."""

from __future__ import annotations

from pathlib import Path

from compare.study.definition import key_table, schema_text

ROOT = Path(__file__).parents[1]
OPENING, CLOSING = "<!-- keys: written by docs/write_tables.py -->\n", "<!-- end of keys -->\n"


def written() -> dict[Path, str]:
    """Files of the repository with what they should hold."""
    studies = ROOT / "docs" / "studies.md"
    before, _, rest = studies.read_text("utf-8").partition(OPENING)
    after = rest.partition(CLOSING)[2]
    page = f"{before}{OPENING}{key_table()}{CLOSING}{after}"
    return {studies: page, ROOT / "compare" / "studies" / "study.schema.json": schema_text()}


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, "utf-8")
