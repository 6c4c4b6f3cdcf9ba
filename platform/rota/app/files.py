"""Files that an option names: written whole or not at all, and read as far as they are bounded."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from rota.model.errors import UsageError
from rota.model.ids import new_id


def replace_file(option: str, file: Path, content: bytes) -> None:
    """Write the file, in place of what is there. Raises `UsageError`, naming the option, where that cannot be.

    What is there keeps its rights, and a link leads where it did. What is no file, as `/dev/stdout`, is written to.
    """
    try:
        if file.exists() and not file.is_file() and not file.is_dir():
            file.write_bytes(content)
        else:
            _replace(Path(os.path.realpath(file)), content)
    except OSError as error:
        raise UsageError(f"{option} {file}: cannot be written: {error.strerror}") from error


def read_file(option: str, file: Path, *, most: int) -> bytes:
    """What the file holds, at most so many bytes. Raises `UsageError`, naming the option, where that cannot be had."""
    try:
        facts = file.stat()
        if not S_ISREG(facts.st_mode):  # a pipe would be waited for, and a device may never end
            raise UsageError(f"{option} {file}: is not a file")
        if facts.st_size > most:
            raise UsageError(f"{option} {file}: is larger than {most // 1024 // 1024} MiB")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{option} {file}: cannot be read: {error.strerror}") from error


def _replace(file: Path, content: bytes) -> None:
    scratch = file.with_name(f".{file.name}.{new_id()}")
    try:
        with scratch.open("xb") as new:
            new.write(content)
        with suppress(FileNotFoundError):
            scratch.chmod(file.stat().st_mode & 0o777)
        scratch.replace(file)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
