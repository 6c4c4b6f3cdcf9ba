"""`rota`: puts the commands together, and is the only place that exits.

Commands import what they need when they are called, so that `rota --help` stays fast.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rota import __version__

if TYPE_CHECKING:
    from typer import Typer


def main() -> None:
    """Run the command line; never returns."""
    sys.exit(_run())


def _run() -> int:
    from rota.cli import exits, output

    try:
        # Answered before anything else is imported: scripts ask for it, and nobody should wait for it.
        if sys.argv[1:] == ["--version"]:
            output.data(f"rota {__version__}")
        else:
            _app()(prog_name="rota")
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else exits.OK
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- nothing is above; people get a line instead of a stack
        from rota.cli import failures

        return failures.show(error)
    return exits.OK


def _app() -> Typer:
    from rota.cli import (
        apply,
        audit,
        database,
        dev,
        explain,
        history,
        import_,
        init,
        jobs,
        locks,
        plan,
        rollback,
        run,
        schedule,
        scheduled,
        schema,
        status,
        users,
        validate,
    )
    from rota.cli.command import group

    app = group("Jobs as configuration: declared in YAML, planned, applied and run.")
    for module in (init, validate, explain, schema, plan, apply, run, dev, status, history, rollback, locks, audit):
        module.add_to(app)
    groups = {
        "schedule": schedule,
        "scheduled": scheduled,
        "jobs": jobs,
        "users": users,
        "database": database,
        "import": import_,
    }
    for name, module in groups.items():
        app.add_typer(module.app, name=name)
    return app
