"""A plan names who stops sending mail before anybody says yes to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import GROUP, LOOSE, Lab, service
from tests.mail.conftest import DOMAIN, MAIL, NAME

ACS = service("acs-a")
OTHER = f"{MAIL}/domains/AzureManagedDomain"
ACS_SPEC: dict[str, Any] = {"dataLocation": "Europe"}


@pytest.fixture
def sending(lab: Lab) -> Lab:
    """Two domains with senders, and a resource that links both and has an SMTP username."""
    put = lab.arm.put
    put(MAIL, {"location": "global", "properties": {"dataLocation": "Europe"}})
    for domain, management in ((DOMAIN, "CustomerManaged"), (OTHER, "AzureManaged")):
        put(domain, {"location": "global", "properties": {"domainManagement": management}})
    put(f"{DOMAIN}/senderUsernames/billing", {"properties": {"username": "Billing"}})
    links = {"dataLocation": "Europe", "linkedDomains": [DOMAIN, OTHER]}
    put(ACS, {"location": "global", "properties": links})
    login = {"entraApplicationId": GUID, "tenantId": GUID}
    for name, username in (("one", f"printer@{NAME}"), ("two", "scanner@elsewhere.test")):
        put(f"{ACS}/smtpUsernames/{name}", {"properties": {"username": username, **login}})
    lab.arm.forget()
    return lab


GUID = "3d1f2a68-9c57-4b0e-8a3f-6e5d4c3b2a19"
SENDERS = [f"Billing@{NAME}", f"DoNotReply@{NAME}"]


def impact(lab: Lab, *arguments: str) -> dict[str, tuple[list[str], list[str]]]:
    """Plan, and return who stops sending and what is not known, by the cause."""
    document = lab.plan("-o", "json", *arguments).json
    found = [one for c in document["changes"] if c["mail"] for one in c["mail"]["impact"]]
    return {one["cause"]: (one["who"], one["unknown"]) for one in found}


def test_an_unlink_names_the_senders_of_the_domain(sending: Lab) -> None:
    sending.spec(communicationServices={"acs-a": ACS_SPEC | {"linkedDomains": [OTHER]}})
    who, unknown = impact(sending)[f"`{NAME}` is unlinked from `acs-a`"]
    assert (who, unknown) == ([*SENDERS, f"SMTP username printer@{NAME}"], [])


def test_the_last_unlink_names_every_smtp_username(sending: Lab) -> None:
    sending.spec(communicationServices={"acs-a": ACS_SPEC | {"linkedDomains": None}})
    found = impact(sending)
    assert len(found) == 2
    assert "SMTP username scanner@elsewhere.test" in found[f"`{NAME}` is unlinked from `acs-a`"][0]


def test_what_cannot_be_read_is_unknown_and_never_nobody(sending: Lab) -> None:
    fault = {"status": 403, "code": "AuthorizationFailed", "message": "no", "times": None}
    sending.arm.fault(method="GET", path="senderUsernames", **fault)
    sending.spec(communicationServices={"acs-a": ACS_SPEC | {"linkedDomains": [OTHER]}})
    who, unknown = impact(sending)[f"`{NAME}` is unlinked from `acs-a`"]
    assert who == [f"SMTP username printer@{NAME}"]
    assert unknown == [f"senderUsernames of {NAME}: AuthorizationFailed"]
    assert sending.plan().code == 2, "it is no reason to refuse"


def test_keys_that_are_switched_off_name_the_senders_that_may_use_them(sending: Lab) -> None:
    sending.spec(communicationServices={"acs-a": ACS_SPEC | {"disableLocalAuth": True}})
    who, unknown = impact(sending)["access keys of `acs-a` are switched off"]
    assert set(SENDERS) <= set(who)
    assert not any("SMTP" in one for one in who), "they sign in with Entra"
    assert unknown == ["which clients sign with an access key"]


def test_a_closed_network_names_senders_and_smtp_usernames(sending: Lab) -> None:
    sending.spec(communicationServices={"acs-a": ACS_SPEC | {"publicNetworkAccess": "Disabled"}})
    who, unknown = impact(sending)["`acs-a` is closed to public networks"]
    assert {*SENDERS, f"SMTP username printer@{NAME}"} <= set(who)
    assert unknown == ["which clients come through a private endpoint, and stay"]


def test_a_deleted_resource_names_all_that_sends_through_it(sending: Lab) -> None:
    sending.spec(LOOSE, communicationServices={"acs-a": {**ACS_SPEC, "remove": True}})
    who, _ = impact(sending)["`acs-a` is deleted"]
    assert {*SENDERS, "SMTP username scanner@elsewhere.test"} <= set(who)


def test_a_deleted_domain_names_its_senders_and_the_resources_that_link_it(sending: Lab) -> None:
    mail = {
        "dataLocation": "Europe",
        "domains": {NAME: {"management": "CustomerManaged", "remove": True}},
    }
    sending.arm.patch(ACS, {"properties": {"linkedDomains": [OTHER]}})
    sending.spec(LOOSE, emailServices={"mail-a": mail})
    assert impact(sending) == {f"`{NAME}` is deleted": (SENDERS, [])}
    sending.arm.patch(ACS, {"properties": {"linkedDomains": [DOMAIN]}})
    acs = {"acs-a": ACS_SPEC | {"linkedDomains": []}}
    sending.spec(LOOSE, emailServices={"mail-a": mail}, communicationServices=acs)
    assert impact(sending)[f"`{NAME}` is deleted"] == ([*SENDERS, "`acs-a`, which links it"], [])


def test_deleted_senders_and_smtp_usernames_name_their_addresses(sending: Lab) -> None:
    domains = {NAME: {"management": "CustomerManaged", "senderUsernames": {"billing": None}}}
    sending.spec(
        LOOSE,
        emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}},
        communicationServices={"acs-a": {**ACS_SPEC, "smtpUsernames": {"one": None}}},
    )
    found = impact(sending)
    assert found["the sender `billing` is deleted"] == ([f"mail from billing@{NAME}"], [])
    who = [f"whoever signs in as printer@{NAME}"]
    assert found["the SMTP username `one` is deleted"] == (who, [])


def test_a_plan_that_takes_nothing_away_reads_nothing_more(sending: Lab) -> None:
    sending.spec(communicationServices={"acs-a": ACS_SPEC | {"tags": {"a": "b"}}})
    assert impact(sending) == {}
    paths = [entry["path"] for entry in sending.arm.requests() if GROUP in entry["path"]]
    assert not any("Usernames" in path for path in paths)


def test_every_form_says_it_loudly(sending: Lab) -> None:
    sending.spec(communicationServices={"acs-a": ACS_SPEC | {"linkedDomains": [OTHER]}})
    text = sending.plan().out
    assert f"MAIL STOPS\n      `{NAME}` is unlinked from `acs-a`" in text
    assert ", ".join(SENDERS) in text
    review = sending.plan("-o", "markdown").out
    assert "<b>MAIL STOPS</b>" in review
    assert "[!CAUTION]" in review
    (section,) = sending.plan("-o", "json").json["sections"]
    assert (section["slug"], section["tone"]) == ("mail-impact", "danger")


def test_a_service_that_sends_no_mail_stops_none_and_its_identities_are_no_domains(
    lab: Lab,
) -> None:
    services = {"acs-a": {**ACS_SPEC, "identity": {"userAssigned": ["ref:identities/id-a"]}}}
    lab.spec(LOOSE, identities={"id-a": {"location": "westeurope"}}, communicationServices=services)
    assert lab.apply().code == 0
    lab.spec(LOOSE, identities={"id-a": None}, communicationServices={"acs-a": None})
    assert impact(lab) == {}
