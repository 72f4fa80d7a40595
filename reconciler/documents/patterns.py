"""Regular expressions of strangers: which of them could take for ever, told by their form alone.

Python's matcher tries one way after the other. A repetition within a repetition can be split in
exponentially many ways, so such patterns are refused; what is left takes at most about
``LONGEST_TEXT ** MOST_REPEATS`` steps on text that is made for it, and next to nothing on others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from reconciler.documents.draft7 import ecma_pattern

LONGEST_PATTERN: Final = 500
LONGEST_TEXT: Final = 1_024
"""Longer text matches no pattern of a policy; no name or tag in Azure is as long."""
MOST_REPEATS: Final = 3
"""How many repetitions without an end one pattern may have."""

_MANY: Final = 100
"""Beyond so many times a counted repetition is as bad as one without an end."""

_TOKEN = re.compile(
    r"(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<back>\\[1-9]|\(\?P=|\\k<)|(?P<escape>\\.)"
    r"|(?P<open>\((?:\?(?:[:=!]|<[=!]|P?<\w+>))?)|(?P<close>\))|(?P<either>\|)"
    r"|(?P<repeat>[*+]|\{\d+,\}|\{(?:\d+,)?(?P<most>\d+)\}|\?)|(?P<plain>.)",
    re.DOTALL,
)


@dataclass(slots=True)
class _Group:
    """What a group holds that must not be repeated."""

    varies: bool = False
    """Whether it can match one text in several ways."""


def why_refused(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and the mend, or None."""
    if len(pattern) > LONGEST_PATTERN:
        what = f"the pattern has {len(pattern)} characters, the limit is {LONGEST_PATTERN}"
        return what, "write several shorter ones below `allOf` or `anyOf`"
    try:
        ecma_pattern(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"the pattern cannot be read: {error}", "mend it; `\\` quotes a character"
    return _too_slow(pattern)


def _too_slow(pattern: str) -> tuple[str, str] | None:
    """Return why a pattern may take for ever, and the mend."""
    groups, closed, repeats = [_Group()], _Group(), 0
    for token in _TOKEN.finditer(pattern):
        match token.lastgroup if token.lastgroup != "most" else "repeat":
            case "back":
                return "the pattern refers back to a group", "write the alternatives out"
            case "open":
                groups.append(_Group())
            case "close" if len(groups) > 1:
                closed = groups.pop()
                groups[-1].varies |= closed.varies
                continue
            case "either":
                groups[-1].varies = True
            case "repeat":
                if token["repeat"] != "?" and closed.varies:
                    what = "the pattern repeats what can itself match in several ways"
                    return what, "write one repetition, such as `[a-z0-9-]+`, or write it out"
                repeats += _is_endless(token)
                if token["repeat"] != f"{{{token['most']}}}":
                    groups[-1].varies = True
        closed = _Group()
    if repeats > MOST_REPEATS:
        what = f"the pattern repeats without an end {repeats} times, the limit is {MOST_REPEATS}"
        return (
            what,
            "count the repetitions, such as `{1,63}`, or write several patterns below `allOf`",
        )
    return None


def _is_endless(token: re.Match[str]) -> bool:
    """Whether a quantifier repeats without an end, or as good as that."""
    if token["repeat"] == "?":
        return False
    return token["most"] is None or int(token["most"]) > _MANY
