"""The fields and the requests of a change, in the Markdown of a plan."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.render.formats.markdown import code, fenced
from reconciler.render.formats.private import WITHHELD, Request
from reconciler.render.formats.words import json_text
from reconciler.render.plan.view import Batch, Row


def fields(batch: Batch, *, requests: bool) -> Iterator[str]:
    """Yield the fields of a batch as a coloured difference, and its requests if they are wanted."""
    card = batch.first
    if card.rows:
        yield from fenced([_row(row) for row in card.rows], "diff")
    if not requests:
        return
    for one in batch.cards:
        for request in one.requests:
            yield from _request(request)


def _row(row: Row) -> str:
    """Return one field; a change of its value is orange on GitHub, what appears green."""
    value = " -> ".join(side for side in (row.before, row.after) if side)
    forced = "   # forces replacement" if row.forces_replacement else ""
    return f"{row.sign.replace('~', '!')} {row.name}: {value}{forced}"


def _request(request: Request) -> Iterator[str]:
    """Yield one request with its body."""
    yield ""
    yield code(request.line)
    if request.private:
        yield f"- {WITHHELD}"
    if request.body is not None:
        yield ""
        body = json_text(request.body, sort_keys=True).rstrip()
        yield from fenced(body.splitlines(), "json")
    for name, source in sorted(request.pending.items()):
        yield f"- with {code(name)} = {code(str(source))} once it is known"
