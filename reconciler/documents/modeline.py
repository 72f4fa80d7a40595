"""The line at the top of a file that tells editors its schema: found, judged and written."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from reconciler.documents.schemas import file_name, load_schema_text
from reconciler.documents.source_text import lines_of

SCHEMAS: Final[Mapping[str, str]] = {
    "Stack": "stack",
    "Environment": "environment",
    "Policy": "policy",
    "Project": "project",
}
"""The name of the schema of each kind of document."""

FOLDER = Path(".reconciler") / "schemas"
"""Where a project keeps the schemas for editors, below its root."""

_FOLDERS = (FOLDER, Path("schemas"))
"""Where they may lie, the better place first."""

_MODELINE = re.compile(r"#[ \t]*yaml-language-server:[ \t]*\$schema=(?P<schema>\S+)[ \t]*")


class Fault(StrEnum):
    """Why a modeline does not do."""

    OTHER_KIND = "is not the schema of this kind"
    NOWHERE = "does not exist"
    OTHER_RELEASE = "is the schema of another version of this tool"


@dataclass(frozen=True, slots=True)
class Modeline:
    """The line, as a file has it."""

    index: int
    """Which line it is, from 0."""
    schema: str
    """Where the schema is said to be: an address, or a path from the file's folder."""

    @property
    def is_remote(self) -> bool:
        """Whether the schema is fetched from the network, so that nothing is known of it."""
        return "://" in self.schema

    def fault(self, file: Path, schema: str) -> Fault | None:
        """Return why the line of ``file`` does not lead to the schema of that name, if so."""
        name = self.schema.rpartition("/")[2]
        ours = name in map(file_name, SCHEMAS.values())
        if name != file_name(schema) and (ours or not self.is_remote):
            return Fault.OTHER_KIND
        if self.is_remote:
            return None
        target = file.resolve().parent / self.schema
        if not target.is_file():
            return Fault.NOWHERE
        shipped = load_schema_text(schema).encode()
        with target.open("rb") as stream:
            there = stream.read(2 * len(shipped)).replace(b"\r\n", b"\n")
        return None if there == shipped else Fault.OTHER_RELEASE


def schema_in(line: str) -> str | None:
    """Return the schema that a line names, None if it is no modeline."""
    match = _MODELINE.fullmatch(line)
    return match["schema"] if match else None


def modeline_of(text: str) -> Modeline | None:
    """Return the modeline among the comments at the top of a text."""
    for index, line in enumerate(lines_of(text)):
        schema = schema_in(line)
        if schema is not None:
            return Modeline(index, schema)
        if line.strip() and not line.startswith("#"):
            return None
    return None


def schemas_of(root: Path) -> Path | None:
    """Return the folder where a project keeps the schemas for editors, if it does."""
    folders = (root / name for name in _FOLDERS)
    return next((f for f in folders if (f / file_name("stack")).is_file()), None)


def written(schema: str) -> str:
    """Return the line that names a schema."""
    return f"# yaml-language-server: $schema={schema}"


def right_line(file: Path, schema: str, folder: Path) -> str:
    """Return the line that ``file`` should have, where the schemas lie in ``folder``."""
    place = Path(os.path.relpath(folder.resolve(), file.resolve().parent)).as_posix()
    prefix = "" if place.startswith(".") else "./"
    return written(f"{prefix}{place}/{file_name(schema)}")


def with_line(text: str, line: str) -> str:
    """Return a text with a line in the place of its modeline, or at its top."""
    current = modeline_of(text)
    if current is None:
        end = "\r\n" if "\r\n" in text else "\n"
        return f"{line}{end}{text}"
    return text.replace(lines_of(text)[current.index], line, 1)
