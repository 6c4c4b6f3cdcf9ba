"""`rota explain`: what the code of a problem means."""

from __future__ import annotations

from typing import Annotated

import typer

from rota.cli import output
from rota.cli.command import command, wants_json


def add_to(app: typer.Typer) -> None:
    command(app, "explain")(explain)


def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="Such as schema.unknown-key.", show_default=False)
    ] = None,
) -> None:
    """Explain the code of a problem.

    Says what is wrong, and what to do about it. Without a code it lists all of them.
    """
    from difflib import get_close_matches

    from rota.configuration.explanations import explanations
    from rota.model.errors import UsageError

    known = explanations()
    if code is not None and code not in known:
        close = get_close_matches(code, known, n=1)
        meant = f"; did you mean {close[0]}?" if close else "; `rota explain` lists all of them"
        raise UsageError(f"there is no code {code!r}{meant}")
    chosen = known if code is None else {code: known[code]}
    if wants_json():
        output.json([{"code": each, "explanation": text} for each, text in chosen.items()])
    elif code is None:
        output.table(["code", "meaning"], [[each, _first(text)] for each, text in known.items()], none="no codes")
    else:
        output.data(f"{code}\n\n{known[code]}")


def _first(text: str) -> str:
    """The first sentence."""
    return " ".join(text.partition(". ")[0].partition("\n\n")[0].split()).removesuffix(".")
