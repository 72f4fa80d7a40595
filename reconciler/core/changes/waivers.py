"""Differences that are tolerated for a while: seen, told, and not acted upon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.core.changes.diff import field_changes
from reconciler.kinds.kind import Kind
from reconciler.model.resource import DesiredResource, Waiver
from reconciler.model.value import Body, Json


def without_waived(desired: DesiredResource, today: str) -> DesiredResource:
    """Return a resource that is there as it is wanted today, without what is waived."""
    fields, pending = dict(desired.fields), dict(desired.pending)
    for waiver in desired.lifecycle.waivers:
        if not is_over(waiver, today):
            _drop(fields, waiver.field)
            pending.pop(".".join(waiver.field), None)
    return replace(desired, fields=fields, pending=pending)


def waiver_notes(kind: Kind, desired: DesiredResource, live: Body, today: str) -> Iterator[str]:
    """Yield a note for each waiver that hides a difference, or that has run out."""
    differing = {change.path for change in field_changes(kind, desired.fields, live)}
    for waiver in desired.lifecycle.waivers:
        name, reason = ".".join(waiver.field), waiver.reason.rstrip(".")
        if is_over(waiver, today):
            yield f"the waiver of `{name}` ran out on {waiver.until}: {reason}"
        elif any(path[: len(waiver.field)] == waiver.field for path in differing):
            yield f"`{name}` differs and is left alone until {waiver.until}: {reason}"


def is_over(waiver: Waiver, today: str) -> bool:
    """Whether a waiver has run out."""
    return bool(today) and waiver.until < today


def _drop(fields: dict[str, Json], path: tuple[str, ...]) -> None:
    """Take a field, or one entry of it, out of what is managed."""
    name, *entry = path
    value = fields.get(name)
    if not entry:
        fields.pop(name, None)
    elif isinstance(value, Mapping):
        fields[name] = {key: inner for key, inner in value.items() if key != entry[0]}
