"""What an issue says of the drift of one stack, from a drift report; names and values are inert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.model.value import ABSENT, Json, as_object
from reconciler.render.formats.markdown import LIMIT, code, inert, size, table
from reconciler.render.formats.words import dotted, plural, shown

WORDS = {
    "missing": "is missing",
    "unwanted": "should not exist",
    "unmanaged": "is in no spec",
    "changed": "addresses differ",
}
END = "\n`reconciler apply` puts Azure back, `reconciler accept` edits the specs.\n"


def issue_text(items: Sequence[Mapping[str, Json]], run_url: str) -> str:
    """Return the text of an issue: all differences, or as many whole rows as fit.

    Args:
        items: entries of ``items`` of a drift report.
        run_url: where the whole report is, empty if nobody knows.

    """
    rows = [_row(item) for item in items]
    link = f'\n<a href="{inert(run_url)}">The whole report</a>.\n' if run_url else ""
    for count in range(len(rows), -1, -max(1, len(rows) // 50)):
        more = (
            f"\nand {plural(len(rows) - count, 'more difference')}\n" if count < len(rows) else ""
        )
        lines = table(("", "resource", "what", "Azure has", "the spec says", "since"), rows[:count])
        text = "\n".join(lines) + f"\n{more}{link}{END}"
        if size(text) < LIMIT - 4_000:  # the marker needs room, too
            return text
    return END


def error_text(report: Mapping[str, Json]) -> str:
    """Return the text of the issue about runs that cannot read everything."""
    unread, gaps = report.get("unreadable"), report.get("gaps")
    lines = ["Two runs in a row could not read everything, so what has drifted is not known.", ""]
    for one in (unread if isinstance(unread, list) else [])[:20]:
        entry = as_object(one)
        lines.append(f"- {code(str(entry.get('address')))}: {inert(str(entry.get('reason')))}")
    for one in (gaps if isinstance(gaps, list) else [])[:20]:
        entry = as_object(one)
        told = f"{entry.get('code')}: {entry.get('message')}. {entry.get('mend') or ''}"
        lines.append(f"- {code(str(entry.get('request')))}: {inert(told)}")
    return "\n".join(lines) + "\n"


def _row(item: Mapping[str, Json]) -> list[str]:
    """Return one difference as cells."""
    path = item.get("field")
    field = dotted(tuple(map(str, path))) if isinstance(path, list) and path else ""
    what = code(field) if field else WORDS.get(str(item.get("sort")), "differs")
    sides = [code(shown(item.get(side, ABSENT))) if field else "" for side in ("live", "wanted")]
    since = str(item.get("firstSeen") or "")[:16].replace("T", " ")
    return [str(item.get("severity")), code(str(item.get("address"))), what, *sides, inert(since)]
