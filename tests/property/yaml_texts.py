"""Random YAML as people write it: comments anywhere, both styles, any indentation."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["zeta", "alpha", "m-1", "Beta", "it's", "a b", "é"])
TEXTS = st.sampled_from(["", "x", "two words", "a: b", "# no comment", "it's", '"q"', "{a}", "1"])
PLAIN = st.sampled_from(["x", "two words", "ref:identities/a#b", "a#b", "https://x.test/"])
WORDS = st.sampled_from(["c", "# nested", "a: b", "- x", "'"])
LABEL = "# {}"


@st.composite
def scalar(draw: st.DrawFn) -> str:
    """Return a scalar on one line."""
    form: int = draw(st.integers(0, 4))
    match form:
        case 0:
            return str(draw(st.sampled_from(["null", "true", "7", "-1.5", "~"])))
        case 1:
            return "'" + draw(TEXTS).replace("'", "''") + "'"
        case 2:
            return json.dumps(draw(TEXTS), ensure_ascii=False)
        case _:
            return str(draw(PLAIN))


@st.composite
def flow(draw: st.DrawFn, depth: int = 2) -> str:
    """Return a value between brackets, now and then over several lines."""
    if not depth or draw(st.booleans()):
        return str(draw(scalar())).replace("https://x.test/", "x")
    inner = draw(st.lists(flow(depth - 1), max_size=3))
    sep = draw(st.sampled_from([", ", ",", " , "]))
    if draw(st.booleans()):
        return f"[{sep.join(inner)}]"
    keys = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=len(inner)))
    pad = draw(st.sampled_from(["", " "]))
    pairs = [f"{k}: {v}" for k, v in zip(keys, inner, strict=False)]
    return "{" + pad + sep.join(pairs) + pad + "}"


@st.composite
def gap(draw: st.DrawFn, column: int) -> list[str]:
    """Return the lines between two entries: mostly none."""
    if draw(st.integers(0, 3)):
        return []
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            lines.append(draw(st.sampled_from(["", "", "  "])))
        else:
            shift = draw(st.sampled_from([0, 0, 0, 2, 4, -2]))
            lines.append(" " * max(0, column + shift) + "#" + draw(WORDS))
    return lines


@st.composite
def note(draw: st.DrawFn) -> str:
    """Return what may stand at the end of a line."""
    return str(draw(st.sampled_from(["", "", "", "  # " + draw(WORDS), " #", "  "])))


@st.composite
def entry(draw: st.DrawFn, head: str, column: int, depth: int) -> list[str]:
    """Return the lines of ``head`` with a random value."""
    form: int = draw(st.integers(0, 7 if depth else 4))
    match form:
        case 0:
            return [f"{head}{draw(note())}"]
        case 1:
            style = draw(st.sampled_from(["|", ">", "|-", ">+", "|+"]))
            pad = " " * (column + draw(st.integers(1, 4)))
            texts = draw(st.lists(st.sampled_from(["t", "", "# t", "  u: v"]), max_size=3))
            body = [pad + t if t else "" for t in ["first", *texts]]
            return [f"{head} {style}{draw(note())}", *body]
        case 2:
            pad = " " * (column + draw(st.integers(1, 4)))
            quote = draw(st.sampled_from(["", "'", '"']))
            return [f"{head} {quote}one", f"{pad}two", "", f"{pad}three{quote}{draw(note())}"]
        case 3:
            pad = " " * (column + draw(st.integers(1, 4)))
            first, second = draw(flow(1)), draw(flow(1))
            return [
                f"{head} [{draw(note())}", f"{pad}{first},{draw(note())}", f"{pad}# in brackets",
                f"{pad}{second}", f"{pad}]{draw(note())}",
            ]  # fmt: skip
        case 4:
            return [f"{head} {draw(flow())}{draw(note())}"]
        case 5:
            step = 0 if head.endswith(":") and draw(st.booleans()) else draw(st.integers(1, 4))
            return [f"{head}{draw(note())}", *draw(members(column + step, depth - 1))]
        case _:
            step = draw(st.integers(1, 4))
            return [f"{head}{draw(note())}", *draw(fields(column + step, depth - 1))]


@st.composite
def fields(draw: st.DrawFn, column: int, depth: int, names: Any = NAMES) -> list[str]:
    """Return the lines of a block mapping."""
    lines: list[str] = []
    for name in draw(st.lists(names, unique=True, min_size=1, max_size=4)):
        key = name if name[0].isalpha() and name != "it's" else json.dumps(name, ensure_ascii=False)
        space = draw(st.sampled_from(["", "", "", " "]))
        lines += draw(gap(column))
        lines += draw(entry(f"{' ' * column}{key}{space}:", column, depth))
    return [*lines, *draw(gap(column))]


@st.composite
def members(draw: st.DrawFn, column: int, depth: int) -> list[str]:
    """Return the lines of a block list."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(gap(column))
        if depth and draw(st.booleans()):
            width = draw(st.integers(1, 3))
            block = draw(fields(column + 1 + width, depth - 1))
            first = next((i for i, line in enumerate(block) if not line.strip()), None)
            if first != 0 and not block[0].strip().startswith("#"):
                block[0] = " " * column + "-" + " " * width + block[0].strip()
                lines += block
                continue
        lines += draw(entry(f"{' ' * column}-", column, depth))
    return [*lines, *draw(gap(column))]


@st.composite
def documents(draw: st.DrawFn, head: tuple[str, ...] = (), names: Any = NAMES) -> str:
    """Return a text that is most often one document with fields.

    Args:
        draw: Hypothesis' own.
        head: lines at the left margin that belong to it in any case.
        names: the keys at the left margin.

    """
    lines = [*draw(gap(0)), *head, *draw(fields(0, 4, names))]
    newline = draw(st.sampled_from(["\n", "\n", "\n", "\r\n"]))
    end = draw(st.sampled_from(["", newline, newline, newline * 3]))
    return str(newline.join(lines) + end)
