"""What counts as a change by somebody, and what does not."""

from __future__ import annotations

from typing import Any

from reconciler.core.sending.staleness import moved_fields
from reconciler.kinds import KINDS
from reconciler.model.value import ABSENT
from tests.conftest import identity, service

KIND = KINDS["CommunicationService"]
BODY: dict[str, Any] = {
    "id": service("acs-a"),
    "type": "Microsoft.Communication/CommunicationServices",
    "location": "global",
    "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity("id-a"): {}}},
    "properties": {"provisioningState": "Succeeded", "linkedDomains": [identity("x")]},
}


def test_the_case_of_ids_and_types_does_not_count() -> None:
    low: dict[str, Any] = {identity("id-a").replace("resourceGroups", "resourcegroups"): {}}
    live = BODY | {
        "id": service("acs-a").lower(),
        "type": "microsoft.communication/communicationservices",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": low},
        "properties": BODY["properties"] | {"linkedDomains": [identity("X").lower()]},
    }
    assert moved_fields(KIND, BODY, live) == []


def test_what_changes_by_itself_does_not_count() -> None:
    live = BODY | {
        "systemData": {"lastModifiedAt": "now"},
        "properties": BODY["properties"] | {"provisioningState": "Updating"},
        "tags": {},
    }
    assert moved_fields(KIND, BODY, live) == []


def test_everything_else_counts_and_is_named() -> None:
    live = BODY | {
        "identity": {"type": "None"},
        "tags": {"by": "eve"},
        "properties": BODY["properties"] | {"somethingNew": True},
    }
    moved = {path: after for path, _, after in moved_fields(KIND, BODY, live)}
    assert moved[("tags", "by")] == "eve"
    assert moved[("properties", "somethingNew")] is True
    assert moved[("identity", "type")] is ABSENT
