"""`rota users`: who may do what, their passwords and their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import output
from rota.cli.command import command, group, ready_context, wants_json

if TYPE_CHECKING:
    from rota.model.users import Token, User

app = group("Users: who acts, and whom jobs run as.")
token_app = group("Tokens: what programs show instead of a password.")
app.add_typer(token_app, name="token")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a user.")]
TokenName = Annotated[str, typer.Argument(metavar="TOKEN", help="Name of the token.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept in the audit log.")]


@command(app, "add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(metavar="user|administrator", help="What they may do.")] = "user",
    password: Annotated[
        bool, typer.Option("--password", help="Ask for a password, or read it from standard input.")
    ] = False,
) -> None:
    """Add a user."""
    from rota.app import users
    from rota.cli.password_input import read_password

    made = ready_context()
    secret = read_password(name) if password else None
    _show(users.add(made, name, role, secret))


@command(app, "list")
def list_() -> None:
    """List users."""
    from rota.app import users

    found = users.select(ready_context())
    if wants_json():
        output.json([user.to_data() for user in found])
        return
    rows = [_row(user) for user in found]
    output.table(("NAME", "ROLE", "STATE", "PASSWORD", "ADDED"), rows, none="no users")


def _row(user: User) -> list[str]:
    state = "disabled" if user.disabled else "active"
    return [user.name, str(user.role), state, "yes" if user.has_password else "no", output.when(user.created_at)]


@command(app, "role")
def role(name: Name, role: Annotated[str, typer.Argument(metavar="ROLE", help="user or administrator")]) -> None:
    """Change what a user may do."""
    from rota.app import users

    _show(users.set_role(ready_context(), name, role))


@command(app, "password")
def password(name: Name) -> None:
    """Set a user's password.

    It is asked for on a terminal, and else read from standard input.
    """
    from rota.app import users
    from rota.cli.password_input import read_password

    made = ready_context()
    users.get(made, name)
    users.set_password(made, name, read_password(name))
    output.note(f"{name} has a new password")


@command(app, "disable")
def disable(name: Name, reason: Reason = None) -> None:
    """Let a user do nothing more.

    Their scheduled jobs do not start; jobs in progress go on.
    """
    from rota.app import users

    _show(users.disable(ready_context(), name, reason))


@command(app, "enable")
def enable(name: Name, reason: Reason = None) -> None:
    """Let a disabled user act again."""
    from rota.app import users

    _show(users.enable(ready_context(), name, reason))


def _show(user: User) -> None:
    if wants_json():
        output.json(user.to_data())
    else:
        output.data(f"{user.name}  {user.role}{'  disabled' if user.disabled else ''}")


@command(token_app, "create")
def create_token(
    name: Name,
    token: TokenName,
    expires: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How long it is valid [default: for ever].")
    ] = None,
) -> None:
    """Make a token; prints it once and never again."""
    from datetime import timedelta

    from rota.app import users
    from rota.cli.moments import read_seconds

    span = read_seconds("--expires", expires)
    made = users.create_token(ready_context(), name, token, None if span is None else timedelta(seconds=span))
    if wants_json():
        output.json({**made.token.to_data(), "text": made.text})
        return
    output.data(made.text)
    output.note("keep it now: it is shown this once and stored nowhere")


@command(token_app, "list")
def list_tokens(name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only of this user.")] = None) -> None:
    """List tokens, newest first."""
    from rota.app import users

    made = ready_context()
    found = users.tokens(made, name)
    if wants_json():
        output.json([token.to_data() for token in found])
        return
    now = made.now()
    columns = ("USER", "TOKEN", "STATE", "CREATED", "EXPIRES", "LAST USED")
    rows = [
        [
            each.user,
            each.name,
            _state(each, valid=each.is_valid(now)),
            *(output.when(at) for at in (each.created_at, each.expires_at, each.last_used_at)),
        ]
        for each in found
    ]
    output.table(columns, rows, none="no tokens")


def _state(token: Token, *, valid: bool) -> str:
    if token.revoked_at:
        return "revoked"
    return "valid" if valid else "expired"


@command(token_app, "revoke")
def revoke_token(name: Name, token: TokenName, reason: Reason = None) -> None:
    """End a token: nobody can act with it any more."""
    from rota.app import users

    users.revoke_token(ready_context(), name, token, reason)
