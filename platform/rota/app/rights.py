"""Rights: who may do what, decided here for every interface, and the way into the audit log.

Each action begins with `require`, or with `find_job` where it is about a background job; what changes something says so
with `note`, in its own transaction. Starts alone rest on `grounds` instead, which their transactions confirm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from enum import Enum
from typing import Any

from rota.app.context import Context
from rota.model.acts import Act, Audited
from rota.model.background_job import NewJob
from rota.model.errors import JobNotFound, NotPermitted, UserNotFound
from rota.model.users import ADMINISTRATOR, Role
from rota.store import Transaction, audit, background_jobs, users
from rota.store.grounds import Grounds, Revisions


class Who(Enum):
    """Who has a right. An administrator has all."""

    EVERYBODY = "every user"
    OWNER = "every user, for what is their own"
    ADMINISTRATORS = "administrators"


RIGHTS: Mapping[Act, Who] = {
    Act.JOB_START: Who.EVERYBODY,
    Act.JOB_START_COMMAND: Who.ADMINISTRATORS,
    Act.JOB_SEE: Who.OWNER,
    Act.JOB_RECEIVE: Who.OWNER,
    Act.JOB_CANCEL: Who.OWNER,
    Act.JOB_REMOVE: Who.OWNER,
    Act.SCHEDULED_JOB_SEE: Who.ADMINISTRATORS,
    Act.SCHEDULED_JOB_START: Who.ADMINISTRATORS,
    Act.SCHEDULED_JOB_OVERRIDE: Who.ADMINISTRATORS,
    Act.SCHEDULED_JOB_RESET: Who.ADMINISTRATORS,
    Act.SCHEDULED_JOB_CREATE: Who.ADMINISTRATORS,
    Act.SCHEDULED_JOB_DELETE: Who.ADMINISTRATORS,
    Act.CONFIGURATION_SEE: Who.ADMINISTRATORS,
    Act.CONFIGURATION_PLAN: Who.ADMINISTRATORS,
    Act.CONFIGURATION_APPLY: Who.ADMINISTRATORS,
    Act.LOCK_SEE: Who.EVERYBODY,
    Act.LOCK_TAKE: Who.ADMINISTRATORS,
    Act.LOCK_FREE: Who.ADMINISTRATORS,
    Act.USER_SEE: Who.OWNER,
    Act.USER_ADD: Who.ADMINISTRATORS,
    Act.USER_ROLE: Who.ADMINISTRATORS,
    Act.USER_PASSWORD: Who.OWNER,
    Act.USER_DISABLE: Who.ADMINISTRATORS,
    Act.USER_ENABLE: Who.ADMINISTRATORS,
    Act.USER_SIGN_IN: Who.ADMINISTRATORS,
    Act.TOKEN_SEE: Who.OWNER,
    Act.TOKEN_CREATE: Who.OWNER,
    Act.TOKEN_REVOKE: Who.OWNER,
    Act.AUDIT_SEE: Who.ADMINISTRATORS,
    Act.STATUS_SEE: Who.EVERYBODY,
    Act.ENGINE_RUN: Who.ADMINISTRATORS,
}
"""Every act with who may do it."""

FRESH_SECONDS = 1.0
"""How long the role of somebody who looks at jobs is taken for granted; other acts ask anew."""


def grounds(context: Context, act: Act, revisions: Revisions | None) -> Grounds:
    """What a start rests on that was decided by configurations at these revisions, or without any."""
    least = Role.ADMINISTRATOR if RIGHTS[act] is Who.ADMINISTRATORS else Role.USER
    return Grounds(context.user, least, revisions)


def require(context: Context, act: Act, *, owner: str | None = None, fresh: bool = False) -> None:
    """Raise `NotPermitted` unless the acting user may do this; `owner` is whose the thing is that it is done to.

    Administrators are always asked for anew, others with `fresh`.

    Raises `UserNotFound` where the acting user does not exist, and `NotPermitted` where they are disabled.
    """
    who = RIGHTS[act]
    role = role_of(context, fresh=fresh or who is Who.ADMINISTRATORS)
    if role is Role.ADMINISTRATOR or who is Who.EVERYBODY:
        return
    if who is Who.ADMINISTRATORS:
        raise NotPermitted(context.user, act, "it is for administrators")
    if owner != context.user:
        raise NotPermitted(context.user, act, "it is somebody else's")


def require_user(context: Context) -> None:
    """Raise `UserNotFound` or `NotPermitted` unless the acting user exists and may act."""
    role_of(context, fresh=True)


def role_of(context: Context, tx: Transaction | None = None, *, fresh: bool) -> Role:
    """The acting user's role, at most a second old, or as it is now.

    Whoever is in a transaction gives it: with a second connection beside it, callers would wait for each other once
    there is none left.
    """
    mark = context.clock.monotonic()
    seen = context.seen
    if fresh or seen.role is None or mark - seen.mark > FRESH_SECONDS:
        seen.role, seen.mark = _read_role(context, tx), mark
    return seen.role


def _read_role(context: Context, tx: Transaction | None) -> Role:
    if not context.store.exists():
        # Whoever makes a database begins as the administrator that every database has.
        if context.user != ADMINISTRATOR:
            raise UserNotFound(context.user)
        return Role.ADMINISTRATOR
    with context.store.glance() if tx is None else nullcontext(tx) as here:
        user = users.get(here, context.user)
    if user.disabled:
        context.seen.role = None
        raise NotPermitted(user.name, None, "the user is disabled")
    return user.role


def sees_only(context: Context, tx: Transaction | None = None, act: Act = Act.JOB_SEE) -> str | None:
    """The user whose background jobs the acting user sees; None: those of all."""
    administrator = role_of(context, tx, fresh=False) is Role.ADMINISTRATOR
    return None if administrator or RIGHTS[act] is Who.EVERYBODY else context.user


def find_job(context: Context, tx: Transaction, selector: str, act: Act = Act.JOB_SEE) -> str:
    """The id of the background job that `selector` stands for, among those that the acting user may do this to.

    Jobs of others are not there for a user: `JobNotFound`, so that nobody learns from it what others run.
    """
    return background_jobs.find_id(tx, selector, user=sees_only(context, tx, act))


def sees(context: Context, tx: Transaction, job: str) -> bool:
    """Whether the background job of this id is there for the acting user."""
    user = sees_only(context, tx)
    return user is None or job in background_jobs.states(tx, [job], user=user)


def require_jobs(context: Context, tx: Transaction, ids: Sequence[str], act: Act = Act.JOB_SEE) -> None:
    """Raise `JobNotFound` unless each of these jobs is there for the acting user. Costs an administrator nothing."""
    user = sees_only(context, tx, act)
    if user is None:
        return
    there = background_jobs.states(tx, ids, user=user)
    for job in ids:
        if job not in there:
            raise JobNotFound("background job", job)


def note(
    context: Context,
    tx: Transaction,
    act: Act,
    subject: str,
    *,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write into the audit log, in the transaction of the act, that the acting user did this to `subject`."""
    audit.note(
        tx,
        Audited(at=context.now(), user=context.user, act=act, subject=subject, reason=reason, facts=facts or {}),
    )


def act_of_start(context: Context, first: NewJob, ids: Sequence[str]) -> Audited:
    """That the acting user starts the jobs of these ids, as one act; they are all as the first."""
    facts: dict[str, Any] = {"command": list(first.command.argv)} if first.command else {"method": first.method}
    facts["name"] = first.name
    if len(ids) > 1:
        facts |= {"count": len(ids), "last": ids[-1]}
    act = Act.JOB_START if first.method else Act.JOB_START_COMMAND
    return Audited(at=first.created_at, user=context.user, act=act, subject=ids[0], facts=facts)
