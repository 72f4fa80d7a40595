"""Domains linked to communication services."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.emulator import EmulatorServer


@pytest.fixture
def strict(run: Callable[..., EmulatorServer], connect: Callable[..., Any]) -> Any:
    """A raw client of an emulator that checks links; ``Rg1`` exists."""
    client = connect(run(check_links=True))
    client.group()
    return client


def link(arm: Any, *domains: str, **more: Any) -> Any:
    """Create the service with links, and return the answer."""
    properties = {"linkedDomains": list(domains)} | more
    return arm.create_service(properties=properties)


def test_links_are_not_checked_unless_asked_to(arm: Any) -> None:
    missing = arm.email_path("/domains/none.example").partition("?")[0]

    assert link(arm, missing).status == 201
    assert arm.settings(checkLinks=True).status == 204
    refused = link(arm, missing)
    assert arm.settings(checkLinks=False).status == 204

    assert (refused.status, refused.code) == (400, "InvalidLinkedDomains")
    assert refused.content["error"]["message"] == "Requested linked domains are not valid"
    assert link(arm, missing).status == 201


def test_a_domain_azure_manages_is_linked_at_once(strict: Any) -> None:
    domain = strict.create_domain("AzureManagedDomain").content["id"]

    assert link(strict, domain.upper()).status == 201


def test_a_domain_of_the_customer_is_linked_once_all_four_are_verified(strict: Any) -> None:
    domain = strict.create_domain().content["id"]
    answers = [link(strict, domain)]
    for name in ("Domain", "SPF", "DKIM", "DKIM2"):
        strict.verify(domain, name)
        answers.append(link(strict, domain))

    assert [answer.status for answer in answers] == [400, 400, 400, 400, 201]


def test_a_domain_of_another_geography_is_not_linked(strict: Any) -> None:
    domain = strict.create_domain("AzureManagedDomain").content["id"]

    assert link(strict, domain, dataLocation="Europe").code == "InvalidLinkedDomains"


def test_a_patch_is_checked_too_but_only_when_it_links(strict: Any) -> None:
    domain = strict.create_domain("AzureManagedDomain").content["id"]
    link(strict, domain)

    bad = strict.service("PATCH", content={"properties": {"linkedDomains": [f"{domain}x"]}})
    tags = strict.service("PATCH", content={"tags": {"a": "b"}})
    empty = strict.service("PATCH", content={"properties": {"linkedDomains": []}})

    assert [bad.code, tags.status, empty.status] == ["InvalidLinkedDomains", 200, 200]
    assert tags.content["properties"]["linkedDomains"] == [domain]


def test_a_domain_that_is_not_provisioned_is_not_linked(polled: Any) -> None:
    polled.settings(checkLinks=True)
    polled.create_email()
    domain = polled.create_domain("AzureManagedDomain").content["id"]

    assert link(polled, domain).code == "InvalidLinkedDomains"
    for _ in range(2):
        polled.email("GET", "/domains/AzureManagedDomain")
    assert link(polled, domain).status == 201


def test_a_linked_domain_is_not_deleted_until_it_is_unlinked(arm: Any) -> None:
    domain = arm.create_domain().content["id"]
    link(arm, domain.upper())

    refused = arm.email("DELETE", "/domains/acs.example.com")
    arm.service("PATCH", content={"properties": {"linkedDomains": []}})

    assert (refused.status, refused.code) == (409, "DomainInUse")
    assert "'acs-1'" in refused.content["error"]["message"]
    assert arm.email("DELETE", "/domains/acs.example.com").status == 202
