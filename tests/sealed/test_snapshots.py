"""A snapshot stands for Azure, and knows what it does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, event, given, note, settings

from tests.addresses.lists import KEY, Lists
from tests.conftest import LOOSE, SUBSCRIPTION, Lab, identity
from tests.property.everything import DELETABLE, a_world_of, everything
from tests.sealed.files import alter, carry_out, content_of, requests_in, seal, writes


def observe(lab: Lab, *arguments: str) -> dict[str, Any]:
    """Take snapshot.json, which must work, and return what is in it."""
    ran = lab.run("observe", "--target", lab.arm.url, "--out", "snapshot.json", *arguments)
    assert ran.code == 0, ran.err
    return content_of(lab, "snapshot.json")


def planned(lab: Lab, *arguments: str) -> Any:
    """Plan from snapshot.json, and return the plan."""
    return lab.run("plan", "-q", "-o", "json", "--snapshot", "snapshot.json", *arguments).json


@given(first=everything(), second=everything())
@settings(max_examples=6)
def test_a_plan_of_a_snapshot_is_the_plan_of_azure(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, first: dict[str, Any], second: dict[str, Any]
) -> None:
    a_world_of(lab, monkeypatch, first)
    observe(lab, "--wide")
    lab.arm.forget()
    lab.spec(DELETABLE, "test", **second)
    assume(lab.run("validate").code == 0)
    found = planned(lab)
    assert lab.arm.requests() == [], "a plan of a snapshot asks nobody"
    live = lab.plan("-o", "json").json
    note(json.dumps(live["changes"]))
    event(f"{len(live['changes'])} changes")
    public = [c for c in live["changes"] if c["kind"] != "SuppressionListAddress"]
    assert found["changes"] == public
    assert found["steps"] == [s for s in live["steps"] if "private" not in s]


def test_observing_sends_reads_alone_and_equal_worlds_give_equal_content(whole: Lab) -> None:
    whole.settle()
    first = observe(whole)
    assert {entry["method"] for entry in whole.arm.requests()} == {"GET"}
    assert observe(whole) == first
    kinds = {told["kind"] for told in first["objects"]}
    assert {"SenderUsername", "RoleAssignment", "SmtpUsername", "ResourceGroup"} <= kinds
    text = (whole.folder / "snapshot.json").read_text()
    assert "systemData" not in text
    assert "createdBy" not in text


def test_neither_addresses_nor_what_looks_like_a_secret_is_kept(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", KEY)
    lists = Lists(lab)
    lists.file("zq1@example.com")
    lists.spec(file="suppressed/a.txt")
    lab.settle()
    tagged = {"location": "westeurope", "tags": {"apiKey": "swordfish"}}
    lab.arm.put(identity("id-a"), tagged)
    observe(lab)
    text = (lab.folder / "snapshot.json").read_text()
    assert "zq1" not in text
    assert "suppressionListAddresses" not in text
    assert "swordfish" not in text
    monkeypatch.delenv("RECONCILER_PRIVACY_KEY")
    ran = lab.run("plan", "--snapshot", "snapshot.json")
    assert ran.code == 0, ran.err
    assert "the addresses of 1 suppression list are not compared" in ran.err


def test_what_nobody_asked_for_is_unknown_and_never_created(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    observe(lab)
    lab.arm.put(
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-other", {"location": "westeurope"}
    )
    other = (lab.folder / "specs" / "test.yaml").read_text().replace("rg-test", "rg-other")
    (lab.folder / "specs" / "other.yaml").write_text(other.replace("{name: test}", "{name: other}"))
    ran = lab.run("plan", "--snapshot", "snapshot.json", "-o", "json")
    assert ran.code == 1
    blocked = {c["address"]: c["block"] for c in ran.json["changes"]}
    assert blocked["other/identities/id-a"] == "unreadable"
    assert {gap["code"] for gap in ran.json["gaps"]} == {"not in the snapshot"}
    assert "observe --wide" in ran.json["gaps"][0]["mend"]


def test_a_new_resource_in_a_known_group_is_known_to_be_absent(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    lab.settle()
    observe(lab)
    lab.spec(
        identities={"id-a": {"location": "westeurope"}},
        communicationServices={"acs-new": {"dataLocation": "Europe", "smtpUsernames": {}}},
    )
    actions = {c["address"]: c["action"] for c in planned(lab)["changes"]}
    assert actions["test/communicationServices/acs-new"] == "create"


def test_what_could_not_be_read_stays_unreadable(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    denied = {"status": 403, "code": "AuthorizationFailed"}
    lab.arm.fault(method="GET", path="userAssignedIdentities", times=None, **denied)
    ran = lab.run("observe", "--target", lab.arm.url, "--out", "snapshot.json")
    lab.arm.mend()
    assert ran.code == 1
    assert "1 read failed" in ran.err
    ran = lab.run("plan", "--snapshot", "snapshot.json", "-o", "json")
    assert ran.code == 1
    assert [gap["code"] for gap in ran.json["gaps"]] == ["AuthorizationFailed"]


def test_a_plan_of_a_snapshot_says_so_and_is_applied_if_azure_is_still_so(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {"location": "westeurope", "tags": {"a": "1"}})
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"a": "2"}}})
    observe(lab)
    ran = lab.run("plan", "--snapshot", "snapshot.json", "--out", "plan.json")
    assert "Azure was not asked: this is compared with snapshot.json" in ran.out
    content = content_of(lab)
    snapshot = json.loads((lab.folder / "snapshot.json").read_text())
    assert content["snapshot"] == snapshot["digest"]
    assert content["target"] == lab.arm.url
    lab.arm.patch(identity("id-a"), {"tags": {"a": "3"}})
    lab.arm.forget()
    ran = carry_out(lab)
    assert (ran.code, "`tags.a` was '1' and is '3'" in ran.err) == (5, True)
    assert writes(lab) == []
    lab.arm.patch(identity("id-a"), {"tags": {"a": "1"}})
    lab.arm.forget()
    assert carry_out(lab).code == 0
    assert writes(lab) == requests_in(content)


def test_an_altered_snapshot_is_refused(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    observe(lab)

    def clear(document: dict[str, Any]) -> None:
        document["content"]["lists"] = []

    alter(lab.folder / "snapshot.json", clear)
    ran = lab.run("plan", "--snapshot", "snapshot.json")
    assert (ran.code, "the snapshot was altered" in ran.err) == (4, True)
    seal(lab)
    assert lab.run("plan", "--snapshot", "plan.json").code == 3


def test_removing_an_identity_needs_a_wide_snapshot(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {"location": "westeurope"})
    lab.spec(LOOSE, identities={"id-a": None})
    observe(lab)
    ran = lab.run("plan", "--snapshot", "snapshot.json")
    assert ran.code == 1
    observe(lab, "--wide")
    assert lab.run("plan", "--snapshot", "snapshot.json").code == 2
