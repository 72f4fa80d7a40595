"""Every emulated resource type, and what the providers have besides."""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.emulator.arm import tags_api
from reconciler.emulator.arm.resource_type import ResourceType
from reconciler.emulator.authorization import permissions, role_assignments, role_definitions
from reconciler.emulator.communication import (
    email_domains,
    email_services,
    geography,
    senders,
    services,
    smtp_usernames,
)
from reconciler.emulator.managed_identity import federated_credentials, identities
from reconciler.emulator.network import dns_zones
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.routes import Route, RouteKind, fold

ROWS = {
    row.key: row
    for row in (
        services.COMMUNICATION_SERVICES,
        smtp_usernames.SMTP_USERNAMES,
        email_services.EMAIL_SERVICES,
        email_domains.EMAIL_DOMAINS,
        senders.SENDER_USERNAMES,
        senders.SUPPRESSION_LISTS,
        senders.SUPPRESSION_LIST_ADDRESSES,
        identities.USER_ASSIGNED_IDENTITIES,
        federated_credentials.FEDERATED_CREDENTIALS,
        dns_zones.DNS_ZONES,
        dns_zones.TEXT_SETS,
        dns_zones.ALIAS_SETS,
    )
}
"""Every emulated resource type that has a group, by folded full type."""

NAMESPACES = {
    fold(geography.NAMESPACE): geography.NAMESPACE,
    fold(identities.NAMESPACE): identities.NAMESPACE,
    fold(role_assignments.NAMESPACE): role_assignments.NAMESPACE,
    fold(tags_api.NAMESPACE): tags_api.NAMESPACE,
    fold(dns_zones.NAMESPACE): dns_zones.NAMESPACE,
}
"""The emulated providers as ARM spells them, by folded namespace."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A type that extends another resource."""

    namespace: str
    """The namespace of its provider."""
    name: str
    """Its name."""
    api_versions: tuple[str, ...]
    """The api-versions it answers to."""


EXTENSIONS = {
    fold(extension.name): extension
    for extension in (
        Extension(role_assignments.NAMESPACE, "roleAssignments", role_assignments.API_VERSIONS),
        Extension(role_assignments.NAMESPACE, "roleDefinitions", role_definitions.API_VERSIONS),
        Extension(role_assignments.NAMESPACE, "permissions", permissions.API_VERSIONS),
        Extension(identities.NAMESPACE, "identities", identities.API_VERSIONS),
        Extension(tags_api.NAMESPACE, "tags", tags_api.API_VERSIONS),
    )
}
"""The types that extend another resource, by folded name."""

EMULATED = frozenset(ROWS) | {
    fold(f"{extension.namespace}/{extension.name}") for extension in EXTENSIONS.values()
}
"""The folded full types of everything that is emulated below ``/providers/``."""


@invented(
    "unknown-types",
    "A type of an emulated provider that is not in its specification is 404 `InvalidResourceType`; "
    "one that is, and any other provider, is 501 `EmulatorNotImplemented`.",
)
def find_row(route: Route, version: str, location: Callable[[], str]) -> ResourceType:
    """Return the row of the type a collection or an item is of.

    Args:
        route: of the request.
        version: the api-version.
        location: tells where a PUT wants the resource to be; empty for other requests.

    Raises:
        errors.ArmError: 400, 404 or 501: the type, or this version of it, is not there.

    """
    row = ROWS.get(fold(f"{route.namespace}/{route.type_name}"))
    if row is not None:
        _check_version(row, version, location)
        return row
    nested = len(route.types) > 1 and route.kind is RouteKind.COLLECTION
    known = fold(route.namespace) in _with_rows()
    absent = fold(f"{route.namespace}/{route.type_name}") in dns_zones.NOT_EMULATED
    if not known or nested or absent:
        message = "the type"
        raise errors.not_implemented(message, f"{route.namespace}/{route.type_name}")
    supported = sorted(
        {
            v
            for r in ROWS.values()
            if fold(r.namespace) == fold(route.namespace)
            for v in r.api_versions
        }
    )
    raise errors.invalid_resource_type(route.type_name, route.namespace, version, supported)


def find_action(route: Route, version: str) -> ResourceType | None:
    """Return the row of the resource to which an action is POSTed; None when there is none.

    Raises:
        errors.ArmError: 404: the type has not this version.

    """
    *types, action = route.types
    row = ROWS.get(fold(f"{route.namespace}/{'/'.join(types)}"))
    if row is None or fold(action) not in row.actions:
        return None
    versions = row.action_versions.get(fold(action), row.api_versions)
    if fold(version) not in versions:
        name = f"{row.registered}/{action}"
        raise errors.invalid_resource_type(name, row.namespace, version, versions)
    return row


def check_extension(route: Route, version: str) -> None:
    """Refuse a version which an extension has not.

    Raises:
        errors.ArmError: 404 ``InvalidResourceType``.

    """
    extension = EXTENSIONS[fold(route.types[0])]
    versions = extension.api_versions
    if fold(version) not in versions:
        raise errors.invalid_resource_type(extension.name, extension.namespace, version, versions)


@invented(
    "unknown-version",
    "A PUT of a resource with a location, in an api-version that its type has not, is 400 "
    "`NoRegisteredProviderFound`; every other request with such a version is 404 "
    "`InvalidResourceType`. Code and text are documented; which request gets which is not on "
    "record.",
)
def _check_version(row: ResourceType, version: str, location: Callable[[], str]) -> None:
    """Refuse a version that a type has not.

    https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-register-resource-provider
    """
    if fold(version) in row.api_versions:
        return
    if place := location():
        message = (
            f"No registered resource provider found for location '{place}' and API version "
            f"'{version}' for type '{row.registered}'. "
            f"The supported api-versions are '{', '.join(row.api_versions)}'."
        )
        raise errors.ArmError(400, "NoRegisteredProviderFound", message)
    raise errors.invalid_resource_type(row.registered, row.namespace, version, row.api_versions)


def _with_rows() -> set[str]:
    return {fold(row.namespace) for row in ROWS.values()}
