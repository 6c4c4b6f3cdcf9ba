"""The first part of every update: configurations read and checked. It needs no database and imports nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rota.app.folders import DEFAULT_FOLDER, default_folders
from rota.app.settings import surrounding_variables
from rota.app.surroundings import Surroundings
from rota.configuration.load import Loaded, Loader
from rota.configuration.variables import Variables
from rota.model.definition import Configuration
from rota.model.errors import ConfigurationError, UsageError
from rota.runtime.clock import SystemClock

NOTHING_GIVEN = Surroundings()


def validate(paths: Sequence[Path], *, code: bool = True, surroundings: Surroundings = NOTHING_GIVEN) -> list[Loaded]:
    """Load every configuration that `paths` name, with all problems of all files."""
    return loader_of(paths, code=code, surroundings=surroundings).load()


def validate_for_each_environment(paths: Sequence[Path], *, code: bool, surroundings: Surroundings) -> list[Loaded]:
    """The same; unless an environment is asked for, each configuration comes once more with each of its overlays."""
    loader = loader_of(paths, code=code, surroundings=surroundings)
    return loader.load(each_environment=surroundings.environment is None)


def loader_of(paths: Sequence[Path], *, code: bool, surroundings: Surroundings) -> FileLoader:
    """What loads the configurations that `paths` name, or those of the default folder. Raises `UsageError`."""
    meant = list(paths) or default_folders()
    if not meant:
        raise UsageError(f"there is no folder {DEFAULT_FOLDER}/ here: name the configuration's file or folder")
    return FileLoader(meant, code=code, surroundings=surroundings)


class FileLoader:
    """Loads the configurations that `paths` name, again and again, as they are at that time."""

    def __init__(self, paths: Sequence[Path], *, code: bool, surroundings: Surroundings) -> None:
        self._paths = paths
        self._variables = surroundings.variables
        self._loader = Loader(environment=surroundings.environment, code=code)
        self.forget_code = self._loader.forget_code
        self.inputs = self._loader.inputs

    def load(self, *, each_environment: bool = False) -> list[Loaded]:
        """Every configuration with its problems, at the cost of what changed since the last time."""
        given = self._variables
        variables = Variables({**surrounding_variables(), **given}, given)
        today = SystemClock().now().date()
        return self._loader.load(self._paths, variables=variables, today=today, each_environment=each_environment)


def find_roots(paths: Sequence[Path], *, surroundings: Surroundings = NOTHING_GIVEN) -> dict[str, str]:
    """The folder that each configuration lies in, by its name. Raises `ConfigurationError` where one has none."""
    loaded = validate(paths, code=False, surroundings=surroundings)
    nameless = [problem for each in loaded if each.name is None for problem in each.errors]
    if nameless:
        raise ConfigurationError(nameless)
    return {each.name: each.root for each in loaded if each.name is not None}


def require_valid(loaded: Sequence[Loaded]) -> list[Configuration]:
    """The configurations, if none has an error. Raises `ConfigurationError` with all errors of all of them."""
    errors = [problem for each in loaded for problem in each.errors]
    if errors:
        raise ConfigurationError(errors)
    return [each.configuration for each in loaded if each.configuration is not None]
