"""The checks of `doctor` that ask Azure: all of them reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from reconciler.app.access.rbac import check as check_access
from reconciler.app.loading.specs import Specs
from reconciler.app.targets.connection import Connection
from reconciler.core.roles.permissions import ACTIONS
from reconciler.engine.ports import RequestFailedError
from reconciler.kinds import KINDS, RESOURCE_GROUP
from reconciler.model.checkup import Check, fail, ok, warn
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.permission import Phase
from reconciler.model.resource import DesiredState, Presence

SUBSCRIPTIONS_VERSION = "2022-12-01"
"""https://learn.microsoft.com/rest/api/resources/subscriptions/get."""

PROVIDERS_VERSION = "2021-04-01"
"""https://learn.microsoft.com/rest/api/resources/providers/get."""

NAMESPACES = ("Microsoft.Communication", "Microsoft.ManagedIdentity")
"""Providers that a subscription has to be registered for; the others always are."""

MOST_CREDENTIALS = 20
"""https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations."""

SKEW = 300.0
"""Seconds that the clocks may differ: beyond that, tokens look expired, or not yet valid."""

LOW = 25
"""Reads that are left in the bucket, which is filled up with so many a second.
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

READS_LEFT = "x-ms-ratelimit-remaining-subscription-reads"
GENERATE = "`reconciler rbac generate --out roles` writes the roles; have an owner assign them"


def online_checks(connection: Connection, specs: Specs | None) -> Iterator[Check]:
    """Yield what the control plane says of the caller and of the specs."""
    yield _proxy(connection)
    signed_in = _sign_in(connection)
    yield signed_in
    if specs is None or signed_in.mend:
        return
    asked = _Asked(connection)
    desired = specs.desired
    for subscription in sorted({r.id.subscription for r in desired.resources}):
        yield from _subscription(asked, subscription)
        yield from _providers(asked, subscription, desired)
    yield from _groups(asked, desired)
    yield from _credentials(connection, desired)
    yield from _permissions(connection, specs)
    yield from _about_answers(asked.headers)


@dataclass(slots=True)
class _Asked:
    """Reads, and remembers what came with the answers."""

    connection: Connection
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def read(self, path: str, api_version: str) -> Mapping[str, Any] | Failure:
        """Return what a GET is answered with, or why nothing is known."""
        try:
            answer = self.connection.probe.read(path, api_version)
        except RequestFailedError as error:
            return error.failure
        self.headers.append(answer.headers)
        return answer.body


def _proxy(connection: Connection) -> Check:
    """Return which proxy is in the way."""
    proxy = connection.probe.proxy()
    if proxy:
        return ok("proxy", f"requests go through {proxy}, as HTTPS_PROXY and NO_PROXY say")
    return ok("proxy", "none in effect")


def _sign_in(connection: Connection) -> Check:
    """Return who is signed in."""
    if connection.target.takes_any_token:
        return ok("sign-in", "not needed: an emulator on this machine takes any token")
    try:
        claims = connection.probe.caller()
    except RequestFailedError as error:
        mend = "sign in, for example with `az login`; in a pipeline, log in to Azure first"
        return fail("sign-in", str(error.failure), mend)
    shown = ", ".join(f"{word} {value}" for word, value in claims.items())
    return ok("sign-in", shown or "there is a token, and it does not say whose")


def _subscription(asked: _Asked, subscription: str) -> Iterator[Check]:
    """Yield whether a subscription can be read."""
    name = "subscription"
    answer = asked.read(f"/subscriptions/{subscription}", SUBSCRIPTIONS_VERSION)
    if isinstance(answer, Failure):
        if answer.code.lower() == "authorizationfailed":
            action = ACTIONS["subscription"].name
            mend = f"none, if the caller's roles are those of resource groups; else {action}"
            yield warn(name, f"{subscription} may not be read itself", mend)
        else:
            mend = answer.mend or "check its id, and who is signed in"
            yield fail(name, f"{subscription}: {answer}", mend)
        return
    state = str(answer.get("state", ""))
    if state.lower() not in ("", "enabled"):
        yield fail(
            name, f"{subscription} is {state}", "have its owner enable it: it takes no writes now"
        )
    else:
        yield ok(name, f"{subscription} can be read")


def _providers(asked: _Asked, subscription: str, desired: DesiredState) -> Iterator[Check]:
    """Yield whether the providers that the specs need are registered, and know our versions."""
    here = [r for r in desired.resources if r.id.subscription == subscription]
    for namespace in NAMESPACES:
        kinds = {KINDS[r.kind].arm_type: KINDS[r.kind].api_version for r in here}
        pinned = {t: v for t, v in kinds.items() if t.startswith(f"{namespace}/")}
        if not pinned:
            continue
        path = f"/subscriptions/{subscription}/providers/{namespace}"
        answer = asked.read(path, PROVIDERS_VERSION)
        if isinstance(answer, Failure):
            mend = f"`az provider show --namespace {namespace} --subscription {subscription}`"
            yield warn("provider", f"{namespace} could not be asked about: {answer}", mend)
        else:
            yield provider_check(namespace, subscription, answer, pinned)


def provider_check(
    namespace: str, subscription: str, answer: Mapping[str, Any], pinned: Mapping[str, str]
) -> Check:
    """Return whether a provider is registered, and offers the pinned versions."""
    state = str(answer.get("registrationState", "unknown"))
    if state.lower() != "registered":
        command = f"az provider register --namespace {namespace} --subscription {subscription}"
        action = ACTIONS["register"].name.format(namespace=namespace)
        return fail("provider", f"{namespace} is {state}", f"`{command}`, once; it needs {action}")
    listed = answer.get("resourceTypes")
    offered = {
        f"{namespace}/{entry.get('resourceType')}".lower(): entry.get("apiVersions") or []
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, Mapping)
    }
    lacking = [
        f"{arm_type} {version}"
        for arm_type, version in sorted(pinned.items())
        if arm_type.lower() in offered or arm_type.count("/") == 1  # not all nested types are told
        if version not in offered.get(arm_type.lower(), [])
    ]
    if lacking:
        mend = "use a release of this tool whose API versions this cloud offers"
        return fail("provider", f"{namespace} does not offer {', '.join(lacking)}", mend)
    return ok("provider", f"{namespace} is registered, and offers the API versions in use")


def _groups(asked: _Asked, desired: DesiredState) -> Iterator[Check]:
    """Yield whether the resource groups that should be there are there."""
    existing = [
        r
        for r in desired.resources
        if KINDS[r.kind] is RESOURCE_GROUP and r.presence is Presence.EXISTING
    ]
    missing = False
    for group in existing:
        answer = asked.read(group.id.text, RESOURCE_GROUP.api_version)
        if isinstance(answer, Failure):
            missing = True
            create = (
                f"az group create --subscription {group.id.subscription} --name {group.id.name}"
            )
            there = answer.kind is not FailureClass.NOT_FOUND
            mend = (
                answer.mend or GENERATE if there else f"`{create} --location REGION`, or its name"
            )
            yield fail("resource groups", f"{group.id.name}: {answer}", mend)
    if existing and not missing:
        yield ok("resource groups", f"{len(existing)} should exist, and do")


def _credentials(connection: Connection, desired: DesiredState) -> Iterator[Check]:
    """Yield whether an identity would get more credentials than Azure takes."""
    kind = KINDS["FederatedIdentityCredential"]
    described = [r for r in desired.resources if r.kind == kind.name]
    most = 0
    for identity in sorted({r.id.parent for r in described if r.id.parent is not None}):
        try:
            live = set(connection.reader.list_in(kind, identity.text))
        except RequestFailedError as error:
            mend = error.failure.mend or GENERATE
            yield warn("credentials", f"of {identity.name}: {error.failure}", mend)
            continue
        ours = [r for r in described if r.id.parent == identity]
        after = live | {r.id for r in ours if r.presence is Presence.MANAGED}
        after -= {r.id for r in ours if r.presence is Presence.REMOVED}
        most = max(most, len(after))
        if len(after) > MOST_CREDENTIALS:
            what = f"{identity.name} would have {len(after)}, Azure takes {MOST_CREDENTIALS}"
            mend = "set those that nobody uses to null, or make a second identity"
            yield fail("credentials", what, mend)
    if described and most <= MOST_CREDENTIALS:
        yield ok("credentials", f"{most} at most for one identity, Azure takes {MOST_CREDENTIALS}")


def _permissions(connection: Connection, specs: Specs) -> Iterator[Check]:
    """Yield whether the caller may do what plan and apply need."""
    access = check_access(specs, connection)
    for scope, failure in sorted(access.unread.items()):
        yield warn("permissions", f"at {scope} could not be read: {failure}", failure.mend)
    for phase in Phase:
        missing = sorted({need.action for need in access.missing_for(phase)})
        if missing:
            what = f"{phase} lacks {len(missing)}: {', '.join(missing)}"
            mend = f"`reconciler rbac check` shows where and what for; {GENERATE}"
            yield (
                fail("permissions", what, mend)
                if phase is Phase.PLAN
                else warn("permissions", what, mend)
            )
        elif not access.unread:
            yield ok("permissions", f"{phase} may do all that it needs")


def _about_answers(headers: Iterable[Mapping[str, str]]) -> Iterator[Check]:
    """Yield what the answers tell by the way: the time, and how many reads are left."""
    found = list(headers)
    dates = [h["Date"] for h in found if "Date" in h]
    if dates:
        yield clock_check(dates[-1], datetime.now(UTC))
    left = [int(h[READS_LEFT]) for h in found if h.get(READS_LEFT, "").isdigit()]
    if left:
        yield headroom_check(min(left))


def clock_check(date: str, now: datetime) -> Check:
    """Return whether this machine's clock agrees with a Date header."""
    try:
        skew = (now - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return ok("clock", "Azure's answer has no time that can be read")
    if abs(skew) > SKEW:
        what = f"{abs(skew) / 60:.0f} minutes {'ahead of' if skew > 0 else 'behind'} Azure's"
        return warn("clock", what, "set this machine's clock, for example with `chronyc makestep`")
    return ok("clock", "within five minutes of Azure's")


def headroom_check(left: int) -> Check:
    """Return whether enough reads are left before Azure throttles."""
    if left < LOW:
        mend = "wait a minute, and look for what else reads this subscription as the same caller"
        return warn("throttling", f"{left} reads are left in the subscription", mend)
    return ok("throttling", f"{left} reads are left in the subscription")
