"""Why a plan file is not to be used, each reason with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler import __version__
from reconciler.core.sealed.canonical import digest
from reconciler.core.sealed.holding import Broken, Moved
from reconciler.core.sending.staleness import told_moves
from reconciler.documents import schemas
from reconciler.engine.clock import moment
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object, entries


def expired(document: Document) -> Iterator[Diagnostic]:
    """Yield that a file holds no more; the real time counts, whatever is fixed."""
    expires, now = str(as_object(document.value["made"])["expires"]), moment()
    if now >= expires:
        problem = f"the plan has expired: it held until {expires}, and it is {now}"
        mend = "plan again; `--expires 3d` lets a plan hold longer"
        yield Diagnostic(Code.EXPIRED, problem, mend, document.at("made", "expires"))


def for_another(document: Document, target: str, environment: str | None) -> Iterator[Diagnostic]:
    """Yield what the file was made for, as far as that is not this run."""
    content = as_object(document.value["content"])
    if content["tool"] != __version__:
        problem = f"the plan was made by release {content['tool']}, and this is {__version__}"
        place = document.at("content", "tool")
        yield Diagnostic(Code.FOREIGN, problem, "plan again with this release", place)
    if content["target"] != target:
        problem = f"the plan was made for `{content['target']}`, and this run is for `{target}`"
        mend = f"apply it with `--target {content['target']}`, or plan again for `{target}`"
        yield Diagnostic(Code.FOREIGN, problem, mend, document.at("content", "target"))
    if environment is not None and content["environment"] != environment:
        whose = content["environment"] or "no environment"
        problem = f"the plan is of {whose}, and this run is of {environment}"
        mend = f"leave `-e` out: the file knows; or plan again with `-e {environment}`"
        yield Diagnostic(Code.FOREIGN, problem, mend, document.at("content", "environment"))


def from_others(document: Document, now: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Yield which specs at hand are not those that the plan was made from.

    Args:
        document: the file.
        now: what it would say of the specs at hand.
    """
    mend = "check out the commit that was planned, or plan again"
    content = as_object(document.value["content"])
    if content["schemas"] != digest(schemas.texts()):
        problem = "the plan was made with other schemas"
        place = document.at("content", "schemas")
        yield Diagnostic(Code.FOREIGN, problem, "plan again with this release", place)
    if as_object(content["specs"])["inverse"] != now["inverse"]:
        problem = "the plan leads back from another receipt"
        place = document.at("content", "specs", "inverse")
        yield Diagnostic(Code.FOREIGN, problem, "plan again, from the receipt at hand", place)
    rest = {entry["stack"]: entry["digest"] for entry in entries(now["stacks"])}
    for index, entry in enumerate(entries(as_object(content["specs"])["stacks"])):
        place = document.at("content", "specs", "stacks", index, "stack")
        if entry["stack"] not in rest:
            problem = f"the plan was made from stack `{entry['stack']}`, which is not there"
            yield Diagnostic(Code.FOREIGN, problem, mend, place)
        elif rest.pop(entry["stack"]) != entry["digest"]:
            problem = f"stack `{entry['stack']}` is not as it was when the plan was made"
            yield Diagnostic(Code.FOREIGN, problem, mend, place)
    for name in sorted(map(str, rest)):
        problem = f"there is a stack `{name}` that the plan was not made from"
        place = document.at("content", "specs", "stacks")
        yield Diagnostic(Code.FOREIGN, problem, mend, place)


def moved_object(one: Moved, document: Document) -> Diagnostic:
    """Return the finding about an object that moved."""
    problem = f"`{one.id.name}` changed since the plan was made: {told_moves(one.moves)}"
    mend = "look at the change and plan again"
    if one.settled:
        mend = "it is as the specs say, so that this plan may have been applied already; plan again"
    place = document.at("content", "objects", one.index, "id")
    return Diagnostic(Code.MOVED, problem, mend, place)


def broken_request(one: Broken, document: Document) -> Diagnostic:
    """Return the finding about a request that is not made anew."""
    member = "private" if one.private else "requests"
    place = document.at("content", member, one.index, "address")
    mend = "look at what changed and plan again" if one.by_azure else "plan again, and apply that"
    code = Code.MOVED if one.by_azure else Code.BROKEN_SEAL
    return Diagnostic(code, f"`{one.address}`: {one.reason}", mend, place)
