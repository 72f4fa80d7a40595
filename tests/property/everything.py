"""Random stacks of every kind, and random meddling with what they made."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from tests.conftest import GROUP, SUBSCRIPTION, Lab
from tests.property.strategies import spec_tags

IDENTITIES = ("id-one", "id-two")
SERVICES = ("acs-one", "acs-two")
DOMAINS = ("AzureManagedDomain", "a.test", "b.test")
SENDERS = ("donotreply", "billing", "Plain")
ADDRESSES: Mapping[str, str] = {
    "one.txt": "a@example.com\nb@example.com\n",
    "two.txt": "# opted out\nB@example.com\nc@example.com\n",
}
"""Files of addresses, beside the folder of the specs."""
ROLES = ("Reader", "Contributor", "09976791-48a7-449e-bb21-39d1a415f350")
TEAM: Mapping[str, str] = {"objectId": "7c1f0e6a-2a52-4c52-9f4a-0b8f3c1f7d10", "type": "Group"}
"""A principal that is no identity of a stack."""
GUARDS: Mapping[str, int] = {
    "maxDeletes": 99,
    "maxReplaces": 99,
    "maxDeletePercent": 100,
    "maxAddressRemovePercent": 100,
}
"""Limits that nothing breaks."""
DELETABLE = "lifecycle: {preventDelete: false, until: '2999-01-01'}"
"""What a stack says so that what is set to null goes, even if it holds state."""
LOOSE = {"lifecycle": {"preventReplace": False, "until": "2999-01-01"}}

_COMMUNICATION = f"{GROUP}/providers/Microsoft.Communication"
_IDENTITIES = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
_DOMAIN = f"{_COMMUNICATION}/emailServices/mail/domains/a.test"

MEDDLING: tuple[tuple[str, str, Any], ...] = (
    ("DELETE", f"{_IDENTITIES}/id-one", None),
    ("DELETE", f"{_IDENTITIES}/id-two/federatedIdentityCredentials/cred-a", None),
    ("PATCH", f"{_IDENTITIES}/ID-TWO", {"tags": {"Env": "x", "other": "y"}}),
    ("DELETE", f"{_COMMUNICATION}/communicationServices/acs-one", None),
    ("PATCH", f"{_COMMUNICATION}/communicationServices/ACS-Two", {"tags": {}}),
    ("PATCH", f"{_COMMUNICATION}/communicationServices/acs-two", {"identity": {"type": "None"}}),
    (
        "PATCH",
        f"{_COMMUNICATION}/communicationServices/acs-one",
        {"properties": {"disableLocalAuth": True, "linkedDomains": []}},
    ),
    ("DELETE", f"{_COMMUNICATION}/communicationServices/acs-two/smtpUsernames/SMTP-one", None),
    ("PATCH", _DOMAIN, {"properties": {"userEngagementTracking": "Enabled"}}),
    (
        "PUT",
        f"{_DOMAIN}/senderUsernames/billing",
        {"properties": {"username": "BILLING", "displayName": "Z"}},
    ),
    ("DELETE", f"{_DOMAIN}/senderUsernames/donotreply", None),
    ("DELETE", f"{_DOMAIN}/suppressionLists/list-one", None),
    ("DELETE", f"{_COMMUNICATION}/emailServices/mail/domains/b.test", None),
)
"""What others do, as method, path and body; where it makes no sense, nothing happens."""

display = st.fixed_dictionaries(
    {}, optional={"displayName": st.none() | st.sampled_from(["A", "B", ""])}
)
subjects = st.sampled_from(["s-one", "s-two", "S-two"])


def provide_addresses(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the files of addresses, and set a key."""
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "a key of the tests")
    for name, text in ADDRESSES.items():
        (lab.folder / name).write_text(text, encoding="utf-8")


def _some(draw: st.DrawFn, names: tuple[str, ...]) -> list[str]:
    """Return some of ``names``."""
    return draw(st.lists(st.sampled_from(names), unique=True))


def _maybe(draw: st.DrawFn) -> bool:
    """Toss a coin."""
    tossed: bool = draw(st.booleans())
    return tossed


@st.composite
def credential(draw: st.DrawFn, name: str) -> Any:
    """Return a federated credential in one of its forms; subjects differ between names."""
    form: int = draw(st.integers(0, 2))
    match form:
        case 0:
            branch = f"{name}-{draw(subjects)}"
            return {"github": {"owner": "o@1", "repository": "r@2", "branch": branch}}
        case 1:
            account = f"{name}-{draw(subjects)}"
            issuer = "https://issuer.test/"
            return {"kubernetes": {"issuer": issuer, "namespace": "n", "serviceAccount": account}}
        case _:
            return {"issuer": "https://issuer.test/", "subject": f"{name}-{draw(subjects)}"}


@st.composite
def suppression_list(draw: st.DrawFn, sender: str) -> Any:
    """Return a suppression list, with or without its addresses."""
    entry: dict[str, Any] = {"sender": sender}
    if _maybe(draw):
        entry["addresses"] = {"file": f"../{draw(st.sampled_from(sorted(ADDRESSES)))}"}
        if _maybe(draw):
            entry["addresses"]["exact"] = draw(st.booleans())
    return entry


@st.composite
def domain(draw: st.DrawFn, name: str) -> Any:
    """Return a domain with what is nested in it."""
    managed = "AzureManaged" if name == "AzureManagedDomain" else "CustomerManaged"
    entry: dict[str, Any] = {"management": managed}
    if _maybe(draw):
        entry["userEngagementTracking"] = draw(st.sampled_from(["Enabled", "Disabled", None]))
    if _maybe(draw):
        entry["tags"] = draw(spec_tags)
    if managed == "CustomerManaged":
        senders = {s: draw(st.none() | display) for s in _some(draw, SENDERS)}
        entry["senderUsernames"] = senders
        there = [s for s, value in senders.items() if value is not None]
        if there and _maybe(draw):
            entry["suppressionLists"] = {
                "list-one": draw(st.none() | suppression_list(draw(st.sampled_from(there))))
            }
    return entry


@st.composite
def everything(draw: st.DrawFn) -> dict[str, Any]:
    """Return the collections of a stack with any of the kinds."""
    identities: dict[str, Any] = {}
    for name in _some(draw, IDENTITIES):
        entry: dict[str, Any] = {"location": "westeurope"}
        if _maybe(draw):
            entry["federatedCredentials"] = {
                c: draw(st.none() | credential(c)) for c in _some(draw, ("cred-a", "cred-b"))
            }
        identities[name] = entry
    domains = {d: draw(domain(d)) for d in _some(draw, DOMAINS)}
    mail: Any = {"mail": {"dataLocation": "Europe", "domains": domains}}
    services: dict[str, Any] = {}
    for name in _some(draw, SERVICES):
        service: dict[str, Any] = {"dataLocation": "Europe"}
        if _maybe(draw):
            attached = [f"ref:identities/{i}" for i in identities if _maybe(draw)]
            service["identity"] = {"systemAssigned": draw(st.booleans()), "userAssigned": attached}
        if _maybe(draw):
            # Only what Azure has verified itself can be linked at once.
            linkable = [d for d in domains if d == "AzureManagedDomain" and _maybe(draw)]
            links = [f"ref:emailServices/mail/domains/{d}" for d in linkable]
            service["linkedDomains"] = draw(st.sampled_from([links, {"include": links}]))
        if identities and _maybe(draw):
            owner = f"ref:identities/{next(iter(identities))}"
            smtp = {"entraApplicationId": f"{owner}#clientId", "tenantId": f"{owner}#tenantId"}
            service["smtpUsernames"] = {"smtp-one": draw(st.none() | st.just(smtp))}
        services[name] = service
    principals: list[Any] = [f"ref:identities/{name}" for name in identities]
    principals += [
        f"ref:communicationServices/{name}"
        for name, service in services.items()
        if service.get("identity", {}).get("systemAssigned") is True
    ]
    principals.append(TEAM)
    scopes = ["resourceGroup", f"/subscriptions/{SUBSCRIPTION}", GROUP]
    scopes += [f"ref:communicationServices/{name}" for name in services]
    assignments: dict[str, Any] = {}
    for name in _some(draw, ("role-a", "role-b")):
        assignments[name] = {
            "role": draw(st.sampled_from(ROLES)),
            "principal": draw(st.sampled_from(principals)),
            "scope": draw(st.sampled_from(scopes)),
        }
    return {
        "identities": identities,
        "emailServices": mail if domains or _maybe(draw) else {},
        "communicationServices": services,
        "roleAssignments": assignments,
    }


def a_world_of(lab: Lab, monkeypatch: pytest.MonkeyPatch, stack: Mapping[str, Any]) -> None:
    """Empty the emulator and the folder, and apply one stack; invalid ones are passed over."""
    lab.arm.reset()
    lab.arm.group()
    shutil.rmtree(lab.folder / "specs", ignore_errors=True)
    lab.project(guards=GUARDS)
    provide_addresses(lab, monkeypatch)
    lab.spec(DELETABLE, "test", **stack)
    assume(lab.run("validate").code == 0)
    assert lab.apply("-q").code == 0
