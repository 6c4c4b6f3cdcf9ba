"""Files that a command writes for somebody: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from rota.model.errors import UsageError


def replace_file(option: str, file: Path, content: bytes) -> None:
    """Write the file, in place of what is there. Raises `UsageError`, naming the option, where that cannot be."""
    try:
        descriptor, scratch = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as new:
                new.write(content)
            Path(scratch).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(scratch).unlink()
            raise
    except OSError as error:
        raise UsageError(f"{option} {file}: cannot be written: {error.strerror}") from error
