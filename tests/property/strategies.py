"""Random worlds: what may be in Azure, and what a spec may want of it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.conftest import GROUP

SERVICES = ("acs-one", "acs-two", "ACS-Three")
IDENTITIES = ("id-one", "id-two", "ID_three")
LOCATIONS = ("Europe", "United States", "UnitedStates")

tag_keys = st.sampled_from(["env", "Env", "team", "cost.center", "it's", "__x", "a[0]", "é"])
tag_values = st.sampled_from(["", "a", "b", "null", "1"])


def without_case_twins(tags: dict[str, Any]) -> dict[str, Any]:
    """Return ``tags`` with one key for each folded key, as Azure and the schema want it."""
    return {key: tags[key] for key in {k.lower(): k for k in tags}.values()}


live_tags = st.dictionaries(tag_keys, tag_values, max_size=4).map(without_case_twins)
spec_tags = st.dictionaries(tag_keys, st.none() | tag_values, max_size=3).map(without_case_twins)


def respelt(text: str, how: int) -> str:
    """Return an id in one of the casings that Azure has been seen to answer."""
    if how == 1:
        return text.replace("resourceGroups", "resourcegroups")
    return text.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/") if how == 2 else text


@st.composite
def live_identity(draw: st.DrawFn, users: list[str]) -> dict[str, Any] | None:
    """Return an identity block as somebody may have written it."""
    system = draw(st.booleans())
    attached = draw(st.lists(st.sampled_from(users), unique=True)) if users else []
    if not system and not attached:
        return draw(st.sampled_from([None, {"type": "None"}]))
    comma = draw(st.sampled_from([",", ", "]))
    kinds = ["SystemAssigned"] * system + ["UserAssigned"] * bool(attached)
    block: dict[str, Any] = {"type": comma.join(kinds)}
    if attached:
        prefix = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        block["userAssignedIdentities"] = {
            respelt(f"{prefix}/{name}", draw(st.integers(0, 2))): {} for name in attached
        }
    return block


@st.composite
def live_world(draw: st.DrawFn) -> dict[str, dict[str, dict[str, Any]]]:
    """Return bodies to PUT by collection and name, identities first."""
    users = draw(st.lists(st.sampled_from(IDENTITIES), unique=True))
    identities = {
        name: {"location": draw(st.sampled_from(["westeurope", "West Europe"]))}
        | ({"tags": draw(live_tags)} if draw(st.booleans()) else {})
        for name in users
    }
    services: dict[str, dict[str, Any]] = {}
    for name in draw(st.lists(st.sampled_from(SERVICES), unique=True)):
        properties: dict[str, Any] = {"dataLocation": draw(st.sampled_from(LOCATIONS))}
        for key, values in (
            ("disableLocalAuth", [True, False]),
            ("publicNetworkAccess", ["Enabled", "Disabled"]),
        ):
            if draw(st.booleans()):
                properties[key] = draw(st.sampled_from(values))
        if draw(st.booleans()):
            properties["linkedDomains"] = draw(domains)
        body: dict[str, Any] = {
            "location": draw(st.sampled_from(["global", "Global"])),
            "properties": properties,
        }
        if draw(st.booleans()):
            body["tags"] = draw(live_tags)
        block = draw(live_identity(users))
        if block is not None:
            body["identity"] = block
        services[name] = body
    return {"identities": identities, "communicationServices": services}


MAILS = tuple(
    f"{GROUP}/providers/Microsoft.Communication/emailServices/{name}"
    for name in ("mail-a", "mail-b")
)
"""Email services that are there, each with a domain that Azure has verified."""

DOMAINS = tuple(f"{mail}/domains/AzureManagedDomain" for mail in MAILS)

domains = st.lists(st.sampled_from(DOMAINS), unique=True)


@st.composite
def wanted_identity(draw: st.DrawFn, users: list[str]) -> Any:
    """Return an identity in one of the spec's forms."""
    names = draw(st.lists(st.sampled_from(users), unique=True)) if users else []
    references = [f"ref:identities/{name}" for name in names]
    system = draw(st.booleans())
    kinds = ["SystemAssigned"] * system + ["UserAssigned"] * bool(names)
    azure: dict[str, Any] = {"type": ",".join(kinds) or "None"}
    if references:
        azure["userAssignedIdentities"] = {reference: {} for reference in references}
    short: dict[str, Any] = {}
    if draw(st.booleans()):
        short["systemAssigned"] = draw(st.sampled_from([True, False, None]))
    if draw(st.booleans()) or not short:
        short["userAssigned"] = references or draw(st.sampled_from([[], None]))
    return draw(st.sampled_from([azure, short, None]))


@st.composite
def spec_world(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Return the collections of a stack."""
    removed = draw(st.lists(st.sampled_from(IDENTITIES), unique=True, max_size=1))
    users = [name for name in IDENTITIES if name not in removed and draw(st.booleans())]
    identities: dict[str, Any] = {name: None for name in removed if draw(st.booleans())}
    for name in users:
        identities[name] = {"location": "westeurope"} | (
            {"tags": draw(st.none() | spec_tags)} if draw(st.booleans()) else {}
        )
    services: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(SERVICES), unique=True)):
        if draw(st.integers(0, 5)) == 0:
            services[name] = None
            continue
        entry: dict[str, Any] = {
            "dataLocation": draw(st.sampled_from(LOCATIONS)),
            "lifecycle": {"preventReplace": draw(st.booleans()), "until": "2999-01-01"},
        }
        for key, values in (
            ("disableLocalAuth", st.sampled_from([True, False, None])),
            ("publicNetworkAccess", st.sampled_from(["Enabled", "Disabled"])),
            ("linkedDomains", st.none() | domains),
            ("tags", st.none() | spec_tags),
            ("identity", wanted_identity(users)),
        ):
            if draw(st.booleans()):
                entry[key] = draw(values)
        services[name] = entry
    return {"identities": identities, "communicationServices": services}
