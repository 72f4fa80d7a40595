"""Answers of Azure as a document and back: redacted, sorted, and without anything private."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.core.sealed.witness import without_secrets
from reconciler.core.sending.staleness import without
from reconciler.kinds import KINDS
from reconciler.model.answers import Answers, Asked, ListOf
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.resource import ObservedResource
from reconciler.model.value import Json, as_object, entries

TELLING = frozenset({"provisioningState", "verificationStates"})
"""What changes by itself, and is kept all the same: plans look at it."""


ANEW = "take the snapshot anew when it can be read"
"""The mend of a read that failed when a snapshot was taken."""


def content_of(answers: Answers, *, mends: bool = False) -> dict[str, Json]:
    """Return what a snapshot says: equal answers give equal content.

    Args:
        answers: what Azure has said.
        mends: whether what mended a failure then will mend it when the snapshot is read.

    """
    objects = [answers.objects[id_] for id_ in sorted(answers.objects)]
    return {
        "apiVersions": {
            name: KINDS[name].api_version for name in sorted({o.kind for o in objects})
        },
        "objects": [
            {
                "id": o.id.text,
                "kind": o.kind,
                "body": without_secrets(o.id, _lasting(o)),
            }
            for o in objects
        ],
        "absent": [_asked(one) for one in sorted(answers.absent)],
        "lists": [
            {**_list(one), "ids": [id_.text for id_ in sorted(ids)]}
            for one, ids in sorted(answers.lists.items())
        ],
        "failures": [
            {**_list(one), **_failure(failure, mends=mends)}
            for one, failure in sorted(answers.unread.items(), key=lambda item: item[0])
        ]
        + [
            {**_asked(one), **_failure(failure, mends=mends)}
            for one, failure in sorted(answers.unreadable.items(), key=lambda item: item[0])
        ],
    }


def answers_of(content: Mapping[str, Json]) -> Answers:
    """Return the answers that a snapshot keeps; it has been compared with its schema."""
    objects = {
        ResourceId(str(told["id"])): ObservedResource(
            ResourceId(str(told["id"])), str(told["kind"]), as_object(told["body"])
        )
        for told in entries(content["objects"])
    }
    failures = entries(content["failures"])
    return Answers(
        objects=objects,
        absent=frozenset(_asked_of(told) for told in entries(content["absent"])),
        lists={_list_of(told): _ids(told["ids"]) for told in entries(content["lists"])},
        unread={_list_of(told): _failure_of(told) for told in failures if "scope" in told},
        unreadable={_asked_of(told): _failure_of(told) for told in failures if "id" in told},
    )


def _lasting(live: ObservedResource) -> dict[str, Json]:
    """Return a body without times and names of people, by which nothing is decided."""
    passing = KINDS[live.kind].volatile
    return without(live.body, [path for path in passing if path[-1] not in TELLING])


def _asked(asked: Asked) -> dict[str, Json]:
    """Return what was asked for by its id."""
    return {"kind": asked[0], "id": asked[1].text}


def _asked_of(told: Mapping[str, Json]) -> Asked:
    """Return the same from a document."""
    return str(told["kind"]), ResourceId(str(told["id"]))


def _list(one: ListOf) -> dict[str, Json]:
    """Return what was asked for by a list."""
    return {"kind": one.kind, "scope": one.scope, "below": one.below}


def _list_of(told: Mapping[str, Json]) -> ListOf:
    """Return the same from a document."""
    return ListOf(str(told["kind"]), str(told["scope"]), told["below"] is True)


def _ids(value: Json) -> tuple[ResourceId, ...]:
    """Return a list of ids."""
    return tuple(ResourceId(str(id_)) for id_ in value) if isinstance(value, list) else ()


def _failure(failure: Failure, *, mends: bool) -> dict[str, Json]:
    """Return why a read failed, as far as that means the same later."""
    mend: dict[str, Json] = {"mend": failure.mend} if mends else {}
    return mend | {
        "class": failure.kind.value,
        "code": failure.code,
        "message": failure.message,
        "request": failure.request,
    }


def _failure_of(told: Mapping[str, Json]) -> Failure:
    """Return the same from a document."""
    return Failure(
        FailureClass(str(told["class"])),
        str(told["code"]),
        str(told["message"]),
        str(told.get("mend", ANEW)),
        str(told["request"]),
    )
