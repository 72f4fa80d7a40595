"""The plans that every renderer is shown: made by the real core from specs and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from reconciler.core.mail.impact import Answers, questions, with_impact
from reconciler.core.mail.judge import no_record
from reconciler.core.planner import make_plan
from reconciler.core.policy import Policy
from reconciler.core.specs.desired import desired_state
from reconciler.documents.validate import check_spec
from reconciler.documents.yaml_reader import read
from reconciler.kinds import BY_ARM_TYPE
from reconciler.model.dns import DnsState, ExpectedRecord, Verdict
from reconciler.model.entries import Contents, ObservedEntries
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.mail import DomainReport, MailDomain, RecordReport
from reconciler.model.plan import Plan
from reconciler.model.resource import DesiredState, ObservedResource, ObservedState
from reconciler.model.value import Body
from tests.conftest import GROUP, SUBSCRIPTION, identity, service

HEAD = f"""\
apiVersion: reconciler/v1
kind: Stack
metadata: {{name: mail}}
spec:
  subscription: {SUBSCRIPTION}
  resourceGroup: {{existing: rg-test}}
"""
HOSTILE = "<script>alert(1)</script> @octocat | `x` [a](javascript:b) \\e[31m **bold** $HOME"


def plan_of(
    text: str,
    live: Mapping[str, Mapping[str, Any]],
    *,
    unreadable: tuple[str, ...] = (),
    policy: Policy | None = None,
    addresses: Contents | None = None,
    entries: Mapping[str, str] | None = None,
    mail: Mapping[ResourceId, DomainReport] | None = None,
) -> Plan:
    """Return the plan of a stack's text over bodies by id.

    Its suppression lists get ``addresses``, and have ``entries`` by id.
    """
    desired, observed = state_of(
        text, live, unreadable=unreadable, addresses=addresses, entries=entries, mail=mail
    )
    return make_plan(desired, observed, policy or Policy())


def state_of(
    text: str,
    live: Mapping[str, Mapping[str, Any]],
    *,
    unreadable: tuple[str, ...] = (),
    addresses: Contents | None = None,
    entries: Mapping[str, str] | None = None,
    mail: Mapping[ResourceId, DomainReport] | None = None,
) -> tuple[DesiredState, ObservedState]:
    """Return what a stack's text wants beside what there is."""
    document, problems = read(HEAD + text, "specs/mail.yaml")
    assert document is not None, problems
    assert check_spec(document) == []
    desired, left = desired_state([document], {})
    assert left == ()
    desired = replace(
        desired, entries=tuple(replace(e, contents=addresses) for e in desired.entries)
    )
    failure = Failure(
        FailureClass.DENIED,
        "AuthorizationFailed",
        "you may not read this",
        "give the caller a role",
        "GET identities",
        "00000000-1111-2222-3333-444444444444",
    )
    resources = {}
    for key, body in {GROUP: {}, **live}.items():
        id_ = ResourceId(key)
        kind = BY_ARM_TYPE[id_.arm_type.lower()].name
        resources[id_] = ObservedResource(id_, kind, {"id": key, **body})
    unknown = {ResourceId(key): failure for key in unreadable}
    found: dict[ResourceId, Body] = {
        ResourceId(key): {"id": key, "properties": {"email": email}}
        for key, email in (entries or {}).items()
    }
    lists = {e.list: ObservedEntries(found) for e in desired.entries}
    observed = ObservedState(resources, unknown, (failure,) if unknown else (), lists)
    return desired, replace(observed, mail=mail or {})


def acs(**more: Any) -> dict[str, Any]:
    """Return a live Communication Services body."""
    properties = {"dataLocation": "Europe", "provisioningState": "Succeeded"}
    properties |= {"hostName": "acs.europe.communication.azure.com", **more.pop("properties", {})}
    return {"location": "global", "properties": properties, **more}


def uai(**more: Any) -> dict[str, Any]:
    """Return a live identity body."""
    properties = {"principalId": "p-1", "clientId": "c-1", "tenantId": "t-1"}
    return {"location": "westeurope", "properties": properties, "tags": {}, **more}


def _attached(*names: str) -> dict[str, Any]:
    ids = (identity(name).replace("resourceGroups", "resourcegroups") for name in names)
    users: dict[str, Any] = {text: {} for text in ids}
    return {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": users}


def empty() -> Plan:
    """Everything is as desired."""
    text = "  identities: {id-a: {location: westeurope}}\n"
    return plan_of(text, {identity("id-a"): uai()})


def creation() -> Plan:
    """A stack that is new altogether."""
    return plan_of(
        """\
  tags: {env: prod}
  identities: {id-a: {location: westeurope}}
  communicationServices:
    acs-a:
      dataLocation: Europe
      identity: {systemAssigned: true, userAssigned: [ref:identities/id-a]}
  outputs: {host: ref:communicationServices/acs-a#hostName, id: ref:identities/id-a}
""",
        {},
    )


def update() -> Plan:
    """Several fields of one resource, and one that stays."""
    return plan_of(
        """\
  identities: {id-b: {location: westeurope}}
  communicationServices:
    acs-a:
      dataLocation: Europe
      disableLocalAuth: true
      publicNetworkAccess: Disabled
      linkedDomains: null
      identity: {systemAssigned: false, userAssigned: [ref:identities/id-b]}
      tags: {env: prod, old: null}
  outputs: {host: ref:communicationServices/acs-a#hostName}
""",
        {
            service("acs-a"): acs(
                tags={"Env": "dev", "old": "1", "by": "eve"},
                identity=_attached("id-a"),
                properties={
                    "linkedDomains": [
                        f"{GROUP}/providers/Microsoft.Communication/emailServices/m/domains/x.test"
                    ]
                },
            ),
            identity("id-b"): uai(),
        },
    )


def mail() -> Plan:
    """A domain whose checks are in all states, a link that waits, and senders that stop."""
    mail = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail-a"
    own = ResourceId(f"{mail}/domains/shop.test")
    states = {
        "Domain": {"status": "Verified"},
        "SPF": {"status": "NotStarted"},
        "DKIM": {"status": "VerificationFailed", "errorCode": "RecordNotFound"},
        "DKIM2": {"status": "VerificationInProgress", "errorCode": ""},
        "DMARC": {"status": "NotStarted"},
    }
    properties = {"domainManagement": "CustomerManaged", "verificationStates": states}
    records = {
        "SPF": (ready("SPF"), ExpectedRecord("SPF", "TXT", "shop.test", "v=spf1 -all", 3600)),
        "DKIM": (
            Verdict("DKIM", DnsState.MISSING, "ns1 says: it is not there", "make it", ready=False),
            ExpectedRecord("DKIM", "CNAME", "s1._domainkey.shop.test", "s1.azurecomm.net", 3600),
        ),
        "DMARC": (no_record("DMARC"), None),
    }
    rows = tuple(RecordReport("", "", verdict, record) for verdict, record in records.values())
    made = plan_of(
        """\
  emailServices:
    mail-a:
      dataLocation: Europe
      domains:
        shop.test:
          management: CustomerManaged
          verify: [Domain, SPF, DKIM, DKIM2, DMARC]
        old.test: {management: CustomerManaged}
  communicationServices:
    acs-a:
      dataLocation: Europe
      linkedDomains: [ref:emailServices/mail-a/domains/shop.test]
""",
        {
            mail: {"location": "global", "properties": {"dataLocation": "Europe"}},
            own.text: {"location": "global", "properties": properties},
            f"{mail}/domains/old.test": {
                "location": "global",
                "properties": {"domainManagement": "CustomerManaged"},
            },
            service("acs-a"): acs(properties={"linkedDomains": [f"{mail}/domains/old.test"]}),
        },
        mail={own: DomainReport(MailDomain(own, own.text), rows)},
    )
    answers: Answers = {
        question: {ResourceId(f"{question.scope}/senderUsernames/billing"): {}}
        for question in questions(made)
        if question.kind == "SenderUsername"
    }
    return with_impact(made, ObservedState({}), answers)


def ready(check: str) -> Verdict:
    """Return that DNS has a record."""
    return Verdict(check, DnsState.READY, "ns1 has what ARM asks for", "", ready=True)


def loss() -> Plan:
    """A delete, a replacement and a refused replacement, over the guard."""
    return plan_of(
        """\
  lifecycle: {preventDelete: false, until: '2999-01-01'}
  identities: {id-a: null}
  communicationServices:
    acs-a: null
    acs-b: {dataLocation: UK, lifecycle: {preventReplace: false, until: '2999-01-01'}}
    acs-c: {dataLocation: UK}
""",
        {
            service("acs-a"): acs(),
            service("acs-b"): acs(),
            service("acs-c"): acs(),
            identity("id-a"): uai(),
        },
        policy=Policy(max_deletes=1, max_replaces=0),
    )


def unknown() -> Plan:
    """Something could not be read."""
    return plan_of(
        """\
  identities: {id-a: {location: westeurope}}
  communicationServices: {acs-a: {dataLocation: Europe}}
""",
        {service("acs-a"): acs()},
        unreadable=(identity("id-a"),),
    )


def hostile() -> Plan:
    """Names and values that would like to be markup."""
    return plan_of(
        f"""\
  communicationServices:
    acs-a:
      dataLocation: Europe
      tags:
        "@octocat `x` | *b*": "{HOSTILE}"
        note: "a\\nb"
""",
        {service("acs-a"): acs(tags={"note": "\x1b]0;owned\x07\u202e|"})},
    )


def orphan() -> Plan:
    """Something of the stack's own has left the spec."""
    return plan_of(
        "  onRemoval: delete\n  communicationServices: {acs-a: {dataLocation: Europe}}\n",
        {
            service("acs-a"): acs(),
            service("acs-gone"): acs(tags={"reconciler-stack": "mail"}),
        },
    )


MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail"
DOMAIN = f"{MAIL}/domains/a.test"
LIST = f"{DOMAIN}/suppressionLists/list-a"
LISTS = """\
  emailServices:
    mail:
      dataLocation: Europe
      domains:
        a.test:
          management: CustomerManaged
          suppressionLists:
            list-a: {sender: billing, addresses: {file: a.txt, exact: true}}
"""


def addresses() -> Plan:
    """Some addresses are missing, and more leave than may."""
    wanted = {text: text for text in ("one@private.test", "two@private.test")}
    return plan_of(
        LISTS,
        {
            MAIL: {"location": "global", "properties": {"dataLocation": "Europe"}},
            DOMAIN: {"location": "global", "properties": {"domainManagement": "CustomerManaged"}},
            LIST: {"properties": {"listName": "billing"}},
        },
        addresses=Contents(wanted, b"a key of the tests"),
        entries={
            f"{LIST}/suppressionListAddresses/private-{number}": f"{number}@private.test"
            for number in range(3)
        },
    )


def alike() -> Plan:
    """The same change of many resources, and one that differs."""
    names = [f"id-{number:02}" for number in range(12)]
    described = "".join(f"    {name}: {{location: westeurope}}\n" for name in names)
    live = {identity(name): uai(tags={"env": "dev"}) for name in names}
    live[identity("id-07")] = uai(tags={"env": "test"})
    return plan_of(f"  tags: {{env: prod}}\n  identities:\n{described}", live)


def many() -> Plan:
    """Two thousand changes: most alike, others not, and twelve deletes among them."""
    text, live = ["  tags: {team: mail}", "  identities:"], {}
    for number in range(2000):
        name = f"id-{number:04}"
        if number % 170 == 3:
            text.append(f"    {name}: null")
        elif number % 20 == 0:
            text.append(f"    {name}: {{location: westeurope, tags: {{number: '{number}'}}}}")
        else:
            text.append(f"    {name}: {{location: westeurope}}")
        if number % 3 or number % 170 == 3:
            live[identity(name)] = uai()
    text.insert(0, "  lifecycle: {preventDelete: false, until: '2999-01-01'}")
    return plan_of("\n".join([*text, ""]), live, policy=Policy(max_deletes=20))


PLANS: dict[str, Callable[[], Plan]] = {
    made.__name__: cache(made)
    for made in (
        empty,
        creation,
        update,
        mail,
        loss,
        unknown,
        hostile,
        orphan,
        addresses,
        alike,
        many,
    )
}
