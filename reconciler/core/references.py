"""``ref:`` scalars: how they are written, what they may point at, and what they stand for.

ref:identities/id-sender                        a resource of the same stack
ref:communicationServices/acs-prod#hostName     one of its fields
ref:stack/platform//identities/id-shared        a resource of another stack
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Presence
from reconciler.model.source import Span

PREFIX = "ref:"


@dataclass(frozen=True, slots=True)
class Reference:
    """A ``ref:`` scalar taken apart."""

    stack: str
    collection: str
    name: str
    field: str = ""
    """What stands behind the ``#``; empty for the ARM id."""

    @classmethod
    def parse(cls, text: str, stack: str) -> Reference:
        """Take ``text`` apart, which the schema has found well-formed, as written in ``stack``."""
        rest = text.removeprefix(PREFIX)
        if rest.startswith("stack/"):
            head, _, rest = rest.partition("//")
            stack = head.removeprefix("stack/")
        path, _, name = rest.partition("#")
        collection, _, target = path.partition("/")
        return cls(stack, collection, target, name)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A resource that some stack names."""

    id: ResourceId
    kind: str
    stack: str
    collection: str
    name: str
    presence: Presence
    span: Span

    @property
    def address(self) -> str:
        """How people name it."""
        return f"{self.stack}/{self.collection}/{self.name}"


@dataclass(frozen=True, slots=True)
class Index:
    """Every declared resource, found by reference or by id."""

    by_id: Mapping[ResourceId, Declaration] = field(default_factory=dict)
    by_reference: Mapping[tuple[str, str, str], Declaration] = field(default_factory=dict)

    @classmethod
    def of(cls, declarations: Iterable[Declaration]) -> Index:
        """Index ``declarations``; names ignore case, stacks and collections do not."""
        entries = tuple(declarations)
        return cls(
            {d.id: d for d in entries},
            {(d.stack, d.collection, d.name.lower()): d for d in entries},
        )

    def find(self, reference: Reference) -> Declaration | None:
        """Return what ``reference`` points at, or None."""
        key = (reference.stack, reference.collection, reference.name.lower())
        return self.by_reference.get(key)

    def unknown(self, text: str, reference: Reference, span: Span) -> Diagnostic:
        """Say that ``reference`` points nowhere, and what was probably meant."""
        stacks = sorted({stack for stack, _, _ in self.by_reference})
        if reference.stack not in stacks:
            what = f"there is no stack `{reference.stack}`"
            return Diagnostic(Code.UNKNOWN_TARGET, what, suggest(reference.stack, stacks), span)
        known = sorted(
            d.name
            for (stack, collection, _), d in self.by_reference.items()
            if (stack, collection) == (reference.stack, reference.collection)
        )
        what = f"`{text}` points at nothing"
        label = f"stack `{reference.stack}` has no {reference.collection} of that name"
        return Diagnostic(Code.UNKNOWN_TARGET, what, suggest(reference.name, known), span, label)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a mend that names the closest known word, or all of them when none is close."""
    options = list(known)
    by_fold = {option.lower(): option for option in options}
    close = difflib.get_close_matches(word.lower(), by_fold, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{by_fold[close[0]]}`?"
    if not options:
        return "nothing of that kind is declared; declare it, or write an ARM id"
    shown = ", ".join(f"`{option}`" for option in options[:8])
    return f"known here: {shown}{', ...' if len(options) > 8 else ''}"
