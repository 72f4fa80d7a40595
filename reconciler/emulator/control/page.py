"""The page at ``/``: what there is, and what was asked last, for people who develop against it.

It is one document without scripts, and loads nothing. Bodies are not in it, because some hold
addresses of people; every text in it is escaped.
"""

from collections.abc import Iterable
from html import escape

from reconciler.emulator.state.request_log import RequestLog
from reconciler.emulator.state.rows import Record
from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire.messages import JsonObject, Response

MOST_RESOURCES = 500
MOST_REQUESTS = 100

_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
)
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
h2 { margin: 2rem 0 .5rem } p { max-width: 45rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; padding: .3rem 0 }
th, td { border-bottom: 1px solid #ccc; padding: .25rem .6rem .25rem 0; text-align: left;
  vertical-align: top; overflow-wrap: anywhere } th, td.short { white-space: nowrap }
tr.bad td { background: #fde8e8 } code { font-size: .92em }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #e6e6e6 }
  th, td { border-color: #444 } tr.bad td { background: #4a1f1f } a { color: #8ab4f8 } }
"""


def answer(state: Transaction, log: RequestLog) -> Response:
    """Return the page."""
    records = [record for record in state.resources() if not record.type.startswith("emulator/")]
    entries = log.entries()
    shown = [_resource(record) for record in records[:MOST_RESOURCES]]
    asked = [_request(entry) for entry in reversed(entries[-MOST_REQUESTS:])]
    writes = len(state.events())
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Emulator of Azure Resource Manager</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>
<h1>Emulator of Azure Resource Manager</h1>
<p>This is not Azure. Tenant <code>{escape(state.fact("tenant"))}</code>; the API is at this
address. Reload to see what is new; <a href="/emulator/requests">requests</a>,
<a href="/emulator/snapshot">state</a> and <a href="/emulator/settings">settings</a> as JSON.</p>
<h2>Resources</h2>
{_table(f"{len(records)} resources, at most {MOST_RESOURCES} shown", _RESOURCE_HEAD, shown)}
<h2>Requests</h2>
{_table(f"{len(entries)} requests, {writes} of them writes; the last first", _REQUEST_HEAD, asked)}
</body></html>
"""
    return Response(200, text.encode(), _HEADERS)


_RESOURCE_HEAD = ("type", "id", "state", "tags")
_REQUEST_HEAD = ("number", "time", "method", "status", "path")


def _resource(record: Record) -> tuple[bool, tuple[str, ...]]:
    tags = record.content().get("tags") or {}
    pairs = ", ".join(f"{name}={value}" for name, value in tags.items())
    bad = record.state not in ("Succeeded", "Accepted", "Deleting")
    return bad, (record.type, record.id, record.state, pairs)


def _request(entry: JsonObject) -> tuple[bool, tuple[str, ...]]:
    status = entry["status"]
    cells = (entry["seq"], entry["time"], entry["method"], status or "cut off", entry["path"])
    return status is None or status >= 400, tuple(map(str, cells))


def _table(
    caption: str, head: tuple[str, ...], rows: Iterable[tuple[bool, tuple[str, ...]]]
) -> str:
    """Return a table whose bad rows stand out; the last column may be long, others are short."""
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    lines = []
    for bad, cells in rows:
        text = "".join(
            f"<td{' class=short' if len(cell) < 30 else ''}>{escape(cell)}</td>" for cell in cells
        )
        lines.append(f"<tr class=bad>{text}</tr>" if bad else f"<tr>{text}</tr>")
    body = "".join(lines)
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    )
