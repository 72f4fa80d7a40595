"""What Azure is known to do, seen by this tool: docs/azure-facts.md has the source of each."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.role_assignment import ROLES
from tests.conftest import GROUP, SUBSCRIPTION, Lab, identity, service

MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail"
AZURE = f"{MAIL}/domains/AzureManagedDomain"
OWN = f"{MAIL}/domains/a.test"
UAI: Any = {"location": "westeurope"}
ACS: Any = {"dataLocation": "Europe"}
CUSTOMER: Any = {"management": "CustomerManaged"}
ROLE_IDS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"


def put_service(lab: Lab, more: dict[str, Any] | None = None, **properties: Any) -> None:
    """Make a Communication Services resource, as another client does."""
    body = {"location": "global", "properties": {"dataLocation": "Europe", **properties}}
    lab.arm.put(service("acs-a"), body | (more or {}))


def put_domain(lab: Lab, path: str = OWN, **properties: Any) -> None:
    """Make an email service with a domain, as another client does."""
    lab.arm.put(MAIL, {"location": "global", "properties": {"dataLocation": "Europe"}})
    managed = "AzureManaged" if path == AZURE else "CustomerManaged"
    properties = {"domainManagement": managed, **properties}
    lab.arm.put(path, {"location": "global", "properties": properties})


def mail(**domains: Any) -> dict[str, Any]:
    """Return an email service with domains; a name has `_` where a domain has a full stop."""
    named = {name.replace("_", "."): value for name, value in domains.items()}
    return {"emailServices": {"mail": {"dataLocation": "Europe", "domains": named}}}


def assign(lab: Lab, scope: str, principal: str, role: str = "Reader") -> None:
    """Give an identity a role, under a name of somebody else's."""
    name = "0a0a0a0a-1111-2222-3333-444444444444"
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    role_id = f"/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"
    said = {"roleDefinitionId": role_id, "principalId": principal}
    body = {"properties": said | {"principalType": "ServicePrincipal"}}
    lab.arm.put(f"{path}?api-version=2022-04-01", body)


def principal_of(lab: Lab, name: str) -> str:
    """Return the object id of an identity."""
    found: str = lab.arm.get(identity(name))["properties"]["principalId"]
    return found


def nothing_to_do(lab: Lab, **collections: Any) -> None:
    """Fail unless a stack finds everything as it wants it."""
    lab.spec(**collections)
    lab.arm.forget()
    ran = lab.plan()
    assert ran.code == 0, ran.out
    assert lab.apply("-q").code == 0
    assert lab.arm.writes() == []


@pytest.mark.parametrize("location", ["global", "Global"])
def test_a_location_is_no_drift_however_its_maker_typed_it(lab: Lab, location: str) -> None:
    put_service(lab, {"location": location})
    nothing_to_do(lab, communicationServices={"acs-a": ACS})


@pytest.mark.parametrize("spelling", ["United States", "UnitedStates", "unitedstates"])
def test_a_data_location_has_several_spellings(lab: Lab, spelling: str) -> None:
    put_service(lab, dataLocation=spelling)
    nothing_to_do(lab, communicationServices={"acs-a": {"dataLocation": "United States"}})


@pytest.mark.parametrize("tags", [None, {}, {"hidden-title": "x", "Other": "y"}])
def test_no_tags_and_tags_of_others_are_no_drift(lab: Lab, tags: Any) -> None:
    put_service(lab, {} if tags is None else {"tags": tags})
    nothing_to_do(lab, communicationServices={"acs-a": ACS | {"tags": {}}})


def test_a_tag_of_another_casing_is_the_same_tag(lab: Lab) -> None:
    put_service(lab, {"tags": {"ENV": "prod"}})
    nothing_to_do(lab, communicationServices={"acs-a": ACS | {"tags": {"env": "prod"}}})


@pytest.mark.parametrize("block", [None, {"type": "None"}])
def test_no_identity_is_told_in_several_ways(lab: Lab, block: Any) -> None:
    put_service(lab, {} if block is None else {"identity": block})
    nothing_to_do(lab, communicationServices={"acs-a": ACS | {"identity": None}})


@pytest.mark.parametrize("comma", [",", ", "])
def test_both_sorts_of_identity_are_told_with_and_without_a_space(lab: Lab, comma: str) -> None:
    lab.arm.put(identity("id-a"), UAI)
    key = identity("id-a").replace("resourceGroups", "resourcegroups")
    kinds = f"SystemAssigned{comma}UserAssigned"
    put_service(lab, {"identity": {"type": kinds, "userAssignedIdentities": {key: {}}}})
    both = {"systemAssigned": True, "userAssigned": ["ref:identities/id-a"]}
    nothing_to_do(
        lab, identities={"id-a": UAI}, communicationServices={"acs-a": ACS | {"identity": both}}
    )


def test_linked_domains_have_no_order_and_no_case(lab: Lab) -> None:
    put_domain(lab)
    put_domain(lab, AZURE)
    put_service(lab, linkedDomains=[OWN.lower(), AZURE.upper().replace("/SUB", "/sub", 1)
                                    .replace("SCRIPTIONS", "scriptions", 1)])  # fmt: skip
    links = [AZURE, OWN]
    nothing_to_do(lab, communicationServices={"acs-a": ACS | {"linkedDomains": links}})


def test_local_auth_that_nobody_set_is_on(lab: Lab) -> None:
    put_service(lab)
    assert "disableLocalAuth" not in lab.arm.get(service("acs-a"))["properties"]
    nothing_to_do(lab, communicationServices={"acs-a": ACS | {"disableLocalAuth": False}})


def test_isolation_that_nobody_set_is_none(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), UAI)
    nothing_to_do(lab, identities={"id-a": UAI | {"isolationScope": "None"}})


def test_tracking_that_nobody_set_is_off_and_a_domain_has_a_location_of_its_own(lab: Lab) -> None:
    put_domain(lab)
    off = CUSTOMER | {"userEngagementTracking": "Disabled"}
    nothing_to_do(lab, **mail(a_test=off))


def test_a_sender_without_a_display_name_reads_back_with_an_empty_one(lab: Lab) -> None:
    put_domain(lab)
    lab.arm.put(f"{OWN}/senderUsernames/Billing", {"properties": {"username": "Billing"}})
    assert lab.arm.get(f"{OWN}/senderUsernames/Billing")["name"] == "billing"
    for sender in ({}, {"displayName": ""}, {"displayName": None}):
        nothing_to_do(lab, **mail(a_test=CUSTOMER | {"senderUsernames": {"Billing": sender}}))


def test_the_sender_that_nobody_made_is_left_alone_unless_it_is_named(lab: Lab) -> None:
    put_domain(lab)
    nothing_to_do(lab, **mail(a_test=CUSTOMER))
    nothing_to_do(lab, **mail(a_test=CUSTOMER | {"senderUsernames": {"donotreply": {}}}))
    named = {"donotreply": {"displayName": "Contoso"}}
    lab.spec(**mail(a_test=CUSTOMER | {"senderUsernames": named}))
    assert lab.apply().code == 0
    assert [method for method, *_ in lab.arm.writes()] == ["PUT"]


def test_the_times_of_a_suppression_list_are_no_drift(lab: Lab) -> None:
    put_domain(lab)
    lab.arm.put(f"{OWN}/senderUsernames/billing", {"properties": {"username": "billing"}})
    lab.arm.put(f"{OWN}/suppressionLists/list-one", {"properties": {"listName": "Billing"}})
    lists = {"list-one": {"sender": "billing"}}
    senders: dict[str, Any] = {"billing": {}}
    domain = CUSTOMER | {"senderUsernames": senders, "suppressionLists": lists}
    nothing_to_do(lab, **mail(a_test=domain))


def test_issuer_and_subject_are_compared_to_the_letter(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), UAI)
    said = {"issuer": "https://issuer.test/a", "subject": "Worker"}
    body = {"properties": said | {"audiences": ["api://AzureADTokenExchange"]}}
    lab.arm.put(f"{identity('id-a')}/federatedIdentityCredentials/cred-a", body)
    nothing_to_do(lab, identities={"id-a": UAI | {"federatedCredentials": {"cred-a": said}}})
    for other in (said | {"issuer": "https://issuer.test/a/"}, said | {"subject": "worker"}):
        lab.spec(identities={"id-a": UAI | {"federatedCredentials": {"cred-a": other}}})
        assert lab.changes() == {"test/identities/id-a/federatedCredentials/cred-a": "update"}


def test_a_role_comes_back_below_another_scope_than_it_was_sent(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), UAI)
    assign(lab, GROUP, principal_of(lab, "id-a"))
    role = {"role": "Reader", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
    nothing_to_do(lab, identities={"id-a": UAI}, roleAssignments={"r": role})


def test_an_inherited_role_is_not_taken_for_one_of_the_scope(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), UAI)
    assign(lab, f"/subscriptions/{SUBSCRIPTION}", principal_of(lab, "id-a"))
    role = {"role": "Reader", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
    lab.spec(identities={"id-a": UAI}, roleAssignments={"r": role})
    assert lab.changes() == {"test/roleAssignments/r": "create"}
    assert lab.apply().code == 0
    assert lab.plan().code == 0


def test_a_role_is_sent_with_the_type_of_its_principal(lab: Lab) -> None:
    role = {"role": "Reader", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
    lab.spec(identities={"id-a": UAI}, roleAssignments={"r": role})
    assert lab.apply().code == 0
    (_, _, body), *_ = [w for w in lab.arm.writes() if "-" in w[1] and w[1] != "id-a"]
    assert body["properties"]["principalType"] == "ServicePrincipal"
    assert body["properties"]["roleDefinitionId"] == f"{ROLE_IDS}/{ROLES['Reader']}"


def test_an_identity_that_was_made_anew_gets_its_roles_again(lab: Lab) -> None:
    role = {"role": "Reader", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
    lab.spec(identities={"id-a": UAI}, roleAssignments={"r": role})
    lab.settle()
    assert lab.arm.send("DELETE", identity("id-a"))[0] == 200
    lab.arm.put(identity("id-a"), UAI)
    assert lab.changes() == {"test/roleAssignments/r": "create"}
    assert lab.apply().code == 0
    assert lab.plan().code == 0


def test_a_principal_just_made_is_waited_for(lab: Lab) -> None:
    lab.arm.send("PUT", "/emulator/settings", {"principalDelay": 2})
    role = {"role": "Reader", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
    lab.spec(identities={"id-a": UAI}, roleAssignments={"r": role})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert "PrincipalNotFound" in ran.err
    assert lab.plan().code == 0


LATE: tuple[tuple[str, int, str], ...] = (
    ("federatedIdentityCredentials", 404, "ParentResourceNotFound"),
    ("communicationServices/acs-a$", 400, "FailedIdentityOperation"),
    ("communicationServices/acs-a$", 403, "LinkedAuthorizationFailed"),
    ("communicationServices/acs-a$", 400, "InvalidLinkedDomains"),
)


@pytest.mark.parametrize(("path", "status", "code"), LATE, ids=[code for *_, code in LATE])
def test_what_has_not_spread_yet_is_tried_again(
    lab: Lab, path: str, status: int, code: str
) -> None:
    lab.arm.fault(method="PUT", path=path, times=2, status=status, code=code, message="not yet")
    credential = {"issuer": "https://issuer.test/", "subject": "s"}
    attached = {"userAssigned": ["ref:identities/id-a"]}
    links = ["ref:emailServices/mail/domains/AzureManagedDomain"]
    lab.spec(
        identities={"id-a": UAI | {"federatedCredentials": {"cred-a": credential}}},
        communicationServices={"acs-a": ACS | {"identity": attached, "linkedDomains": links}},
        **mail(AzureManagedDomain={"management": "AzureManaged"}),
    )
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert code in ran.err
    assert lab.plan().code == 0


def test_a_name_is_taken_for_a_while_after_its_resource_is_gone(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS})
    lab.settle()
    taken = {"status": 400, "code": "HostNamePrefixTaken", "message": "not available"}
    lab.arm.fault(method="PUT", path="acs-a", times=2, **taken)
    loose = {"lifecycle": {"preventReplace": False, "until": "2999-01-01"}}
    lab.spec(communicationServices={"acs-a": {"dataLocation": "UK"} | loose})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert lab.plan().code == 0


@pytest.mark.parametrize("skip", [1, 2])
def test_a_404_right_after_a_create_is_not_taken_for_absence(lab: Lab, skip: int) -> None:
    gone = {"status": 404, "code": "ResourceNotFound", "message": "not found"}
    for name in ("id-a", "acs-a"):
        lab.arm.fault(method="GET", path=f"/{name}$", skip=skip, times=1, **gone)
    lab.spec(identities={"id-a": UAI}, communicationServices={"acs-a": ACS})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert sorted(name for _, name, _ in lab.arm.writes()) == ["acs-a", "id-a"]
    assert lab.plan().code == 0


def test_a_subscription_without_the_provider_is_told_and_never_registered(lab: Lab) -> None:
    unknown = {"status": 409, "code": "MissingSubscriptionRegistration", "message": "no"}
    lab.spec(communicationServices={"acs-a": ACS})
    for method, run, code in (("GET", lab.plan, 1), ("PUT", lab.apply, 1)):
        lab.arm.fault(method=method, path="acs-a", times=None, **unknown)
        ran = run()
        assert ran.code == code, ran.out
        assert "az provider register --namespace" in ran.out
        lab.arm.mend()
    assert not [e for e in lab.arm.requests() if e["path"].endswith("/register")]


def test_an_identity_that_is_gone_is_taken_off_so_that_it_blocks_no_write(lab: Lab) -> None:
    for name in ("id-a", "id-b"):
        lab.arm.put(identity(name), UAI)
    users: Any = {identity(name): {} for name in ("id-a", "id-b")}
    put_service(lab, {"identity": {"type": "UserAssigned", "userAssignedIdentities": users}})
    assert lab.arm.send("DELETE", identity("id-b"))[0] == 200
    attached = {"userAssigned": ["ref:identities/id-a"]}
    lab.spec(
        identities={"id-a": UAI}, communicationServices={"acs-a": ACS | {"identity": attached}}
    )
    lab.arm.forget()
    ran = lab.apply()
    assert ran.code == 0, ran.out
    (_, _, body), = lab.arm.writes()  # fmt: skip
    nulled = [key for key, v in body["identity"]["userAssignedIdentities"].items() if v is None]
    assert [key.rpartition("/")[2] for key in nulled] == ["id-b"]


def test_a_sender_that_needs_a_raised_quota_is_told_so(lab: Lab) -> None:
    sender = {"billing": {"displayName": "B"}}
    domain = {"management": "AzureManaged", "senderUsernames": sender}
    lab.spec(**mail(AzureManagedDomain=domain))
    ran = lab.apply()
    assert ran.code == 1
    assert "PreconditionFailed" in ran.out
    assert "need a raised quota" in ran.out


def test_an_smtp_username_is_no_drift_whatever_its_id_looks_like(lab: Lab) -> None:
    put_service(lab)
    said = {"entraApplicationId": "7c1f0e6a-2a52-4c52-9f4a-0b8f3c1f7d10",
            "tenantId": "8c1f0e6a-2a52-4c52-9f4a-0b8f3c1f7d10"}  # fmt: skip
    lab.arm.put(
        f"{service('acs-a')}/smtpUsernames/Smtp-A", {"properties": said | {"username": "u"}}
    )
    found = lab.arm.get(f"{service('acs-a')}/smtpUsernames/Smtp-A")["id"]
    assert "/SmtpUsernames/" in found
    smtp = {"Smtp-A": said | {"username": "u"}}
    nothing_to_do(lab, communicationServices={"acs-a": ACS | {"smtpUsernames": smtp}})
    lab.spec(communicationServices={"acs-a": ACS | {"smtpUsernames": {"Smtp-A": None}}})
    assert lab.apply().code == 0
    assert lab.plan().code == 0


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a username that is another word than its sender": (
        mail(a_test=CUSTOMER | {"senderUsernames": {"billing": {"username": "other"}}}),
        "ACS111", "`billing`",
    ),
    "one subject in two credentials": (
        {"identities": {"id-a": UAI | {"federatedCredentials": {
            name: {"issuer": "https://issuer.test/", "subject": "s"} for name in ("c-a", "c-b")}}}},
        "ACS112", "`c-b` trusts the same subject as `c-a`",
    ),
    "more than twenty credentials": (
        {"identities": {"id-a": UAI | {"federatedCredentials": {
            f"c-{i}": {"issuer": "https://i.test/", "subject": f"s-{i}"} for i in range(21)}}}},
        "ACS040", "has 21 entries, the most is 20",
    ),
    "two audiences": (
        {"identities": {"id-a": UAI | {"federatedCredentials": {"c-a": {
            "issuer": "https://issuer.test/", "subject": "s", "audiences": ["a", "b"]}}}}},
        "ACS040", "has 2 entries, the most is 1",
    ),
    "an identity in no region": (
        {"identities": {"id-a": {"location": "global"}}}, "ACS037", "`location`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_azure_is_known_to_refuse_is_told_before_anything_is_sent(lab: Lab, case: str) -> None:
    collections, code, words = REFUSED[case]
    lab.spec(**collections)
    ran = lab.apply()
    assert ran.code == 3, ran.out
    assert code in ran.err + ran.out
    assert words in ran.err + ran.out
    assert lab.arm.requests() == []
