"""`rota explain`: what the code of a problem means."""

from __future__ import annotations

from collections.abc import Mapping
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

    Says what is wrong, and what to do about it. Of a group, such as schedule, it lists the codes;
    without a code, all of them.
    """
    from rota.configuration.explanations import explanations

    known = explanations()
    chosen = _chosen(code, known)
    if wants_json():
        output.json([{"code": each, "explanation": text} for each, text in chosen.items()])
    elif code in known:
        output.data(f"{code}\n\n{known[code]}")
    else:
        output.table(["code", "meaning"], [[each, _first(text)] for each, text in chosen.items()], none="no codes")


def _chosen(code: str | None, known: Mapping[str, str]) -> Mapping[str, str]:
    """What is to be explained: one code, those of a group, or all. Raises `UsageError` where there is none."""
    if code is None:
        return known
    if code in known:
        return {code: known[code]}
    group = {each: text for each, text in known.items() if each.startswith(f"{code.removesuffix('.')}.")}
    if group:
        return group
    from difflib import get_close_matches

    from rota.model.errors import UsageError

    close = get_close_matches(code.lower(), known, n=1)
    meant = f"; did you mean {close[0]}?" if close else "; `rota explain` lists all of them"
    raise UsageError(f"there is no code {code!r}{meant}")


def _first(text: str) -> str:
    """The first sentence."""
    return " ".join(text.partition(". ")[0].partition("\n\n")[0].split()).removesuffix(".")
