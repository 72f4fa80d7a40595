"""The JSON Schemas that are shipped with the tool; nothing is ever fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from referencing import Registry
from referencing.jsonschema import DRAFT7

_SUFFIX = ".schema.json"


def folder() -> Traversable:
    """Return the folder of the schemas: in the wheel, else beside the package in the repository."""
    package = files("reconciler")
    shipped = package / "_schemas"
    if shipped.is_dir():
        return shipped
    return files("reconciler").joinpath("..", "schemas")


def names() -> tuple[str, ...]:
    """Return the names of all schemas, sorted."""
    found = (entry.name for entry in folder().iterdir())
    return tuple(sorted(n.removesuffix(_SUFFIX) for n in found if n.endswith(_SUFFIX)))


def file_name(name: str) -> str:
    """Return the name of the file that a schema is in; the name of a file is taken as it is."""
    return f"{name.removesuffix(_SUFFIX)}{_SUFFIX}"


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


def undeclared(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without ``$schema``.

    `jsonschema` takes that as a wish for its own validator, and would leave ours behind at the
    first reference from one file to another.
    """
    return {key: value for key, value in schema.items() if key != "$schema"}


@cache
def registry() -> Registry[Any]:
    """Return the schemas by file name and by ``$id``, so that they can refer to each other."""
    resources = []
    for name in names():
        resource = DRAFT7.create_resource(undeclared(load_schema(name)))
        addresses = {f"{name}{_SUFFIX}", resource.id() or f"{name}{_SUFFIX}"}
        resources += [(address, resource) for address in sorted(addresses)]
    return Registry[Any]().with_resources(resources).crawl()
