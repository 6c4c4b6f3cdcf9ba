"""The schema of overlays follows from that of configurations: nothing is required, and null removes.

`python -m tests.support.overlay_schema` writes it anew; a test compares the two.
"""

from __future__ import annotations

import json
from typing import Any

from tests.support.command_line import ROOT

SCHEMAS = ROOT / "schemas"
_NULL = {"const": None, "description": "Removes what the configuration says."}


def derived() -> dict[str, Any]:
    """The schema of overlays."""
    schema = json.loads((SCHEMAS / "configuration-1.json").read_text("utf-8"))
    relaxed: dict[str, Any] = _relaxed(schema)
    relaxed["$id"] = "urn:rota:schemas:overlay-1"
    relaxed["title"] = "Rota overlay"
    relaxed["description"] = (
        "What an environment changes in a configuration, language version 1: the file environments/NAME.yaml. "
        "Mappings merge, null removes, anything else replaces."
    )
    relaxed["required"] = ["rota"]
    relaxed["type"] = "object"
    relaxed["examples"] = [
        {"rota": 1, "jobs": {"exchange-rates": {"schedule": {"begin_time": "07:00"}, "retry": None}, "reports": None}}
    ]
    relaxed["$defs"]["header"]["type"] = "object"
    relaxed["$defs"]["window"] = schema["$defs"]["window"]  # an item of a list, which is replaced as a whole
    return relaxed


def _relaxed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_relaxed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    relaxed = {key: _relaxed_part(key, part) for key, part in schema.items() if key != "required"}
    if "type" in schema:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        relaxed["type"] = [*(name for name in types if name != "null"), "null"]
    branches = schema.get("oneOf", [])
    if branches and all("const" in branch for branch in branches):
        relaxed["oneOf"] = [*branches, _NULL]
    elif branches:
        del relaxed["oneOf"]  # of the keys of which a job has one, an overlay may leave out both
    return relaxed


def _relaxed_part(key: str, part: Any) -> Any:
    if key in {"properties", "$defs"}:
        return {name: _relaxed(inner) for name, inner in part.items()}
    # Conditions, names, and the items of a list, which is replaced as a whole, stay as strict as they are.
    return _relaxed(part) if key == "additionalProperties" else part


def text() -> str:
    """The file's content."""
    return json.dumps(derived(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (SCHEMAS / "overlay-1.json").write_text(text(), "utf-8")
