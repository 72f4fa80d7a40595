"""``ref:`` scalars: how they are written, what they may point at, and what they stand for.

ref:identities/id-sender                        a resource of the same stack
ref:communicationServices/acs-prod#hostName     one of its fields
ref:stack/platform//identities/id-shared        a resource of another stack
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Presence
from reconciler.model.source import Place, Span

PREFIX = "ref:"


class Reference(NamedTuple):
    """A ``ref:`` scalar taken apart."""

    stack: str
    path: tuple[str, ...]
    """Collections and names in turn, outermost first."""
    field: str = ""
    """What stands behind the ``#``; empty for the ARM id."""

    @classmethod
    def parse(cls, text: str, stack: str) -> Reference:
        """Take ``text`` apart, which the schema has found well-formed, as written in ``stack``."""
        rest = text.removeprefix(PREFIX)
        if rest.startswith("stack/"):
            head, _, rest = rest.partition("//")
            stack = head.removeprefix("stack/")
        path, _, field_name = rest.partition("#")
        return cls(stack, tuple(path.split("/")) if path else (), field_name)


class Declaration(NamedTuple):
    """A resource that some stack names."""

    id: ResourceId
    kind: str
    stack: str
    path: tuple[str, ...]
    """Where it stands below ``spec``: collections and names in turn."""
    presence: Presence
    place: Place

    @property
    def span(self) -> Span:
        """Where the spec names it."""
        return self.place.span

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]

    @property
    def address(self) -> str:
        """How people name it."""
        return "/".join((self.stack, *self.path))


class Index(NamedTuple):
    """Every declared resource, found by reference or by id."""

    by_id: Mapping[ResourceId, Declaration]
    by_path: Mapping[tuple[str, tuple[str, ...]], Declaration]

    @classmethod
    def of(cls, declarations: Iterable[Declaration]) -> Index:
        """Index ``declarations``; names ignore case, stacks do not."""
        entries = tuple(declarations)
        return cls({d.id: d for d in entries}, {(d.stack, _folded(d.path)): d for d in entries})

    def find(self, reference: Reference) -> Declaration | None:
        """Return what ``reference`` points at, or None."""
        return self.by_path.get((reference.stack, _folded(reference.path)))

    def unknown(self, text: str, reference: Reference, span: Span) -> Diagnostic:
        """Say that ``reference`` points nowhere, and what was probably meant."""
        stacks = sorted({stack for stack, _ in self.by_path})
        if reference.stack not in stacks:
            what = f"there is no stack `{reference.stack}`"
            return Diagnostic(Code.UNKNOWN_TARGET, what, suggest(reference.stack, stacks), span)
        above = _folded(reference.path[:-1])
        known = sorted(
            d.name
            for (stack, path), d in self.by_path.items()
            if stack == reference.stack and path[:-1] == above
        )
        what = f"`{text}` points at nothing"
        place = "/".join(reference.path[:-1])
        label = f"stack `{reference.stack}` has no {place} of that name"
        mend = suggest(reference.path[-1], known)
        return Diagnostic(Code.UNKNOWN_TARGET, what, mend, span, label)


def _folded(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return a path as it is compared."""
    return tuple(part.lower() for part in path)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, if any; case does not matter."""
    import difflib

    folded = {k.lower(): k for k in known}
    close = difflib.get_close_matches(word[:200].lower(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a mend that names the closest known word, or all of them when none is close."""
    options = list(known)
    close = nearest(word, options)
    if close is not None:
        return f"did you mean `{close}`?"
    if not options:
        return "nothing of that kind is declared; declare it, or write an ARM id"
    shown = ", ".join(f"`{option}`" for option in options[:8])
    return f"known here: {shown}{', ...' if len(options) > 8 else ''}"
