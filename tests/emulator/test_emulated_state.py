"""Snapshots, seeds, and subscriptions of several tenants."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.emulator import EmulatorServer
from tests.emulator.conftest import GROUP, SUBSCRIPTION

Run = Callable[..., EmulatorServer]
Connect = Callable[[EmulatorServer], Any]

OTHER = "22222222-2222-3333-4444-555555555555"
TENANT = "99999999-0000-0000-0000-000000000001"


def fill(arm: Any) -> None:
    """Make one resource of every type."""
    identity = arm.create_identity()
    arm.create_service(identity={"type": "UserAssigned", "userAssignedIdentities": {identity: {}}})
    arm.create_domain()
    arm.email(
        "PUT", "/domains/Acs.Example.com/senderUsernames/News", {"properties": {"username": "News"}}
    )
    credential = {"issuer": "https://x", "subject": "s", "audiences": ["a"]}
    arm.credential("PUT", "/fic-1", {"properties": credential})
    smtp = {"username": "u", "entraApplicationId": "a", "tenantId": "t"}
    path = arm.service_path().replace("?", "/smtpUsernames/Smtp-1?")
    assert arm.send("PUT", path, {"properties": smtp}).status == 200
    role = {
        "roleDefinitionId": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
        "/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "principalId": arm.identity("GET").content["properties"]["principalId"],
    }
    name = "/33333333-0000-0000-0000-000000000001"
    assert arm.role("PUT", GROUP, name, {"properties": role}).status == 201


def seen(arm: Any) -> dict[str, Any]:
    """Return what the GET of everything answers, by path."""
    sender = arm.email_path("/domains/Acs.Example.com/senderUsernames")
    answers = {
        "group": arm.send("GET", f"{GROUP}?api-version=2024-11-01"),
        "identity": arm.identity("GET"),
        "credential": arm.credential("GET", "/fic-1"),
        "service": arm.service("GET"),
        "smtp": arm.send("GET", arm.service_path().replace("?", "/smtpUsernames/Smtp-1?")),
        "mail": arm.email("GET"),
        "domain": arm.email("GET", "/domains/Acs.Example.com"),
        "default sender": arm.send("GET", sender.replace("?", "/donotreply?")),
        "sender": arm.send("GET", sender.replace("?", "/News?")),
        "role": arm.role("GET", GROUP, "/33333333-0000-0000-0000-000000000001"),
    }
    assert {name: answer.status for name, answer in answers.items() if answer.status != 200} == {}
    return {name: answer.content for name, answer in answers.items()}


def test_a_snapshot_brings_everything_back(arm: Any, run: Run, connect: Connect) -> None:
    fill(arm)
    before = seen(arm)
    taken = arm.send("GET", "/emulator/snapshot", headers={}).content

    other = connect(run())
    other.group("Elsewhere")
    assert other.send("PUT", "/emulator/snapshot", taken, headers={}).status == 204

    assert seen(other) == before
    assert other.send("GET", "/emulator/snapshot", headers={}).content == taken
    path = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/Elsewhere?api-version=2024-11-01"
    assert other.send("GET", path).status == 404
    etag = other.service("GET").headers["etag"]
    assert etag == arm.service("GET").headers["etag"]


def test_a_snapshot_keeps_operations_that_run(polled: Any, run: Run, connect: Connect) -> None:
    url = polled.create_service().headers["azure-asyncoperation"]
    taken = polled.send("GET", "/emulator/snapshot", headers={}).content

    other = connect(run(operations="polls:2"))
    other.send("PUT", "/emulator/snapshot", taken, headers={})

    path = url.removeprefix(polled.url)
    polls = [other.send("GET", path).content["status"] for _ in range(3)]
    assert polls == ["Accepted", "Accepted", "Succeeded"]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"format": "something else"},
        {"version": 99},
        {"facts": {}},
        {"resources": {}},
        {"resources": [{"id": "x"}]},
        {"subscriptions": [{"id": "x", "name": 1, "tenant": ""}]},
        {"surprise": True},
    ],
)
def test_what_is_no_snapshot_is_refused_and_changes_nothing(arm: Any, broken: Any) -> None:
    taken = arm.send("GET", "/emulator/snapshot", headers={}).content
    given = taken | broken if isinstance(broken, dict) else broken

    answer = arm.send("PUT", "/emulator/snapshot", given, headers={})

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")
    assert arm.send("GET", "/emulator/snapshot", headers={}).content == taken


def test_what_one_emulator_shows_is_the_seed_of_another(
    arm: Any, run: Run, connect: Connect
) -> None:
    fill(arm)
    before = seen(arm)

    other = connect(run())
    content = list(reversed(before.values()))
    assert other.send("POST", "/emulator/seed", content, headers={}).status == 204

    after = seen(other)
    for face in (before, after):
        del face["role"]["properties"]["createdOn"], face["role"]["properties"]["updatedOn"]
    assert after == before
    assert other.service("PATCH", content={"tags": {"a": "b"}}).status == 200
    assert other.email("GET", "/domains/Acs.Example.com/senderUsernames/donotreply").status == 200


def test_a_seed_makes_the_groups_it_needs_and_adds_what_azure_generates(
    run: Run, connect: Connect
) -> None:
    arm = connect(run())
    mail = f"{GROUP}/providers/Microsoft.Communication/emailServices/Mail-1"
    seed = [
        {
            "id": f"{mail}/domains/Acs.Example.com",
            "location": "Global",
            "properties": {"domainManagement": "CustomerManaged"},
        },
        {"id": mail, "location": "Global", "properties": {"dataLocation": "Europe"}},
    ]

    assert arm.send("POST", "/emulator/seed", seed, headers={}).status == 204

    domain = arm.email("GET", "/domains/Acs.Example.com").content
    assert domain["location"] == "Global"
    assert domain["properties"]["dataLocation"] == "europe"
    assert domain["properties"]["verificationStates"]["SPF"] == {"status": "NotStarted"}
    senders = arm.email("GET", "/domains/Acs.Example.com/senderUsernames").content["value"]
    assert senders == []


def test_what_az_prints_is_a_seed_without_what_no_answer_has(run: Run, connect: Connect) -> None:
    arm = connect(run())
    printed = {
        "id": arm.identity_path().partition("?")[0],
        "location": "westeurope",
        "tags": {"a": "b"},
        "kind": None,
        "sku": None,
        "extendedLocation": None,
        "resourceGroup": "Rg1",
        "properties": None,
    }

    assert arm.send("POST", "/emulator/seed", [printed], headers={}).status == 204

    shown = arm.identity("GET").content
    assert set(shown) == {"id", "name", "type", "location", "tags", "properties"}
    assert (shown["name"], shown["tags"]) == ("id-1", {"a": "b"})


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, "a list"),
        ([{}], "an id"),
        ([{"id": "/subscriptions/s"}], "not the id of a resource"),
        ([{"id": f"{GROUP}/providers/Microsoft.Web/sites/a"}], "Microsoft.Web/sites/a"),
        (
            [{"id": f"{GROUP}/providers/Microsoft.Communication/emailServices/m/domains/d.com"}],
            "could not be found",
        ),
        (
            [{"id": f"{GROUP}/providers/Microsoft.Communication/emailServices/m"}],
            "emailServices/m: The location property is required",
        ),
    ],
)
def test_a_seed_that_makes_no_sense_is_refused_as_a_whole(arm: Any, wrong: Any, named: str) -> None:
    before = arm.send("GET", "/emulator/snapshot", headers={}).content
    if isinstance(wrong, list) and wrong[0]:
        wrong = [{"id": GROUP.replace("Rg1", "Rg2")}, *wrong]

    answer = arm.send("POST", "/emulator/seed", wrong, headers={})

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")
    assert named in answer.content["error"]["message"]
    assert arm.send("GET", "/emulator/snapshot", headers={}).content == before


def test_subscriptions_can_be_of_several_tenants(run: Run, connect: Connect) -> None:
    arm = connect(run())
    declared = [
        {"subscriptionId": SUBSCRIPTION, "displayName": "Mine"},
        {"subscriptionId": OTHER, "tenantId": TENANT},
    ]
    arm.send("PUT", "/emulator/subscriptions", declared, headers={})
    for subscription in (SUBSCRIPTION, OTHER):
        arm.group(subscription=subscription)

    listed = arm.send("GET", "/subscriptions?api-version=2022-12-01").content["value"]
    tenants = {entry["displayName"]: entry["tenantId"] for entry in listed}
    path = arm.identity_path().replace(SUBSCRIPTION, OTHER)
    identity = arm.send("PUT", path, {"location": "westeurope"}).content

    assert tenants[OTHER] == TENANT == identity["properties"]["tenantId"]
    assert tenants["Mine"] not in ("", TENANT)


OLDER = {
    1: ("DROP TABLE events", "DROP TABLE changes", "ALTER TABLE subscriptions DROP COLUMN tenant"),
    2: ("DROP TABLE events", "DROP TABLE changes"),
}
"""What makes a state file one of an earlier release."""


@pytest.mark.parametrize("schema", list(OLDER))
def test_a_state_file_of_an_earlier_release_is_brought_up_to_date(
    run: Run, connect: Connect, tmp_path: Path, schema: int
) -> None:
    state = tmp_path / "state.db"
    first = run(state=state)
    connect(first).send("PUT", "/emulator/subscriptions", [{"subscriptionId": "x"}], headers={})
    first.stop()
    with sqlite3.connect(state) as connection:
        for statement in OLDER[schema]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {schema}")
    connection.close()

    arm = connect(run(state=state))
    taken = arm.send("GET", "/emulator/snapshot", headers={}).content

    assert taken["subscriptions"] == [{"id": "x", "name": "x", "tenant": ""}]
    assert arm.send("PUT", "/emulator/subscriptions", [], headers={}).status == 204
    assert arm.group().status == 201


def test_a_snapshot_may_be_larger_than_a_request_to_azure(arm: Any) -> None:
    taken = arm.send("GET", "/emulator/snapshot", headers={}).content
    body = json.dumps(taken).encode() + b" " * (5 * 1024 * 1024)

    assert arm.send("PUT", "/emulator/snapshot", body=body, headers={}).status == 204
