"""What is allowed in a file and yet unwise, and how some of it can be mended without asking.

To add a rule: a function in `RULES`. To let ``lint --fix`` mend what it finds: a function in
`FIXERS`, which returns the whole text of the mended file and changes no value of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.documents.modeline import SCHEMAS, Fault, modeline_of, right_line, with_line
from reconciler.documents.source_text import lines_of
from reconciler.documents.wording import quoted
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.source import Document, Span

LONGEST: Final = 300
"""Lines of a stack that people still review as a whole."""

INIT: Final = "`reconciler init` writes the schemas to .reconciler/schemas: name the one there"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a project, as it was read."""

    document: Document
    text: str
    schemas: Path | None
    """The folder where the project keeps the schemas for editors."""

    @classmethod
    def of(cls, document: Document, schemas: Path | None) -> File:
        """Read the text of a document again."""
        content = Path(document.file).read_bytes()
        return cls(document, content.decode("utf-8").removeprefix("\ufeff"), schemas)

    @property
    def lines(self) -> list[str]:
        """The lines, without their breaks."""
        return lines_of(self.text)

    @property
    def schema(self) -> str:
        """The name of the schema that describes it, empty for a document of no known kind."""
        return SCHEMAS.get(str(self.document.value.get("kind")), "")

    @property
    def right_modeline(self) -> str | None:
        """The line for editors that the file should have; None without schemas in the project."""
        if not self.schema or self.schemas is None:
            return None
        return right_line(Path(self.document.file), self.schema, self.schemas)


def style_findings(file: File) -> list[Diagnostic]:
    """Return everything about a file that is allowed and yet unwise."""
    return [finding for rule in RULES for finding in rule(file)]


def mended(file: File, findings: list[Diagnostic]) -> str:
    """Return the text of a file with everything mended that can be."""
    text = file.text
    for code in dict.fromkeys(finding.code for finding in findings):
        fixer = FIXERS.get(code)
        if fixer is not None:
            text = fixer(File(file.document, text, file.schemas)) or text
    return text


def long_stack(file: File) -> Iterator[Diagnostic]:
    """Yield a warning for a stack that is too long to be reviewed as a whole."""
    count = len(file.lines) - (not file.lines[-1])
    if file.document.value.get("kind") == "Stack" and count > LONGEST:
        what = f"the stack has {count} lines, more than {LONGEST}"
        mend = "split it by team or workload; references reach across: ref:stack/NAME//..."
        yield _warning(Code.LONG_STACK, what, mend, Span(file.document.file, LONGEST + 1, 1))


def wrong_modeline(file: File) -> Iterator[Diagnostic]:
    """Yield a warning for a file that editors cannot check, or check by another schema."""
    right, current = file.right_modeline, modeline_of(file.text)
    mend = f"make the first line `{right}`" if right else INIT
    if current is None:
        if right is not None:
            what = "editors do not know the schema of this file"
            yield _warning(Code.MODELINE, what, mend, Span(file.document.file, 1, 1))
        return
    fault = current.fault(Path(file.document.file), file.schema) if file.schema else None
    if fault is not None:
        schema = current.schema
        column = file.lines[current.index].index(schema) + 1
        at = Span(file.document.file, current.index + 1, column, len(schema))
        if fault is Fault.OTHER_RELEASE:
            folder = Path(file.document.file).parent / Path(schema).parent
            mend = f"`reconciler schema --out {os.path.normpath(folder)}` writes this release's"
        yield _warning(Code.MODELINE, f"{quoted(schema)} {fault}", mend, at)


def with_modeline(file: File) -> str | None:
    """Return the text with the right line for editors; None if that is not known."""
    right = file.right_modeline
    return with_line(file.text, right) if right is not None else None


RULES: Final[tuple[Callable[[File], Iterator[Diagnostic]], ...]] = (long_stack, wrong_modeline)
"""What is looked at in every file."""

FIXERS: Final[Mapping[str, Callable[[File], str | None]]] = {Code.MODELINE: with_modeline}
"""What ``lint --fix`` mends, by the code of the finding."""


def _warning(code: Code, problem: str, mend: str, span: Span) -> Diagnostic:
    return Diagnostic(code, problem, mend, span, severity=Severity.WARNING)
