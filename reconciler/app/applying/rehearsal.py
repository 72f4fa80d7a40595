"""A plan is tried out: an emulator is given what Azure has, and the plan is applied to it.

Nothing reaches Azure. The emulator is fresh, in this process and in memory, and is written to by
the real SDK over http; what it cannot know is taken for granted and said so.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from http.client import HTTPConnection

from reconciler.app.applying.apply import Manner, apply
from reconciler.app.applying.troubles import Trouble
from reconciler.app.loading.specs import Specs
from reconciler.app.planning.plan import Planned, planned_through
from reconciler.app.targets.connection import Connection, connect
from reconciler.core.sealed.plan_file import request
from reconciler.core.sending.forecast import SOURCES, forecast
from reconciler.core.sending.throttle import LIMITS
from reconciler.engine.execute import PARALLELISM, most_under_way
from reconciler.engine.interrupt import Interrupt
from reconciler.kinds import BY_ARM_TYPE, KINDS
from reconciler.model.errors import UnavailableError
from reconciler.model.event import Event
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Plan, Step, Verb
from reconciler.model.rehearsal import Rehearsal, is_settled
from reconciler.model.value import Json, entries

STUBS: Mapping[str, Mapping[str, Json]] = {
    "ResourceGroup": {"location": "westeurope"},
    "UserAssignedIdentity": {"location": "westeurope"},
    "EmailService": {"location": "global", "properties": {"dataLocation": "Europe"}},
    "EmailDomain": {
        "location": "global",
        "properties": {
            "domainManagement": "CustomerManaged",
            "provisioningState": "Succeeded",
            "verificationStates": {
                record: {"status": "Verified"} for record in ("Domain", "SPF", "DKIM", "DKIM2")
            },
        },
    },
    "CommunicationService": {"location": "global", "properties": {"dataLocation": "Europe"}},
}
"""What is taken for granted about a resource that the plan points at and nobody has read."""


def rehearse(planned: Planned, specs: Specs, trouble: Trouble | None = None) -> Rehearsal:
    """Apply a plan to an emulator that has what the plan was made from.

    Args:
        planned: an applyable plan, with what it was made from.
        specs: the specs of it.
        trouble: what is made to go wrong.

    Raises:
        UnavailableError: the emulator could not be started, or does not take what was read.

    """
    from reconciler.emulator import EmulatorError, EmulatorServer

    try:
        with EmulatorServer(check_links=True) as server:
            assumed = _seed(server.url, planned)
            with connect(server.url, specs.project.root, writes=True) as connection:
                return _played(server.url, connection, planned, specs, assumed, trouble)
    except EmulatorError as error:
        raise UnavailableError(str(error)) from error


def _played(
    url: str,
    connection: Connection,
    planned: Planned,
    specs: Specs,
    assumed: tuple[str, ...],
    trouble: Trouble | None,
) -> Rehearsal:
    """Plan and apply against the emulator, once with trouble, and again if need be."""
    twin = replace(specs, desired=planned.desired)
    prune, interrupt = planned.policy.prune, Interrupt()
    manner = Manner(prune, exactly=True)
    fresh = planned_through(connection.reader, twin, _quiet, prune=prune).plan
    for fault in trouble.faults if trouble is not None else ():
        _send(url, "POST", "/emulator/faults", fault)
    _send(url, "DELETE", "/emulator/requests")
    plan = replace(planned.plan, steps=tuple(map(_without_secret, planned.plan.steps)))
    report = apply(plan, twin, connection, _quiet, interrupt, manner)
    log = [entry for entry in entries(_send(url, "GET", "/emulator/requests")) if entry]
    methods = Counter(str(entry["method"]) for entry in log)
    _send(url, "DELETE", "/emulator/faults")
    again = None
    if not is_settled(report):
        rest = planned_through(connection.reader, twin, _quiet, prune=prune).plan
        if rest.is_applyable:
            rest = replace(rest, steps=tuple(map(_without_secret, rest.steps)))
            again = apply(rest, twin, connection, _quiet, interrupt, manner)
    told = forecast(planned.plan.steps, PARALLELISM, most_under_way(PARALLELISM))
    return Rehearsal(
        report=report,
        reads=sum(not _is_poll(str(e["path"])) for e in log if e["method"] in ("GET", "HEAD")),
        writes={v.value: methods[v.value] for v in Verb if methods[v.value]},
        seconds=(told.seconds.low, told.seconds.high),
        polls=told.polls,
        budget={c.value: (limit.depth, limit.per_second) for c, limit in LIMITS.items()},
        sources=f"{SOURCES}; {PARALLELISM} writes at once, besides those that only wait for Azure",
        assumed=assumed,
        differs=tuple(_differences(planned.plan, fresh)),
        trouble=trouble.words if trouble is not None else "",
        again=again,
    )


def _seed(url: str, planned: Planned) -> tuple[str, ...]:
    """Give the emulator what was read, and return the ids that it was given on trust."""
    observed = planned.observed
    bodies: dict[ResourceId, Mapping[str, Json]] = {
        live.id: {**STUBS["ResourceGroup"], **live.body, "id": live.id.text}
        if live.kind == "ResourceGroup"
        else {"id": live.id.text, **live.body}
        for live in observed.resources.values()
    }
    for found in observed.entries.values():
        bodies |= {id_: {**body, "id": id_.text} for id_, body in found.bodies.items()}
    made = {step.resource for step in planned.plan.steps}
    assumed: dict[ResourceId, Mapping[str, Json]] = {}
    for target in sorted(set(_pointed_at(planned.plan.steps))):
        for id_ in (target, *_above(target)):
            kind = BY_ARM_TYPE.get(id_.arm_type.lower())
            if kind is not None and kind.name in STUBS and id_ not in bodies and id_ not in made:
                assumed[id_] = {"id": id_.text, **STUBS[kind.name]}
    _send(url, "POST", "/emulator/seed", [*bodies.values(), *assumed.values()])
    return tuple(id_.text for id_ in assumed if id_.group != id_)


def _pointed_at(steps: Sequence[Step]) -> Iterator[ResourceId]:
    """Yield the ids that the bodies of requests name, and the scopes of what is attached."""
    for step in steps:
        kind = KINDS[step.kind]
        yield from kind.references(step.body or {})
        if kind.is_extension and step.resource.scope is not None:
            scope = step.resource.scope
            if scope.group is not None:
                yield scope


def _above(resource: ResourceId) -> Iterator[ResourceId]:
    """Yield what a resource is nested in."""
    parent = resource.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _differences(plan: Plan, fresh: Plan) -> Iterator[str]:
    """Yield each request that would not have been planned, word for word, from the emulator."""
    for one, other in ((plan, fresh), (fresh, plan)):
        actions = {c.address: c.action for c in other.changes}
        known = {step.id: request(step, actions[step.address]) for step in other.steps}
        mine = {c.address: c.action for c in one.changes}
        for step in one.steps:
            if known.get(step.id) != request(step, mine[step.address]):
                yield step.address if step.private else step.id


def _without_secret(step: Step) -> Step:
    """Return a step that needs no secret from the environment: the emulator takes any word."""
    if step.verb is not Verb.POST or step.body is None:
        return step
    body = {k: "rehearsed" if isinstance(v, Mapping) else v for k, v in step.body.items()}
    return replace(step, body=body)


def _is_poll(path: str) -> bool:
    """Whether a read asks for the state of an operation."""
    return "/operationstatuses/" in path.lower() or "/operationresults/" in path.lower()


def _quiet(event: Event) -> None:
    """Hear nothing: a rehearsal is told as a whole."""
    del event


def _send(url: str, method: str, path: str, content: Json = None) -> Json:
    """Send a request to the emulator's own door, and return what it answers.

    Raises:
        UnavailableError: it does not take what it was given.

    """
    wire = HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        body = None if content is None else json.dumps(content).encode()
        wire.request(method, path, body=body, headers={"Content-Type": "application/json"})
        answer = wire.getresponse()
        text = answer.read()
    finally:
        wire.close()
    if answer.status >= 400:
        said = text.decode("utf-8", "replace")
        raise UnavailableError(f"the emulator does not take what was read: {said}")
    found: Json = json.loads(text) if text else None
    return found
