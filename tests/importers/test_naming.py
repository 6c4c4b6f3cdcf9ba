"""Foreign names made legal."""

from __future__ import annotations

import pytest

from rota.importers.naming import MAX_LENGTH, Names, identifier, job_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AccessUpdateOnRecordsLevel", "access-update-on-records-level"),
        ("ОбновлениеАгрегатов", "obnovlenie-agregatov"),
        ("ЩётЖёлтый", "shchet-zheltyy"),
        ("SMSSending2Times", "sms-sending2-times"),
        ("/usr/local/bin/back_up.sh", "usr-local-bin-back-up-sh"),
        ("Überprüfung café", "uberprufung-cafe"),
        ("日本", "job"),
        ("--", "job"),
        ("x" * 200, "x" * MAX_LENGTH),
    ],
)
def test_names_of_jobs(text: str, expected: str) -> None:
    assert job_name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UpdateRates", "update_rates"),
        ("_private", "private"),
        ("2Times", "n2_times"),
        ("Import", "import_"),
        ("日", "f"),
    ],
)
def test_names_of_functions(text: str, expected: str) -> None:
    assert identifier(text, otherwise="f") == expected
    assert expected.isidentifier()


def test_each_name_is_given_once() -> None:
    names = Names()
    assert [names.take(name) for name in ("a", "a", "a-2", "a")] == ["a", "a-2", "a-2-2", "a-3"]
    long = "x" * MAX_LENGTH
    assert [len(names.take(long)) for _ in range(11)] == [MAX_LENGTH] * 11
