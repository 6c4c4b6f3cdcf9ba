"""Every error that Rota raises on purpose.

Two families decide what a caller can do: a `TemporaryError` may be gone on the next try (a locked database, a key
in use), a `LastingError` never goes away by itself. Exit codes and HTTP statuses are decided at the edges that show
them, not here. The facts of an error are attributes; its text says what is wrong and, where there is one, the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rota.model.counting import counted

if TYPE_CHECKING:
    from rota.model.lock import Lock
    from rota.model.problem import Problem

__all__ = [
    "BadParameters",
    "ConfigurationError",
    "DatabaseNewer",
    "DatabaseOlder",
    "DatabaseUnavailable",
    "DatabaseUnusable",
    "DefinitionInUse",
    "EmptyConfiguration",
    "EngineAlreadyActive",
    "EngineNotActive",
    "IdInUse",
    "JobCancelled",
    "JobNotFound",
    "KeyInUse",
    "LastingError",
    "LockLost",
    "Locked",
    "MethodNotAllowed",
    "NotPermitted",
    "PermanentFailure",
    "PredefinedJobError",
    "RevisionNotFound",
    "RotaError",
    "StalePlan",
    "StillRunning",
    "TemporaryError",
    "UnknownMethod",
    "UpdateRefused",
    "UsageError",
    "UserNotFound",
    "WrongState",
]


class RotaError(Exception):
    """The root of all errors of Rota."""

    hint: str | None = None


class TemporaryError(RotaError):
    """The same call may succeed later."""


class LastingError(RotaError):
    """The same call will fail again until something is changed."""


# Calls


class UsageError(LastingError):
    """An argument that no state of the database could make valid."""


class UnknownMethod(LastingError):
    """A method that cannot be imported or found."""

    def __init__(self, method: str, reason: str) -> None:
        super().__init__(f"cannot resolve method {method}: {reason}")
        self.method = method
        self.reason = reason


class MethodNotAllowed(LastingError):
    """A private method, or one outside the modules that the applied configurations allow."""

    def __init__(self, method: str, modules: Sequence[str], hint: str | None = None) -> None:
        allowed = ", ".join(modules) or "none: no configuration has been applied"
        text = f"method {method} is not allowed; " + (hint or f"modules that may be called: {allowed}")
        super().__init__(text)
        self.method = method
        self.modules = tuple(modules)


class BadParameters(LastingError):
    """Parameters that do not fit the method's signature or type hints."""

    def __init__(self, method: str, problems: Sequence[str]) -> None:
        super().__init__(f"parameters do not fit {method}: {'; '.join(problems)}")
        self.method = method
        self.problems = tuple(problems)


class JobNotFound(LastingError):
    """No job, scheduled or background, answers to the selector."""

    def __init__(self, kind: str, selector: str, hint: str | None = None) -> None:
        super().__init__(f"no {kind} {selector!r}" + (f"; did you mean {hint!r}?" if hint else ""))
        self.kind = kind
        self.selector = selector


class WrongState(LastingError):
    """The job is not in a state in which this can be done."""


class KeyInUse(TemporaryError):
    """Another active background job holds the key. `holder` is its id."""

    def __init__(self, key: str, holder: str) -> None:
        super().__init__(f"key {key!r} is in use by background job {holder}")
        self.key = key
        self.holder = holder


class IdInUse(LastingError):
    """A background job of that id exists, and was started with other arguments; `differs` names them."""

    def __init__(self, job: str, differs: Sequence[str]) -> None:
        super().__init__(f"background job {job!r} exists and was started with another {', '.join(differs)}")
        self.id = job
        self.differs = tuple(differs)


class PredefinedJobError(LastingError):
    """A predefined scheduled job is created and deleted by its configuration only."""

    def __init__(self, name: str, act: str) -> None:
        super().__init__(
            f"scheduled job {name!r} is predefined and cannot be {act} by hand; change its configuration and apply it"
        )
        self.name = name


class UserNotFound(LastingError):
    """No user has this name."""

    def __init__(self, user: str) -> None:
        super().__init__(f"there is no user {user!r}; an administrator makes one with `rota users add`")
        self.user = user


class NotPermitted(LastingError):
    """The user may not do this. `user` is who tried, `act` the name of what they tried; None: they may do nothing."""

    def __init__(self, user: str, act: str | None, reason: str) -> None:
        super().__init__(f"user {user!r} may not {f'do this ({act})' if act else 'act'}: {reason}")
        self.user = user
        self.act = act
        self.reason = reason


# Configurations


SHOWN_IN_TRACEBACK = 20
"""How many problems of a configuration."""


class ConfigurationError(LastingError):
    """A configuration with problems; `problems` holds all of them. A traceback shows the first ones below it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        super().__init__(f"{counted(count, 'problem')} in the configuration")
        self.problems = tuple(problems)
        self.add_note("\n".join(str(problem) for problem in problems[:SHOWN_IN_TRACEBACK]))


class UpdateRefused(LastingError):
    """The plan holds something that an update must not do as it stands."""


class EmptyConfiguration(UpdateRefused):
    """A configuration without jobs that would delete every job of the applied one."""


class DefinitionInUse(UpdateRefused):
    """A definition that is gone from the configuration still has hand-made scheduled jobs."""


class StalePlan(LastingError):
    """The database or the configuration moved on since the plan was made."""


class RevisionNotFound(LastingError):
    """No applied configuration, or no revision of it, answers to what was asked for. `hint` is the nearest name."""

    def __init__(self, configuration: str | None, number: int | None = None, hint: str | None = None) -> None:
        if number is not None:
            text = f"configuration {configuration} has no revision {number}"
        else:
            text = f"no configuration {configuration!r} is applied" if configuration else "no configuration is applied"
        super().__init__(text + (f"; did you mean {hint!r}?" if hint else ""))
        self.configuration = configuration
        self.number = number


class Locked(TemporaryError):
    """Somebody holds the lock that this needs. `lock` has its name, holder and reason, and since and until when."""

    def __init__(self, lock: Lock) -> None:
        until = f", until {lock.until:%Y-%m-%d %H:%M:%S} UTC" if lock.until else ""
        since = f"{lock.since:%Y-%m-%d %H:%M:%S} UTC"
        super().__init__(f"{lock.name} is locked by {lock.holder} since {since}{until}: {lock.reason}")
        self.lock = lock


class LockLost(LastingError):
    """A lock was not held to the end: somebody freed it, its time was over, or its holder was silent for too long."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the lock {name!r} was lost while it was held, and jobs may have started meanwhile: "
            "somebody freed it, its time was over, or its lease ran out"
        )
        self.name = name


class StillRunning(TemporaryError):
    """Jobs did not end in time, so the exclusive lock was given back. `jobs` are the ids of those that run."""

    def __init__(self, jobs: Sequence[str], seconds: float) -> None:
        shown = ", ".join(jobs[:5]) + (", ..." if len(jobs) > 5 else "")
        count = f"{len(jobs)} job{' runs' if len(jobs) == 1 else 's run'}"
        super().__init__(f"{count} after {seconds:g} s still: {shown}; the lock was given back")
        self.jobs = tuple(jobs)


# The database and the engine


class DatabaseUnavailable(TemporaryError):
    """The database cannot be reached, is locked by another program, or has no room."""


class DatabaseUnusable(LastingError):
    """The database can be reached and cannot be used: damaged, read-only, not Rota's."""


class DatabaseNewer(LastingError):
    """The database was written by a newer version of Rota."""


class DatabaseOlder(LastingError):
    """The database needs `rota database upgrade` first."""


class EngineAlreadyActive(TemporaryError):
    """An engine runs on this SQLite database already."""


class EngineNotActive(TemporaryError):
    """Nobody runs an engine on this database, so waiting would never end."""


# What a method may raise or see


class PermanentFailure(RotaError):
    """Raised by a method to say that restarting it is useless."""


class JobCancelled(BaseException):
    """Raised inside a method whose job is cancelled.

    It descends from `BaseException`, as `KeyboardInterrupt` does, so that a broad `except Exception` in a method does
    not swallow it.
    """
