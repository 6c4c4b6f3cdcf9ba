"""What a configuration is read for. Known to those who name it long before configurations are read."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Surroundings(msgspec.Struct, frozen=True):
    """An environment, whose overlay the configuration gets, and variables besides those of the process."""

    environment: str | None = None
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
