"""A receipt says what was sent and answered, and whether that is what was planned."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import GROUP, Lab, Ran, identity, service
from tests.sealed.files import alter, carry_out, content_of, digest, seal


def verify(lab: Lab, *arguments: str) -> Ran:
    """Verify receipt.json."""
    return lab.run("receipt", "verify", "receipt.json", *arguments)


def receipt(lab: Lab) -> dict[str, Any]:
    """Return the content of receipt.json."""
    return content_of(lab, "receipt.json")


def test_a_receipt_of_everything_fits_its_plan(whole: Lab) -> None:
    content = seal(whole)
    ran = carry_out(whole, "--receipt", "receipt.json")
    assert ran.code == 0, ran.out + ran.err
    whole.arm.forget()
    ran = verify(whole, "--plan", "plan.json")
    assert ran.code == 0, ran.err
    assert f"Fits. {len(content['requests'])} requests: " in ran.out
    assert whole.arm.requests() == [], "a receipt is checked without Azure"
    told = receipt(whole)
    assert [row["planned"] for row in told["requests"]] == content["requests"]
    assert told["unplanned"] == []
    assert [row["statuses"] for row in told["private"]] == [{"200": 2}]
    text = (whole.folder / "receipt.json").read_text()
    assert "zq" not in text
    assert "suppressionListAddresses/" not in text


def test_a_receipt_has_times_answers_and_what_azure_calls_each_request(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {"location": "westeurope", "tags": {"a": "1", "b": "2"}})
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"a": "3"}}})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    (row,) = receipt(lab)["requests"]
    (sent,) = row["sent"]
    assert (sent["method"], sent["status"], sent["attempt"]) == ("PATCH", 200, 1)
    assert len(sent["correlationId"]) == 36
    assert sent["body"] == digest(row["planned"]["body"])
    assert row["before"]["tags"] == {"a": "1", "b": "2"}
    assert row["after"]["tags"] == {"a": "3", "b": "2"}
    assert receipt(lab)["plan"] is None
    assert verify(lab).code == 0


def test_every_attempt_is_in_the_receipt(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    lab.arm.fault(method="PUT", path="id-a", status=429, code="TooManyRequests", times=2)
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    (row,) = receipt(lab)["requests"]
    assert [sent["status"] for sent in row["sent"]] == [429, 429, 201]
    assert verify(lab).code == 0


def test_what_failed_and_what_was_skipped_is_told_as_that(lab: Lab) -> None:
    lab.spec(
        identities={"id-a": {"location": "westeurope"}},
        communicationServices={
            "acs-a": {
                "dataLocation": "Europe",
                "identity": {"userAssigned": ["ref:identities/id-a"]},
            }
        },
    )
    lab.arm.fault(method="PUT", path="id-a", status=403, code="AuthorizationFailed", times=None)
    assert lab.apply("-q", "--receipt", "receipt.json").code == 1
    told = receipt(lab)
    ends = {row["planned"]["id"]: row["result"] for row in told["requests"]}
    assert ends == {
        "PUT test/identities/id-a": "failed",
        "PUT test/communicationServices/acs-a": "skipped",
    }
    assert told["converged"] is False
    assert len(told["left"]) == 2
    assert verify(lab).code == 0


def set_body(content: dict[str, Any]) -> None:
    content["requests"][0]["sent"][0]["body"] = digest("something else")


def set_status(content: dict[str, Any]) -> None:
    content["requests"][0]["sent"][-1]["status"] = 403


def set_after(content: dict[str, Any]) -> None:
    content["requests"][0]["after"]["tags"]["a"] = "9"


def set_method(content: dict[str, Any]) -> None:
    content["requests"][0]["sent"][0]["method"] = "PUT"


def skip(content: dict[str, Any]) -> None:
    content["requests"][0]["result"] = "skipped"


def add_unplanned(content: dict[str, Any]) -> None:
    more = dict(content["requests"][0]["sent"][0], method="DELETE", path=identity("id-b"))
    content["unplanned"].append(more)


def set_planned(content: dict[str, Any]) -> None:
    row = content["requests"][0]
    row["planned"]["body"]["tags"]["a"] = row["planned"]["readsBack"]["tags"]["a"] = "9"
    row["after"]["tags"]["a"] = "9"
    row["sent"][0]["body"] = digest(row["planned"]["body"])


def set_before(content: dict[str, Any]) -> None:
    content["requests"][0]["before"]["tags"]["a"] = "0"


def drop(content: dict[str, Any]) -> None:
    content["requests"] = []


def set_plan(content: dict[str, Any]) -> None:
    content["plan"]["digest"] = digest("another plan")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (set_body, "was sent with another body than planned"),
        (set_status, "is told as done, and was answered 403"),
        (set_after, "does not read back as it was planned"),
        (set_method, "was sent as PUT"),
        (skip, "was skipped, and was sent all the same"),
        (add_unplanned, "was sent, and was in no plan"),
        (set_planned, "is not what the plan promised"),
        (set_before, "did not begin from what the plan has seen"),
        (drop, "was promised, and is not in the receipt"),
        (set_plan, "the receipt is of another plan"),
    ],
)
def test_what_does_not_fit_is_said_even_where_the_seal_was_forged(
    lab: Lab, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    lab.arm.put(identity("id-a"), {"location": "westeurope", "tags": {"a": "1"}})
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"a": "3"}}})
    seal(lab)
    assert carry_out(lab, "--receipt", "receipt.json").code == 0
    path = lab.folder / "receipt.json"
    alter(path, lambda document: change(document["content"]), forge=True)
    ran = verify(lab, "--plan", "plan.json")
    assert ran.code == 4
    assert "error[ACS125]" in ran.err
    assert said in ran.err
    assert "receipt.json:" in ran.err


def test_an_altered_receipt_is_refused(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    alter(lab.folder / "receipt.json", lambda document: set_body(document["content"]))
    ran = verify(lab)
    assert (ran.code, "the receipt was altered" in ran.err) == (4, True)
    (lab.folder / "receipt.json").write_text(json.dumps({"format": "x"}))
    assert verify(lab).code == 3


def test_the_secret_of_an_action_is_not_in_the_receipt(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SECRET", "Endpoint=sb://swordfish/")
    hub = f"{GROUP}/providers/Microsoft.NotificationHubs/namespaces/n/notificationHubs/h"
    lab.spec(
        communicationServices={
            "acs-a": {
                "dataLocation": "Europe",
                "notificationHub": {"id": hub, "connectionStringFrom": {"env": "HUB_SECRET"}},
            }
        }
    )
    ran = lab.apply("-q", "--receipt", "receipt.json")
    assert ran.code == 0, ran.out + ran.err
    text = (lab.folder / "receipt.json").read_text()
    assert "swordfish" not in text
    assert digest("Endpoint=sb://swordfish/")[7:] not in text
    post = next(r for r in receipt(lab)["requests"] if r["planned"]["method"] == "POST")
    assert [sent["status"] for sent in post["sent"]] == [200]
    assert verify(lab).code == 0
    assert lab.arm.get(service("acs-a"))["properties"]["notificationHubId"] == hub
