"""The names that definitions have got since an earlier revision, and the same definitions under them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rota.model.definition import Configuration
from rota.model.revision import Renaming


def names_since(then: Iterable[str], later: Iterable[Renaming]) -> dict[str, str]:
    """What each definition that had a name of `then` is called after the `later` revisions, oldest first.

    What is gone is left out, though another definition may have its name.
    """
    now = {name: name for name in then}
    for renames, names in later:
        taken = set(renames.values())
        moved = {name: called for name, called in now.items() if called in renames or called not in taken}
        now = {name: new for name, called in moved.items() if (new := renames.get(called, called)) in names}
    return now


def renamed_back(configuration: Configuration, now: Mapping[str, str]) -> Configuration:
    """The configuration with every definition renamed from what it is called `now`."""
    return replace(configuration, renames={name: called for name, called in now.items() if called != name})


def renamed_on(configuration: Configuration, now: Mapping[str, str]) -> Configuration:
    """The configuration, in which definitions are called what they are `now`, renamed from what they were then."""
    return replace(configuration, renames={called: name for name, called in now.items() if called != name})
