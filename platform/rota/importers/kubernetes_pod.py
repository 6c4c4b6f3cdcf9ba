"""The command of a pod's only container, and what of the pod stays behind. Used by kubernetes."""

from __future__ import annotations

import re
from typing import Any

from rota.importers.imported import VARIABLE, Place
from rota.importers.manifest import Manifest

_REFERENCE = re.compile(r"\$(\$|\([A-Za-z_][A-Za-z0-9_.-]*\))")


class Pod:
    """`environment`, `findings` and `remarks` are complete once `command` was called."""

    def __init__(self, spec: Manifest) -> None:
        self._spec = spec
        self.environment: dict[str, str] = {}
        self.findings: list[tuple[Place, str]] = []
        self.remarks: list[str] = []

    def command(self) -> list[str]:
        """The container's command. One that only its image knows becomes a program that fails."""
        self._spec.text("restartPolicy")
        containers = self._spec.items("containers")
        if not containers:
            self.findings.append((self._spec.place("containers"), "has no container: its command fails"))
            return _failing("the manifest has no container")
        container, *others = containers
        for other in others:
            self.findings.append((other.place(), f"container {other.text('name')}: only the first one is carried over"))
        image = container.text("image")
        if image:
            self.remarks.append(f"Image {image}")
            message = f"image {image}: the command runs on the engine's own machine"
            self.findings.append((container.place("image"), message))
        container.text("name")
        variables = self._variables(container)
        command, arguments = container.texts("command"), container.texts("args")
        if not command:
            message = "names no command: what its image starts is not known, so the command written here fails"
            self.findings.append((container.place(), message))
            return _failing(f"the entry point of {image or 'the image'} is not known", arguments)
        for name in variables:
            if VARIABLE.fullmatch(name):
                self.environment[name] = variables[name]
            else:
                message = f"{name}: no variable can have that name here; it is not set"
                self.findings.append((container.place("env"), message))
        return [_expanded(word, variables) for word in (*command, *arguments)]

    def _variables(self, container: Manifest) -> dict[str, str]:
        variables: dict[str, str] = {}
        for variable in container.items("env"):
            name = variable.text("name", required=True)
            if variable.has("valueFrom"):
                where = variable.place("valueFrom")
                self.findings.append((where, f"{name} has its value from elsewhere and is not set"))
            else:
                variables[name] = _expanded(variable.text("value"), variables)
        return variables


def _expanded(text: str, variables: dict[str, str]) -> str:
    """`$(NAME)` replaced where the name is known, and `$$` by one dollar, as Kubernetes does."""

    def replacement(match: re.Match[str]) -> str:
        inner = match[1]
        return "$" if inner == "$" else variables.get(inner[1:-1], match[0])

    return _REFERENCE.sub(replacement, text)


def _failing(reason: str, arguments: Any = ()) -> list[str]:
    return ["sh", "-c", 'echo "$0" >&2; exit 1', reason, *arguments]
