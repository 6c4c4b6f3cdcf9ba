"""What the maker of a plan found to be right, kept in the plan for whoever carries it out: no file is checked twice.

It is taken at its word only under a seal, a keyed digest whose key the plan does not hold: a file that passes through
other hands is no way around the checks. Without it, or where anything was changed since, the files are checked again.
"""

from __future__ import annotations

import hmac
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import structs

from rota import __version__
from rota.app.passwords import make_key
from rota.app.settings import plan_key, state_folder, surrounding_variables
from rota.app.surroundings import Surroundings
from rota.configuration.build import from_text
from rota.configuration.inputs import Inputs
from rota.model.definition import Configuration
from rota.plan.saved import SavedPlans


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration, its document in the text that has the digest; `root` is relative to its source."""

    source: str
    root: str
    digest: str
    document: msgspec.Raw


class _Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What one version of Rota found, and what it had read."""

    version: str
    inputs: Inputs
    configurations: list[_Kept]


def sealed(saved: SavedPlans, inputs: Inputs, configurations: Sequence[Configuration]) -> SavedPlans:
    """The plans with what they were made from, where there is a key to seal it with."""
    key = _key(make=True)
    if key is None:
        return saved
    kept = [_kept(each) for each in configurations]
    checked = msgspec.json.encode(_Checked(version=__version__, inputs=inputs, configurations=kept))
    return structs.replace(saved, checked=msgspec.Raw(checked), seal=_seal(key, checked))


def _kept(configuration: Configuration) -> _Kept:
    root = os.path.relpath(configuration.root, _place(configuration.source))
    text, digest = msgspec.Raw(configuration.text), configuration.digest
    return _Kept(source=configuration.source, root=root, digest=digest, document=text)


def recall(saved: SavedPlans, paths: Sequence[Path], surroundings: Surroundings) -> list[Configuration] | None:
    """The configurations that `paths` name, as the plans hold them; None where they have to be read and checked."""
    content, key = bytes(saved.checked), _key()
    if key is None or saved.seal is None or not hmac.compare_digest(_seal(key, content).encode(), saved.seal.encode()):
        return None
    checked = msgspec.json.decode(content, type=_Checked)
    values: Mapping[str, str] = {**surrounding_variables(), **surroundings.variables}
    if checked.version != __version__ or not checked.inputs.are_those_of(paths, surroundings.environment, values):
        return None
    return [_configuration(each) for each in checked.configurations]


def _configuration(kept: _Kept) -> Configuration:
    root = Path(os.path.realpath(os.path.join(_place(kept.source), kept.root)))  # noqa: PTH118 - `..` after links
    return from_text(bytes(kept.document), kept.digest, source=kept.source, root=root)


def _place(source: str) -> str:
    return os.path.realpath(os.fsdecode(source))


def _seal(key: bytes, content: bytes) -> str:
    return hmac.digest(key, content, "sha256").hex()


def _key(*, make: bool = False) -> bytes | None:
    """The key of this pipeline, or of this user on this machine."""
    named = plan_key()
    if named is not None:
        return named.encode()
    file = state_folder() / "plan.key"
    with suppress(OSError):
        if make and not file.exists():
            _make_key(file)
        return file.read_bytes() or None
    return None


def _make_key(file: Path) -> None:
    """Write a new key, which nobody else may read; another process may do so at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent) as scratch:  # open to its owner alone
        scratch.write(make_key())
        scratch.flush()
        with suppress(FileExistsError):
            os.link(scratch.name, file)
