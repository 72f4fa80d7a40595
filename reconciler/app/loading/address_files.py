"""The addresses of suppression lists: read on this machine, and never shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from reconciler.core.changes.privacy import MAKE_A_KEY, SHORTEST, VARIABLE, keyed_hash
from reconciler.documents.addresses import addresses_in, read_addresses, unreadable
from reconciler.documents.files import leads_outside, shown_name
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.entries import Contents, DesiredEntries, Holding
from reconciler.model.errors import InvalidInputError, UnavailableError, UsageError
from reconciler.model.resource import DesiredState

STDIN = "<stdin>"


def key_problem() -> str:
    """Return what is wrong with the key in the environment, or nothing; never the key."""
    key = _key()
    if not key:
        return f"{VARIABLE} is not set"
    if len(key) < SHORTEST:
        return f"{VARIABLE} has fewer than {SHORTEST} characters"
    return ""


def filled(desired: DesiredState, missing: Severity) -> tuple[DesiredState, list[Diagnostic]]:
    """Return ``desired`` with what the files hold, and every problem with files and key.

    Args:
        desired: what the specs say.
        missing: how much it matters that a file or the key is not there.
    """
    problems: list[Diagnostic] = []
    wrong = key_problem()
    if wrong:
        what = f"{wrong}, and addresses are compared and named with it"
        place = desired.entries[0].span
        problems.append(Diagnostic(Code.NO_KEY, what, MAKE_A_KEY, place, severity=missing))
    entries = tuple(_filled(entries, missing, problems) for entries in desired.entries)
    return replace(desired, entries=entries), problems


def hashes_of(file: Path | None, stdin: bytes) -> list[str]:
    """Return the hashes of the addresses in a file, sorted, each once.

    Args:
        file: the file; None for standard input.
        stdin: what standard input held, if it is that.

    Raises:
        UsageError: there is no key.
        UnavailableError: the file cannot be read.
        InvalidInputError: something in it is no address.

    """
    wrong = key_problem()
    if wrong:
        raise UsageError(wrong, MAKE_A_KEY)
    try:
        found, problems = read_addresses(file) if file else addresses_in(stdin, STDIN)
    except OSError as error:
        problem, _ = unreadable(shown_name(file or Path(STDIN)), error)
        raise UnavailableError(problem, "check the path") from error
    if problems:
        raise InvalidInputError(tuple(problems))
    return sorted(keyed_hash(_key(), address) for address in found)


def holdings(entries: Iterable[DesiredEntries]) -> Iterator[Holding]:
    """Yield what each list is given, in figures; all contents have been read."""
    for one in entries:
        contents = one.contents or Contents({}, b"")
        named = {keyed_hash(contents.key, a) for a in contents.addresses} if one.hashes else set()
        in_file = len(contents.addresses)
        yield Holding(one.address, in_file, len(one.hashes), len(one.hashes & named), one.exact)


def _filled(
    entries: DesiredEntries, missing: Severity, problems: list[Diagnostic]
) -> DesiredEntries:
    """Return the entries of one list with their contents, as far as these can be had."""
    addresses: dict[str, str] = {}
    if entries.file:
        document, path = entries.place.document, entries.place.path
        place = document.at(*path, "file")
        file = Path(document.file).parent / entries.file
        try:
            if leads_outside(file, Path(document.file).parent):
                raise OSError(0, "it lies outside of the repository")
            addresses, found = read_addresses(file)
        except OSError as error:
            what, mend = unreadable(shown_name(file), error)
            problems.append(Diagnostic(Code.ADDRESS_FILE, what, mend, place, severity=missing))
            return entries
        problems.extend(found)
        if entries.exact and not addresses and not found:
            what = "the file has no address, and `exact` would remove everybody from the list"
            mend = "mend the file; to remove everybody, say what becomes of the list itself"
            problems.append(Diagnostic(Code.ADDRESS_FILE, what, mend, place))
    return replace(entries, contents=Contents(addresses, _key()))


def _key() -> bytes:
    """Return the key in the environment, without space around it; empty for none."""
    return os.fsencode(os.environ.get(VARIABLE, "")).strip()
