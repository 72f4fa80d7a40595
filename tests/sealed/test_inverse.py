"""The reviewed way back: from a receipt to what was live before the run, as far as Azure lets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, event, given, note, settings

from tests.conftest import GROUP, LOOSE, Lab, identity, service
from tests.property.everything import DELETABLE, a_world_of, everything
from tests.sealed.files import alter, carry_out, content_of, writes

BACK = ("--inverse", "receipt.json")


def actions(lab: Lab, *arguments: str) -> dict[str, str]:
    """Return what the way back does, by address."""
    return lab.changes(*(arguments or BACK))


def impossible(lab: Lab) -> dict[str, str]:
    """Return what cannot be undone, with the reasons."""
    document = lab.plan("-o", "json", *BACK).json
    (section,) = [s for s in document["sections"] if s["slug"] == "way-back"]
    return {row[0]: row[1] for row in section["rows"]}


def go_back(lab: Lab) -> None:
    """Apply the way back from receipt.json, sealed, and prove that it has arrived."""
    ran = lab.plan("-q", "--out", "plan.json", *BACK)
    assert ran.code in (0, 2), ran.out + ran.err
    ran = carry_out(lab)
    assert ran.code == 0, ran.out + ran.err
    assert lab.plan(*BACK).code == 0


def test_an_update_is_taken_back_and_what_others_did_since_stays(lab: Lab) -> None:
    tags = {"env": "dev", "team": "a"}
    lab.arm.put(identity("id-a"), {"location": "westeurope", "tags": tags})
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"env": "prod", "new": "1"}}})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    live = lab.arm.get(identity("id-a"))["tags"]
    lab.arm.patch(identity("id-a"), {"tags": {**live, "owner": "somebody"}})
    ran = lab.plan(*BACK)
    assert "UserAssignedIdentity: changed by the run" in ran.out
    assert "~ tags.env  prod -> dev" in ran.out
    assert "- tags.new  1" in ran.out
    assert "All of it can be undone" in " ".join(ran.out.split())
    go_back(lab)
    assert lab.arm.get(identity("id-a"))["tags"] == {**tags, "owner": "somebody"}


def test_what_was_made_is_deleted_and_what_was_attached_is_detached(lab: Lab) -> None:
    lab.arm.put(service("acs-a"), {"location": "global", "properties": {"dataLocation": "Europe"}})
    lab.spec(
        identities={"id-a": {"location": "westeurope", "federatedCredentials": {
            "cred": {"issuer": "https://issuer.test/", "subject": "s"}}}},
        communicationServices={
            "acs-a": {
                "dataLocation": "Europe",
                "disableLocalAuth": True,
                "identity": {"userAssigned": ["ref:identities/id-a"]},
            }
        },
    )  # fmt: skip
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    assert actions(lab) == {
        "test/communicationServices/acs-a": "update",
        "test/identities/id-a": "delete",
    }
    go_back(lab)
    assert lab.arm.get(identity("id-a")) is None
    live = lab.arm.get(service("acs-a"))
    assert live["properties"]["disableLocalAuth"] is False
    assert live["identity"] == {"type": "None"}


def test_what_held_nothing_is_made_again_and_what_held_something_is_not(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {"location": "westeurope"})
    lab.arm.put(
        f"{identity('id-a')}/federatedIdentityCredentials/cred",
        {
            "properties": {
                "issuer": "https://issuer.test/",
                "subject": "s",
                "audiences": ["api://AzureADTokenExchange"],
            }
        },
    )
    lab.arm.put(service("acs-a"), {"location": "global", "properties": {"dataLocation": "Europe"}})
    lab.spec(
        LOOSE,
        identities={"id-a": {"location": "westeurope", "federatedCredentials": {"cred": None}}},
        communicationServices={"acs-a": None},
    )
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    assert actions(lab) == {"test/identities/id-a/federatedCredentials/cred": "create"}
    assert "access keys" in impossible(lab)["test/communicationServices/acs-a"]
    go_back(lab)
    credential = lab.arm.get(f"{identity('id-a')}/federatedIdentityCredentials/cred")
    assert credential["properties"]["subject"] == "s"


def test_a_value_that_the_run_itself_made_is_taken_back(lab: Lab) -> None:
    def stack(name: str) -> dict[str, Any]:
        smtp = {
            "entraApplicationId": f"ref:identities/{name}#clientId",
            "tenantId": f"ref:identities/{name}#tenantId",
        }
        services = {"acs-a": {"dataLocation": "Europe", "smtpUsernames": {"smtp-a": smtp}}}
        return {"identities": {name: {"location": "westeurope"}}, "communicationServices": services}

    lab.spec(DELETABLE, "test", **stack("id-a"))
    assert lab.apply("-q").code == 0
    lab.spec(DELETABLE, "test", **stack("id-b"))
    bodies = [step["body"] for step in lab.plan("-o", "json").json["steps"]]
    assert {"properties": {"username": "smtp-a"}} in bodies, "no value is shown that is not sent"
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    assert impossible(lab) == {}
    go_back(lab)
    live = lab.arm.get(f"{service('acs-a')}/smtpUsernames/smtp-a")["properties"]
    assert live["entraApplicationId"] == lab.arm.get(identity("id-a"))["properties"]["clientId"]


def test_a_replacement_cannot_be_undone(lab: Lab) -> None:
    lab.arm.put(service("acs-a"), {"location": "global", "properties": {"dataLocation": "Europe"}})
    lab.spec(LOOSE, communicationServices={"acs-a": {"dataLocation": "Africa"}})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    assert actions(lab) == {}
    assert "the old resource is gone" in impossible(lab)["test/communicationServices/acs-a"]


def test_a_hub_cannot_be_unlinked(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SECRET", "Endpoint=sb://x/")
    hub = f"{GROUP}/providers/Microsoft.NotificationHubs/namespaces/n/notificationHubs/h"
    lab.arm.put(service("acs-a"), {"location": "global", "properties": {"dataLocation": "Europe"}})
    linked = {"id": hub, "connectionStringFrom": {"env": "HUB_SECRET"}}
    lab.spec(communicationServices={"acs-a": {"dataLocation": "Europe", "notificationHub": linked}})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    assert "no way to unlink" in impossible(lab)["test/communicationServices/acs-a"]


def test_only_what_was_done_is_undone(lab: Lab) -> None:
    lab.spec(identities={n: {"location": "westeurope"} for n in ("id-a", "id-b")})
    lab.arm.fault(method="PUT", path="id-a", status=403, code="AuthorizationFailed", times=None)
    assert lab.apply("-q", "--receipt", "receipt.json").code == 1
    lab.arm.mend()
    assert actions(lab) == {"test/identities/id-b": "delete"}


def test_the_limits_hold_for_the_way_back(lab: Lab) -> None:
    names = [f"id-{n}" for n in range(5)]
    lab.spec(identities={n: {"location": "westeurope"} for n in names})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    ran = lab.plan(*BACK)
    assert ran.code == 4
    assert "guard maxDeletes" in ran.out


def test_a_plan_that_leads_back_needs_its_receipt(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    assert lab.plan("-q", "--out", "plan.json", *BACK).code == 2
    assert content_of(lab)["specs"]["inverse"]["file"] == "receipt.json"
    receipt = (lab.folder / "receipt.json").read_text()
    lab.arm.patch(identity("id-a"), {"tags": {"a": "1"}})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    lab.arm.forget()
    ran = carry_out(lab)
    assert (ran.code, "leads back from another receipt" in ran.err) == (4, True)
    (lab.folder / "receipt.json").write_text(receipt)
    ran = carry_out(lab)
    assert (ran.code, "`tags.a` was absent and is '1'" in ran.err) == (5, True)
    assert writes(lab) == []
    alter(lab.folder / "receipt.json", lambda document: document["content"].clear())
    assert lab.plan(*BACK).code in (3, 4)
    assert lab.plan(*BACK, "specs").code == 64


def world(lab: Lab) -> Any:
    """Return the plan of nothing, with everything that a wide look finds."""
    ran = lab.run("observe", "--target", lab.arm.url, "--out", "world.json", "--wide")
    assert ran.code == 0, ran.err
    return {told["id"].lower(): told["body"] for told in content_of(lab, "world.json")["objects"]}


@given(first=everything(), second=everything())
@settings(max_examples=6)
def test_the_way_back_leads_to_what_was_there_but_for_what_it_names(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, first: dict[str, Any], second: dict[str, Any]
) -> None:
    a_world_of(lab, monkeypatch, first)
    before = world(lab)
    lab.spec(DELETABLE, "test", **second)
    assume(lab.run("validate").code == 0)
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    lost = impossible(lab)
    ran = lab.plan("-q", "--out", "plan.json", *BACK)
    note(ran.out + ran.err)
    assert ran.code in (0, 2), ran.out + ran.err
    ran = carry_out(lab)
    note(ran.out + ran.err)
    assert ran.code == 0, ran.out + ran.err
    event(f"{len(lost)} cannot be undone")
    if not lost:
        after = world(lab)
        assert sorted(after) == sorted(before)
