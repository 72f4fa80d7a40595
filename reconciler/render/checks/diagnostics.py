"""Findings as text for people, lines for editors, annotations for GitHub, and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconciler.model.diagnostic import Diagnostic, Rule, Severity
from reconciler.model.source import Span
from reconciler.model.value import Json
from reconciler.render.formats.excerpt import Excerpt, Marker
from reconciler.render.formats.github import annotation
from reconciler.render.formats.one_line import broken, one_line

_RED, _YELLOW, _BLUE, _BOLD, _RESET = "\33[31m", "\33[33m", "\33[34m", "\33[1m", "\33[0m"


def render_text(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str],
    *,
    colour: bool,
    width: int | None = None,
) -> str:
    """Return the findings with the lines they point at, and a last line that counts them.

    Args:
        diagnostics: The findings, in any order.
        sources: The text of each file, by its name in the spans; a file that is not there is
            shown without its lines.
        colour: Whether to use ANSI colours.
        width: The columns of the terminal; None to break no line.

    """
    ordered = _sorted(diagnostics)
    if not ordered:
        return ""
    blocks = [_block(diagnostic, sources, colour=colour, columns=width) for diagnostic in ordered]
    return "\n\n".join([*blocks, summary(ordered)]) + "\n"


def render_concise(diagnostics: Iterable[Diagnostic]) -> str:
    """Return each finding on one line: ``file:line:col: ACS021 problem (mend: ...)``."""
    lines = []
    for diagnostic in _sorted(diagnostics):
        place = f"{one_line(str(diagnostic.span))}: " if diagnostic.span else ""
        kind = "warning " if diagnostic.severity is Severity.WARNING else ""
        text = f"{kind}{diagnostic.code} {diagnostic.problem} (mend: {diagnostic.mend})"
        lines.append(f"{place}{one_line(text)}\n")
    return "".join(lines)


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a workflow command for each finding, which GitHub shows beside the line."""
    return "".join(
        annotation(
            str(diagnostic.severity),
            f"{diagnostic.code}{f' {diagnostic.rule.name}' if diagnostic.rule else ''}",
            f"{diagnostic.problem}\nmend: {diagnostic.mend}",
            diagnostic.span,
        )
        for diagnostic in _sorted(diagnostics)
    )


def to_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Json]]:
    """Return the findings as JSON values, sorted; the field names are a stable contract."""
    return [
        {
            "code": str(diagnostic.code),
            "severity": str(diagnostic.severity),
            "problem": diagnostic.problem,
            "mend": diagnostic.mend,
            "label": diagnostic.label,
            "place": _json_place(diagnostic.span),
            "related": [
                {"place": _json_place(span), "label": label} for span, label in diagnostic.related
            ],
            **_json_rule(diagnostic.rule),
        }
        for diagnostic in _sorted(diagnostics)
    ]


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the counts in words: ``3 errors, 1 warning in 2 files``."""
    errors = sum(d.severity is Severity.ERROR for d in diagnostics)
    counts = ((errors, "error"), (len(diagnostics) - errors, "warning"))
    words = ", ".join(_counted(count, noun) for count, noun in counts if count)
    files = {d.span.file for d in diagnostics if d.span}
    return f"{words} in {_counted(len(files), 'file')}" if files else words


def _block(
    diagnostic: Diagnostic, sources: Mapping[str, str], *, colour: bool, columns: int | None
) -> str:
    """Return one finding: headline, place, lines with markers, mend."""
    tint = _RED if diagnostic.severity is Severity.ERROR else _YELLOW
    kind = f"{diagnostic.severity}[{diagnostic.code}]"
    first, *more = broken(one_line(diagnostic.problem), columns and columns - len(kind) - 2)
    lines = [f"{_tinted(kind, _BOLD + tint, on=colour)}: {first}"]
    lines += [f"{'':{len(kind) + 2}}{line}" for line in more]
    gutter = ""
    if span := diagnostic.span:
        here = [(s, label) for s, label in diagnostic.related if s.file == span.file]
        elsewhere = [(s, label) for s, label in diagnostic.related if s.file != span.file]
        excerpts = [_excerpt(((span, diagnostic.label, "^"), *((s, t, "-") for s, t in here)))]
        excerpts += [_excerpt(((s, t, "-"),)) for s, t in elsewhere]
        width = max(excerpt.number_width for excerpt in excerpts)
        gutter = " " * width
        for arrow, excerpt in zip(["-->"] + [":::"] * len(elsewhere), excerpts, strict=True):
            place = one_line(str(excerpt.markers[0].span))
            lines.append(f"{gutter}{_tinted(arrow, _BLUE, on=colour)} {place}")
            text = sources.get(excerpt.markers[0].span.file)
            if text:
                shown = excerpt.lines(text, width, columns)
                lines += [_tinted_line(line, tint, on=colour) for line in shown]
    mend = _tinted("mend:", _BOLD, on=colour)
    lead = len(f"{gutter} = mend: ")
    first, *more = broken(one_line(diagnostic.mend), columns and columns - lead)
    lines.append(f"{gutter} = {mend} {first}")
    lines += [f"{'':{lead}}{line}" for line in more]
    if diagnostic.rule is not None and diagnostic.rule.url:
        see = _tinted("see:", _BOLD, on=colour)
        lines.append(f"{gutter} = {see} {one_line(diagnostic.rule.url)}")
    return "\n".join(lines)


def _excerpt(marks: Iterable[tuple[Span, str, str]]) -> Excerpt:
    return Excerpt(tuple(Marker(span, one_line(label), sign) for span, label, sign in marks))


def _tinted_line(line: str, tint: str, *, on: bool) -> str:
    """Colour the gutter of a line, and its markers if it is a line of markers."""
    gutter, bar, rest = line.partition("|")
    if not on or not bar:
        return _tinted(line, _BLUE, on=on)
    if rest.strip().startswith("^"):
        rest = _tinted(rest, tint, on=True)
    elif not gutter.strip():
        rest = _tinted(rest, _BLUE, on=True)
    return _tinted(gutter + bar, _BLUE, on=True) + rest


def _tinted(text: str, tint: str, *, on: bool) -> str:
    return f"{tint}{text}{_RESET}" if on and text else text


def _sorted(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(diagnostics, key=lambda d: (d.sort_key, d.mend))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _json_place(span: Span | None) -> Json:
    if span is None:
        return None
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "length": span.length,
    }


def _json_rule(rule: Rule | None) -> dict[str, Json]:
    """Return what a finding about a policy has besides the others."""
    return {"policy": rule.name, "url": rule.url or None} if rule is not None else {}
