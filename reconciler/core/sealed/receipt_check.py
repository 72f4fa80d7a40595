"""Whether a receipt fits: in itself, and to the plan that it is of. Nothing is asked of Azure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.core.changes.diff import field_changes
from reconciler.core.sealed.canonical import canonical, digest_of
from reconciler.core.sealed.witness import WITHHELD
from reconciler.kinds import KINDS
from reconciler.model.value import Json, Path, as_object, entries, texts

Document = Mapping[str, Json]

NOT_SENT = ("skipped", "cancelled", "waiting")
"""How a request ends that never leaves."""

UNDECIDED = (404, 408, 409, 429)
"""Answers after which a request may prove to be done all the same, as no answer and 5xx may."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something that does not fit, and where in the receipt's content it stands."""

    path: Path
    problem: str


def misfits(content: Document) -> Iterator[Misfit]:
    """Yield what does not fit in a receipt by itself."""
    for index, told in enumerate(entries(content["requests"])):
        for where, problem in _of_request(told):
            yield Misfit(("requests", index, *where), problem)
    for index, told in enumerate(entries(content["unplanned"])):
        what = f"{told['method']} {told['path']} was sent, and was in no plan"
        yield Misfit(("unplanned", index), what)


def misfits_with(content: Document, plan: Document, plan_digest: str) -> Iterator[Misfit]:
    """Yield what does not fit a plan file.

    Args:
        content: of the receipt.
        plan: the content of the plan file.
        plan_digest: its digest.
    """
    if as_object(content["plan"]).get("digest") != plan_digest:
        yield Misfit(("plan",), "the receipt is of another plan")
    promised = {told["id"]: told for told in entries(plan["requests"])}
    earlier = _earlier(content, promised)
    states = {str(told["id"]).lower(): told["state"] for told in entries(plan["objects"])}
    for index, told in enumerate(entries(content["requests"])):
        planned = as_object(told["planned"])
        where = ("requests", index, "planned", "id")
        if promised.pop(planned["id"], None) != planned:
            yield Misfit(where, f"{planned['id']} is not what the plan promised")
        elif _touched(planned, earlier):
            continue  # it began from what an earlier run had left
        elif told["before"] != states.get(str(planned["resource"]).lower()):
            yield Misfit(where, f"{planned['id']} did not begin from what the plan has seen")
    for told in earlier:
        promised.pop(told["id"])
    for name in sorted(map(str, promised)):
        yield Misfit(("requests",), f"{name} was promised, and is not in the receipt")
    of_plan = {(t["address"], t["method"]): t["digest"] for t in entries(plan["private"])}
    mine = {(t["address"], t["method"]): t["digest"] for t in entries(content["private"])}
    if of_plan != mine:
        yield Misfit(("private",), "the private requests are not those of the plan")


def _earlier(content: Document, promised: Mapping[Json, Document]) -> list[Document]:
    """Return the requests of the plan that earlier runs of it had carried out."""
    return [promised[id_] for id_ in texts(content.get("earlier")) if id_ in promised]


def _touched(planned: Document, earlier: Iterable[Document]) -> bool:
    """Whether earlier requests have written to the object of a request, or have made its parent."""
    place = str(planned["resource"]).lower()
    written = {str(told["resource"]).lower() for told in earlier}
    above = "/".join(place.split("/")[:-2])
    return place in written or (bool(planned.get("keepsTheRest")) and above in written)


def _of_request(told: Document) -> Iterator[tuple[Path, str]]:
    """Yield what does not fit about one request."""
    planned, filled = as_object(told["planned"]), as_object(told.get("filled"))
    name, sent = str(planned["id"]), entries(told["sent"])
    if told["result"] in NOT_SENT and sent:
        yield ("sent",), f"{name} was {told['result']}, and was sent all the same"
    if filled and not _is_within(planned, filled):
        yield ("filled",), f"{name} was filled in with more than what was left open"
    wanted_body = filled.get("body") if filled else planned["body"]
    for index, one in enumerate(sent):
        if one["method"] != planned["method"]:
            yield ("sent", index), f"{name} was sent as {one['method']}"
        elif planned["method"] != "POST" and not _is_body(wanted_body, one["body"]):
            yield ("sent", index), f"{name} was sent with another body than planned"
    if told["result"] == "done":
        if sent and _is_refusal(sent[-1]["status"]):
            status = sent[-1]["status"]
            yield ("sent", len(sent) - 1), f"{name} is told as done, and was answered {status}"
        if not _reads_back(planned, filled, told.get("after")):
            yield ("after",), f"{name} does not read back as it was planned"


def _is_refusal(status: Json) -> bool:
    """Whether an answer says that a request was surely not carried out."""
    return isinstance(status, int) and 400 <= status < 500 and status not in UNDECIDED


def _is_body(body: Json, sent: Json) -> bool:
    """Whether a digest is that of a body; one with something withheld cannot be told."""
    if body is None or sent is None:
        return body is sent
    return WITHHELD in str(body) or sent == digest_of(canonical(body))


def _is_within(planned: Document, filled: Document) -> bool:
    """Whether what was filled in keeps all that was planned, and adds only what was left open."""
    if str(filled["resource"]).rpartition("/")[0] != str(planned["resource"]).rpartition("/")[0]:
        return False
    wanted, read = as_object(planned["readsBack"]), as_object(filled["readsBack"])
    open_names = set(as_object(planned.get("pending")))
    if read.keys() - wanted.keys() - open_names or any(read.get(k) != v for k, v in wanted.items()):
        return False
    return filled["body"] is None or holds(filled["body"], planned["body"])


def holds(whole: Json, part: Json) -> bool:
    """Whether everything in ``part`` is in ``whole``, too; texts may keep the live spelling."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(
            key in whole and holds(whole[key], value) for key, value in part.items()
        )
    if isinstance(whole, str) and isinstance(part, str):
        return whole.casefold() == part.casefold()
    return whole == part


def _reads_back(planned: Document, filled: Document, after: Json) -> bool:
    """Whether the state after a request is what was predicted."""
    if planned["method"] == "DELETE":
        return after is None
    kind = KINDS[str(planned["kind"])]
    wanted = as_object((filled or planned)["readsBack"])
    return isinstance(after, Mapping) and not field_changes(kind, wanted, after)
