"""What a plan file says: every request, every live object that they stand on, and the limits.

Nothing is ever built from the file: it is a promise, which `reconciler.core.sealed.holding` holds
against a plan that is made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from reconciler.core.changes.limits import losses
from reconciler.core.policy import Policy
from reconciler.core.sealed.canonical import keyed_digest
from reconciler.core.sealed.witness import Witness, without_secrets, witnesses
from reconciler.kinds import KINDS
from reconciler.model.entries import DesiredEntries
from reconciler.model.plan import Action, Plan, Step
from reconciler.model.resource import DesiredState, ObservedState
from reconciler.model.value import Json


def content_of(
    plan: Plan, desired: DesiredState, observed: ObservedState, policy: Policy
) -> dict[str, Json]:
    """Return what is promised: the same for equal inputs, without a secret and without an address.

    Args:
        plan: an applyable plan.
        desired: what it was made from, with the contents of private entries.
        observed: what it was made from.
        policy: the limits that it keeps.
    """
    objects = witnesses(plan, observed)
    kinds = {step.kind for step in plan.steps} | {one.kind for one in objects}
    return {
        "apiVersions": {name: KINDS[name].api_version for name in sorted(kinds)},
        "guards": _guards(plan, policy),
        "objects": [_object(one) for one in objects],
        "requests": _requests(plan),
        "private": list(private_requests(plan.steps, desired.entries)),
    }


def _requests(plan: Plan) -> list[Json]:
    """Return the requests that may be shown, in the order of the plan."""
    actions = {c.address: c.action for c in plan.changes if not c.is_private}
    return [request(s, actions[s.address]) for s in plan.steps if not s.private]


def request(step: Step, action: Action) -> dict[str, Json]:
    """Return one request: exactly what is sent, and what must read back."""
    told: dict[str, Json] = {
        "id": step.id,
        "address": step.address,
        "action": action.value,
        "kind": step.kind,
        "method": step.verb.value,
        "resource": step.resource.text,
        "body": None if step.body is None else without_secrets(step.resource, step.body),
        "after": sorted(step.after),
        "readsBack": without_secrets(step.resource, step.wanted),
    }
    if step.pending:
        told["pending"] = {
            name: {"resource": source.target.text, "field": source.field}
            for name, source in step.pending.items()
        }
    if step.action:
        told["operation"] = step.action
    if step.takes_over:
        told["keepsTheRest"] = True
    return told


def _object(one: Witness) -> dict[str, Json]:
    """Return a live object; what is only needed is told apart from what is written to."""
    return {
        "id": one.id.text,
        "kind": one.kind,
        "use": "written" if one.written else "needed",
        "digest": one.digest,
        "state": one.state,
    }


def _guards(plan: Plan, policy: Policy) -> dict[str, Json]:
    """Return each limit with the figure that it was compared with."""
    lost = losses(plan.changes, plan.changes)
    return {
        "maxDeletes": {"limit": policy.max_deletes, "counted": lost.deletes},
        "maxReplaces": {"limit": policy.max_replaces, "counted": lost.replaces},
        "maxDeletePercent": {"limit": policy.max_delete_percent, "counted": lost.percent},
        "maxAddressRemovePercent": {"limit": policy.max_address_remove_percent},
        "prune": policy.prune,
    }


def private_requests(
    steps: Sequence[Step],
    lists: Sequence[DesiredEntries],
    begun: Iterable[tuple[str, str]] = (),
) -> list[dict[str, Json]]:
    """Return private requests as numbers, with a digest that only the key can make again.

    Args:
        steps: of a plan.
        lists: the private entries, with their contents.
        begun: group and mark of what earlier runs have begun, which counts as well.
    """
    keys = keys_of(lists)
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for step in steps:
        if step.private:
            groups[step.address, step.verb.value].add(private_mark(step, keys))
    for group, mark in begun:
        method, _, address = group.partition(" ")
        if address in keys:
            groups[address, method].add(mark)
    return [
        {
            "address": address,
            "method": method,
            "requests": len(found),
            "digest": keyed_digest(keys[address], sorted(found)),
        }
        for (address, method), found in sorted(groups.items())
    ]


def keys_of(lists: Iterable[DesiredEntries]) -> dict[str, bytes]:
    """Return the private key by the address of each list whose contents are known."""
    return {one.address: one.contents.key for one in lists if one.contents is not None}


def private_mark(step: Step, keys: Mapping[str, bytes]) -> str:
    """Return what stands for a private request, and tells nothing without the key."""
    return keyed_digest(keys[step.address], [step.resource.folded, step.body])


def private_group(step: Step) -> str:
    """Return the group of a private request: its method and address."""
    return f"{step.verb} {step.address}"
