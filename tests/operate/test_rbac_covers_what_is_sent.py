"""The roles allow every request that plan and apply really send, and no write without a cause."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.conftest import GROUP, LOOSE, Lab, identity, service
from tests.operate.requests import ASSIGN, uncovered
from tests.property.everything import DELETABLE, GUARDS, everything, provide_addresses

COMMUNICATION = "Microsoft.Communication"
TYPES = {
    "identities": "Microsoft.ManagedIdentity/userAssignedIdentities",
    "federatedCredentials": "Microsoft.ManagedIdentity/userAssignedIdentities"
    "/federatedIdentityCredentials",
    "emailServices": f"{COMMUNICATION}/emailServices",
    "domains": f"{COMMUNICATION}/emailServices/domains",
    "senderUsernames": f"{COMMUNICATION}/emailServices/domains/senderUsernames",
    "suppressionLists": f"{COMMUNICATION}/emailServices/domains/suppressionLists",
    "communicationServices": f"{COMMUNICATION}/communicationServices",
    "smtpUsernames": f"{COMMUNICATION}/communicationServices/smtpUsernames",
    "roleAssignments": "Microsoft.Authorization/roleAssignments",
}
"""The type behind each collection of a stack."""
ADDRESSES = f"{TYPES['suppressionLists']}/suppressionListAddresses"
"""Written where addresses are described, and deleted where they are exact."""


ASKED_IF_ALLOWED = {"Microsoft.Communication/communicationServices/smtpUsernames/read"}
"""Read to say who stops sending mail; a caller who may not is told that it is unknown."""
SENDERS = "Microsoft.Communication/emailServices/domains/senderUsernames/read"


def roles(lab: Lab, *arguments: str) -> dict[str, set[str]]:
    """Generate the roles, and return the actions of each."""
    document = lab.run("rbac", "generate", "-o", "json", *arguments).json
    return {phase: set(entry["role"]["Actions"]) for phase, entry in document.items()}


def said(stack: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the type of everything that a stack names, and whether it is to be gone."""
    for key, entries in stack.items():
        if key in TYPES and isinstance(entries, dict):
            for entry in entries.values():
                yield TYPES[key], entry is None or entry.get("remove") is True
                addresses = (entry or {}).get("addresses")
                if addresses is not None:
                    yield ADDRESSES, False
                    yield from [(ADDRESSES, True)] * (addresses.get("exact") is True)
                yield from said(entry or {})


def plan_and_apply(lab: Lab, *arguments: str) -> None:
    """Plan and apply, and hold every request against the roles."""
    made = roles(lab)
    lab.arm.forget()
    ran = lab.plan(*arguments)
    assert ran.code in (0, 2), ran.out + ran.err
    assert uncovered(lab.arm.requests(), made["plan"]) <= ASKED_IF_ALLOWED
    lab.arm.forget()
    ran = lab.apply("-q", *arguments)
    assert ran.code == 0, ran.out + ran.err
    # Whether a name is free is asked where the caller may ask, and the roles do not allow it.
    sent = [r for r in lab.arm.requests() if not r["path"].endswith("/checkNameAvailability")]
    assert uncovered(sent, made["apply"]) <= ASKED_IF_ALLOWED
    assert made["plan"] <= made["apply"]


@given(first=everything(), second=everything())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_roles_of_any_stack_cover_what_is_sent_and_are_caused_by_it(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    first: dict[str, Any],
    second: dict[str, Any],
) -> None:
    lab.arm.reset()
    lab.arm.group()
    shutil.rmtree(lab.folder / "specs", ignore_errors=True)
    lab.project(guards=GUARDS)
    provide_addresses(lab, monkeypatch)
    for stack in (first, second):
        lab.spec(DELETABLE, "test", **stack)
        assume(lab.run("validate").code == 0)  # one assignment may be described twice
        plan_and_apply(lab)
        described = {kind for kind, gone in said(stack) if not gone}
        removed = {kind for kind, gone in said(stack) if gone}
        made = roles(lab)
        writes = {a for a in made["apply"] if not a.endswith("/read") and a != ASSIGN}
        assert {a.removesuffix("/write") for a in writes if a.endswith("/write")} == described
        assert {a.removesuffix("/delete") for a in writes if a.endswith("/delete")} == removed
        assert all(action.endswith("/read") for action in made["plan"])
        assert not any("*" in action or "listKeys" in action for action in made["apply"])


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"tags": {"a": "1"}}, False),
        ({"linkedDomains": None}, True),
        ({"disableLocalAuth": True}, True),
        ({"publicNetworkAccess": "Disabled"}, True),
    ],
    ids=str,
)
def test_the_roles_allow_to_name_whose_mail_would_stop_where_it_may(
    lab: Lab, change: dict[str, Any], *, asked: bool
) -> None:
    managed = {"management": "AzureManaged"}
    mail = {"mail-a": {"dataLocation": "Europe", "domains": {"AzureManagedDomain": managed}}}
    linked: Any = {
        "dataLocation": "Europe",
        "linkedDomains": ["ref:emailServices/mail-a/domains/AzureManagedDomain"],
    }
    lab.spec(emailServices=mail, communicationServices={"acs-a": linked})
    lab.settle()
    lab.spec(communicationServices={"acs-a": {"dataLocation": "Europe", **change}})
    plan_and_apply(lab)
    assert (SENDERS in roles(lab)["plan"]) is asked


def test_a_stack_without_domains_has_no_action_for_domains(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": {"dataLocation": "Europe"}})
    made = roles(lab)
    assert not any("domains" in action for action in made["apply"])
    assert made["apply"] - made["plan"] == {
        "Microsoft.Communication/communicationServices/write",
        "Microsoft.Communication/locations/operationStatuses/read",
    }


def test_what_stands_in_the_way_of_a_delete_is_in_the_roles(lab: Lab) -> None:
    mail: Any = {"dataLocation": "Europe", "domains": {"b.test": {"management": "CustomerManaged"}}}
    lab.spec(emailServices={"mail-a": mail})
    lab.settle()
    lab.spec(LOOSE, emailServices={"mail-a": None}, identities={"id-a": None})
    plan_and_apply(lab)
    lab.arm.put(identity("id-a"), {"location": "westeurope"})
    plan_and_apply(lab)
    assert lab.arm.get(identity("id-a")) is None


def test_a_replacement_that_is_allowed_is_in_the_roles(lab: Lab) -> None:
    acs: Any = {"dataLocation": "Europe"}
    lab.spec(communicationServices={"acs-a": acs})
    lab.settle()
    assert "Microsoft.Communication/communicationServices/delete" not in roles(lab)["apply"]
    loose = {"dataLocation": "UK", "lifecycle": {"preventReplace": False, "until": "2999-01-01"}}
    lab.spec(communicationServices={"acs-a": loose})
    plan_and_apply(lab)
    assert lab.arm.get(service("acs-a"))["properties"]["dataLocation"] == "UK"


def test_pruning_is_in_the_roles_of_what_is_marked(lab: Lab) -> None:
    one, two = {"location": "westeurope"}, {"location": "westeurope"}
    lab.spec("onRemoval: delete", identities={"id-a": one, "id-b": two})
    lab.settle()
    lab.project(guards={"maxDeletePercent": 100})
    lab.spec("onRemoval: delete", identities={"id-a": one})
    plan_and_apply(lab, "--prune")
    assert lab.arm.get(identity("id-b")) is None


def test_a_group_that_the_stack_creates_is_in_the_roles(lab: Lab) -> None:
    path = lab.spec(identities={"id-a": {"location": "westeurope"}})
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{existing: rg-test}", "{name: rg-made, location: westeurope}"))
    plan_and_apply(lab)
    assert lab.arm.get(GROUP.replace("rg-test", "rg-made")) is not None


@pytest.mark.parametrize("half", [True, False])
def test_attaching_an_identity_of_another_group_needs_it_there(lab: Lab, half: bool) -> None:
    elsewhere = GROUP.replace("rg-test", "rg-shared")
    lab.arm.group(elsewhere)
    shared = identity("id-shared").replace("rg-test", "rg-shared")
    lab.arm.put(shared, {"location": "westeurope"})
    block: Any = {"userAssigned": [shared]} | ({"systemAssigned": True} if half else {})
    lab.spec(communicationServices={"acs-a": {"dataLocation": "Europe", "identity": block}})
    plan_and_apply(lab)
    document = lab.run("rbac", "generate", "-o", "json").json
    assert document["apply"]["role"]["AssignableScopes"] == [elsewhere, GROUP]
    assert document["plan"]["role"]["AssignableScopes"] == [GROUP]


@pytest.mark.parametrize(
    ("said", "verbs"),
    [
        (None, set()),
        ({"file": "../one.txt"}, {"read", "write"}),
        ({"file": "../one.txt", "exact": True}, {"read", "write", "delete"}),
        ({"hashed": []}, {"read"}),
        ({"hashed": [], "exact": True}, {"read", "delete"}),
    ],
)
def test_addresses_are_in_the_roles_only_as_far_as_they_are_described(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, said: Any, verbs: set[str]
) -> None:
    provide_addresses(lab, monkeypatch)
    if said and "hashed" in said:
        said = {**said, "hashed": lab.run("addresses", "hash", "one.txt").out.split()}
    domain: Any = {"management": "CustomerManaged", "senderUsernames": {"billing": {}}}
    mail: Any = {"mail": {"dataLocation": "Europe", "domains": {"a.test": domain}}}
    domain["suppressionLists"] = {"list-a": {"sender": "billing"}}
    lab.spec(emailServices=mail)
    lab.settle()
    place = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail/domains/a.test"
    for number in range(2):
        entry = f"{place}/suppressionLists/list-a/suppressionListAddresses/{number}"
        lab.arm.put(entry, {"properties": {"email": f"{'ab'[number]}@example.com"}})
    if said:
        domain["suppressionLists"]["list-a"]["addresses"] = said
    lab.spec(emailServices=mail)
    plan_and_apply(lab)
    made = roles(lab)
    found = {action for action in made["apply"] if action.startswith(f"{ADDRESSES}/")}
    assert found == {f"{ADDRESSES}/{verb}" for verb in verbs}
    assert {a for a in made["plan"] if a.startswith(f"{ADDRESSES}/")} <= {f"{ADDRESSES}/read"}


def test_a_verification_is_an_action_of_its_own(lab: Lab) -> None:
    domain: Any = {"management": "CustomerManaged"}
    action = "Microsoft.Communication/emailServices/domains/initiateVerification/action"
    for verify in ({}, {"verify": ["Domain"]}):
        domains = {"a.test": domain | verify}
        lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}})
        made = roles(lab)
        assert (action in made["apply"]) == bool(verify)
        assert action not in made["plan"]
