"""What no schema can see: what Azure would refuse, what has no effect, and what is unwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.core.specs.references import suggest
from reconciler.core.specs.subjects import bare_parts, ids_mend
from reconciler.kinds.communication_service import COMMUNICATION_SERVICE
from reconciler.kinds.email import AZURE_MANAGED, EMAIL_DOMAIN, SENDER_USERNAME
from reconciler.kinds.federated_identity_credential import FEDERATED_IDENTITY_CREDENTIAL
from reconciler.kinds.fields import fallbacks, plain_members
from reconciler.kinds.kind import Kind
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.resource import DesiredResource, Presence
from reconciler.model.source import Document, Span
from reconciler.model.value import Json, Path


def unknown_waivers(
    document: Document, place: Path, kind: Kind, values: Mapping[str, Json]
) -> Iterator[Diagnostic]:
    """Yield an error for each waiver of a field that the kind does not have: it hides nothing."""
    lifecycle = values.get("lifecycle")
    entries = lifecycle.get("ignoreChanges") if isinstance(lifecycle, Mapping) else None
    known = sorted(field.name for field in kind.writable)
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = str(entry.get("field")).split(".", 1)[0] if isinstance(entry, Mapping) else ""
        if name not in known:
            span = document.at(*place, "lifecycle", "ignoreChanges", number, "field")
            what = f"a {kind.name} has no field `{name}` to leave alone"
            yield Diagnostic(Code.UNKNOWN_FIELD, what, suggest(name, known), span)


def unknown_policies(
    resources: Iterable[DesiredResource], known: Iterable[str]
) -> Iterator[Diagnostic]:
    """Yield an error for each exemption from a policy that does not exist."""
    names = sorted(known)
    for resource in resources:
        for exemption in resource.exemptions:
            if exemption.policy in names:
                continue
            what = f"there is no policy `{exemption.policy}` to be exempt from"
            mend = "remove the exemption: the project has no policies"
            if names:
                mend = suggest(exemption.policy, names)
            yield Diagnostic(Code.UNKNOWN_POLICY, what, mend, exemption.place.span)


def bare_names(document: Document, place: Path, values: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Yield a warning for each GitHub name without its id, in either form of a credential.

    Subjects of newer repositories carry ids, so that one made of bare names does not match; and
    where it matches, whoever registers a freed name can sign in with it.
    https://docs.github.com/actions/reference/security/oidc
    """
    github = values.get("github")
    found: list[tuple[str, Path]]
    if isinstance(github, Mapping):
        said = {key: str(github.get(key)) for key in ("owner", "repository")}
        subject = f"repo:{said['owner']}/{said['repository']}:any"
        found = [(name, ("github", key)) for key, name in said.items() if "@" not in name]
    else:
        subject = str(values.get("subject"))
        bare = bare_parts(str(values.get("issuer")), subject)
        found = [(name, ("subject",)) for name in bare]
    for name, path in found:
        yield Diagnostic(
            Code.BARE_NAME,
            f"`{name}` is a bare GitHub name, which somebody else may come to own",
            ids_mend(subject),
            document.at(*place, *path),
            severity=Severity.WARNING,
        )


def refused(resources: Iterable[DesiredResource]) -> Iterator[Diagnostic]:
    """Yield an error for what Azure is known to refuse although each field is valid.

    https://github.com/Azure/azure-service-operator/pull/5263 (usernames)
    https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
    """
    seen: dict[tuple[object, ...], DesiredResource] = {}
    for resource in resources:
        if resource.presence is not Presence.MANAGED or resource.place is None:
            continue
        if resource.kind == SENDER_USERNAME.name:
            yield from _other_username(resource, resource.place.span)
        if resource.dns_zone is not None:
            yield from _other_zone(resource, resource.dns_zone.name, resource.place.span)
        if resource.kind == FEDERATED_IDENTITY_CREDENTIAL.name:
            fields = resource.fields
            key = (resource.id.parent, fields.get("issuer"), fields.get("subject"))
            first = seen.setdefault(key, resource)
            if first is not resource and first.span is not None:
                yield Diagnostic(
                    Code.SAME_SUBJECT,
                    f"`{resource.id.name}` trusts the same subject as `{first.id.name}`",
                    "keep one of the two: an identity takes a pair of issuer and subject once",
                    resource.place.span,
                    related=((first.span, "trusted here first"),),
                )


def _other_zone(domain: DesiredResource, zone: str, span: Span) -> Iterator[Diagnostic]:
    """Yield an error if a mail domain does not lie in the zone that is to hold its records."""
    if f".{domain.id.name}".lower().endswith(f".{zone}".lower()):
        return
    yield Diagnostic(
        Code.OTHER_ZONE,
        f"the domain `{domain.id.name}` does not lie in the zone `{zone}`",
        "name under `dns.azureZone` the zone that holds the domain's records",
        span,
    )


def _other_username(sender: DesiredResource, span: Span) -> Iterator[Diagnostic]:
    """Yield an error if a sender's username is another word than its name."""
    username, name = str(sender.fields.get("username")), sender.id.name
    if username.lower() != name.lower():
        yield Diagnostic(
            Code.USERNAME,
            f"the username of the sender `{name}` is `{username}`",
            f"leave `username` out, or write `{name}` in any case; or rename the entry",
            span,
        )


def mail_problems(
    document: Document, place: Path, kind: Kind, values: Mapping[str, Json]
) -> Iterator[Diagnostic]:
    """Yield an error for what Azure verifies itself, and for fallbacks of nothing."""
    if kind is EMAIL_DOMAIN and "verify" in values and values.get("management") == AZURE_MANAGED:
        yield Diagnostic(
            Code.NO_SUCH_MAIL,
            "Azure has verified an Azure-managed domain from the start",
            "remove `verify`, or write `management: CustomerManaged` for a domain of your own",
            document.at(*place, "verify"),
        )
    links = values.get("linkedDomains")
    if kind is COMMUNICATION_SERVICE and fallbacks(links) and not plain_members(links):
        yield Diagnostic(
            Code.NO_SUCH_MAIL,
            "every domain of the list is a fallback, so that none would be linked",
            "add the domain that it stands in for, or write it without `fallback`",
            document.at(*place, "linkedDomains"),
        )
