"""Method names: `module.sub:function`, and which modules may be called."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

_METHOD = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")


class MethodName(msgspec.Struct, frozen=True):
    """A function by its module's dotted name and its own name."""

    module: str
    function: str

    @classmethod
    def parse(cls, text: str) -> MethodName:
        """Raises `ValueError` with the reason."""
        match = _METHOD.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a method name of the form module:function")
        return cls(match[1], match[2])

    @property
    def is_public(self) -> bool:
        """A leading underscore anywhere in the name makes it private."""
        return not any(part.startswith("_") for part in (*self.module.split("."), self.function))

    def is_allowed(self, modules: Iterable[str]) -> bool:
        """Whether its module is one of `modules` or lies below one."""
        return any(self.module == module or self.module.startswith(module + ".") for module in modules)

    def __str__(self) -> str:
        return f"{self.module}:{self.function}"
