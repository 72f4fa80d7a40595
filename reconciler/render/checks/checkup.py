"""What `doctor` found, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reconciler.model.checkup import Check, Mark
from reconciler.model.value import Json
from reconciler.render.formats.style import CYAN, GREEN, RED, YELLOW, Style
from reconciler.render.formats.words import plural, safe

COLOURS = {Mark.OK: GREEN, Mark.WARN: YELLOW, Mark.FAIL: RED}
FORMAT_VERSION = "1.0"


def checkup_text(checks: Sequence[Check], *, colour: bool) -> str:
    """Return one line for each check, and its mend below it."""
    style = Style(colour)
    width = max((len(check.name) for check in checks), default=0)
    lines: list[str] = []
    for check in checks:
        mark = style(f"{check.mark.value:<4}", COLOURS[check.mark])
        lines.append(f"{mark}  {safe(check.name):<{width}}  {safe(check.what)}")
        if check.mend:
            lines.append(f"      {style('mend:', CYAN)} {safe(check.mend)}")
    counts = Counter(check.mark for check in checks)
    total = plural(len(checks), "check")
    lines += ["", f"{total}: {', '.join(f'{counts[mark]} {mark.value}' for mark in Mark)}."]
    return "\n".join(lines) + "\n"


def checkup_json(checks: Sequence[Check]) -> dict[str, Json]:
    """Return the checks as plain values."""
    return {
        "formatVersion": FORMAT_VERSION,
        "checks": [
            {"name": c.name, "mark": c.mark.value, "what": c.what, "mend": c.mend or None}
            for c in checks
        ],
    }
