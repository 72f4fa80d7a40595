"""Resources that wait for each other are told with the whole way round."""

from __future__ import annotations

from typing import Any

from tests.conftest import Lab

TENANT = "7c1f0e6a-2a52-4c52-9f4a-0b8f3c1f7d10"
HERE = "ref:communicationServices/acs-a/smtpUsernames"


def _smtp(lab: Lab, **needs: str) -> None:
    """Write SMTP usernames, each with the application of another one."""
    usernames: dict[str, Any] = {
        name: {"entraApplicationId": f"{HERE}/{other}#entraApplicationId", "tenantId": TENANT}
        for name, other in needs.items()
    }
    lab.spec(
        communicationServices={"acs-a": {"dataLocation": "Europe", "smtpUsernames": usernames}}
    )


def test_two_that_wait_for_each_other_are_named_in_a_circle(lab: Lab) -> None:
    _smtp(lab, one="two", two="three", three="two")
    ran = lab.run("validate")
    assert ran.code == 3
    above = "test/communicationServices/acs-a/smtpUsernames"
    assert ran.out.count("ACS110") == 1
    assert f"wait for each other: {above}/three -> {above}/two -> {above}/three" in ran.out
    assert lab.apply().code == 3
    assert lab.arm.requests() == []


def test_one_that_waits_for_itself_is_told(lab: Lab) -> None:
    _smtp(lab, one="one")
    ran = lab.run("validate")
    assert ran.code == 3
    assert "smtpUsernames/one -> test/communicationServices/acs-a/smtpUsernames/one" in ran.out


def test_every_circle_is_told_in_one_run(lab: Lab) -> None:
    _smtp(lab, one="two", two="one", three="four", four="three")
    assert lab.run("validate").out.count("ACS110") == 2


def test_a_chain_is_no_circle(lab: Lab) -> None:
    usernames = {
        "one": {"entraApplicationId": f"{HERE}/two#entraApplicationId", "tenantId": TENANT},
        "two": {"entraApplicationId": TENANT, "tenantId": TENANT},
    }
    lab.spec(
        communicationServices={"acs-a": {"dataLocation": "Europe", "smtpUsernames": usernames}}
    )
    lab.settle()
