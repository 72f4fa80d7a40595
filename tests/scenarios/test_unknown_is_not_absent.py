"""A read that fails, or that cannot be trusted, never leads to a create or a delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.emulator import EmulatorServer
from tests.conftest import Arm, Cli, Lab, identity, service

TWO = {"acs-one": {"dataLocation": "Europe"}, "acs-two": {"dataLocation": "Europe"}}

FAILURES: dict[str, dict[str, Any]] = {
    "a server error": {"status": 500, "code": "InternalServerError", "message": "oops"},
    "throttling": {"status": 429, "code": "TooManyRequests", "message": "slow down"},
    "no permission": {"status": 403, "code": "AuthorizationFailed", "message": "not you"},
    "an unknown subscription": {"status": 404, "code": "SubscriptionNotFound", "message": "?"},
    "an unknown type": {"status": 404, "code": "InvalidResourceType", "message": "?"},
    "a cut connection": {"cut": True},
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failed_list_blocks_and_says_why(lab: Lab, kind: str) -> None:
    lab.spec(communicationServices=TWO)
    lab.arm.fault(method="GET", path="communicationServices", times=100, **FAILURES[kind])
    ran = lab.plan()
    assert ran.code == 1
    assert "could not be read" in ran.out
    assert "to create" not in ran.out
    assert lab.apply().code == 1
    assert lab.arm.writes() == []


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failed_get_blocks_a_create_and_a_delete(lab: Lab, kind: str) -> None:
    lab.arm.put(identity("id-old"), {"location": "westeurope"})
    lab.arm.forget()
    for value in (None, {"location": "westeurope"}):
        lab.spec(identities={"id-old": value})
        lab.arm.fault(method="GET", path="userAssignedIdentities", times=100, **FAILURES[kind])
        ran = lab.apply()
        assert ran.code == 1, ran.out
        assert lab.arm.writes() == []
        lab.arm.mend()


def test_a_failed_confirmation_blocks_what_the_list_did_not_show(lab: Lab) -> None:
    lab.spec(communicationServices=TWO)
    lab.arm.fault(
        method="GET", path="/acs-two", times=100, status=503, code="Busy", message="later"
    )
    plan = lab.plan("-o", "json").json
    actions = {c["address"].rpartition("/")[2]: c["action"] for c in plan["changes"]}
    assert actions == {"acs-one": "create", "acs-two": "blocked"}
    assert not plan["applyable"]


@pytest.fixture
def paged() -> Iterator[Arm]:
    """An emulator that gives out one resource a page."""
    with EmulatorServer(page_size=1) as server:
        arm = Arm(server.url)
        arm.group()
        yield arm


def test_every_page_is_read_and_a_failed_page_spoils_the_list(
    paged: Arm, cli: Cli, lab: Lab
) -> None:
    paged_lab = Lab(paged, cli, lab.folder)
    paged_lab.spec(communicationServices=TWO)
    paged_lab.settle()
    assert paged_lab.plan().code == 0
    paged.fault(method="GET", path="communicationServices", skip=1, times=100, status=500, code="x")
    ran = paged_lab.plan()
    assert ran.code == 1
    assert "0 to" not in ran.out


def test_a_denied_subscription_list_falls_back_to_the_groups(lab: Lab) -> None:
    lab.arm.group(service("x").partition("/providers/")[0].replace("rg-test", "rg-other"))
    lab.spec(communicationServices={"acs-one": {"dataLocation": "Europe"}})
    other = lab.spec(name="other", communicationServices={"acs-two": {"dataLocation": "Europe"}})
    other.write_text(other.read_text().replace("rg-test", "rg-other"))
    lab.settle()
    denied = {"status": 403, "code": "AuthorizationFailed", "message": "only the groups"}
    path = "subscriptions/[^/]+/providers/Microsoft.Communication/communicationServices"
    lab.arm.fault(method="GET", path=path, times=100, **denied)
    assert lab.plan().code == 0


def test_a_missing_resource_group_is_named_and_blocks(lab: Lab) -> None:
    path = lab.spec(communicationServices=TWO)
    path.write_text(path.read_text().replace("rg-test", "rg-nowhere"))
    ran = lab.plan()
    assert ran.code == 4
    assert "test/resourceGroup/rg-nowhere" in ran.out
    assert "does not exist, and the spec says that it does" in ran.out
    assert lab.apply().code == 4
    assert lab.arm.writes() == []
