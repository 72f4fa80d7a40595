"""Facts about a resource that a JSON Schema cannot work out: one function for each.

A fact that is ABSENT is not known, and left out of what a policy sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.core.policies.policy_world import World
from reconciler.core.specs.subjects import bare_parts, why_dead
from reconciler.kinds.communication_service import COMMUNICATION_SERVICE
from reconciler.kinds.email import AZURE_MANAGED
from reconciler.kinds.fields import fallbacks, loose, plain_members
from reconciler.kinds.role_assignment import NAMES, ROLE_ASSIGNMENT, role_guid
from reconciler.model.resource import DesiredResource
from reconciler.model.value import ABSENT, Absent, Json, as_object

ANY: Final = ""
"""Stands for every kind."""


def used_by(resource: DesiredResource, world: World) -> Json:
    """Return the addresses of everything that refers to the resource."""
    return list(world.used_by(resource))


def attached_to(resource: DesiredResource, world: World) -> Json:
    """Return the addresses of the services that an identity is attached to."""
    return [
        service.address
        for service in world.users_of(resource, COMMUNICATION_SERVICE.name)
        if resource.id in _attached(service, world)
    ]


def roles(resource: DesiredResource, world: World) -> Json:
    """Return the roles that an identity, or a service's own identity, is given."""
    given = {
        role_name(assignment)
        for assignment in world.users_of(resource, ROLE_ASSIGNMENT.name)
        if (waits := assignment.pending.get("principal")) and waits.target == resource.id
    }
    return sorted(given)


def linked_data_locations(resource: DesiredResource, world: World) -> Json:
    """Return the data locations of the domains that a service links, as far as known."""
    return sorted(set(_linked_locations(resource, world)))


def other_data_locations(resource: DesiredResource, world: World) -> Json:
    """Return those of the linked domains' data locations that are not the service's own."""
    own = _plain(resource.fields.get("dataLocation"))
    return sorted({place for place in _linked_locations(resource, world) if place != own})


def data_location(resource: DesiredResource, world: World) -> Json | Absent:
    """Return the data location of the email service that a domain is in."""
    above = world.above(resource)
    return ABSENT if above is None else above.fields.get("dataLocation")


def linked_to(resource: DesiredResource, world: World) -> Json:
    """Return the addresses of the services that link a domain."""
    return [
        service.address
        for service in world.users_of(resource, COMMUNICATION_SERVICE.name)
        if resource in _links(service, world)
    ]


def mail_address(resource: DesiredResource, world: World) -> Json | Absent:
    """Return the address that a sender sends from; Azure makes up the managed domains' names."""
    above = world.above(resource)
    if above is None or above.fields.get("management") == AZURE_MANAGED:
        return ABSENT
    return f"{resource.fields.get('username')}@{above.id.name}"


def bare_names(resource: DesiredResource, world: World) -> Json:
    """Return the names without an id in the subject of a GitHub credential."""
    del world
    issuer, subject = str(resource.fields.get("issuer")), str(resource.fields.get("subject"))
    return list(bare_parts(issuer, subject))


def dead_because(resource: DesiredResource, world: World) -> Json | Absent:
    """Return why no token can have a credential's subject; ABSENT if one can."""
    del world
    issuer, subject = str(resource.fields.get("issuer")), str(resource.fields.get("subject"))
    return why_dead(issuer, subject) or ABSENT


def principal_kind(resource: DesiredResource, world: World) -> Json | Absent:
    """Return the kind of the principal: of a resource, or what Entra ID calls it."""
    waits = resource.pending.get("principal")
    if waits is None:
        return resource.fields.get("principalType", ABSENT)
    found = world.by_id.get(waits.target)
    return ABSENT if found is None else found.kind


def scope_level(resource: DesiredResource, world: World) -> Json:
    """Return how wide an assignment reaches."""
    del world
    scope = resource.id.scope
    if scope is None or scope.text.count("/") <= 2:
        return "subscription"
    return "resourceGroup" if scope.group == scope else "resource"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that policies can ask for."""

    work_out: Callable[[DesiredResource, World], Json | Absent]
    about: tuple[str, ...] = ()
    """The fields that it is about: a finding points at the first that is written, or at the
    resource."""
    needs_all: bool = False
    """Whether it is known only if all stacks of an environment are there."""


FACTS: Final[Mapping[str, Mapping[str, Fact]]] = {
    ANY: {"usedBy": Fact(used_by, needs_all=True)},
    "UserAssignedIdentity": {
        "attachedTo": Fact(attached_to, needs_all=True),
        "roles": Fact(roles, needs_all=True),
    },
    "CommunicationService": {
        "linkedDataLocations": Fact(linked_data_locations, ("linkedDomains",)),
        "otherDataLocations": Fact(other_data_locations, ("linkedDomains",)),
        "roles": Fact(roles, ("identity",), needs_all=True),
    },
    "EmailDomain": {
        "dataLocation": Fact(data_location),
        "linkedTo": Fact(linked_to, needs_all=True),
    },
    "SenderUsername": {"mailAddress": Fact(mail_address, ("username",))},
    "FederatedIdentityCredential": {
        "bareNames": Fact(bare_names, ("subject", "github", "kubernetes")),
        "deadBecause": Fact(dead_because, ("subject", "github", "kubernetes")),
    },
    "RoleAssignment": {
        "principalKind": Fact(principal_kind, ("principal",)),
        "scopeLevel": Fact(scope_level, ("scope",)),
    },
}
"""Every fact by kind and name; docs/policies.md describes each."""


def facts_of(kind: str) -> Mapping[str, Fact]:
    """Return the facts that resources of a kind have."""
    return {**FACTS[ANY], **FACTS.get(kind, {})}


def worked_out(resource: DesiredResource, world: World) -> Mapping[str, Json]:
    """Return the facts about a resource, without those that are not known."""
    known: dict[str, Json] = {}
    for name, fact in facts_of(resource.kind).items():
        if fact.needs_all and not world.whole:
            continue
        value = fact.work_out(resource, world)
        if not isinstance(value, Absent):
            known[name] = value
    return known


def role_name(assignment: DesiredResource) -> str:
    """Return the role of an assignment: its name, or the GUID of one without a name here."""
    guid = role_guid(str(assignment.fields.get("role")))
    return NAMES.get(guid, guid)


def _attached(service: DesiredResource, world: World) -> list[object]:
    """Return the ids of the identities of the run that are attached to a service."""
    listed = as_object(service.fields.get("identity")).get("userAssigned")
    found = (world.known(str(text)) for text in (listed if isinstance(listed, list) else ()))
    return [identity.id for identity in found if identity is not None]


def _links(service: DesiredResource, world: World) -> list[DesiredResource]:
    """Return the domains of the run that a service links, in either form."""
    links = service.fields.get("linkedDomains")
    found = map(world.known, (*plain_members(links), *fallbacks(links)))
    return [domain for domain in found if domain is not None]


def _linked_locations(service: DesiredResource, world: World) -> Iterator[str]:
    for domain in _links(service, world):
        above = world.above(domain)
        if above is not None:
            yield _plain(above.fields.get("dataLocation"))


def _plain(place: Json) -> str:
    """Return a data location as Azure compares it: without spaces and case."""
    return str(loose(str(place)))
