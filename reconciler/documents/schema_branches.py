"""Which failures are worth telling: the cause, not what follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from reconciler.documents.schema_failure import Failure

_WHOLE_VALUE = frozenset({"enum", "const", "anyOf", "oneOf", "not"})


def relevant(failures: Iterable[Failure]) -> Iterator[Failure]:
    """Yield the failures without those that only repeat another.

    * An unknown field is not also a bad name; a value of the wrong type not also a bad choice.
    * Of ``anyOf`` and ``oneOf`` the failures of the branch that was meant are told.
    """
    found = [leaf for failure in failures for leaf in _leaves(failure)]
    unknown = {f.path for f in found if f.keyword == "additionalProperties"}
    mistyped = {f.path for f in found if f.keyword == "type"}
    for failure in found:
        if failure.keyword == "propertyNames" and failure.path in unknown:
            continue
        if failure.keyword in _WHOLE_VALUE and failure.path in mistyped:
            continue
        yield failure


def branches(failure: Failure) -> list[list[Failure]]:
    """Return the failures of each branch of an ``anyOf`` or ``oneOf``."""
    groups: defaultdict[int | str, list[Failure]] = defaultdict(list)
    for child in failure.children:
        groups[child.branch].append(child)
    return list(groups.values())


def _leaves(failure: Failure) -> Iterator[Failure]:
    """Yield the failures of the branch that was meant; the failure itself if none can be told."""
    meant = _meant(failure) if failure.keyword in {"anyOf", "oneOf"} else None
    if meant is None:
        yield failure
        return
    for child in meant:
        yield from _leaves(child)


def _meant(failure: Failure) -> list[Failure] | None:
    fitting = [b for b in branches(failure) if not any(_is_other_type(f) for f in b)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting and isinstance(failure.value, dict | list):
        return min(fitting, key=_distance)
    return None


def _is_other_type(failure: Failure) -> bool:
    """Whether the whole value is of a type that this branch does not take."""
    if not failure.whole:
        return False
    if failure.keyword in {"enum", "const"}:
        return isinstance(failure.value, dict | list)
    return failure.keyword == "type"


def _distance(failures: list[Failure]) -> tuple[int, int]:
    """Return how far a value is from a branch: a wrong ``type: x`` field counts most."""
    decisive = sum(f.keyword in {"const", "enum"} for f in failures)
    return decisive, len(failures)
