"""What all commands share: the options for the database, the user and the format, and the way to the actions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from rota.app.context import Context

FORMATS = ("table", "json")
"""How most commands can show data, the default first."""

_given: dict[str, Any] = {}
"""The shared options of this call. A process makes one call."""

_opened = ExitStack()
"""What this call opened, and closes when it ends, however it ends: SQLite tidies up its files when it is closed."""

_SHARED: dict[str, tuple[Any, None]] = {
    "database": (
        Annotated[
            str | None,
            typer.Option(metavar="URL", help="Where jobs are kept [env ROTA_DATABASE; default sqlite:///rota.db]."),
        ],
        None,
    ),
    "user": (
        Annotated[
            str | None,
            typer.Option(metavar="NAME", help="Who acts [env ROTA_USER; default the built-in administrator]."),
        ],
        None,
    ),
}


class Group(TyperGroup):
    """Commands under one name. Says of an option that stands before the command where options stand."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        option = args[0].partition("=")[0] if args else ""
        if option.startswith("-") and option != "--" and not self._is_own(ctx, option):
            from rota.model.errors import UsageError

            raise UsageError(
                f"{option} stands before the command; options come after it: {ctx.command_path} COMMAND {option} ..."
            )
        return super().parse_args(ctx, args)

    def _is_own(self, ctx: Any, option: str) -> bool:
        """Whether it is one of the group's own, or nearly: Typer says which one is meant."""
        from difflib import get_close_matches

        return bool(get_close_matches(option, [name for each in self.get_params(ctx) for name in each.opts]))


def group(help_text: str, cls: type[Group] = Group) -> typer.Typer:
    """A group of commands; `cls` shows their list."""
    return typer.Typer(
        help=help_text,
        cls=cls,
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )


def command(
    app: typer.Typer,
    name: str,
    also: Mapping[str, tuple[Any, Any]] | None = None,
    formats: Sequence[str] = FORMATS,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a command of `app`, with the shared options besides its own.

    `also` are options that several commands share, by their names: type and default; `given` has their values.
    `formats` are those in which it can show data, the default first: any other is refused before it does anything.
    """

    options = {**(also or {}), **_SHARED, "format": _format_option(formats)}

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name)(_with_options(function, options, formats))
        return function

    return register


def _format_option(formats: Sequence[str]) -> tuple[Any, None]:
    return Annotated[
        str | None, typer.Option(metavar="|".join(formats), help=f"How data is shown [default {formats[0]}].")
    ], None


def given(option: str) -> Any:
    """The value of an option that this call shares with others."""
    return _given[option]


def _with_options(
    function: Callable[..., None], options: Mapping[str, tuple[Any, Any]], formats: Sequence[str]
) -> Callable[..., None]:
    @wraps(function)
    def call(**values: Any) -> None:
        _given.update({option: values.pop(option) for option in options})
        _given["format"] = _chosen(_given["format"], formats)
        with _opened:
            function(**values)

    own = inspect.signature(function)
    hints = get_type_hints(function, include_extras=True)
    parameters = [each.replace(annotation=hints[each.name]) for each in own.parameters.values()]
    parameters += [
        inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for option, (kind, default) in options.items()
    ]
    vars(call)["__signature__"] = own.replace(parameters=parameters)
    call.__annotations__ = {**hints, **{option: kind for option, (kind, _) in options.items()}}
    return call


def _chosen(said: str | None, formats: Sequence[str]) -> str:
    if said is not None and said not in formats:
        from rota.model.errors import UsageError

        raise UsageError(f"--format {said}: it is one of {', '.join(formats)}")
    return said or formats[0]


def output_format() -> str:
    """How data is to be shown: one of the command's formats."""
    chosen: str = _given["format"]
    return chosen


def wants_json() -> bool:
    """Whether data is to be JSON."""
    return output_format() == "json"


def context() -> Context:
    """The database that this call names; it may not exist yet."""
    from rota.app.settings import read_settings
    from rota.app.wiring import make_context

    made = make_context(read_settings(_given))
    _opened.callback(made.store.close)
    return made


def ready_context() -> Context:
    """The database that this call names, found to be of this version, and to know who acts."""
    from rota.app import rights
    from rota.store import schema

    made = context()
    schema.require_current(made.store)
    rights.require_user(made)
    return made
