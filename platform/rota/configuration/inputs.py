"""What a load read: files, and variables of the environment. Whoever would read the same, finds the same.

`rota plan --out` keeps it, and `rota apply --plan` asks whether it still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from rota.configuration.discover import list_files
from rota.configuration.source import read_content, shown
from rota.configuration.variables import Variables
from rota.model.problem import Problem


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """`files` has the SHA-256 of each file by its path as it was named.

    `variables` has that of every variable that a file asked for; None where it was not set.
    """

    environment: str | None
    files: Mapping[str, str]
    variables: Mapping[str, str | None]

    @classmethod
    def of(cls, environment: str | None, contents: Mapping[Path, bytes], variables: Variables) -> Inputs:
        """Those of a load that found these contents, and filled in these variables."""
        files = {shown(path): sha256(content).hexdigest() for path, content in contents.items()}
        return cls(environment=environment, files=files, variables=_digests(variables.used, variables.values))

    def are_those_of(self, paths: Sequence[Path], environment: str | None, values: Mapping[str, str]) -> bool:
        """Whether a load of `paths` would read the same now, byte for byte."""
        if environment != self.environment or _digests(self.variables, values) != self.variables:
            return False
        files = list_files(paths, environment)
        if {shown(file) for file in files} != self.files.keys():
            return False
        return all(self._holds(file) for file in files)

    def _holds(self, file: Path) -> bool:
        content = read_content(file)
        return not isinstance(content, Problem) and sha256(content).hexdigest() == self.files[shown(file)]


def _digests(names: Iterable[str], values: Mapping[str, str]) -> dict[str, str | None]:
    return {name: _digest(values[name]) if name in values else None for name in names}


def _digest(value: str) -> str:
    return sha256(value.encode(errors="surrogateescape")).hexdigest()
