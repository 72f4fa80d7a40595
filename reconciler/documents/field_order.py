"""The order of entries: fields as their schema lists them, names of resources by the alphabet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.documents.layout import Item
from reconciler.documents.schemas import load_schema
from reconciler.kinds import KINDS

_PATCHES: Final = ("spec", "patches")
"""Where an environment holds parts of stacks, which its own schema does not describe."""

_NOTHING: Final[Mapping[str, Any]] = {}


def arrange(items: list[Item], schema_name: str) -> list[Item]:
    """Return the entries of a document in their order; what is in them is arranged in place."""
    schema = load_schema(schema_name)
    if schema_name == "environment":
        for item in _below(items, _PATCHES):
            item.members = _arranged(item.members, load_schema("stack"))
    return _arranged(items, schema)


def _below(items: Iterable[Item], path: tuple[str, ...]) -> list[Item]:
    """Return the entries at a path."""
    found = list(items)
    for key in path:
        found = [inner for item in found if item.key == key for inner in item.members]
    return found


def _arranged(items: list[Item], schema: Mapping[str, Any]) -> list[Item]:
    """Return entries in the order that a schema gives them."""
    schema = _resolved(schema)
    fields, other = schema.get("properties", _NOTHING), schema.get("additionalProperties")
    listed = schema.get("items", _NOTHING)
    for item in items:
        inner = listed if item.key is None else fields.get(item.key, other)
        if isinstance(inner, Mapping):
            item.members = _arranged(item.members, inner)
    if fields:
        places = {name: place for place, name in enumerate(fields)}
        return sorted(items, key=lambda item: places.get(item.key or "", len(places)))
    if isinstance(other, Mapping) and _resolved(other).get("title") in KINDS:
        return _by_name(items)
    return items


def _by_name(items: list[Item]) -> list[Item]:
    """Return entries by name, within groups that blank lines set apart.

    What stands above the last blank line before a group is the group's; comments below it are the
    entry's own.
    """
    groups: list[tuple[list[str], list[Item]]] = []
    for item in items:
        cut = len(item.lead) - next((n for n, line in enumerate(item.lead[::-1]) if not line), -1)
        above = item.lead[:cut] if "" in item.lead else []
        if above or not groups:
            item.lead = item.lead[len(above) :]
            groups.append((above, []))
        groups[-1][1].append(item)
    for above, members in groups:
        members.sort(key=lambda item: ((item.key or "").casefold(), item.key or ""))
        members[0].lead = [*above, *members[0].lead]
    return [item for _, members in groups for item in members]


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, pass over the null beside a form, and find fields behind a condition."""
    while "$ref" in schema:
        file, _, pointer = str(schema["$ref"]).partition("#")
        schema = load_schema(file.removesuffix(".schema.json"))
        for part in pointer.strip("/").split("/") if pointer else ():
            schema = schema[part]
    for option in schema.get("anyOf", ()):
        if "$ref" in option or "properties" in option:
            return _resolved(option)
    if "properties" not in schema and "properties" in schema.get("else", _NOTHING):
        return _resolved(schema["else"])
    return schema
