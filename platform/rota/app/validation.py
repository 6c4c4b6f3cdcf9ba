"""The first part of every update: configurations read and checked. It needs no database and imports nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rota.app.folders import DEFAULT_FOLDER, default_folders
from rota.app.settings import surrounding_variables
from rota.app.surroundings import Surroundings
from rota.configuration.load import Loaded, load
from rota.configuration.variables import Variables
from rota.model.definition import Configuration
from rota.model.errors import ConfigurationError, UsageError
from rota.runtime.clock import SystemClock

NOTHING_GIVEN = Surroundings()


def validate(paths: Sequence[Path], *, code: bool = True, surroundings: Surroundings = NOTHING_GIVEN) -> list[Loaded]:
    """Load every configuration that `paths` name, with all problems of all files."""
    meant = list(paths) or default_folders()
    if not meant:
        raise UsageError(f"there is no folder {DEFAULT_FOLDER}/ here: name the configuration's file or folder")
    given = surroundings.variables
    return load(
        meant,
        environment=surroundings.environment,
        variables=Variables({**surrounding_variables(), **given}, given),
        code=code,
        today=SystemClock().now().date(),
    )


def require_valid(loaded: Sequence[Loaded]) -> list[Configuration]:
    """The configurations, if none has an error. Raises `ConfigurationError` with all errors of all of them."""
    errors = [problem for each in loaded for problem in each.errors]
    if errors:
        raise ConfigurationError(errors)
    return [each.configuration for each in loaded if each.configuration is not None]
