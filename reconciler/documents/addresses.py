"""Files of addresses: one a line, read strictly, and never quoted in a finding."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from reconciler.documents.files import open_plain, shown_name
from reconciler.documents.wording import quoted
from reconciler.kinds.suppression_list_address import folded_address
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Span

LARGEST: Final = 64_000_000
"""How many bytes a file may hold: more than a million addresses."""

MOST_TOLD: Final = 20
"""How many lines of a file are told one by one; a file of another kind has nothing but bad ones."""

_LINE_BREAK = re.compile("\r\n|[\n\r]")
_COMMENT = re.compile(r"(?:^|\s)#.*")
"""A # within an address is part of it."""

_NEVER = r"\s@<>()\[\]\\,;:\"\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2060\ufeff"
_LABEL = rf"[^.{_NEVER}]{{1,63}}"
_ADDRESS = re.compile(rf"[^{_NEVER}]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")
LONGEST: Final = 254
"""Characters that an address may have.
https://www.rfc-editor.org/errata/eid1690
"""


def read_addresses(path: Path) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return the addresses in a file, or what is wrong with it.

    Raises:
        OSError: the file is not there, or cannot be read.

    """
    with open_plain(path) as file:
        return addresses_in(file.read(LARGEST + 1), shown_name(path))


def addresses_in(content: bytes, name: str) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return the addresses in a text, by the form in which they are compared; and all findings.

    Args:
        content: the bytes of a file.
        name: the file's name, as it is printed.
    """
    if len(content) > LARGEST:
        what = f"the file holds more than {LARGEST:,} bytes"
        return {}, [_unusable(name, what, "split it: a list of its own for each part")]
    if b"\0" in content:
        what = "the file holds NUL bytes: it is binary, or UTF-16"
        return {}, [_unusable(name, what, "save it as UTF-8 text with one address a line")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        mend = "save it as UTF-8 text with one address a line"
        return {}, [_unusable(name, "the file is not UTF-8", mend)]
    found: dict[str, str] = {}
    wrong: list[int] = []
    for number, line in enumerate(_LINE_BREAK.split(text), 1):
        address = _COMMENT.sub("", line).strip()
        if not address:
            continue
        if len(address) > LONGEST or _ADDRESS.fullmatch(address) is None:
            wrong.append(number)
        else:
            found.setdefault(folded_address(address), address)
    return found, _told(name, wrong)


def _told(name: str, wrong: list[int]) -> list[Diagnostic]:
    """Return a finding for each wrong line, and one for those that are too many to tell."""
    mend = "write one address a line, such as `name@example.com`; comments begin with #"
    findings = [
        Diagnostic(
            Code.ADDRESS_LINE,
            "this line is no address (it is not shown, since it may be one)",
            mend,
            Span(name, number, 1),
            private=True,
        )
        for number in wrong[:MOST_TOLD]
    ]
    if len(wrong) > MOST_TOLD:
        what = f"{len(wrong) - MOST_TOLD} more lines are no addresses"
        place = Span(name, wrong[MOST_TOLD], 1)
        findings.append(Diagnostic(Code.ADDRESS_LINE, what, mend, place, private=True))
    return findings


def _unusable(name: str, what: str, mend: str) -> Diagnostic:
    """Say that a file is no list of addresses."""
    return Diagnostic(Code.ADDRESS_FILE, what, mend, Span(name, 1, 1), private=True)


def unreadable(name: str, error: OSError) -> tuple[str, str]:
    """Return why a file cannot be read, and the mend."""
    why = (error.strerror or "unknown reason").lower()
    mend = "put it there, as a pipeline does from a secret store; paths begin at the stack's file"
    return f"the file {quoted(name)} cannot be read: {why}", mend
