"""A receipt that fits, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from reconciler.model.value import Json, as_object, entries, texts
from reconciler.render.formats.words import plural, safe


def receipt_text(document: Mapping[str, Json]) -> str:
    """Return what a receipt tells: each request with how it ended, and a verdict."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Json]) -> Iterator[str]:
    """Yield the lines."""
    content, made = as_object(document["content"]), as_object(document["made"])
    requests = entries(content["requests"])
    for name in texts(content.get("earlier")):
        yield f"  {'earlier':<9} {safe(name)} by another run of the plan file"
    for told in requests:
        sent = entries(told["sent"])
        last = sent[-1] if sent else {}
        answer = f" {last['status']} {last['correlationId']}" if sent else " not sent"
        name = str(as_object(told["planned"])["id"])
        yield f"  {told['result']:<9} {safe(name)}{safe(answer)}"
    for told in entries(content["private"]):
        ended = ", ".join(f"{n} {word}" for word, n in as_object(told["results"]).items())
        yield f"  {ended or 'none':<9} {told['method']} {safe(str(told['address']))}"
    ends = Counter(str(told["result"]) for told in requests)
    words = ", ".join(f"{count} {result}" for result, count in sorted(ends.items()))
    state = "converged" if content["converged"] is True else "not converged"
    yield f"Fits. {plural(len(requests), 'request')}{f': {words}' if words else ''}; {state}."
    yield f"  sealed at {made['at']}  {document['digest']}"
