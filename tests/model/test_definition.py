"""What a configuration declares: its properties, its document and its digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from rota.model.definition import OVERRIDABLE, Configuration, Definition, ExecutorSpec, Header, Retention
from rota.model.values import canonical
from rota.schedule import Schedule

RATES = Definition(
    name="rates",
    method="shop_jobs:load",
    parameters={"currencies": ["USD"]},
    schedule=Schedule.parse({"days_repeat_period": 1, "begin_time": "06:00"}),
)
BACKUP = Definition(name="backup", command=("sh", "-c", "true"), working_directory="work", renamed_from="copy")
SHOP = Configuration(name="shop", modules=("shop_jobs",), path=("/srv",), definitions=(RATES, BACKUP))


def test_the_properties_of_a_definition_are_all_that_it_says_but_its_names() -> None:
    fields = set(Definition.__struct_fields__) - {"name", "renamed_from"}
    assert set(RATES.properties) == fields
    assert set(OVERRIDABLE) <= fields
    assert RATES.properties["schedule"] == {"timezone": "UTC", "days_repeat_period": 1, "begin_time": "06:00"}


def test_the_properties_of_a_header_are_all_that_it_says_but_its_name() -> None:
    header = Header(
        name="shop",
        executors=(ExecutorSpec(name="crawl", kind="thread", workers=32),),
        retention=Retention(age=60, count=5),
    )
    assert set(header.properties) == set(Header.__dataclass_fields__) - {"name"}
    assert header.properties["executors"] == {"crawl": {"kind": "thread", "workers": 32}}
    assert header.properties["retention"] == {"age": 60, "count": 5}


def test_the_text_is_that_of_the_document() -> None:
    document = json.loads(SHOP.text)
    assert document == json.loads(canonical(SHOP.document))
    assert document["configuration"]["name"] == "shop"
    assert document["jobs"]["backup"]["renamed_from"] == "copy"


def test_a_text_that_somebody_has_is_not_made_again() -> None:
    assert replace(SHOP, written=b"{}").text == b"{}"


def test_the_seal_is_that_of_the_text_with_seals_for_jobs() -> None:
    jobs = {each.name: hashlib.sha256(each.entry).hexdigest() for each in SHOP.definitions}
    whole = canonical({"rota": 1, "configuration": SHOP.header, "jobs": jobs})
    assert SHOP.seal() == hashlib.sha256(whole).hexdigest()


def test_the_seal_does_not_depend_on_order_or_place() -> None:
    moved = replace(SHOP, definitions=(BACKUP, RATES), root="/elsewhere", source="elsewhere", digest="x")
    assert moved.seal() == SHOP.seal()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "market"},
        {"timezone": "Europe/Berlin"},
        {"retention": Retention(count=1)},
        {"definitions": (RATES,)},
        {"definitions": (RATES, structs.replace(BACKUP, priority=1))},
        {"definitions": (RATES, structs.replace(BACKUP, renamed_from=None))},
    ],
)
def test_the_seal_differs_with_all_that_it_says(change: dict[str, Any]) -> None:
    assert replace(SHOP, **change).seal() != SHOP.seal()


@pytest.mark.parametrize(
    ("change", "depends"),
    [
        ({}, True),
        ({"definitions": (RATES,)}, False),
        ({"definitions": (RATES,), "path": (".",)}, True),
        ({"definitions": (structs.replace(BACKUP, working_directory="/srv"),)}, False),
    ],
)
def test_it_depends_on_where_it_lies_if_a_folder_is_relative(change: dict[str, Any], depends: bool) -> None:
    assert replace(SHOP, **change).depends_on_root is depends


def test_its_users_and_its_definitions_by_name() -> None:
    assert replace(SHOP, definitions=(RATES, structs.replace(BACKUP, user="ann"))).users == {"administrator", "ann"}
    assert SHOP.by_name == {"rates": RATES, "backup": BACKUP}
