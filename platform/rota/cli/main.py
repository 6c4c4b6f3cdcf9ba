"""`rota`: puts the commands together, and is the only place that exits.

Commands import what they need when they are called, so that `rota --help` stays fast. What stands here is imported
before anything of ours can answer Ctrl-C, and is next to nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module

from rota import __version__

TYPE_CHECKING = False  # as type checkers know it; `typing` itself is half of what would be imported here
if TYPE_CHECKING:
    from typer import Typer


def main() -> None:
    """Run the command line; never returns."""
    try:
        code = _run()
    except KeyboardInterrupt:  # while modules are imported; a command that runs ends by itself
        from rota.cli import exits, output

        output.note("rota: interrupted")
        code = exits.INTERRUPTED
    sys.exit(code)


def _run() -> int:
    from rota.runtime.collecting import collect_no_more, collect_seldom

    collect_seldom()
    code = _answered()
    collect_no_more()
    return code


def _answered() -> int:
    from rota.cli import exits

    try:
        return exits.of_call(_call(), sys.argv)
    except exits.ThereAreChanges:
        return exits.CHANGES


def _call() -> int:
    from rota.cli import exits, output, streams

    streams.prepare()
    try:
        # Answered before anything else is imported: scripts ask for it, and nobody should wait for it.
        if sys.argv[1:] == ["--version"]:
            output.data(f"rota {__version__}")
        else:
            app_for("".join(sys.argv[1:2]))(prog_name="rota")
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else exits.OK
    except exits.ThereAreChanges:
        raise
    except Exception as error:  # noqa: BLE001 -- nothing is above; people get a line instead of a stack
        from rota.cli import failures

        return failures.show(error)
    return exits.OK


# The modules of the commands and what each adds.
_COMMANDS = {
    "init": ("init",),
    "validate": ("validate",),
    "explain": ("explain",),
    "schema": ("schema",),
    "plan": ("plan",),
    "apply": ("apply",),
    "run": ("run",),
    "dev": ("dev",),
    "status": ("status",),
    "history": ("history", "diff", "drift"),
    "rollback": ("rollback", "export"),
    "locks": ("lock", "unlock"),
    "audit": ("audit",),
}
# The modules of the groups of commands, by the names of the groups.
_GROUPS = {
    "schedule": "schedule",
    "scheduled": "scheduled",
    "jobs": "jobs",
    "users": "users",
    "database": "database",
    "import": "import_",
}


def app_for(word: str) -> Typer:
    """The command line as far as it is needed for a call that begins with `word`.

    That is one module. To show or to guess what there is, as for `--help` or a command that does not exist, it is all.
    """
    from rota.cli.front import front

    app = front()
    adding = [module for module, words in _COMMANDS.items() if word in words]
    groups = {word: _GROUPS[word]} if word in _GROUPS else {}
    if not adding and not groups:
        adding, groups = list(_COMMANDS), _GROUPS
    for module in adding:
        import_module(f"rota.cli.{module}").add_to(app)
    for name, module in groups.items():
        app.add_typer(import_module(f"rota.cli.{module}").app, name=name)
    return app
