"""Snapshots: what Azure has, kept in a file, so that a plan needs no account and no secret."""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from pathlib import Path

from reconciler import __version__
from reconciler.app.loading.specs import Specs
from reconciler.app.planning.commit import made_at
from reconciler.app.planning.plan import Planned, planned_through
from reconciler.app.sealed.sealed_files import read_sealed
from reconciler.app.targets.connection import Connection
from reconciler.core.sealed.canonical import digest
from reconciler.core.sealed.seal import sealed
from reconciler.core.sealed.snapshot import answers_of, content_of
from reconciler.documents import schemas
from reconciler.engine.ports import Listener, Reader, RequestFailedError
from reconciler.engine.recorded import Recorded, Recording
from reconciler.kinds import KINDS, RESOURCE_GROUP, children_of
from reconciler.kinds.kind import Kind
from reconciler.model.ids import ResourceId
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object

SCHEMA = "snapshot"


def take(
    specs: Specs, connection: Connection, target: str, *, wide: bool = False
) -> dict[str, Json]:
    """Return the sealed document of all that Azure has in the groups of the specs.

    Args:
        specs: they say which groups, and what is attached to what.
        connection: reads are all that it is used for.
        target: what it is a connection to.
        wide: whether to look into the whole of each subscription.

    """
    recording = Recording(connection.reader)
    for scope in _scopes(specs, wide=wide):
        _look_into(scope, recording)
    for resource in specs.desired.resources:
        kind, above = KINDS[resource.kind], resource.id.scope
        if kind.is_extension and above is not None and above.group is None:
            _listed(kind, above.text, recording)
    for zone in sorted({r.dns_zone for r in specs.desired.resources if r.dns_zone is not None}):
        _look_into_zone(zone, recording)
    content = content_of(recording.answers)
    content |= {
        "tool": __version__,
        "schemas": digest(schemas.texts()),
        "target": target.rstrip("/"),
        "environment": specs.desired.environment or None,
    }
    return sealed("snapshot", made_at(specs.project.root, specs.files), content)


def read_snapshot(path: Path) -> Document:
    """Return a snapshot that is whole and as it was sealed.

    Raises:
        InvalidInputError: it is no snapshot.
        RefusedFileError: it was altered.

    """
    return read_sealed(path, SCHEMA, "snapshot")


def planned_from(
    snapshot: Document,
    specs: Specs,
    listener: Listener,
    *,
    prune: bool = False,
    stacks: Set[str] | None = None,
) -> Planned:
    """Return the plan of what Azure had when a snapshot was taken; nothing is sent.

    The addresses of suppression lists are in no snapshot, and are left out.
    """
    answers = answers_of(as_object(snapshot.value["content"]))
    quiet = specs.without_addresses()
    return planned_through(Recorded(answers), quiet, listener, prune=prune, stacks=stacks)


def _scopes(specs: Specs, *, wide: bool) -> list[ResourceId | str]:
    """Return the groups of the specs, and their subscriptions if those count as a whole."""
    groups = sorted({r.id for r in specs.desired.resources if KINDS[r.kind] is RESOURCE_GROUP})
    subscriptions = sorted({f"/subscriptions/{group.subscription}" for group in groups})
    return [*(subscriptions if wide else ()), *groups]


def _look_into(scope: ResourceId | str, reader: Reader) -> None:
    """Read everything in a scope, and all that is nested in it or attached to it.

    What cannot be read is kept as that, by the reader.
    """
    if isinstance(scope, ResourceId):
        with suppress(RequestFailedError):
            if reader.get(RESOURCE_GROUP, scope) is None:
                return
    for kind in children_of(""):
        below = kind.is_extension
        for found in _listed(kind, str(scope), reader, below=below):
            if not below:
                _look_below(kind, found, reader)


def _look_into_zone(zone: ResourceId, reader: Reader) -> None:
    """Read a zone that holds records of mail domains, and the record sets of the kinds we know."""
    with suppress(RequestFailedError):
        reader.get(KINDS["DnsZone"], zone)
    for kind in KINDS.values():
        if kind.parent == "DnsZone":
            _listed(kind, zone.text, reader)


def _look_below(kind: Kind, resource: ResourceId, reader: Reader) -> None:
    """Read what is nested in a resource, to the bottom."""
    for child in children_of(kind.name):
        for found in _listed(child, resource.text, reader):
            _look_below(child, found, reader)


def _listed(
    kind: Kind, scope: str, reader: Reader, *, below: bool = False
) -> tuple[ResourceId, ...]:
    """Return the ids of a list, none if it cannot be read."""
    try:
        return tuple(reader.list_in(kind, scope, below=below))
    except RequestFailedError:
        return ()
