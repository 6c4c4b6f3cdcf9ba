"""The runner of the documentation's examples catches examples that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pages import ExampleFailed, Page, missing_line, read_commands, read_fences


def run(tmp_path: Path, text: str) -> int:
    page = tmp_path / "page.md"
    page.write_text(text)
    return Page(page, tmp_path).run()


def test_fences_are_read_with_language_mark_file_and_line() -> None:
    fences = read_fences("Text\n\n```yaml\n# file: a/b.yaml\nx: 1\n```\n\n```sh by-hand\n./quickstart\n```\n")
    assert [(fence.language, fence.mark, fence.file, fence.line) for fence in fences] == [
        ("yaml", "", "a/b.yaml", 3),
        ("sh", "by-hand", None, 8),
    ]


def test_commands_are_read_with_what_is_shown() -> None:
    one, two = read_commands("$ echo a \\\n    b\na b\n$ true\n")
    assert (one.text, one.shown) == ("echo a \\\n    b", ["a b"])
    assert (two.text, two.shown) == ("true", [])


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        (["a  1", "b"], None),
        (["...", "b"], None),
        (["a ...", "b ..."], None),
        (["b", "a ..."], "a ..."),
        (["a"], "a"),
        (["c"], "c"),
    ],
)
def test_shown_lines_are_looked_for_in_order(shown: list[str], missing: str | None) -> None:
    assert missing_line(shown, "  a   1\nbetween\nb more\nb\n") == missing


RUN = "09:12:01  report  completed in 4 ms\n95309d64  report  2030-01-31 09:12:01  1.1 s"


@pytest.mark.parametrize(
    ("shown", "missing", "missing_exactly"),
    [
        ("10:00:00 report completed in 120 ms", None, "10:00:00 report completed in 120 ms"),
        ("aaaa0000 report 2026-12-01 10:00:00 3 s", None, "aaaa0000 report 2026-12-01 10:00:00 3 s"),
        ("09:12:01 report completed in 4 ms", None, None),
        ("10:00:00 report failed in 4 ms", "10:00:00 report failed in 4 ms", "10:00:00 report failed in 4 ms"),
    ],
)
def test_ids_and_times_stand_for_their_like(shown: str, missing: str | None, missing_exactly: str | None) -> None:
    assert missing_line([shown], RUN) == missing
    assert missing_line([shown], RUN, exact=True) == missing_exactly


def test_files_are_written_and_commands_run_in_one_folder(tmp_path: Path) -> None:
    text = "```yaml\n# file: deep/a.yaml\nx: 1\n```\n\n```console\n$ cat deep/a.yaml\nx: 1\n```\n"
    assert run(tmp_path, text) == 2


def test_a_failure_that_the_page_shows_is_right(tmp_path: Path) -> None:
    assert run(tmp_path, "```console\n$ exit 3\n$ echo $?\n3\n```\n") == 1


def test_python_is_run_and_its_output_compared(tmp_path: Path) -> None:
    assert run(tmp_path, "```python\nprint(1 + 1)\n```\n\n```text\n2\n```\n") == 1


def test_a_command_goes_on_while_others_run(tmp_path: Path) -> None:
    waits = "import signal; signal.pthread_sigmask(0, [2]); print('up', flush=True); signal.sigwait([2]); print('down')"
    (tmp_path / "waits.py").write_text(waits)
    starts = "```console starts\n$ python waits.py\nup\n```\n\n"
    assert run(tmp_path, starts + "```console\n$ true\n```\n\n```console goes-on\n^C\ndown\n```\n") == 3


def test_a_command_that_goes_on_is_not_left_behind(tmp_path: Path) -> None:
    with pytest.raises(ExampleFailed, match="`false` ended with 1"):
        run(tmp_path, "```console starts\n$ sleep 1000\n```\n\n```console\n$ false\n```\n")


def test_the_folder_is_changed_for_all_that_follows(tmp_path: Path) -> None:
    assert run(tmp_path, "```console\n$ mkdir a\n$ cd a\n$ basename $PWD\na\n```\n") == 1


@pytest.mark.parametrize(
    ("example", "complaint"),
    [
        ("```console starts\n$ echo a\nb\n```", "page.md:1: it does not go on with 'b'"),
        ("```console starts\n$ sleep 1000\n^C\n```", "page.md:1: interrupted, it ended with -2"),
        ("```console\n$ false\n```", "page.md:1: `false` ended with 1"),
        ("```console\n$ echo a\nb\n```", "page.md:1: `echo a` does not show 'b'"),
        ("```console\n$ exit 3\n$ echo $?\n4\n```", "does not show '4'"),
        ("```python\nassert False\n```", "page.md:1: it ended with 1"),
        ("```python\nprint(1)\n```\n\n```text\n2\n```", "does not show '2'"),
        ("```yaml\nrota: 1\nconfiguration: {nam: shop}\n```", "page.md:1: it is not valid"),
        ("```json\n{a: 1}\n```", "page.md:1: it is not JSON"),
    ],
)
def test_a_wrong_example_is_caught(tmp_path: Path, example: str, complaint: str) -> None:
    with pytest.raises(ExampleFailed) as caught:
        run(tmp_path, example + "\n")
    assert complaint in str(caught.value)


def test_data_is_looked_at(tmp_path: Path) -> None:
    configuration = "```yaml\nrota: 1\nconfiguration: {name: shop}\njobs: {rates: {command: [echo], use: false}}\n```\n"
    assert run(tmp_path, configuration + '\n```json\n{"a": 1}\n```\n') == 2


def test_what_is_to_be_done_by_hand_is_left_alone(tmp_path: Path) -> None:
    assert run(tmp_path, "```console by-hand\n$ false\n```\n\n```yaml\nfragment: 1\n```\n") == 0
