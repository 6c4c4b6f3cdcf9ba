"""Variables: `${NAME}` and `${NAME:-default}` inside the texts of a file. The parser fills them in, value by value.

A default holds where the variable is not set or empty, as in a shell. `$${` stands for the two characters `${`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from rota.configuration.codes import Code

MAX_FILLED: Final = 10_000_000
"""Characters that variables may bring into the files of one load."""

_NAME: Final = "[A-Za-z_][A-Za-z0-9_]*"
_VARIABLE: Final = re.compile(rf"\$(?:\$\{{|\{{(?P<name>{_NAME})(?::-(?P<default>(?:(?!\$\{{)[^}}])*))?\}}|\{{)")
SIGN: Final = "${"
"""What every use of a variable has in it."""


class VariableError(ValueError):
    """A text that cannot be filled in. Carries the code of the problem and the way out."""

    def __init__(self, code: Code, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class Variables:
    """The values of variables by name; `given` are the names that somebody set for this call alone.

    One of it serves all files of a load, and remembers which variables they used.
    """

    def __init__(self, values: Mapping[str, str], given: Iterable[str] = ()) -> None:
        self.values = values
        self._given = tuple(given)
        self._used: set[str] = set()
        self._filled = 0

    def apart(self) -> Variables:
        """The same values with a memory of its own, for one file; the room that is left is the same."""
        made = Variables(self.values)
        made._filled = self._filled
        return made

    def include(self, of_file: Variables, filled: int) -> None:
        """What one file used, and how many characters were brought into it."""
        self._used |= of_file._used
        self._filled += filled

    @property
    def filled(self) -> int:
        """The characters that were brought in up to now."""
        return self._filled

    def has_room(self, characters: int) -> bool:
        """Whether so many more may be brought in."""
        return self._filled + characters <= MAX_FILLED

    def has_same_values(self, other: Variables) -> bool:
        """Whether every text is filled in alike."""
        return self.values == other.values

    def fill(self, text: str) -> str:
        """The text with all variables filled in. Raises `VariableError`."""
        return _VARIABLE.sub(self._value, text)

    @property
    def unused(self) -> list[str]:
        """The variables that were given and that no file asked for."""
        return [name for name in self._given if name not in self._used]

    @property
    def used(self) -> frozenset[str]:
        """The variables that some file asked for."""
        return frozenset(self._used)

    def _value(self, match: re.Match[str]) -> str:
        if match[0] == "$${":
            return SIGN
        name = match["name"]
        if name is None:
            hint = "a variable is ${NAME} or ${NAME:-default}; $${ stands for the two characters themselves"
            raise VariableError(Code.VARIABLE_FORM, "${ begins no variable here", hint)
        self._used.add(name)
        value = self.values.get(name)
        if not value and match["default"] is not None:
            value = match["default"]
        if value is None:
            raise VariableError(Code.VARIABLE_MISSING, f"the variable {name} is not set", self._way_out(name))
        if not _is_text(value):
            message = f"the value of the variable {name} is not text in UTF-8"
            raise VariableError(Code.VARIABLE_ENCODING, message, "set it to text")
        self._filled += len(value)
        if self._filled > MAX_FILLED:
            message = f"variables bring in more than {MAX_FILLED:,} characters"
            raise VariableError(Code.VARIABLE_SIZE, message, "let the method read large values itself")
        return value

    def _way_out(self, name: str) -> str:
        close = get_close_matches(name, self.values, n=1, cutoff=0.8)
        meant = f"did you mean {close[0]}? " if close else ""
        return f"{meant}set it in the environment or with --set {name}=..., or write ${{{name}:-default}}"


def named_in(text: str) -> list[str]:
    """The variables that stand in a text, each once."""
    return list(dict.fromkeys(match["name"] for match in _VARIABLE.finditer(text) if match["name"]))


def escaped(text: str) -> str:
    """The text as a file must have it, so that nothing in it is taken for a variable."""
    return text.replace(SIGN, "$${")


def _is_text(value: str) -> bool:
    """Whether it is no bytes that the system hands out as halves of characters, which nothing can store."""
    return value.isascii() or value.encode("utf-8", "ignore").decode() == value
