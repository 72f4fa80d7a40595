"""A plan is tried out on an emulator that has what Azure has, and Azure never hears of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, note, settings

from reconciler.app.applying.troubles import PROFILES
from tests.conftest import GROUP, SUBSCRIPTION, Golden, Lab, identity, service
from tests.dns_server import Fault, serving
from tests.property.everything import DELETABLE, a_world_of, everything

GOLDEN = Path(__file__).parent / "golden"


def rehearse(lab: Lab, *arguments: str, code: int = 2) -> dict[str, str]:
    """Rehearse, and return the rows of the report with its summary."""
    lab.arm.forget()
    ran = lab.plan("-q", "-o", "json", *(arguments or ("--rehearse",)))
    assert ran.code == code, ran.out + ran.err
    assert {entry["method"] for entry in lab.arm.requests()} == {"GET"}
    (section,) = [s for s in ran.json["sections"] if s["slug"] == "rehearsal"]
    return {"summary": section["summary"]} | {row[0]: row[1] for row in section["rows"]}


def linkable(stack: dict[str, Any]) -> dict[str, Any]:
    """Return a stack that links only the domain which Azure verifies itself, as Azure wants it."""
    for body in stack["communicationServices"].values():
        if "linkedDomains" in body:
            listed = str(body["linkedDomains"])
            mail = "ref:emailServices/mail/domains/AzureManagedDomain"
            body["linkedDomains"] = [mail] if mail in listed else []
    return stack


stacks = everything().map(linkable)


@given(first=stacks, second=stacks)
@settings(max_examples=6)
def test_any_plan_converges_in_its_rehearsal_as_it_does_for_real(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, first: dict[str, Any], second: dict[str, Any]
) -> None:
    a_world_of(lab, monkeypatch, first)
    lab.spec(DELETABLE, "test", **second)
    assume(lab.run("validate").code == 0)
    ran = lab.plan("-q", "--rehearse")
    note(ran.out + ran.err)
    assert ran.code in (0, 2)
    assert "converged: the second plan is empty" in " ".join(ran.out.split())
    lab.arm.forget()
    assert lab.apply("-q").code == 0
    methods = [entry[0] for entry in lab.arm.writes()]
    told = {m: methods.count(m) for m in ("PUT", "PATCH", "DELETE", "POST") if m in methods}
    words = ", ".join(f"{count} {method}" for method, count in told.items())
    assert f"{words or 'no writes'};" in ran.out


@pytest.mark.parametrize(
    ("form", "suffix", "part"),
    [
        ("text", "txt", r"^Rehearsal$.+?(?=\n\n)"),
        ("markdown", "md", r"^<details><summary>Rehearsal.+?</details>$"),
    ],
)
def test_a_rehearsal_reads_like_this(
    whole: Lab, golden: Golden, form: str, suffix: str, part: str
) -> None:
    out = whole.plan("-q", "-o", form, "--fail-at", "3").out
    found = re.search(part, out, re.MULTILINE | re.DOTALL)
    assert found is not None, out
    shown = re.sub(r"\d+ (of 250 )?reads", "N \\1reads", found.group())
    golden(GOLDEN / f"rehearsal.{suffix}", shown + "\n")


def test_the_rehearsal_tells_what_it_takes(lab: Lab) -> None:
    lab.spec(
        identities={"id-a": {"location": "westeurope"}},
        communicationServices={"acs-a": {"dataLocation": "Europe"}},
    )
    told = rehearse(lab)
    assert told["summary"] == (
        "The plan was applied to an emulator that has what Azure has, and converged:"
        " the second plan is empty."
    )
    assert re.fullmatch(r"2 PUT; \d+ reads, and up to 23 polls", told["requests"])
    assert "2 of 200 writes; 0 of 200 deletes" in told["throttle budget"]
    assert told["time in Azure"] == "16 seconds to 2 minutes"
    assert "as recorded of" in told["sources"]


def test_a_link_that_azure_would_refuse_fails_as_it_would_there(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail"
    lab.arm.put(mail, {"location": "global", "properties": {"dataLocation": "Europe"}})
    custom = {"location": "global", "properties": {"domainManagement": "CustomerManaged"}}
    lab.arm.put(f"{mail}/domains/a.test", custom)
    states = {"domain": f"{mail}/domains/a.test", "states": {"Domain": "Verified"}}
    assert lab.arm.send("PUT", "/emulator/verification", states)[0] == 204
    lab.spec(
        emailServices={
            "mail": {
                "dataLocation": "Europe",
                "domains": {"a.test": {"management": "CustomerManaged"}},
            }
        },
        communicationServices={
            "acs-a": {
                "dataLocation": "Europe",
                "linkedDomains": ["ref:emailServices/mail/domains/a.test"],
            }
        },
    )
    with serving() as dns:
        dns.faults.append(Fault("REFUSED"))
        monkeypatch.setenv("RECONCILER_DNS", dns.address)
        told = rehearse(lab, code=6)
    assert told["summary"].endswith("and did not converge.")
    assert "InvalidLinkedDomains" in told["failed"]


def test_a_link_that_waits_for_its_domain_is_left_out(lab: Lab) -> None:
    domains = {
        "AzureManagedDomain": {"management": "AzureManaged"},
        "a.test": {"management": "CustomerManaged"},
    }
    links = [f"ref:emailServices/mail/domains/{name}" for name in domains]
    lab.spec(
        emailServices={"mail": {"dataLocation": "Europe", "domains": domains}},
        communicationServices={"acs-a": {"dataLocation": "Europe", "linkedDomains": links}},
    )
    told = rehearse(lab)
    assert "converged" in told["summary"]
    assert told["second plan"] == "empty, but for 1 change that must wait"


def test_no_account_is_needed_with_a_snapshot(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {"location": "westeurope"})
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"a": "1"}}})
    lab.run("observe", "--target", lab.arm.url, "--out", "snapshot.json")
    lab.arm.forget()
    ran = lab.run("plan", "--snapshot", "snapshot.json", "--rehearse")
    assert ran.code == 2, ran.err
    assert "1 PATCH; " in ran.out
    assert lab.arm.requests() == []


@pytest.mark.parametrize("name", ["throttled", "errors", "conflicts", "cut"])
def test_what_passes_is_got_over(whole: Lab, name: str) -> None:
    told = rehearse(whole, "--faults", name)
    assert told["summary"].endswith(
        f"and converged although {PROFILES[name].words}: the second plan is empty."
    )


@pytest.mark.parametrize("name", ["failed-operation", "denied"])
def test_what_does_not_pass_is_reported_step_by_step(whole: Lab, name: str) -> None:
    told = rehearse(whole, "--faults", name)
    assert told["summary"].endswith(": the next run ends as desired.")
    assert "failed" in told
    assert "because of" in told["skipped"]
    assert told["the next run"].endswith("second plan empty")


@pytest.mark.parametrize("number", [1, 4, 9, 14])
def test_any_request_can_be_made_to_fail(whole: Lab, number: int) -> None:
    steps = whole.plan("-o", "json").json["steps"]
    told = rehearse(whole, "--fail-at", str(number))
    assert f"request {number}, {steps[number - 1]['id']}, is refused" in told["summary"]
    assert told["failed"].startswith(f"{steps[number - 1]['id']}: RehearsedFailure")


def test_a_trouble_that_there_is_not_is_said(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    assert "none is number 2" in lab.plan("--fail-at", "2").err
    assert "did you mean `throttled`?" in lab.plan("--faults", "throtled").err
    assert lab.plan("--faults", "cut", "--fail-at", "1").code == 64
    listed = lab.run("plan", "--faults", "list").out.splitlines()
    assert [line.split()[0] for line in listed] == list(PROFILES)


def test_what_nobody_has_read_is_taken_for_granted_and_named(lab: Lab) -> None:
    other = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-other"
    user = f"{other}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-theirs"
    domain = f"{other}/providers/Microsoft.Communication/emailServices/mail/domains/a.test"
    properties = {"dataLocation": "Europe", "linkedDomains": [domain]}  # linked, so not read
    lab.arm.put(service("acs-a"), {"location": "global", "properties": properties})
    own = "ref:emailServices/mail/domains/AzureManagedDomain"
    domains = {"AzureManagedDomain": {"management": "AzureManaged"}}
    lab.spec(
        emailServices={"mail": {"dataLocation": "Europe", "domains": domains}},
        communicationServices={
            "acs-a": {
                "dataLocation": "Europe",
                "identity": {"userAssigned": [user]},
                "linkedDomains": {"include": [own]},
            }
        },
    )
    told = rehearse(lab)
    assert user in told["taken for granted"]
    assert "converged" in told["summary"]


def test_no_secret_is_needed(lab: Lab) -> None:
    hub = f"{GROUP}/providers/Microsoft.NotificationHubs/namespaces/n/notificationHubs/h"
    lab.spec(
        communicationServices={
            "acs-a": {
                "dataLocation": "Europe",
                "notificationHub": {"id": hub, "connectionStringFrom": {"env": "NOT_SET_HERE"}},
            }
        }
    )
    assert "1 POST" in rehearse(lab)["requests"]


def test_a_plan_that_is_refused_is_not_rehearsed(lab: Lab) -> None:
    body = {"location": "global", "properties": {"dataLocation": "Europe"}}
    lab.arm.put(service("acs-a"), body)
    lab.spec(communicationServices={"acs-a": {"dataLocation": "Africa"}})
    told = rehearse(lab, code=4)
    assert told == {"summary": "A plan that cannot be applied is not rehearsed."}
