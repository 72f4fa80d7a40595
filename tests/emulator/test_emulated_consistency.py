"""What was written is seen at once, as late as on record, or as late as a client can bear."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.emulator import EmulatorError, EmulatorServer
from tests.conftest import LOOSE, Cli
from tests.conftest import Arm as Lab
from tests.emulator.conftest import GROUP

Run = Callable[..., EmulatorServer]
Connect = Callable[[EmulatorServer], Any]


class Clock:
    """A clock that stands still."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return 1_800_000_000.0


@pytest.fixture
def late(run: Run, connect: Connect) -> Any:
    """A client of an emulator that is as late as on record, whose clock stands still."""
    arm = connect(run(consistency="recorded", operations="recorded", clock=Clock()))
    arm.group()
    return arm


def advance(arm: Any, seconds: float) -> None:
    """Move the clock of an emulator on."""
    assert arm.send("POST", "/emulator/clock", {"advance": seconds}, headers={}).status == 204


def test_a_new_identity_is_missing_for_a_while(late: Any) -> None:
    created = late.identity("PUT", "id-1", {"location": "westeurope"})
    properties = {"issuer": "https://x", "subject": "s", "audiences": ["a"]}

    assert created.status == 201
    assert late.identity("GET").code == "ResourceNotFound"
    path = late.identity_path().partition("/id-1")[0] + "?api-version=2024-11-30"
    assert late.send("GET", path).content == {"value": []}
    refused = late.credential("PUT", "/fic-1", {"properties": properties})
    assert refused.code == "ParentResourceNotFound"
    role = {
        "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions"
        "/acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "principalId": created.content["properties"]["principalId"],
        "principalType": "ServicePrincipal",
    }
    name = "/33333333-0000-0000-0000-000000000001"
    assert late.role("PUT", GROUP, name, {"properties": role}).code == "PrincipalNotFound"

    advance(late, 5)

    assert late.identity("GET").status == 200
    assert late.credential("PUT", "/fic-1", {"properties": properties}).status == 201
    assert late.credential("GET", "/fic-1").code == "NotFound"
    assert late.role("PUT", GROUP, name, {"properties": role}).status == 201


def test_a_service_is_there_at_once_and_settles_later(late: Any) -> None:
    status = late.create_service().headers["azure-asyncoperation"]

    assert late.service("GET").content["properties"]["provisioningState"] == "Accepted"
    advance(late, 13)
    assert late.service("GET").content["properties"]["provisioningState"] == "Succeeded"
    assert late.send("GET", status).content["status"] == "Accepted"
    advance(late, 5)
    assert late.send("GET", status).content["status"] == "Succeeded"


def test_the_adversary_forgets_by_chance_and_the_same_in_each_run(
    run: Run, connect: Connect
) -> None:
    def answers(seed: int) -> list[int]:
        arm = connect(run(consistency=f"adversarial:{seed}", clock=Clock()))
        arm.group()
        advance(arm, 10)
        arm.create_service()
        return [arm.service("GET").status for _ in range(20)]

    assert answers(1) == answers(1) != answers(2)
    assert set(answers(1)) == {200, 404}


def test_a_change_of_what_is_old_is_seen_at_once(run: Run, connect: Connect) -> None:
    arm = connect(run(consistency="adversarial:1", clock=Clock()))
    arm.group()
    advance(arm, 10)
    arm.create_service()
    advance(arm, 10)

    arm.service("PATCH", content={"tags": {"a": "b"}})

    assert {arm.service("GET").content["tags"]["a"] for _ in range(10)} == {"b"}


@pytest.mark.parametrize("text", ["", "late", "recorded:1", "adversarial", "adversarial:x"])
def test_a_model_that_is_not_known_is_refused(arm: Any, text: str) -> None:
    with pytest.raises(EmulatorError, match="write 'immediate', 'recorded' or"):
        EmulatorServer(consistency=text)
    answer = arm.settings(consistency=text)
    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")


@pytest.mark.parametrize("content", [{}, {"advance": -1}, {"advance": True}, {"advance": "1"}])
def test_a_clock_is_moved_on_by_seconds(arm: Any, content: Any) -> None:
    answer = arm.send("POST", "/emulator/clock", content, headers={})

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")


def test_time_goes_only_forward() -> None:
    with pytest.raises(EmulatorError, match="give more than 0"):
        EmulatorServer(speed=0)


@pytest.mark.parametrize("consistency", ["recorded", "adversarial:1", "adversarial:2"])
def test_apply_ends_as_desired_however_late_azure_is(
    run: Run, cli: Cli, consistency: str, workdir: Any
) -> None:
    server = run(consistency=consistency, operations="recorded", speed=200)
    Lab(server.url).group()
    (workdir / "specs").mkdir()
    (workdir / "specs" / "all.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Stack\nmetadata: {name: test}\nspec:\n"
        f"  subscription: {GROUP_PARTS[2]}\n  resourceGroup: {{existing: rg-test}}\n  {LOOSE}\n"
        "  identities:\n    id-a:\n      location: westeurope\n"
        "      federatedCredentials:\n        github:\n"
        "          issuer: https://issuer.example\n          subject: s\n"
        "  communicationServices:\n    acs-a:\n      dataLocation: Europe\n"
        "      identity: {userAssigned: [ref:identities/id-a]}\n",
        encoding="utf-8",
    )

    applied = cli("apply", "--yes", "--target", server.url)
    assert applied.code == 0, applied.out + applied.err
    assert cli("plan", "--target", server.url).code == 0


GROUP_PARTS = GROUP.split("/")
