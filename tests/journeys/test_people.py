"""People: users, passwords, tokens and rights from the command line, and the audit log that tells of it all."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import rota
from rota.app.settings import Settings
from rota.app.wiring import make_context
from rota.store import users
from tests.support.command_line import environment
from tests.support.shop import Shop

REPORT = ("jobs", "start", "shop_jobs:report", "-p", "who=Anna")


def typed(shop: Shop, lines: list[str], *arguments: str) -> tuple[int, str]:
    """Run a command on a terminal of its own at which somebody types; its exit code and what stands on the terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "rota", *arguments],
        cwd=shop.folder,
        env=environment(shop.database),
        preexec_fn=lambda: os.login_tty(theirs),  # noqa: PLW1509 -- it takes no lock that a thread could hold
    ) as process:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # Linux's way to say that nobody has the other end open
            while part := os.read(ours, 4096):
                seen += part
                if lines and seen.endswith(b": "):
                    os.write(ours, lines.pop(0).encode() + b"\n")
    os.close(ours)
    return process.returncode, seen.decode()


def piped(shop: Shop, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with this on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "rota", *arguments],
        cwd=shop.folder,
        env=environment(shop.database),
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def password_hash(shop: Shop, name: str) -> str | None:
    context = make_context(Settings(database=shop.database))
    with context.store.read() as tx:
        found = users.password_of(tx, name)
    context.store.close()
    return found


def test_users_come_and_change(applied: Shop) -> None:
    assert applied.rota("users", "add", "ann").stdout == "ann  user\n"
    assert applied.json("users", "add", "bob", "--role", "administrator")["role"] == "administrator"
    assert "there is a user 'ann' already" in applied.rota("users", "add", "ann", code=4).stderr
    assert "no role" in applied.rota("users", "add", "eve", "--role", "chief", code=2).stderr
    assert "cannot be a user's name" in applied.rota("users", "add", "a b", code=2).stderr
    assert applied.rota("users", "role", "bob", "user").stdout == "bob  user\n"
    assert applied.rota("users", "disable", "bob", "--reason", "left").stdout == "bob  user  disabled\n"
    listed = [line.split()[:4] for line in applied.rota("users", "list").stdout.splitlines()]
    assert listed[1:] == [
        ["administrator", "administrator", "active", "no"],
        ["ann", "user", "active", "no"],
        ["bob", "user", "disabled", "no"],
    ]
    assert "may not act: the user is disabled" in applied.rota("status", "--user", "bob", code=4).stderr
    assert applied.rota("users", "enable", "bob").stdout == "bob  user\n"
    assert "there is no user 'eve'" in applied.rota("users", "disable", "eve", code=3).stderr
    assert "cannot be disabled" in applied.rota("users", "disable", "administrator", code=4).stderr


def test_a_password_is_typed_twice_and_not_shown(applied: Shop) -> None:
    applied.rota("users", "add", "ann")
    code, screen = typed(applied, ["battery staple", "battery staple"], "users", "password", "ann")
    assert (code, "battery" in screen) == (0, False)
    assert "ann has a new password" in screen
    first = password_hash(applied, "ann")
    code, screen = typed(applied, ["battery staple", "battery stable"], "users", "password", "ann")
    assert (code, "the two passwords differ; nothing was changed" in screen) == (2, True)
    assert password_hash(applied, "ann") == first


def test_a_password_comes_from_standard_input_where_nobody_types(applied: Shop) -> None:
    done = piped(applied, "battery staple\n", "users", "add", "ann", "--password")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ann  user\n", "")
    first = password_hash(applied, "ann")
    assert first is not None
    assert piped(applied, "correct horse\n", "users", "password", "ann").returncode == 0
    assert password_hash(applied, "ann") != first
    for text, words in (("", "no password came"), ("short\n", "too short")):
        done = piped(applied, text, "users", "password", "ann")
        assert (done.returncode, words in done.stderr) == (2, True)
    with rota.connect(applied.database) as platform:
        assert platform.users.sign_in("ann", "correct horse").name == "ann"


def test_a_token_is_shown_once(applied: Shop) -> None:
    applied.rota("users", "add", "ann")
    done = applied.rota("users", "token", "create", "ann", "ci", "--expires", "90d")
    text = done.stdout.strip()
    assert "it is shown this once" in done.stderr
    with rota.connect(applied.database) as platform:
        assert platform.users.sign_in_with_token(text).name == "ann"
    listed = applied.rota("users", "token", "list").stdout
    assert listed.splitlines()[1].split()[:3] == ["ann", "ci", "valid"]
    assert applied.json("users", "token", "create", "ann", "other")["text"].startswith("rota_")
    applied.rota("users", "token", "revoke", "ann", "ci", "--reason", "leaked")
    assert "revoked" in applied.rota("users", "token", "list", "ann").stdout
    assert "no token 'ci' that could be revoked" in applied.rota("users", "token", "revoke", "ann", "ci", code=4).stderr
    assert text not in applied.rota("audit", "--format", "json").stdout


def test_a_user_does_what_a_user_may(applied: Shop) -> None:
    for name in ("ann", "bob"):
        applied.rota("users", "add", name)
    hers = applied.rota(*REPORT, "--user", "ann").stdout.strip()
    his = applied.rota(*REPORT, "--user", "bob").stdout.strip()
    assert [job["id"] for job in applied.json("jobs", "list", "--user", "ann")] == [hers]
    assert len(applied.json("jobs", "list")) == 2
    for act in ("show", "cancel", "wait"):
        assert f"no background job '{his}'" in applied.rota("jobs", act, his, "--user", "ann", code=3).stderr
    for command in (
        ("scheduled", "list"),
        ("scheduled", "start", "backup"),
        ("scheduled", "disable", "rates"),
        ("schedule", "next", "rates"),
        ("plan", "shop"),
        ("apply", "shop"),
        ("run", "--no-apply", "--until-idle"),
        ("lock", "jobs", "--reason", "x"),
        ("unlock", "jobs"),
        ("users", "add", "eve"),
        ("audit",),
    ):
        assert "it is for administrators" in applied.rota(*command, "--user", "ann", code=4).stderr
    assert applied.rota("status", "--user", "ann").stdout.splitlines()[-1] == "background jobs  1 queued, as ann"
    assert applied.rota("users", "list", "--user", "ann").stdout.splitlines()[1].split()[0] == "ann"
    applied.rota("run", "--until-idle", "--no-scheduler")
    assert applied.json("jobs", "show", hers, "--user", "ann")["state"] == "completed"
    assert "there is no user 'eve'" in applied.rota(*REPORT, "--user", "eve", code=3).stderr
    assert len(applied.job_list()) == 2


def test_a_scheduled_job_runs_as_its_user(applied: Shop) -> None:
    applied.code("from rota import current_job\n\ndef who() -> str:\n    return current_job.user\n")
    for name in ("ann", "bob"):
        applied.rota("users", "add", name)
    applied.jobs("  who:\n    method: shop_jobs:who\n    user: ann\n")
    applied.apply()
    applied.rota("scheduled", "create", "who", "his", "user=bob")
    for name in ("who", "his"):
        applied.rota("scheduled", "start", name)
    applied.rota("run", "--until-idle", "--no-scheduler", "--no-apply")
    assert {job["result"]: job["user"] for job in applied.job_list()} == {"ann": "ann", "bob": "bob"}
    assert len(applied.json("jobs", "list", "--user", "bob")) == 1
    applied.rota("users", "disable", "bob")
    assert "runs as user 'bob', who is disabled" in applied.rota("scheduled", "start", "his", code=4).stderr


def test_the_audit_log_tells_who_did_what_and_why(applied: Shop, tmp_path: Path) -> None:
    applied.rota("users", "add", "root", "--role", "administrator")
    job = applied.rota(*REPORT, "--user", "root").stdout.strip()
    applied.rota("jobs", "cancel", job, "--user", "root")
    applied.rota("scheduled", "set", "rates", "use=false", "--reason", "no bank")
    applied.rota("scheduled", "reset", "rates")
    applied.rota("scheduled", "create", "report", "mine", "parameters={who: Anna}", "--reason", "asked for")
    applied.rota("scheduled", "start", "mine")
    applied.rota("scheduled", "delete", "mine")
    applied.rota("lock", "jobs", "--reason", "a new disk", "--until", "2h")
    applied.rota("unlock", "jobs")
    acts = applied.json("audit")
    assert [(act["user"], act["act"], act["subject"], act["reason"]) for act in acts[::-1]] == [
        ("administrator", "configuration.apply", "shop", None),
        ("administrator", "user.add", "root", None),
        ("root", "job.start", job, None),
        ("root", "job.cancel", job, None),
        ("administrator", "scheduled-job.override", "rates", "no bank"),
        ("administrator", "scheduled-job.reset", "rates", None),
        ("administrator", "scheduled-job.create", "mine", "asked for"),
        ("administrator", "scheduled-job.start", "mine", None),
        ("administrator", "scheduled-job.delete", "mine", None),
        ("administrator", "lock.take", "jobs", "a new disk"),
        ("administrator", "lock.free", "jobs", None),
    ]
    by_act = {act["act"]: act["facts"] for act in acts}
    assert by_act["configuration.apply"]["revision"] == 1
    assert by_act["job.start"] == {"method": "shop_jobs:report", "name": "report"}
    assert by_act["job.cancel"]["state"] == "cancelled"
    assert by_act["scheduled-job.override"] == {"use": False}
    applied.rota("jobs", "cancel", job, "--user", "root")
    by_root = applied.json("audit", "--by", "root")
    assert [act["act"] for act in by_root] == ["job.cancel", "job.start"], "what changes nothing is no act"
    assert len(applied.json("audit", "--act", "scheduled-job.*", "--newest", "2")) == 2
    assert len(applied.json("audit", "--subject", "rates")) == 2
    assert applied.json("audit", "--since", "2099-01-01") == []
    assert len(applied.json("audit", "--since", "1h")) == len(acts)
    assert "neither a time" in applied.rota("audit", "--since", "soon", code=2).stderr
    assert "use=false, reason: no bank" in applied.rota("audit", "--act", "scheduled-job.override").stdout
