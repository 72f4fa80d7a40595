"""What is not a PUT or PATCH: names that are asked for first, and hubs that are linked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import GROUP, Lab, service

ACS = {"dataLocation": "Europe"}
HUB = f"{GROUP}/providers/Microsoft.NotificationHubs/namespaces/ns/notificationHubs/hub"
SECRET = "Endpoint=sb://ns/;SharedAccessKey=do-not-print-me"


def hub(id_: str = HUB) -> dict[str, Any]:
    """Return the spec of a link."""
    return {"id": id_, "connectionStringFrom": {"env": "HUB"}}


def test_a_name_that_is_taken_is_told_before_anything_is_written(lab: Lab) -> None:
    other = GROUP.replace("rg-test", "rg-strangers")
    lab.arm.group(other)
    lab.arm.put(
        f"{other}/providers/Microsoft.Communication/communicationServices/acs-taken",
        {"location": "global", "properties": {"dataLocation": "Europe"}},
    )
    lab.arm.forget()
    lab.spec(communicationServices={"acs-a": ACS, "acs-taken": ACS})
    assert lab.plan().code == 2  # a plan cannot ask
    assert not any(r["method"] == "POST" for r in lab.arm.requests())
    ran = lab.apply()
    assert ran.code == 4
    assert "the name `acs-taken` is not free: Resource name already exists" in ran.out
    assert "specs/test.yaml:7:" in ran.out
    assert lab.arm.writes() == []


@pytest.mark.parametrize("status", [403, 500])
def test_a_check_of_names_that_fails_stops_nothing(lab: Lab, status: int) -> None:
    lab.spec(communicationServices={"acs-a": ACS})
    lab.arm.fault(method="POST", path="checkNameAvailability", times=None, status=status, code="No")
    assert lab.apply().code == 0
    assert lab.arm.get(service("acs-a")) is not None


def test_names_are_asked_for_only_where_something_is_made(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS})
    lab.settle()
    lab.spec(communicationServices={"acs-a": {**ACS, "tags": {"a": "b"}}})
    assert lab.apply().code == 0
    assert [method for method, _, _ in lab.arm.writes()] == ["PATCH"]


def test_a_hub_is_linked_after_its_resource_is_made(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB", SECRET)
    lab.spec(communicationServices={"acs-a": {**ACS, "notificationHub": hub()}})
    shown = [lab.plan("--requests"), lab.plan("-o", "json"), lab.plan("-o", "markdown")]
    ran = lab.apply("-o", "json")
    assert ran.code == 0, ran.out + ran.err
    assert [(m, n) for m, n, _ in lab.arm.writes()][-2:] == [
        ("PUT", "acs-a"),
        ("POST", "linkNotificationHub"),
    ]
    assert lab.arm.get(service("acs-a"))["properties"]["notificationHubId"] == HUB
    assert lab.plan().code == 0
    for each in (*shown, ran):
        assert "do-not-print-me" not in each.out + each.err
    assert '"env": "HUB"' in shown[0].out


def test_another_hub_is_linked_by_one_action(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB", SECRET)
    lab.spec(communicationServices={"acs-a": {**ACS, "notificationHub": hub()}})
    lab.settle()
    spelt = HUB.replace("resourceGroups", "resourcegroups").replace("hub", "HUB")
    assert lab.arm.get(service("acs-a"))["properties"]["notificationHubId"] != spelt
    lab.spec(communicationServices={"acs-a": {**ACS, "notificationHub": hub(f"{HUB}-two")}})
    assert f"notificationHub  {HUB} -> {HUB}-two" in lab.plan().out
    assert lab.apply().code == 0
    assert [(m, n) for m, n, _ in lab.arm.writes()] == [("POST", "linkNotificationHub")]
    assert lab.plan().code == 0
    both = {**ACS, "notificationHub": hub(), "tags": {"a": "b"}}
    lab.arm.forget()
    lab.spec(communicationServices={"acs-a": both})
    assert lab.apply().code == 0
    assert [m for m, _, _ in lab.arm.writes()] == ["PATCH", "POST"]


def test_a_secret_that_is_not_there_is_told_before_anything_is_written(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": {**ACS, "notificationHub": hub()}, "acs-b": ACS})
    assert lab.plan().code == 2
    ran = lab.apply()
    assert ran.code == 4
    assert "the environment variable HUB is not set" in ran.out
    assert lab.arm.get(service("acs-b")) is None


def test_the_role_for_apply_may_link_a_hub(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": {**ACS, "notificationHub": hub()}})
    roles = lab.run("rbac", "generate", "-o", "json").json
    action = "Microsoft.Communication/communicationServices/linkNotificationHub/action"
    assert action in roles["apply"]["role"]["Actions"]
    assert action not in roles["plan"]["role"]["Actions"]
