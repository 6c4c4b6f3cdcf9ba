"""Foreign names made legal: of jobs (`load-rates`), and of Python modules and functions (`load_rates`)."""

from __future__ import annotations

import keyword
import re
import unicodedata

MAX_LENGTH = 100
"""Characters of a job's name; the schema has the same bound."""

_CYRILLIC = dict(zip("абвгдезийклмнопрстуфыэёіґў", "abvgdeziyklmnoprstufyeeigu", strict=True)) | {
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "ї": "yi",
    "є": "ye",
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def job_name(text: str, *, otherwise: str = "job") -> str:
    """Small letters, digits and hyphens: `ЗагрузкаКурсов` becomes `zagruzka-kursov`.

    `otherwise` is the name of a text without a single letter or digit that could be kept.
    """
    return "-".join(_words(text))[:MAX_LENGTH].strip("-") or otherwise


def identifier(text: str, *, otherwise: str) -> str:
    """A public name of a module or function."""
    name = "_".join(_words(text))[:MAX_LENGTH].strip("_") or otherwise
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _words(text: str) -> list[str]:
    latin = "".join(_latin(character) for character in unicodedata.normalize("NFC", text))
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", _HUMP.sub(" ", latin)) if word]


def _latin(character: str) -> str:
    letters = _CYRILLIC.get(character.lower())
    if letters is None:
        plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
        return plain if plain or unicodedata.combining(character) else " "
    return letters.capitalize() if character.isupper() else letters


class Names:
    """Gives each name once: the second `backup` becomes `backup-2`."""

    def __init__(self, separator: str = "-") -> None:
        self._separator = separator
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """`wanted`, or the next free name like it."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            ending = f"{self._separator}{number}"
            name = wanted[: MAX_LENGTH - len(ending)] + ending
        self._taken.add(name)
        return name
