"""What is allowed in a file and yet unwise, and how some of it can be mended without asking.

To add a rule: a function in `RULES`. To let ``lint --fix`` mend what it finds: a function in
`FIXERS`, which returns the whole text of the mended file and changes no value of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.source import Document, Span
from reconciler.spec.schemas import load_schema_text
from reconciler.spec.source_text import LINE_BREAK
from reconciler.spec.wording import quoted

LONGEST: Final = 300
"""Lines of a stack that people still review as a whole."""

SCHEMAS: Final[Mapping[str, str]] = {
    "Stack": "stack.schema.json",
    "Environment": "environment.schema.json",
    "Policy": "policy.schema.json",
    "Project": "project.schema.json",
}
"""The schema of each kind of document."""

_MODELINE = re.compile(r"#\s*yaml-language-server:\s*\$schema=(?P<schema>\S+)\s*\Z")
_FOLDERS = (".reconciler/schemas", "schemas")
"""Where a project may keep the schemas for editors, the better place first."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a project, as it was read."""

    document: Document
    text: str
    schemas: Path | None
    """The folder where the project keeps the schemas for editors."""

    @property
    def lines(self) -> list[str]:
        """The lines, without their breaks."""
        return LINE_BREAK.split(self.text)

    @property
    def modeline(self) -> tuple[int, str] | None:
        """The index of the line for editors, among the comments at the top, and its schema."""
        for index, line in enumerate(self.lines):
            if found := _MODELINE.match(line):
                return index, found["schema"]
            if line.strip() and not line.startswith("#"):
                return None
        return None

    @property
    def right_modeline(self) -> str | None:
        """The line for editors that the file should have; None without schemas in the project."""
        schema = SCHEMAS.get(str(self.document.value.get("kind")))
        if schema is None or self.schemas is None:
            return None
        here = Path(self.document.file).resolve().parent
        folder = Path(os.path.relpath(self.schemas.resolve(), here)).as_posix()
        prefix = "" if folder.startswith("..") else "./"
        return f"# yaml-language-server: $schema={prefix}{folder}/{schema}"


def schemas_of(root: Path) -> Path | None:
    """Return the folder where a project keeps the schemas for editors, if it does."""
    folders = (root / name for name in _FOLDERS)
    return next((f for f in folders if (f / SCHEMAS["Stack"]).is_file()), None)


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
    name = SCHEMAS.get(str(file.document.value.get("kind")))
    if name is None:
        return
    right = file.right_modeline
    mend = f"make the first line `{right}`" if right else "`reconciler init` writes the schemas"
    if file.modeline is None:
        if right is not None:
            what = "editors do not know the schema of this file"
            yield _warning(Code.MODELINE, what, mend, Span(file.document.file, 1, 1))
        return
    index, schema = file.modeline
    line = file.lines[index]
    at = Span(file.document.file, index + 1, line.index(schema) + 1, len(schema))
    if schema.rpartition("/")[2] != name:
        yield _warning(Code.MODELINE, f"{quoted(schema)} is not the schema of this kind", mend, at)
    elif "://" not in schema:
        target = Path(file.document.file).parent / schema
        if not target.is_file():
            yield _warning(Code.MODELINE, f"{quoted(schema)} does not exist", mend, at)
        elif target.read_text("utf-8") != load_schema_text(name.partition(".")[0]):
            what = f"{quoted(schema)} is the schema of another version of this tool"
            again = f"delete {quoted(target.name)} there, and run `reconciler init`"
            yield _warning(Code.MODELINE, what, again, at)


def with_modeline(file: File) -> str | None:
    """Return the text with the right line for editors; None if that is not known."""
    right, current = file.right_modeline, file.modeline
    if right is None:
        return None
    end = "\r\n" if "\r\n" in file.text else "\n"
    if current is None:
        return f"{right}{end}{file.text}"
    old = file.lines[current[0]]
    return file.text.replace(old, right, 1)


RULES: Final[tuple[Callable[[File], Iterator[Diagnostic]], ...]] = (long_stack, wrong_modeline)
"""What is looked at in every file."""

FIXERS: Final[Mapping[str, Callable[[File], str | None]]] = {Code.MODELINE: with_modeline}
"""What ``lint --fix`` mends, by the code of the finding."""


def _warning(code: Code, problem: str, mend: str, span: Span) -> Diagnostic:
    return Diagnostic(code, problem, mend, span, severity=Severity.WARNING)
