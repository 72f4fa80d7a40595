"""What an earlier run of a plan file has done already, proved by its journal and by what is live.

A request counts as done if the journal of a run of the very same file says that it left, and the
object is now exactly what the request makes of the one that was sealed: what it writes reads back,
and nothing else has moved. If the journal has what read back then, that is compared field by field.
Everything else is evidence of somebody else, and refused. Nothing is sent for what counts as done,
so that no journal, forged or not, can make a run send what was not reviewed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import takewhile

from reconciler.core.changes.diff import differences
from reconciler.core.sealed.canonical import digest
from reconciler.core.sealed.witness import State, moves_between, written_state
from reconciler.core.sending.staleness import Move
from reconciler.kinds import KINDS
from reconciler.kinds.email import INITIATE
from reconciler.kinds.kind import Field, Kind, lookup
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Change, Plan
from reconciler.model.resource import ObservedState
from reconciler.model.run import RunRecord, Traces
from reconciler.model.value import ABSENT, Absent, Json, as_object, entries

Document = Mapping[str, Json]

OTHERWISE = "something else"
"""What stands for a value of which there is only a digest."""


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs of one plan file have noted."""

    left: frozenset[tuple[str, str]] = frozenset()
    """Method and folded path of each write that Azure may have carried out."""
    read_back: Mapping[str, Traces] = field(default_factory=dict)
    """What read back after each request that was done, by its id."""
    private: frozenset[tuple[str, str]] = frozenset()
    """Group and mark of each private request that was begun."""


NO_PAST = Past()


@dataclass(frozen=True, slots=True)
class Resumed:
    """How far earlier runs came."""

    done: frozenset[str] = frozenset()
    """Ids of the requests that are not sent again."""
    moves: Mapping[ResourceId, tuple[Move, ...]] = field(default_factory=dict)
    """What has moved of each object that was written to, but for what those requests explain."""


def past_of(records: Iterable[RunRecord], seal: str) -> Past:
    """Return what the runs of the plan file with this seal have noted, the newest last."""
    mine = [record for record in records if record.plan == seal]
    return Past(
        frozenset((w.method, w.path.lower()) for r in mine for w in r.writes if w.may_be_done),
        {step: traces for record in mine for step, traces in record.read_back.items()},
        frozenset(begun for record in mine for begun in record.private),
    )


def traces(state: State) -> Traces:
    """Return a digest of each field of a state, by its path as RFC 6901 writes it."""
    if state is None:
        return None
    return {_pointer(path): digest(value) for path, value in _leaves(state)}


def resumed(content: Document, fresh: Plan, observed: ObservedState, past: Past) -> Resumed:
    """Return what counts as done of a plan file.

    Args:
        content: of the file.
        fresh: the plan made anew, complete.
        observed: what that was made from.
        past: what earlier runs of the file have noted.
    """
    if past == NO_PAST:
        return Resumed()
    changes = {c.address: c for c in fresh.changes if not c.is_private}
    open_ = {step.id for step in fresh.steps}
    requests: dict[ResourceId, list[Document]] = defaultdict(list)
    done: set[str] = set()
    for told in entries(content["requests"]):
        id_ = ResourceId(str(told["resource"]))
        if told.get("operation") != INITIATE:
            requests[id_].append(told)
        elif _left(told, id_, past) and told["id"] not in open_:
            done.add(str(told["id"]))
    made: set[ResourceId] = set()
    moves: dict[ResourceId, tuple[Move, ...]] = {}
    for told in entries(content["objects"]):
        id_ = ResourceId(str(told["id"]))
        if told["use"] != "written":
            continue
        came_along = any(comes_along(one, made) for one in requests[id_])
        on_it = _OnOneObject(told["state"], requests[id_], changes, past, came_along=came_along)
        count, moves[id_] = on_it.judged(observed)
        finished = {str(one["id"]) for one in requests[id_][:count]}
        if any(one["method"] == "PUT" for one in requests[id_][:count]):
            made.add(id_)
        if came_along and not moves[id_]:  # Azure may have made it as it is wanted
            finished |= {str(one["id"]) for one in requests[id_]} - open_
        done |= finished
    return Resumed(frozenset(done), moves)


def comes_along(told: Document, made: Set[ResourceId]) -> bool:
    """Whether Azure makes the object of a request along with its parent, if that is just made."""
    id_ = ResourceId(str(told["resource"]))
    return id_.parent in made and id_.name.lower() in KINDS[str(told["kind"])].made_with_parent


class _OnOneObject:
    """The requests of a file that write to one object, in their order, and what came of them."""

    def __init__(
        self,
        state: Json,
        requests: Sequence[Document],
        changes: Mapping[str, Change],
        past: Past,
        *,
        came_along: bool,
    ) -> None:
        """Take what the file says, and what earlier runs have noted.

        Args:
            state: the object as the file has it, null if there was none.
            requests: of the file.
            changes: of the plan made anew, by address.
            past: of earlier runs.
            came_along: whether Azure makes the object with its parent, which the file has made.
        """
        self._came_along = came_along
        self._before = None if state is None else as_object(state)
        self._requests = requests
        self._change = changes.get(str(requests[0]["address"])) if requests else None
        self._past = past

    def judged(self, observed: ObservedState) -> tuple[int, tuple[Move, ...]]:
        """Return how many of the requests are done, and what moved besides.

        Of several explanations the one counts that leaves least open, and then the longest.
        """
        id_ = self._place()
        now = written_state(observed.resources.get(id_)) if id_ is not None else None
        sent = list(takewhile(lambda told: _left(told, id_, self._past), self._requests))
        proved = [i for i, told in enumerate(sent, 1) if told["id"] in self._past.read_back]
        least = max(proved, default=0)
        found = [(n, self._moves(sent[:n], now)) for n in range(len(sent), least - 1, -1)]
        return min(found, key=lambda one: len(one[1]))

    def _place(self) -> ResourceId | None:
        """Return the object's id, which for a name that is made up is known only by now."""
        for told in self._requests:
            if "pending" not in told or KINDS[str(told["kind"])].name_from is None:
                return ResourceId(str(told["resource"]))
        return self._change.id if self._change is not None else None

    def _moves(self, done: Sequence[Document], now: State) -> tuple[Move, ...]:
        """Return what has moved if just these requests are done."""
        if not done:
            return () if self._came_along else moves_between(self._before, now)
        if done[-1]["method"] == "DELETE":
            return () if now is None else (((), "deleted by this plan", "there again"),)
        if now is None:
            return (((), "written by this plan", "gone"),)
        return tuple(self._moved_fields(done, now))

    def _moved_fields(self, done: Sequence[Document], now: Document) -> Iterator[Move]:
        """Yield each field that is not as these requests leave it."""
        proved = [i for i, told in enumerate(done, 1) if told["id"] in self._past.read_back]
        count = max(proved, default=0)
        kind, written = KINDS[str(done[-1]["kind"])], list(self._written(done[count:]))
        for f, value in written:
            found = lookup(now, f.path)
            if not _is_as_sent(f, value, found):
                yield from _apart(f, _without_nulls(value), found)
        anew = any(told["method"] == "DELETE" for told in done) or self._before is None
        roots = [f.path for f, _ in written]
        if count:
            base = self._past.read_back[str(done[count - 1]["id"])]
        elif anew:
            yield from _strange_members(kind, roots, now)
            return
        else:
            base = traces(self._before)
        yield from _differing(base, now, roots)

    def _written(self, done: Iterable[Document]) -> Iterator[tuple[Field, Json]]:
        """Yield each field that requests set, with what they set it to as Azure shows it."""
        for told in done:
            kind, body = KINDS[str(told["kind"])], as_object(told["body"])
            for f in kind.fields:
                sent = lookup(body, f.path)
                if told.get("operation") == f.action != "":
                    yield f, as_object(told["readsBack"])[f.name]
                elif f.name in as_object(told.get("pending")):
                    yield from self._filled(f)
                elif not isinstance(sent, Absent) and told["method"] != "POST":
                    yield f, sent

    def _filled(self, f: Field) -> Iterator[tuple[Field, Json]]:
        """Yield a field with the value that another resource has given out by now."""
        desired = self._change.desired if self._change is not None else None
        if desired is not None and f.name in desired.fields:
            yield f, f.shape.send(desired.fields[f.name], ABSENT)


def _left(told: Document, id_: ResourceId | None, past: Past) -> bool:
    """Whether a request may have been carried out."""
    if id_ is None:
        return False
    operation = told.get("operation")
    path = f"{id_.folded}/{operation}".lower() if operation else id_.folded
    return (str(told["method"]), path) in past.left


def _is_as_sent(f: Field, sent: Json, found: Json | Absent) -> bool:
    """Whether a field is what was sent, and nothing besides."""
    if f.action:
        return f.shape.wanted(sent) == f.shape.live(found, sent)
    kept = _without_nulls(sent)
    sides = ((kept, found), (found, kept))
    specs = [(f.shape.to_spec(one), other) for one, other in sides]
    return all(
        isinstance(spec, Absent) or f.shape.wanted(spec) == f.shape.live(other, spec)
        for spec, other in specs
    )


def _apart(f: Field, sent: Json | Absent, found: Json | Absent) -> Iterator[Move]:
    """Yield in what a field is not as it was sent: member by member if it is a map of them."""
    sides = [f.shape.to_spec(side) for side in (sent, found)]
    if any(isinstance(side, Mapping) for side in sides):
        for path, before, after in differences(as_object(sides[0]), as_object(sides[1])):
            yield (*f.path, *path), before, after
    else:
        yield f.path, sent, found


def _strange_members(kind: Kind, roots: Sequence[tuple[str, ...]], now: Document) -> Iterator[Move]:
    """Yield lists and maps of a new object that hold something though nothing was sent."""
    for f in kind.fields:
        found = lookup(now, f.path)
        if f.path not in roots and isinstance(f.shape.to_spec(found), list | Mapping):
            yield from _apart(f, ABSENT, found)


def _differing(base: Traces, now: Document, roots: Sequence[tuple[str, ...]]) -> Iterator[Move]:
    """Yield what is not as its digest says, but for what is below one of the roots."""
    there, rest = base or {}, dict(base or {})
    for path, value in _leaves(now):
        name = _pointer(path)
        rest.pop(name, None)
        if there.get(name) != digest(value) and not _is_below(path, roots):
            yield path, OTHERWISE if name in there else ABSENT, value
    for name in sorted(rest):
        path = tuple(part.replace("~1", "/").replace("~0", "~") for part in name.split("/")[1:])
        if not _is_below(path, roots):
            yield path, OTHERWISE, ABSENT


def _pointer(path: Iterable[str]) -> str:
    """Return a path as one text (https://www.rfc-editor.org/rfc/rfc6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _is_below(path: tuple[str, ...], roots: Iterable[tuple[str, ...]]) -> bool:
    """Whether a path is one of the roots, or below one."""
    return any(path[: len(root)] == root for root in roots)


def _leaves(value: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Yield everything that holds nothing else by name, empty objects among it."""
    if isinstance(value, Mapping) and (value or not path):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _without_nulls(value: Json) -> Json | Absent:
    """Return a value without what null removes from it."""
    if value is None:
        return ABSENT
    if isinstance(value, Mapping):
        return {key: inner for key, inner in value.items() if inner is not None}
    return value
