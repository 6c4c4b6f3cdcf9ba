"""What is wrong with a schedule, and where: findings and warnings. Used all over this room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ScheduleProblem:
    """One finding. `path` leads to it in the data, as in `("week_days", 0)`; `code` names the rule."""

    path: Path
    message: str
    hint: str | None
    code: str

    def under(self, *path: str | int) -> ScheduleProblem:
        """The same finding, seen from the value that holds this one at `path`."""
        return replace(self, path=(*path, *self.path))

    def __str__(self) -> str:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        text = f"{where.removeprefix('.')}: {self.message}" if where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class ScheduleError(ValueError):
    """A schedule that cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Iterable[ScheduleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[ScheduleError], tuple[tuple[ScheduleProblem, ...]]]:
        return type(self), (self.problems,)


def rejected(message: str, *, code: str, hint: str | None = None) -> ScheduleError:
    """The error for a value with one thing wrong with it."""
    return ScheduleError([ScheduleProblem((), message, hint, code)])


class Findings:
    """Collects the problems of many values, so that all are reported at once."""

    def __init__(self) -> None:
        self.problems: list[ScheduleProblem] = []

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Collects what the block raises, as found at `path`; the block ends there and the caller goes on."""
        try:
            yield
        except ScheduleError as error:
            self.problems += [problem.under(*path) for problem in error.problems]

    def raise_if_any(self) -> None:
        if self.problems:
            raise ScheduleError(self.problems)
