"""XML read hardened."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.importers.xml_tree import read_xml
from rota.model.errors import ConfigurationError

BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
REMOTE = '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_names_lose_their_prefixes_and_places_are_kept(tmp_path: Path) -> None:
    root = read_xml(write(tmp_path, '<x:a xmlns:x="urn:x" x:k="1">\n <b> t&amp;u </b>\n <x:b/></x:a>'))
    assert (root.name, root.attributes, root.place.line) == ("a", {"k": "1"}, 1)
    assert [(child.text, child.place.line) for child in root.all("b")] == [(" t&u ", 2), ("", 3)]
    assert (root.value("b"), root.value("c"), root.first("c")) == ("t&u", "", None)


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, REMOTE, "<!DOCTYPE a><a/>"])
def test_document_types_and_entities_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_xml(write(tmp_path, text))
    [problem] = caught.value.problems
    assert str(problem) == f"{tmp_path}/a.xml:1: a document type or entity, which is refused"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<a>\n<b></a>", "a.xml:2:6: broken XML: mismatched tag"),
        ("", "a.xml:1:1: broken XML: no element found"),
        ("<a>&unknown;</a>", "a.xml:1:4: broken XML: undefined entity"),
        ('<?xml version="1.0" encoding="UTa-8"?><a/>', "a.xml:1: broken XML: unknown encoding: UTa-8"),
        ('<?xml version="1.0" encoding="euc-jp"?><a/>', "a.xml:1: broken XML: multi-byte encodings are not supported"),
        (b"\x7fELF\0\0", "a.xml:1:5: holds a NUL character; it is not a text file"),
        (b"<a>\xff</a>", "a.xml:1:4: is not text in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, content: str | bytes, expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_xml(write(tmp_path, content))
    [problem] = caught.value.problems
    assert str(problem).startswith(f"{tmp_path}/{expected}")


def test_a_deep_document_does_not_exhaust_the_stack(tmp_path: Path) -> None:
    assert read_xml(write(tmp_path, "<a>" * 100_000 + "</a>" * 100_000)).name == "a"
