"""What `--format sarif` writes fits the schema that OASIS publishes for SARIF 2.1.0."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from rota import __version__
from rota.cli.reports import sarif
from rota.model.problem import Problem
from tests.support.command_line import ROOT, rota
from tests.support.npm import npm

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
"""A package that holds the schema, as its last revision is: rtm.5."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Draft4Validator:
    folder = tmp_path_factory.mktemp("npm")
    name = npm("pack", PACKAGE, cwd=folder).split()[-1]
    with tarfile.open(folder / name) as archive:
        found = archive.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert found is not None
        schema = json.load(found)
    assert schema["$schema"].startswith("http://json-schema.org/draft-04/")
    return Draft4Validator(schema)


def check(published: Draft4Validator, log: Any) -> None:
    assert [error.message for error in published.iter_errors(log)] == []


def test_problems_of_every_kind(published: Draft4Validator) -> None:
    cases = ("wrong_types", "unknown_job_keys", "overlay_values", "not_utf8", "no_header", "key_twice_three_times")
    paths = [case if (ROOT / "tests/bad_configurations" / case).is_dir() else f"{case}.yaml" for case in cases]
    done = rota("validate", "--no-code", "--format", "sarif", *paths, cwd=ROOT / "tests" / "bad_configurations")
    assert done.returncode == 1
    log = json.loads(done.stdout)
    check(published, log)
    (run,) = log["runs"]
    assert run["tool"]["driver"]["version"] == __version__
    assert len(run["results"]) >= 30
    assert {"schema.type", "file.encoding", "yaml.duplicate-key", "semantics.no-header"} <= {
        rule["id"] for rule in run["tool"]["driver"]["rules"]
    }


def test_nothing_wrong(published: Draft4Validator) -> None:
    check(published, sarif([]))


def test_strange_names_and_long_texts(published: Draft4Validator) -> None:
    odd = Problem(message="a\tb\x1b", code="x", file="a b/ü%#?[1].yaml", line=1, column=1, path="jobs.😀", hint="é")
    log = sarif([odd, Problem(message="no place", code="y", severity="warning")])
    check(published, log)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%C3%BC%25%23%3F%5B1%5D.yaml"


def test_a_file_outside_is_named_by_its_whole_path(published: Draft4Validator, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("rota: 2\n")
    log = json.loads(rota("validate", "--no-code", "--format", "sarif", tmp_path / "bad.yaml").stdout)
    check(published, log)
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (tmp_path / "bad.yaml").as_uri()
