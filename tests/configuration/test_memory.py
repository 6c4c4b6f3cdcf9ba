"""A loader that remembers says what one says that has never seen the files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from rota.configuration.load import Loaded, Loader, load
from rota.configuration.variables import Variables

Write = Callable[[str, str], Path]

TODAY = date(2026, 1, 1)

_HEADERS = (
    "configuration: {name: shop, path: [], executors: {crawl: {kind: thread}}}\n",
    "configuration: {name: shop, path: [], modules: [shop_jobs], timezone: Europe/Berlin}\n",
    "configuration: {name: shop, path: [], defaults: {executor: thread, retry: {count: 3}}}\n",
    "configuration: {name: shop, timezone: Mars/Base, extra: 1}\n",
    "configuration: {name: '${NAME:-shop}', path: []}\n",
    "configuration: []\n",
    "",
)
_BODIES = (
    "{command: [echo], use: false}",
    "{command: [echo], executor: crawl, use: false}",
    "{method: 'shop_jobs.rates:load', schedule: {days_repeat_period: 1, begin_time: '02:30'}}",
    "{command: [echo], schedule: {days_repeat_period: 1, week_days: [8]}}",
    "{command: [echo], renamed_from: a, use: false}",
    "{command: [echo], renamed_from: b, use: false}",
    "{command: [echo], retry: {interval: 10s}, timeout: 0s}",
    "{command: ['${MISSING}', '${NAME}'], use: false}",
    "{command: [echo], colour: red}",
    "[]",
)
_BROKEN = ("rota: 1\njobs: [\n", "", "[]\n", "rota: 1\nrota: 1\n", "\xff")
_FILES = ("rota.yaml", "b.yaml", "more/c.yaml", "environments/prod.yaml")

_names = st.sampled_from(["a", "b", "c", "d"])
_jobs = st.dictionaries(_names, st.sampled_from(_BODIES), max_size=3)


def _text(header: str, jobs: dict[str, str]) -> str:
    lines = "".join(f"  {name}: {body}\n" for name, body in jobs.items())
    return f"rota: 1\n{header}" + (f"jobs:\n{lines}" if lines else "")


_texts = st.one_of(
    st.builds(_text, st.just(""), _jobs),
    st.builds(_text, st.sampled_from(_HEADERS), _jobs),
    st.sampled_from(_BROKEN),
)
_changes = st.one_of(
    st.tuples(st.sampled_from(_FILES), _texts),
    st.tuples(st.just("rota.yaml"), st.builds(_text, st.sampled_from(_HEADERS[:3]), _jobs)),
    st.tuples(st.sampled_from(_FILES), st.none()),
)


def _change(folder: Path, name: str, text: str | None) -> None:
    path = folder / name
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="latin-1")


def _variables() -> Variables:
    return Variables({"NAME": "shop", "OTHER": "1"}, ["OTHER"])


@given(st.lists(_changes, min_size=1, max_size=12), st.sampled_from([None, "prod"]))
@settings(max_examples=150, deadline=None)
def test_loading_again_finds_what_loading_anew_finds(
    changes: Sequence[tuple[str, str | None]], environment: str | None
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        loader = Loader(environment=environment, code=False)
        _change(folder, "rota.yaml", _text(_HEADERS[0], {"a": _BODIES[0]}))
        for file, text in changes:
            _change(folder, file, text)
            again = loader.load([folder], variables=_variables(), today=TODAY)
            anew = load([folder], environment=environment, variables=_variables(), code=False, today=TODAY)
            assert again == anew


def test_only_what_changed_is_parsed_and_defined_anew(write: Write, tmp_path: Path) -> None:
    write("rota.yaml", _text(_HEADERS[0], {"a": _BODIES[0]}))
    write("b.yaml", _text("", {"b": _BODIES[0]}))
    loader = Loader()
    before = _definitions(loader.load([tmp_path]))
    write("b.yaml", _text("", {"b": "{command: [echo, more], use: false}"}))
    after = _definitions(loader.load([tmp_path]))
    assert after["a"] is before["a"]
    assert after["b"] != before["b"]


def test_a_changed_header_reaches_the_jobs_of_other_files(write: Write, tmp_path: Path) -> None:
    write("rota.yaml", _text(_HEADERS[0], {}))
    write("b.yaml", _text("", {"b": "{method: 'os.path:join', use: false}"}))
    loader = Loader(code=False)
    (before,) = loader.load([tmp_path])
    assert [problem.code for problem in before.errors] == ["semantics.method-not-allowed"]
    write("rota.yaml", "rota: 1\nconfiguration: {name: shop, modules: [os], defaults: {executor: thread}}\n")
    assert _definitions(loader.load([tmp_path]))["b"].executor == "thread"  # type: ignore[attr-defined]


def test_other_values_of_variables_are_filled_in_anew(write: Write, tmp_path: Path) -> None:
    write("rota.yaml", _text(_HEADERS[4], {"a": _BODIES[0]}))
    loader = Loader(code=False)
    names = [loader.load([tmp_path], variables=Variables({"NAME": value}))[0].name for value in ("bank", "park")]
    assert names == ["bank", "park"]


def test_methods_are_asked_for_again_once_the_code_has_changed(write: Write, tmp_path: Path) -> None:
    write("rota.yaml", "rota: 1\nconfiguration: {name: shop, modules: [remembered_jobs]}\n")
    write("jobs.yaml", "rota: 1\njobs: {a: {method: 'remembered_jobs:load', parameters: {days: 1}, use: false}}\n")
    write("remembered_jobs.py", "def load(days): ...\n")
    loader = Loader()
    assert loader.load([tmp_path])[0].errors == ()
    write("remembered_jobs.py", "def load(weeks): ...\n")
    assert loader.load([tmp_path])[0].errors == (), "nobody said that the code has changed"
    loader.forget_code()
    assert loader.load([tmp_path]) == load([tmp_path])
    assert len(loader.load([tmp_path])[0].errors) == 2
    (tmp_path / "remembered_jobs.py").unlink()
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    write("remembered_jobs.py", "def load(days): ...\n")
    assert loader.load([tmp_path])[0].errors == (), "what went wrong is asked again without being told"


def _definitions(loaded: Sequence[Loaded]) -> dict[str, object]:
    (only,) = loaded
    assert only.configuration is not None, only.errors
    return {each.name: each for each in only.configuration.definitions}
