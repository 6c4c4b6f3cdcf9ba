"""Problems as other programs read them."""

from __future__ import annotations

from rota.cli.reports import github, sarif
from rota.model.problem import Problem

BAD = Problem(
    message="100% wrong",
    code="schema.type",
    file="my shop/a,b.yaml",
    line=3,
    column=7,
    path="jobs.a:b",
    hint="do\nbetter",
)
ODD = Problem(message="odd", code="variable.unused", severity="warning")


def test_annotations_of_github() -> None:
    assert list(github([BAD, ODD])) == [
        "::error file=my shop/a%2Cb.yaml,line=3,col=7,title=schema.type::jobs.a:b: 100%25 wrong (do%0Abetter)",
        "::warning title=variable.unused::odd",
    ]


def test_a_sarif_log() -> None:
    log = sarif([BAD, ODD, BAD])
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["schema.type", "variable.unused"]
    assert rules[0]["fullDescription"]["text"].startswith("A value is of another type")
    bad, odd, again = run["results"]
    assert again == bad
    assert bad == {
        "ruleId": "schema.type",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "jobs.a:b: 100% wrong (do\nbetter)"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "my%20shop/a%2Cb.yaml"},
                    "region": {"startLine": 3, "startColumn": 7},
                },
                "logicalLocations": [{"fullyQualifiedName": "jobs.a:b"}],
            }
        ],
    }
    assert odd == {"ruleId": "variable.unused", "ruleIndex": 1, "level": "warning", "message": {"text": "odd"}}
