"""What libyaml says about broken YAML, in plain words and with a mend."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import yaml
from yaml.reader import ReaderError

from reconciler.documents.source_text import SourceText
from reconciler.documents.wording import escaped, quoted
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Span

FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Characters that YAML does not allow in a file, and the byte order mark inside a text."""


class Words(NamedTuple):
    """How one of libyaml's problems is told to people."""

    context: str
    """What libyaml was doing, in its words; empty if that does not matter."""
    trigger: str
    """How libyaml's problem starts."""
    problem: str
    mend: str
    at_start: bool = False
    """Whether to point at the start of the construct instead of where reading stopped."""


_PHRASES: Final = (
    Words(
        "quoted scalar",
        "found unexpected end of stream",
        "a quote is opened and never closed",
        "close the quote, or double it ('' or \\\") where it is meant as a character",
        at_start=True,
    ),
    Words(
        "quoted scalar",
        "found unexpected document indicator",
        "a quote is still open where a `---` or `...` line ends the document",
        "close the quote",
        at_start=True,
    ),
    Words(
        "",
        "found unknown escape character",
        "a backslash in double quotes is followed by a character that needs none",
        "use single quotes, or write the backslash twice",
    ),
    Words(
        "quoted scalar",
        "did not find expected hex",
        "an escape such as \\x or \\u is not followed by hexadecimal digits",
        "use single quotes, or write the backslash twice",
    ),
    Words(
        "quoted scalar",
        "found invalid Unicode",
        "an escape stands for no Unicode character",
        "write the character itself",
    ),
    Words(
        "",
        "found a tab character",
        "a tab is used to indent, which YAML does not allow",
        "replace the tab with spaces",
    ),
    Words(
        "flow sequence",
        "did not find expected ',' or ']'",
        "a list in brackets is not continued with `,` or closed with `]`",
        "put a `,` between entries and a `]` at the end, or quote an entry that holds : { } [ ] ,",
    ),
    Words(
        "flow mapping",
        "did not find expected ',' or '}'",
        "a mapping in braces is not continued with `,` or closed with `}`",
        "put a `,` between fields and a `}` at the end, or quote a value that holds : { } [ ] ,",
    ),
    Words(
        "flow node",
        "did not find expected node content",
        "an entry is missing in brackets or braces, or they are never closed",
        "write the entry, remove the extra `,`, or close the bracket",
    ),
    Words(
        "block node",
        "did not find expected node content",
        "a value starts with a character that opens nothing",
        "put the value in quotes",
    ),
    Words(
        "",
        "mapping values are not allowed",
        "a colon makes a second `key: value` where a value is meant",
        "quote the value if it holds `: `; else check the indentation of this line and the one "
        "above, and that a space follows its colon",
    ),
    Words(
        "",
        "block sequence entries are not allowed",
        "a list entry `- ` starts on the line of its key",
        "start the list on the next line, or quote the value",
    ),
    Words(
        "simple key",
        "could not find expected ':'",
        "a line is neither `key: value` nor part of the value above",
        "put `: ` behind the key, or indent the line so that it belongs to the value above",
        at_start=True,
    ),
    Words(
        "block mapping",
        "did not find expected key",
        "the line does not go on with the mapping it is in",
        "indent it like the other keys, or quote the whole value",
    ),
    Words(
        "block collection",
        "did not find expected '-'",
        "the line does not go on with the list it is in",
        "start it with `- ` in the column of the other entries, or indent it like the key of the "
        "list",
    ),
    Words(
        "block scalar",
        "",
        "the header of a text block (| or >) says something else than how to keep line breaks",
        "write only | or >, with - or + behind it if needed, and start the text on the next line",
    ),
    Words(
        "anchor",
        "",
        "an anchor (&) has no name of letters and digits",
        "quote the value if the & is part of it",
    ),
    Words(
        "alias",
        "",
        "an alias (*) has no name of letters and digits",
        "quote the value if the * is part of it",
    ),
    Words("tag", "", "a tag (!) is not complete", "quote the value if the ! is part of it"),
    Words(
        "parsing a node",
        "found undefined tag handle",
        "a tag (!) has a prefix that nothing declares",
        "remove the tag, or quote the value if the ! is part of it",
    ),
    Words(
        "",
        "did not find expected <document start>",
        "more text follows where the document has already ended",
        "remove the extra text, or a `...`, `]` or `}` too many before it",
    ),
    Words("directive", "", "a line that starts with % is no text", "quote it, or remove it"),
    Words("", "found incompatible YAML", "the %YAML line asks for another version", "remove it"),
    Words("", "found duplicate %", "a % line is there twice", "remove one of them"),
)


def explain(error: yaml.MarkedYAMLError, source: SourceText) -> Diagnostic:
    """Return the finding for an error of libyaml's scanner or parser."""
    said, context = error.problem or "", error.context or ""
    mark, start = error.problem_mark or error.context_mark, error.context_mark
    if mark is None:
        return Diagnostic(Code.SYNTAX, "the YAML cannot be read", "check the syntax of the file")
    if said.startswith("found character") and "cannot start any token" in said:
        return _stray_character(source.character(mark), source.at(mark))
    words = next((w for w in _PHRASES if w.context in context and said.startswith(w.trigger)), None)
    if words is None:
        problem = f"YAML's grammar is broken: {escaped(said)}"
        return Diagnostic(Code.SYNTAX, problem, "check the syntax of this line", source.at(mark))
    if words.at_start and start is not None:
        return Diagnostic(Code.SYNTAX, words.problem, words.mend, source.at(start))
    related: tuple[tuple[Span, str], ...] = ()
    if start is not None and (start.line, start.column) != (mark.line, mark.column):
        related = ((source.at(start), "it starts here"),)
    return Diagnostic(Code.SYNTAX, words.problem, words.mend, source.at(mark), related=related)


def _stray_character(character: str, span: Span) -> Diagnostic:
    if character == "\t":
        problem = "a tab is used to indent, which YAML does not allow"
        return Diagnostic(Code.SYNTAX, problem, "replace the tab with spaces", span)
    problem = f"text without quotes cannot start with {quoted(character)}"
    return Diagnostic(Code.SYNTAX, problem, "put the text in quotes", span)


def control_characters(source: SourceText) -> list[Diagnostic]:
    """Return a finding for each line that holds characters YAML does not allow."""
    findings = []
    for number, line in enumerate(source.lines, start=1):
        if match := FORBIDDEN.search(line):
            findings.append(
                Diagnostic(
                    Code.CONTROL_CHARACTER,
                    f"the character {quoted(match.group())} is not allowed in YAML",
                    'delete it, or write it as an escape in double quotes, such as "\\x07"',
                    Span(source.file, number, match.start() + 1),
                )
            )
    return findings


def unreadable(error: Exception, source: SourceText) -> list[Diagnostic]:
    """Return the findings for whatever libyaml raised."""
    if isinstance(error, yaml.MarkedYAMLError):
        return [explain(error, source)]
    findings = control_characters(source)
    if findings:
        return findings
    place = Span(source.file, 1, 1)
    if isinstance(error, ReaderError) and isinstance(error.position, int):
        place = source.at_index(min(error.position, len(source.text)))
    mend = "check the syntax of the file"
    return [Diagnostic(Code.SYNTAX, "the YAML cannot be read at all", mend, place)]
