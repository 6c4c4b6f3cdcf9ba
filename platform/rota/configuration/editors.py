"""The schemas as editors need them. For `rota schema`, and the files that `rota init` and importers write.

A file is judged once its variables are filled in; an editor sees it before, where `${WORKERS}` may stand for a number.
"""

from __future__ import annotations

import json
from typing import Any, Final

from rota.configuration.schema import load_schema
from rota.configuration.wording import described

_VARIABLE: Final = r"\$\{"
_NO_VALUES: Final = frozenset({"examples", "default", "const", "enum", "propertyNames", "required"})
"""What is in a schema and holds no schema of a value; keys are taken as they are."""


def editor_schema(name: str) -> str:
    """A published schema, by its file name, in which a variable may stand for every single value."""
    return json.dumps(_opened(load_schema(name)), indent=2, ensure_ascii=False) + "\n"


def _opened(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_opened(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    opened = {key: part if key in _NO_VALUES else _opened(part) for key, part in schema.items()}
    types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type")
    choices = schema.get("oneOf", ())
    if choices and all("const" in choice for choice in choices):
        variable = {
            "type": "string",
            "pattern": _VARIABLE,
            "description": "A variable, filled in when the file is read.",
        }
        opened["oneOf"] = [*choices, variable]
    elif isinstance(types, list) and not {"object", "array"} & set(types):
        opened |= _with_variable(types, schema)
    return opened


def _with_variable(types: list[str], schema: dict[str, Any]) -> dict[str, Any]:
    """What becomes of the type and pattern of a single value, with the words of an editor for what does not fit."""
    if "string" not in types:
        expected = next(name for name in types if name != "null")
        words = f'Incorrect type. Expected "{expected}".'
        return {"type": [*types, "string"], "pattern": _VARIABLE, "patternErrorMessage": words}
    if "pattern" not in schema:
        return {}
    return {"pattern": f"{schema['pattern']}|{_VARIABLE}", "patternErrorMessage": f"This is not {described(schema)}."}
