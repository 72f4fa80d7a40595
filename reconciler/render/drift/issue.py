"""What an issue says of the drift of one stack, from a drift report; names and values are inert.

It is HTML without an empty line: GitHub and GitLab take that as Markdown, and Azure Boards takes
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconciler.model.value import ABSENT, Json, entries
from reconciler.render.formats.markdown import LIMIT, code, inert, inert_url, size
from reconciler.render.formats.words import dotted, plural, shown

WORDS = {
    "missing": "is missing",
    "unwanted": "should not exist",
    "unmanaged": "is in no spec",
    "changed": "addresses differ",
}
HEAD = ("", "resource", "what", "Azure has", "the spec says", "since")
END = (
    "<p><code>reconciler apply</code> puts Azure back, <code>reconciler accept</code> edits the"
    " specs.</p>\n"
)


def issue_text(items: Sequence[Mapping[str, Json]], run_url: str) -> str:
    """Return the text of an issue: all differences, or as many whole rows as fit.

    Args:
        items: entries of ``items`` of a drift report.
        run_url: where the whole report is, empty if nobody knows.

    """
    rows = [_cells("td", _row(item)) for item in items]
    head = _cells("th", HEAD)
    link = f'<p><a href="{inert_url(run_url)}">The whole report</a>.</p>\n' if run_url else ""
    for count in range(len(rows), -1, -max(1, len(rows) // 50)):
        left = len(rows) - count
        more = f"<p>and {plural(left, 'more difference')}</p>\n" if left else ""
        table = "\n".join(("<table>", head, *rows[:count], "</table>\n"))
        text = f"{table}{more}{link}{END}"
        if size(text) < LIMIT - 4_000:  # the marker needs room, too
            return text
    return END


def error_text(report: Mapping[str, Json]) -> str:
    """Return the text of the issue about runs that cannot read everything."""
    lines = [
        f"{code(str(one.get('address')))}: {code(str(one.get('reason')))}"
        for one in entries(report.get("unreadable"))[:20]
    ]
    for one in entries(report.get("gaps"))[:20]:
        told = f"{one.get('code')}: {one.get('message')}. {one.get('mend') or ''}"
        lines.append(f"{code(str(one.get('request')))}: {code(told)}")
    return (
        "<p>Two runs in a row could not read everything, so what has drifted is not known.</p>\n"
        "<ul>\n" + "".join(f"<li>{line}</li>\n" for line in lines) + "</ul>\n"
    )


def _cells(tag: str, cells: Iterable[str]) -> str:
    """Return a row of a table."""
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _row(item: Mapping[str, Json]) -> list[str]:
    """Return one difference as cells."""
    path = item.get("field")
    field = dotted(tuple(map(str, path))) if isinstance(path, list) and path else ""
    what = code(field) if field else WORDS.get(str(item.get("sort")), "differs")
    sides = [code(shown(item.get(side, ABSENT))) if field else "" for side in ("live", "wanted")]
    since = str(item.get("firstSeen") or "")[:16].replace("T", " ")
    return [
        inert(str(item.get("severity"))),
        code(str(item.get("address"))),
        what,
        *sides,
        inert(since),
    ]
