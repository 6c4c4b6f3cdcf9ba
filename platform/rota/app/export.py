"""Export: an applied configuration as the text of a file that applies cleanly and plans as no change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rota.app import rights
from rota.app.context import Context
from rota.app.drift import Drift, drift
from rota.app.history import applied_one
from rota.configuration.declare import declared
from rota.importers.yaml_text import block, comment, flow
from rota.model.acts import Act
from rota.store import revisions


def export(context: Context, configuration: str | None = None, *, effective: bool = False) -> str:
    """The configuration as it is applied, each override in a comment beside its job.

    With `effective` the overrides of predefined jobs take the place of what is configured: applied, this text makes
    them needless. `configuration` may be left out where only one is applied. Raises `RevisionNotFound`.
    """
    rights.require(context, Act.CONFIGURATION_SEE)
    with context.store.read() as tx:
        home = applied_one(tx, configuration)
        document = revisions.document(tx, home.name, home.revision)
    overrides = [each for each in drift(context, home.name) if each.predefined]
    if effective:
        for each in overrides:
            document["jobs"][each.scheduled_job][each.property] = each.value
    what = f"{home.name}{', with what overrides it' if effective else ''}"
    origin = f"Exported from revision {home.revision} of {what}. Its folders are relative to {home.root}."
    return "\n".join(_lines(declared(document), origin, overrides)) + "\n"


def _lines(data: dict[str, Any], origin: str, overrides: Sequence[Drift]) -> Iterator[str]:
    yield from comment(origin)
    yield "rota: 1"
    yield "configuration:"
    yield from block(data["configuration"], 2)
    yield "jobs:" if data["jobs"] else "jobs: {}"
    for name, body in data["jobs"].items():
        yield f"  {flow(name)}:"
        for each in overrides:
            if each.scheduled_job == name:
                yield from comment(_words(each), 4)
        yield from block(body, 4)


def _words(each: Drift) -> str:
    why = f": {each.reason}" if each.reason else ""
    until = f" until {each.until:%Y-%m-%d %H:%M:%S} UTC" if each.until else ""
    value, configured = flow(each.value), flow(each.configured)
    return f"overridden: {each.property} {value} instead of {configured}{until}, by {each.by}{why}"
