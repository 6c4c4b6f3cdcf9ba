"""The process that imports the methods of a configuration: started by `code`, never imported by anything.

It reads one request from stdin and answers question by question, one line of JSON each, so that whoever asked knows
how far it came when an import ends the process. Whatever the imported code prints is thrown away.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from collections.abc import Sequence
from typing import IO, Any

from rota.model.parameters import examine
from rota.runtime.loading import FunctionNotFound, is_asynchronous, load_function

READY: dict[str, Any] = {}
"""The first line: from here on, time is spent on imports."""


def main() -> None:
    """Answer the request on stdin."""
    request = json.load(sys.stdin.buffer)
    with _take_stdout() as answers:
        _write(answers, READY)
        for question in request["questions"]:
            # Whoever asked stops this process in time; if that one was killed, an endless import must still end.
            signal.alarm(math.ceil(request["time_limit"]) + 5)
            _write(answers, _answer(question, request["path"]))


def _write(answers: IO[bytes], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _take_stdout() -> IO[bytes]:
    """This process's stdout for us alone: the imported code gets a stdin without input and nowhere to print to."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return answers


def _answer(question: Any, path: Sequence[str]) -> dict[str, Any]:
    """`reason`: why there is no such method; `misfits`: what is wrong with its parameters.

    `asynchronous`: whether it is an `async def`.
    """
    try:
        function = load_function(question["method"], path)
    except FunctionNotFound as error:
        return {"reason": error.reason}
    _, misfits = examine(function, question["parameters"])
    return {
        "misfits": [misfit for misfit in misfits if not (misfit.missing and question["template"])],
        "asynchronous": is_asynchronous(function),
    }


if __name__ == "__main__":
    main()
