"""What each code of a problem means: read from the page of the documentation that lists them all.

The page is the one source; the installed package carries a copy. Called by `rota explain` and the SARIF report.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

PAGE: Final = "errors.md"
_SECTION: Final = re.compile(r"^### `([\w.-]+)`\n+(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_FENCE: Final = re.compile(r"^```\w*.*?\n(.*?)^```\n?", re.MULTILINE | re.DOTALL)


@cache
def explanations() -> dict[str, str]:
    """The explanation of every code, as plain text with its examples indented."""
    package = Path(__file__).parents[1]
    installed = package / PAGE
    page = installed if installed.is_file() else package.parents[1] / "docs" / PAGE
    return {code: _plain(text) for code, text in _SECTION.findall(page.read_text("utf-8"))}


def _plain(markdown: str) -> str:
    return _FENCE.sub(lambda match: re.sub("^(?=.)", "    ", match[1], flags=re.MULTILINE), markdown).strip()
