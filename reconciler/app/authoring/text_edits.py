"""Edits of several files, collected, carried out in an order that keeps their places right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from reconciler.core.specs.render_spec import Source
from reconciler.documents.validate import ENVIRONMENT, is_a
from reconciler.documents.yaml_edit import CannotEditError, append_value, remove_value, set_value
from reconciler.model.edit import SpecEdit, Verb

_ORDER = (Verb.SET, Verb.APPEND, Verb.REMOVE)
_BOM = "\ufeff"

Problem: TypeAlias = "tuple[Source, SpecEdit, str]"
"""An edit that cannot be made, and why."""


class Texts:
    """The files that edits are about, as they are and as they are to be."""

    def __init__(self) -> None:
        """Start with no file."""
        self._before: dict[Path, bytes] = {}
        self._texts: dict[Path, str] = {}

    def make(self, edits: Iterable[tuple[Source, SpecEdit]]) -> list[Problem]:
        """Make all of the edits, or none of them and return those that cannot be made.

        Members are taken out of lists last and from the end, so that indexes stay right.
        """
        problems: list[Problem] = []
        texts = dict(self._texts)
        for source, edit in sorted(edits, key=_turn):
            path = Path(source.document.file)
            text = texts[path] if path in texts else self._read(path)
            try:
                texts[path] = _edited(text, source, edit)
            except CannotEditError as error:
                problems.append((source, edit, str(error)))
        if not problems:
            self._texts = texts
        return problems

    def changed(self) -> Iterator[tuple[Path, bytes, bytes]]:
        """Yield each file that differs, with its content before and after."""
        for path, text in self._texts.items():
            before = self._before[path]
            mark = _BOM if before.startswith(_BOM.encode()) else ""
            after = (mark + text).encode()
            if after != before:
                yield path, before, after

    def _read(self, path: Path) -> str:
        if path not in self._before:
            self._before[path] = path.read_bytes()
        return self._before[path].decode("utf-8").removeprefix(_BOM)


def _turn(pair: tuple[Source, SpecEdit]) -> tuple[int, int]:
    """Sort edits: what is set, what is added, and what is taken out from the end on."""
    step = pair[0].path[-1]
    return _ORDER.index(pair[1].verb), -step if isinstance(step, int) else 0


def _edited(text: str, source: Source, edit: SpecEdit) -> str:
    """Return a text with one edit made."""
    in_patch = is_a(ENVIRONMENT, source.document)
    if edit.verb is Verb.APPEND:
        return append_value(text, source.path, edit.value)
    if edit.verb is Verb.SET:
        if in_patch and edit.value is None:
            raise CannotEditError("null in a patch takes a key out of the stack, not out of Azure")
        return set_value(text, source.path, edit.value)
    if in_patch and source.under is not None and not isinstance(source.path[-1], int):
        return set_value(text, source.path, None)  # else the stack's own value would show again
    return remove_value(text, source.path)
