"""XML read hardened: no document type, no entities, nothing from outside. The door of defusedxml; used by onec."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from rota.configuration.source import read
from rota.importers.imported import Place
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem


@dataclass(slots=True)
class Element:
    """An element with names that have lost their prefixes: the formats read here tell nothing by them."""

    name: str
    place: Place
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        """The children of that name, in order."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Element | None:
        """The first child of that name."""
        return next(self.all(name), None)

    def value(self, name: str) -> str:
        """The text of the first child of that name; nothing without one."""
        child = self.first(name)
        return child.text.strip() if child else ""


def read_xml(path: Path) -> Element:
    """The root of the file. Raises `ConfigurationError` for whatever cannot be read, with its line and column."""
    import defusedxml.sax
    from defusedxml import DefusedXmlException

    source = read(path)
    if isinstance(source, Problem):
        raise ConfigurationError([source])
    handler = _Handler(source.name)
    try:
        defusedxml.sax.parseString(source.text.encode(), handler, forbid_dtd=True)
    except DefusedXmlException:
        problem = handler.place.bad("a document type or entity, which is refused", hint="remove the DOCTYPE")
        raise ConfigurationError([problem]) from None
    except (LookupError, ValueError) as error:  # an encoding that Python does not know, or expat cannot take
        raise ConfigurationError([handler.place.bad(f"broken XML: {error}")]) from None
    except SAXParseException as error:
        place = Place(source.name, error.getLineNumber())
        problem = place.bad(f"broken XML: {error.getMessage()}", column=(error.getColumnNumber() or 0) + 1)
        raise ConfigurationError([problem]) from None
    return handler.top.children[0]


class _Handler(ContentHandler):
    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file
        self.top = Element("", Place(file, 1), {})
        self._open = [self.top]
        self._texts: list[list[str]] = [[]]

    @property
    def place(self) -> Place:
        """Where the reading stands."""
        locator = self._locator  # type: ignore[attr-defined]  # the base class's way to give the position
        return Place(self._file, (locator.getLineNumber() if locator else None) or 1)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 -- the base class's name
        attributes = {_local(key): value for key, value in attrs.items() if not key.startswith("xmlns")}
        element = Element(_local(name), self.place, attributes)
        self._open[-1].children.append(element)
        self._open.append(element)
        self._texts.append([])

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802 -- the base class's signature
        self._open.pop().text = "".join(self._texts.pop())

    def characters(self, content: str) -> None:
        self._texts[-1].append(content)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
