"""Small edits of YAML text: set, remove or append one value, and leave every other byte alone.

Each edit is cut out by exact spans, and proved before it is handed back: the new text must read as
the old value with the one change made. What cannot be cut out cleanly is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from reconciler.documents.json_values import find_value, same, with_value, without_value
from reconciler.documents.yaml_lines import flow, scalar, yaml_lines
from reconciler.documents.yaml_reader import read
from reconciler.documents.yaml_tree import Entry, Node, Shape, comments, find, parse
from reconciler.model.value import Json, Path

WIDTH: Final = 100
"""How long a line with a new mapping or list may be before it gets a line for each value."""

_COLON = re.compile(r"[ \t]*:")
_ANCHOR = re.compile(r"&\S+\s+")
_LINE = re.compile("[^\n\r]*(?:\r\n|[\n\r]|\\Z)")


class CannotEditError(ValueError):
    """An edit that would touch more than it should; the message says why."""


def set_value(text: str, path: Path, value: Json) -> str:
    """Return ``text`` with ``value`` at ``path``: replaced, or added with what leads to it.

    Args:
        text: a document that our reader takes, without a byte order mark.
        path: keys and indexes; all but keys at its end must be there.
        value: what to write.

    Raises:
        CannotEditError: the value is repeated elsewhere by an alias, or cannot be cut out.

    """
    root = parse(text)
    depth = len(path)
    while depth and find(root, path[:depth]) is None:
        depth -= 1
    _refuse_aliases(root, path[:depth])
    found = find(root, path[:depth])
    assert found is not None
    rest = path[depth:]
    if not rest:
        changed = _replaced(text, root, path, found, value)
    else:
        new: Json = value
        for step in reversed(rest[1:]):
            new = {str(step): new}
        changed = _inserted(text, root, path[: depth + 1], found, new)
    return _proved(text, changed, with_value(_value(text), path, value))


def remove_value(text: str, path: Path) -> str:
    """Return ``text`` without the entry at ``path``; comment lines above it stay.

    Raises:
        CannotEditError: there is no such entry, or it cannot be cut out.

    """
    root = parse(text)
    above, entry = find(root, path[:-1]), find(root, path)
    if not path or above is None or entry is None:
        raise CannotEditError("there is nothing to remove")
    _refuse_aliases(root, path)
    if above.value.is_flow:
        changed = _cut(text, *_flow_span(above.value, entry))
    elif len(above.value.entries) == 1:
        changed = _emptied(text, above, entry)
    else:
        changed = _cut(text, *_lines_of(text, entry))
    return _proved(text, changed, without_value(_value(text), path))


def append_value(text: str, path: Path, value: Json) -> str:
    """Return ``text`` with ``value`` as the last member of the list at ``path``.

    Raises:
        CannotEditError: there is no list, or it cannot be added to.

    """
    root = parse(text)
    found = find(root, path)
    if found is None or found.value.shape is not Shape.LIST:
        raise CannotEditError("there is no list to add to")
    _refuse_aliases(root, path)
    changed = _added(text, found.value, value, None)
    members = find_value(_value(text), path)
    assert isinstance(members, Sequence)
    return _proved(text, changed, with_value(_value(text), path, [*members, value]))


def _replaced(text: str, root: Node, path: Path, found: Entry, value: Json) -> str:
    """Put a value in the place of another."""
    node = found.value
    if node.shape in (Shape.MAPPING, Shape.LIST) and node.is_block:
        raise CannotEditError("a whole block would be replaced")
    in_flow = _in_flow(root, path)
    if node.is_empty:
        return _behind_colon(text, found, _one_line(value, in_flow=True))
    start = node.start
    if node.anchor and (named := _ANCHOR.match(text, start)):
        start = named.end()
    written = _as_before(node, value, in_flow=in_flow)
    if node.style not in ("|", ">"):
        return text[:start] + written + text[node.end :]
    header, content = _LINE.match(text, start), text[start : node.end]
    assert header is not None
    note = re.search(r"[ \t]+#[^\n\r]*", header.group())
    kept = content[len(content.rstrip()) :] if content.strip() else ""
    return text[:start] + written + (note.group() if note else "") + kept + text[node.end :]


def _as_before(node: Node, value: Json, *, in_flow: bool) -> str:
    """Return a value in the quotes that stood there, if they can hold it."""
    if isinstance(value, str) and value.isprintable() and node.style == "'":
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, str) and node.style == '"':
        return scalar(value, quotes=True)
    return _one_line(value, in_flow=in_flow)


def _inserted(text: str, root: Node, path: Path, found: Entry, value: Json) -> str:
    """Add an entry below ``found``, whose own path is all but the last step of ``path``."""
    node, key = found.value, path[-1]
    if isinstance(key, int):
        raise CannotEditError("a list has no such member")
    if node.shape is Shape.MAPPING:
        return _added(text, node, value, key)
    if node.shape is Shape.SCALAR and find_value(_value(text), path[:-1]) is None:
        return _replaced(text, root, path[:-1], found, {key: value})
    raise CannotEditError("what it belongs to is no mapping")


def _added(text: str, node: Node, value: Json, key: str | None) -> str:
    """Add an entry at the end of a mapping, or a member at the end of a list."""
    if node.is_flow:
        new = _pair(key, value)
        if not node.entries:
            return text[: node.end - 1] + new + text[node.end - 1 :]
        end = node.entries[-1].end
        return text[:end] + f", {new}" + text[end:]
    last, break_ = node.entries[-1], _break(text)
    indent = _indent(text, node)
    if key is not None:
        lines = _entry_lines(key, value, indent)
    else:
        lines = [f"{indent}- {_one_line(value, in_flow=False)}"]
    end = _line_end(text, last.end)
    before = text[:end] if text[:end].endswith(("\n", "\r")) else text[:end] + break_
    return before + "".join(line + break_ for line in lines) + text[end:]


def _entry_lines(key: str, value: Json, indent: str) -> list[str]:
    line = indent + _pair(key, value)
    if len(line) <= WIDTH or not isinstance(value, Mapping | list):
        return [line]
    return [line for _, line in yaml_lines({key: value}, (), indent)]


def _pair(key: str | None, value: Json) -> str:
    one = _one_line(value, in_flow=True)
    return one if key is None else f"{_one_line(key, in_flow=True)}: {one}"


def _one_line(value: Json, *, in_flow: bool) -> str:
    if isinstance(value, Mapping | list):
        return flow(value)
    return scalar(value, in_flow=in_flow)


def _emptied(text: str, above: Entry, entry: Entry) -> str:
    """Take the only entry out of a block, which becomes empty brackets."""
    if above.key is None:
        raise CannotEditError("nothing would be left of what it belongs to")
    start, end = _lines_of(text, entry)
    colon = _COLON.match(text, above.key.end)
    assert colon is not None
    empty = " {}" if entry.key is not None else " []"
    return text[: colon.end()] + empty + text[colon.end() : start] + text[end:]


def _lines_of(text: str, entry: Entry) -> tuple[int, int]:
    """Return where the lines of an entry of a block begin and end."""
    start = max(text.rfind("\n", 0, entry.start), text.rfind("\r", 0, entry.start)) + 1
    lead = text[start : entry.start].strip()
    if lead not in ("", "-") or (lead == "-" and entry.key is not None):
        raise CannotEditError("other values stand on its line")
    return start, _line_end(text, entry.end)


def _flow_span(node: Node, entry: Entry) -> tuple[int, int]:
    """Return where an entry between brackets begins and ends, with one comma."""
    at = node.entries.index(entry)
    if at + 1 < len(node.entries):
        return entry.start, node.entries[at + 1].start
    return (node.entries[at - 1].end if at else entry.start), entry.end


def _cut(text: str, start: int, end: int) -> str:
    return text[:start] + text[end:]


def _behind_colon(text: str, found: Entry, written: str) -> str:
    """Write a value behind a key that has none."""
    if found.key is None:
        raise CannotEditError("a member of the list is left out")
    colon = _COLON.match(text, found.key.end)
    end = colon.end() if colon else found.key.end
    return f"{text[:end]}{'' if colon else ':'} {written}{text[end:]}"


def _indent(text: str, node: Node) -> str:
    """Return what stands before the keys, or the dashes, of a block."""
    first = node.entries[0]
    start = max(text.rfind("\n", 0, first.start), text.rfind("\r", 0, first.start)) + 1
    lead = text[start : first.start]
    if node.shape is Shape.LIST:
        dash = lead.rfind("-")
        if dash < 0:
            raise CannotEditError("the dash of a list stands on a line of its own")
        lead = lead[:dash]
    return " " * len(lead)


def _line_end(text: str, index: int) -> int:
    """Return the index behind the line that ``index`` is in, unless it is the start of one."""
    if index and text[index - 1] in "\n\r":
        return index
    line = _LINE.match(text, index)
    assert line is not None
    return line.end()


def _break(text: str) -> str:
    """Return the line break that a text uses."""
    first = re.search("\r\n|[\n\r]", text)
    return first.group() if first else "\n"


def _in_flow(root: Node, path: Path) -> bool:
    """Whether the value at ``path`` stands between brackets."""
    above = [find(root, path[:depth]) for depth in range(len(path))]
    return any(entry is not None and entry.value.is_flow for entry in above)


def _refuse_aliases(root: Node, path: Path) -> None:
    """Refuse a place that an alias repeats elsewhere, or that is repeated there."""
    used = {node.text for node in root.walk() if node.shape is Shape.ALIAS}
    for depth in range(len(path) + 1):
        entry = find(root, path[:depth])
        node = entry.value if entry is not None else None
        if node is not None and node.shape is Shape.ALIAS:
            raise CannotEditError(f"it is repeated from elsewhere by the alias `*{node.text}`")
        inside = [node] if node is not None and depth < len(path) else node.walk() if node else ()
        for part in inside:
            if part.anchor in used:
                raise CannotEditError(f"it is repeated elsewhere by the alias `*{part.anchor}`")


def _value(text: str) -> Json:
    """Return what a text says."""
    document, findings = read(text, "text")
    if document is None:
        raise CannotEditError(findings[0].problem)
    return document.value


def _proved(before: str, after: str, expected: Json) -> str:
    """Return the text if it says what it should, and lost no comment but those of its lines."""
    try:
        right = same(_value(after), expected)
    except CannotEditError as error:
        raise CannotEditError(f"the result could not be read: {error}") from error
    if not right:
        raise CannotEditError("the result would say something else, too")
    lost = _comment_lines(before) - _comment_lines(after)
    if lost > 0:
        raise CannotEditError("a comment would be lost")
    return after


def _comment_lines(text: str) -> int:
    """Return how many lines are nothing but a comment."""
    starts = (start for start, _ in comments(text, parse(text)))
    return sum(not re.split("[\n\r]", text[:start])[-1].strip() for start in starts)
