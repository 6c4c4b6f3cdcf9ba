"""Methods against real modules, which may do anything while they are imported."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rota.configuration.load import Loaded, load

Write = Callable[[str, str], Path]


@pytest.fixture
def check(write: Write, tmp_path: Path) -> Callable[..., Loaded]:
    """Loads a configuration with these jobs, whose methods lie in the package `checked`."""
    write("checked/__init__.py", "")

    def check(*jobs: str, header: str = "", time_limit: float = 60) -> Loaded:
        text = f"rota: 1\nconfiguration:\n  name: a\n  modules: [checked]\n{header}jobs:\n"
        for number, job in enumerate(jobs):
            text += f"  job-{number}: {{use: false, {job}}}\n"
        (tmp_path / "rota.yaml").write_text(text)
        (loaded,) = load([tmp_path], time_limit=time_limit)
        assert loaded.depths == ("schema", "semantics", "code")
        return loaded

    return check


def messages(loaded: Loaded) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in loaded.problems]


def test_methods_of_every_kind_are_good(check: Callable[..., Loaded], write: Write) -> None:
    write(
        "checked/kinds.py",
        """
        import functools

        def wrap(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper

        def plain(a=1): ...
        async def coroutine(a: int = 1): ...
        def generator(a: int = 1):
            yield a
        @wrap
        def decorated(a: int = 1): ...
        partial = functools.partial(plain, 2)
        """,
    )
    names = ("plain", "coroutine", "generator", "decorated")
    loaded = check(*(f"method: 'checked.kinds:{name}', parameters: {{a: 3}}" for name in names))
    assert messages(loaded) == []
    assert loaded.configuration is not None
    assert messages(check("method: 'checked.kinds:decorated', parameters: {a: x}")) == [
        "jobs.job-0.parameters.a: expected int, got str"
    ]


def test_an_import_that_hangs_ends_with_its_time(check: Callable[..., Loaded], write: Write, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    alive = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write(
        "checked/hanging.py",
        f"""
        import os, subprocess, sys, threading
        held = os.open({str(pipe)!r}, os.O_WRONLY)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], pass_fds=[held])
        threading.Event().wait()
        """,
    )
    write("checked/good.py", "def f(a: int): ...\n")
    loaded = check(
        "method: 'checked.good:f', parameters: {a: x}",
        "method: 'checked.hanging:f'",
        "method: 'checked.hanging:g'",
        "method: 'checked.good:f'",
        time_limit=3,
    )
    assert messages(loaded) == [
        "jobs.job-0.parameters.a: expected int, got str",
        "jobs.job-1.method: importing checked.hanging did not finish within 3 s",
        "jobs.job-3.method: parameter 'a' is missing",
    ]
    assert is_left_by_all_writers(alive)


def is_left_by_all_writers(pipe: int) -> bool:
    """Whether all processes that held the pipe open for writing are gone; waits for them."""
    poll = select.poll()
    poll.register(pipe, 0)
    events = poll.poll(30_000)
    os.close(pipe)
    return events == [(pipe, select.POLLHUP)]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "ended the process (signal SIGSEGV)"),
        ("import os\nos._exit(0)", "ended the process (exit code 0)"),
        ("import os\nos.closerange(3, 100)\nos._exit(1)", "ended the process (exit code 1)"),
        ("class Odd(BaseException): ...\nraise Odd", "ended the process (exit code 1)"),
        ("raise KeyboardInterrupt", "ended the process"),
        ("import os\n[os.write(fd, b'x\\n') for fd in range(3, 9) if os.path.exists(f'/dev/fd/{fd}')]", "not its own"),
        ("import sys\nsys.setrecursionlimit(50)\ndef f(): f()\nf()", "raised RecursionError"),
    ],
)
def test_an_import_may_end_the_process(check: Callable[..., Loaded], write: Write, source: str, words: str) -> None:
    write("checked/bad.py", source)
    (message,) = messages(check("method: 'checked.bad:f'"))
    assert message.startswith("jobs.job-0.method: importing checked.bad ")
    assert words in message


def test_an_import_that_hangs_with_all_files_closed_ends_too(check: Callable[..., Loaded], write: Write) -> None:
    write("checked/closed.py", "import os, threading\nos.closerange(3, 100)\nthreading.Event().wait()\n")
    (message,) = messages(check("method: 'checked.closed:f'", time_limit=1))
    assert message.endswith("importing checked.closed did not finish within 1 s")


def test_threads_that_never_end_are_not_waited_for(check: Callable[..., Loaded], write: Write) -> None:
    write(
        "checked/threads.py",
        "import threading\nthreading.Thread(target=threading.Event().wait).start()\ndef f(): ...\n",
    )
    assert messages(check("method: 'checked.threads:f'")) == []


def test_a_large_answer_and_a_large_question_pass(check: Callable[..., Loaded], write: Write) -> None:
    write("checked/many.py", "def f(a: int): ...\n")
    jobs = [f"method: 'checked.many:f', parameters: {{a: {'x' * 2000}}}" for _ in range(300)]
    assert len(messages(check(*jobs))) == 300


def test_code_is_imported_elsewhere_and_leaves_nothing_behind(
    check: Callable[..., Loaded], write: Write, tmp_path: Path
) -> None:
    write("checked/seen.py", f"import os\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ndef f(): ...\n")
    assert messages(check("method: 'checked.seen:f'")) == []
    assert int((tmp_path / "pid").read_text()) != os.getpid()
    assert "checked.seen" not in sys.modules
    assert list(tmp_path.rglob("__pycache__")) == []


def test_without_code_no_module_is_looked_for(write: Write) -> None:
    text = "rota: 1\nconfiguration: {name: a, modules: [nowhere]}\njobs: {j: {method: 'nowhere:f', use: false}}\n"
    (loaded,) = load([write("rota.yaml", text)], code=False)
    assert loaded.problems == ()
    assert loaded.depths == ("schema", "semantics")
    assert loaded.configuration is not None


def test_modules_beside_the_configuration_come_before_installed_ones(write: Write) -> None:
    write("lib/pluggy/__init__.py", "def f(only_here): ...\n")
    text = """
        rota: 1
        configuration: {name: a, modules: [pluggy, json], path: [lib]}
        jobs:
          a: {method: 'pluggy:f', parameters: {only_here: 1}, use: false}
          b: {method: 'json:dumps', parameters: [1], use: false}
    """
    (loaded,) = load([write("rota.yaml", text)])
    assert messages(loaded) == []
