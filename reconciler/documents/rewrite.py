"""Files are replaced as a whole: a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import difflib
import os
import uuid
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write ``content`` beside the file and move it into its place, with the mode of the old one.

    A link stays a link: what it leads to is replaced. A file that is not there yet is written.

    Raises:
        OSError: the file, or its folder, cannot be written.

    """
    real = path.resolve()
    mode = real.stat().st_mode if real.exists() else None
    new = real.with_name(f".{real.name}.{uuid.uuid4().hex}")
    try:
        with new.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            new.chmod(mode)
        new.replace(real)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def unified_diff(name: str, before: str, after: str) -> str:
    """Return what changes from one text to the other, in the form that patch and git know."""
    lines = difflib.unified_diff(
        _lines(before), _lines(after), f"a/{name}", f"b/{name}", lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Return lines as they are to be shown: with what is missing or unusual about their ends."""
    plain = text.removeprefix("\ufeff")
    lines = plain.split("\n")
    shown = [line.replace("\r", "^M") for line in lines]
    if not shown[-1]:
        return ["<BOM>" + shown[0], *shown[1:-1]] if plain != text else shown[:-1]
    shown[-1] += "\n\\ No newline at end of file"
    return ["<BOM>" + shown[0], *shown[1:]] if plain != text else shown
