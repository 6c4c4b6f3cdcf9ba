"""Needs a module that is not installed."""

import no_such_package


def load() -> None:
    no_such_package.load()
