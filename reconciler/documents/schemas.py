"""The JSON Schemas that are shipped with the tool; nothing is ever fetched."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_SUFFIX = ".schema.json"


def folder() -> Path:
    """Return the folder of the schemas: in the wheel, else beside the package in the repository."""
    package = Path(__file__).parents[1]
    shipped = package / "_schemas"
    return shipped if shipped.is_dir() else package.parent / "schemas"


def names() -> tuple[str, ...]:
    """Return the names of all schemas, sorted."""
    found = (entry.name for entry in folder().iterdir())
    return tuple(sorted(name_of(n) for n in found if n.endswith(_SUFFIX)))


def file_name(name: str) -> str:
    """Return the name of the file that a schema is in; the name of a file is taken as it is."""
    return f"{name_of(name)}{_SUFFIX}"


def name_of(file: str) -> str:
    """Return the name of the schema that a file of this name holds."""
    return file.removesuffix(_SUFFIX)


def texts() -> dict[str, str]:
    """Return all schemas as they are shipped, by file name; they refer to each other by these."""
    found = map(file_name, names())
    return {name: (folder() / name).read_text(encoding="utf-8") for name in found}


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Return the schema called ``name``, such as ``stack``; it is shared, so leave it unchanged.

    Raises:
        KeyError: if there is no such schema.

    """
    schema: dict[str, Any] = json.loads(load_schema_text(name))
    return schema


def load_schema_text(name: str) -> str:
    """Return the schema called ``name`` as its file has it.

    Raises:
        KeyError: if there is no such schema.

    """
    file = folder() / f"{name}{_SUFFIX}"
    if not file.is_file():
        raise KeyError(name)
    return file.read_text(encoding="utf-8")
