"""The yaml-language-server that editors start, spoken to by the Language Server Protocol over its standard streams."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.support.npm import NODE, npm

VERSION = "2.0.0"
LIMIT = 120.0
"""Seconds that a session may last on a busy machine; then the server is ended, and with it the wait for its answer."""


def install(folder: Path) -> Path:
    """Install the server from npm into `folder`; returns its program."""
    npm("install", f"yaml-language-server@{VERSION}", cwd=folder)
    return folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


class Server:
    """One session: documents are opened, and questions asked about places in them. Lines and columns count from 0."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self._to = to
        self._back = back
        self._number = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}

    def open(self, uri: str, text: str) -> list[dict[str, Any]]:
        """Show the document to the server, and give what it marks in red."""
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        while uri not in self._diagnostics:
            self._take()
        return self._diagnostics.pop(uri)

    def ask(self, method: str, uri: str, line: int, column: int) -> Any:
        """The answer about a place: `textDocument/hover` or `textDocument/completion`."""
        position = {"line": line, "character": column}
        return self.request(method, {"textDocument": {"uri": uri}, "position": position})

    def request(self, method: str, params: Any) -> Any:
        """Ask and wait for the answer."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message.get("result")

    def notify(self, method: str, params: Any) -> None:
        """Tell without waiting."""
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._to.flush()

    def _take(self) -> dict[str, Any]:
        length = 0
        while header := self._back.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server went away"
        message: dict[str, Any] = json.loads(self._back.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:  # it asks for settings: every one is as it comes
            asked = (message.get("params") or {}).get("items", [])
            self._send({"id": message["id"], "result": [None for _ in asked]})
        return message


@contextmanager
def session(program: Path, root: Path) -> Iterator[Server]:
    """The server, started as an editor starts it for a project in `root`."""
    command = [str(NODE), str(program), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watch = threading.Timer(LIMIT, process.kill)
        watch.start()
        server = Server(process.stdin, process.stdout)
        able = {"textDocument": {"hover": {"contentFormat": ["markdown"]}, "completion": {}, "publishDiagnostics": {}}}
        try:
            server.request("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": able})
            server.notify("initialized", {})
            yield server
        finally:
            watch.cancel()
            process.kill()
