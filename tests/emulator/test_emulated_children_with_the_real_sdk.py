"""The SDK of Azure, unpatched, drives the types around e-mail and federated credentials."""

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.communication.models import (
    DomainProperties,
    DomainResource,
    EmailServiceProperties,
    EmailServiceResource,
    SenderUsernameProperties,
    SenderUsernameResource,
    VerificationParameter,
)

from reconciler.emulator import EmulatorServer

Sdk = Callable[..., Any]
Run = Callable[..., EmulatorServer]
MAIL = ("rg1", "mail-1")
DOMAIN = (*MAIL, "acs.example.com")


@pytest.fixture(params=["immediate", "polls:1"])
def client(request: Any, run: Run, connect: Any, sdk: Sdk) -> Any:
    """An SDK client with an e-mail service and a domain."""
    emulator = run(operations=request.param)
    connect(emulator).group()
    client = sdk(emulator, "communication")
    service = EmailServiceResource(
        location="global", properties=EmailServiceProperties(data_location="United States")
    )
    client.email_services.begin_create_or_update(*MAIL, service).result()
    domain = DomainResource(
        location="global", properties=DomainProperties(domain_management="CustomerManaged")
    )
    client.domains.begin_create_or_update(*DOMAIN, domain).result()
    return client


def test_the_life_of_an_email_service(client: Any) -> None:
    services = client.email_services

    assert services.get(*MAIL).properties.provisioning_state == "Succeeded"
    updated = services.begin_update(*MAIL, {"tags": {"a": "b"}}).result()
    assert updated.tags == {"a": "b"}
    assert [item.name for item in services.list_by_subscription()] == ["mail-1"]
    assert [item.name for item in services.list_by_resource_group("rg1")] == ["mail-1"]
    with pytest.raises(ResourceExistsError, match="CannotDeleteResource"):
        services.begin_delete(*MAIL)
    client.domains.begin_delete(*DOMAIN).result()
    with pytest.raises(ResourceNotFoundError):
        client.domains.get(*DOMAIN)
    services.begin_delete(*MAIL).result()
    with pytest.raises(ResourceNotFoundError):
        services.get(*MAIL)


def test_the_life_of_a_domain(client: Any) -> None:
    domains = client.domains

    shown = domains.get(*DOMAIN).properties
    assert shown.data_location == "unitedstates"
    assert shown.verification_states.domain.status == "NotStarted"
    assert shown.verification_records.dkim2.ttl == 3600
    change = {"properties": {"userEngagementTracking": "Enabled"}}
    updated = domains.begin_update(*DOMAIN, change).result()
    assert updated.properties.user_engagement_tracking == "Enabled"
    wanted = VerificationParameter(verification_type="SPF")
    domains.begin_initiate_verification(*DOMAIN, wanted).result()
    status = domains.get(*DOMAIN).properties.verification_states.spf.status
    assert status == "VerificationInProgress"
    domains.begin_cancel_verification(*DOMAIN, wanted).result()
    status = domains.get(*DOMAIN).properties.verification_states.spf.status
    assert status == "CancellationRequested"
    assert [item.name for item in domains.list_by_email_service_resource(*MAIL)] == [DOMAIN[-1]]


def test_the_life_of_a_sender(client: Any) -> None:
    senders = client.sender_usernames
    resource = SenderUsernameResource(properties=SenderUsernameProperties(username="Info"))

    created = senders.create_or_update(*DOMAIN, "Info", resource)

    assert created.name == "Info"
    assert created.properties.display_name is None
    shown = senders.get(*DOMAIN, "Info")
    assert (shown.name, shown.properties.display_name) == ("info", "")
    assert [item.name for item in senders.list_by_domains(*DOMAIN)] == ["donotreply", "info"]
    senders.delete(*DOMAIN, "info")
    senders.delete(*DOMAIN, "info")
    with pytest.raises(ResourceNotFoundError, match="ResourceReadFailed"):
        senders.get(*DOMAIN, "info")


def test_the_life_of_a_suppression_list_and_of_its_addresses(client: Any) -> None:
    lists, addresses = client.suppression_lists, client.suppression_list_addresses
    place = (*DOMAIN, "list-1")

    lists.create_or_update(*place, {"properties": {"listName": "donotreply"}})
    addresses.create_or_update(*place, "a-1", {"properties": {"email": "a@b.example"}})

    assert lists.get(*place).properties.list_name == "donotreply"
    assert [item.name for item in lists.list_by_domain(*DOMAIN)] == ["list-1"]
    assert addresses.get(*place, "a-1").properties.email == "a@b.example"
    assert [item.name for item in addresses.list(*place)] == ["a-1"]
    addresses.delete(*place, "a-1")
    lists.delete(*place)
    with pytest.raises(ResourceNotFoundError):
        lists.get(*place)


def test_the_life_of_an_smtp_username_and_the_actions_of_a_service(client: Any) -> None:
    services, names = client.communication_services, client.smtp_usernames
    service = {"location": "global", "properties": {"dataLocation": "United States"}}
    services.begin_create_or_update("rg1", "acs-1", service).result()
    properties = {"username": "u", "entraApplicationId": "a", "tenantId": "t"}

    names.create_or_update("rg1", "acs-1", "smtp-1", {"properties": properties})

    assert names.get("rg1", "acs-1", "smtp-1").properties.username == "u"
    listed = names.list("rg1", "acs-1")
    assert [item.name for item in listed] == ["smtp-1"]
    names.delete("rg1", "acs-1", "smtp-1")
    keys = services.list_keys("rg1", "acs-1")
    new = services.regenerate_key("rg1", "acs-1", {"keyType": "Secondary"})
    assert new.secondary_key != keys.secondary_key
    hub = {"resourceId": "/subscriptions/s/hub", "connectionString": "c"}
    assert services.link_notification_hub("rg1", "acs-1", hub).resource_id == hub["resourceId"]
    wanted = {"name": "acs-1", "type": "Microsoft.Communication/CommunicationServices"}
    assert services.check_name_availability(wanted).name_available is False


def test_a_domain_that_is_not_verified_is_not_linked(run: Run, connect: Any, sdk: Sdk) -> None:
    emulator = run(check_links=True)
    arm = connect(emulator)
    arm.group()
    domain = arm.create_domain().content["id"]
    services = sdk(emulator, "communication").communication_services
    properties = {"dataLocation": "United States", "linkedDomains": [domain]}
    service = {"location": "global", "properties": properties}

    with pytest.raises(HttpResponseError, match="InvalidLinkedDomains"):
        services.begin_create_or_update("rg1", "acs-1", service)
    arm.verify(domain)

    assert services.begin_create_or_update(
        "rg1", "acs-1", service
    ).result().properties.linked_domains == [domain]


def test_the_life_of_a_federated_credential(arm: Any, emulator: EmulatorServer, sdk: Sdk) -> None:
    identity = arm.create_identity()
    credentials = sdk(emulator, "msi").federated_identity_credentials
    content = {"properties": {"issuer": "https://i", "subject": "s", "audiences": ["a"]}}
    place = ("rg1", "id-1", "fic-1")

    created = credentials.create_or_update(*place, content)

    assert created.id == f"{identity}/federatedIdentityCredentials/fic-1"
    assert credentials.get(*place).subject == "s"
    assert [item.name for item in credentials.list("rg1", "id-1")] == ["fic-1"]
    credentials.delete(*place)
    credentials.delete(*place)
    with pytest.raises(ResourceNotFoundError):
        credentials.get(*place)
