"""References in values become ids, and what they point at is noted as needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.core.specs.references import PREFIX, Declaration, Index, Reference, suggest
from reconciler.core.specs.stacks import Stack
from reconciler.kinds import KINDS
from reconciler.kinds.kind import Kind
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Presence
from reconciler.model.value import Json, Path, Pending


@dataclass(frozen=True, slots=True)
class Resolver:
    """Replaces references by ids, and notes what is needed."""

    stack: Stack
    index: Index
    problems: list[Diagnostic]
    needs: set[ResourceId]
    leaves: bool = False
    """Whether the resource that refers is removed itself: then it may refer to removed ones."""

    def resolve(self, value: Json, path: Path) -> Json:
        """Return ``value`` with every reference in it, key or value, replaced by an ARM id."""
        if isinstance(value, str):
            return self._target(value, path, of_key=False)
        if isinstance(value, Mapping):
            return {
                self._target(key, (*path, key), of_key=True): self.resolve(inner, (*path, key))
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self.resolve(inner, (*path, i)) for i, inner in enumerate(value)]
        return value

    def field_of(self, text: str, path: Path) -> Pending:
        """Return the field that ``text`` points at, noting the resource as needed."""
        target = self._target(text, path, of_key=False)
        _, _, name = text.partition("#")
        found = self.index.find(Reference.parse(text, self.stack.name))
        known = readable_fields(KINDS[found.kind]) if found is not None else ()
        if found is not None and name not in known:
            what = f"a {found.kind} has no field `{name}` to read"
            span = self.stack.document.at(*path)
            self.problems.append(Diagnostic(Code.UNKNOWN_OUTPUT, what, suggest(name, known), span))
        return Pending(ResourceId(target) if found is not None else self.stack.group, name)

    def need_if_declared(self, path: tuple[str, ...]) -> None:
        """Note a resource of the same stack as needed, if the stack describes it."""
        found = self.index.find(Reference(self.stack.name, path))
        if found is not None and found.presence is Presence.MANAGED:
            self.needs.add(found.id)

    def _target(self, text: str, path: Path, *, of_key: bool) -> str:
        """Return the id that ``text`` stands for; anything but a reference stands for itself."""
        if not text.startswith(PREFIX):
            if text.startswith("/subscriptions/") and ResourceId(text) in self.index.by_id:
                self._need(self.index.by_id[ResourceId(text)], text, path, of_key=of_key)
            return text
        reference = Reference.parse(text, self.stack.name)
        found = self.index.find(reference)
        if found is None:
            span = self.stack.document.locate(path, of_key)
            self.problems.append(self.index.unknown(text, reference, span))
            return text
        self._need(found, text, path, of_key=of_key)
        return found.id.text

    def _need(self, found: Declaration, text: str, path: Path, *, of_key: bool) -> None:
        """Note that ``found`` must come first; what is to be deleted cannot be needed."""
        if found.presence is Presence.REMOVED and not self.leaves:
            self.problems.append(
                Diagnostic(
                    Code.REMOVED_TARGET,
                    f"`{text}` points at a resource that is set to null, which deletes it",
                    "remove this reference, or describe the resource",
                    self.stack.document.locate(path, of_key),
                    related=((found.span, "set to null here"),),
                )
            )
        self.needs.add(found.id)


def readable_fields(kind: Kind) -> tuple[str, ...]:
    """Return the names of the fields that an output of ``kind`` may name, sorted."""
    names = {f.name for f in kind.fields} | {c.name for c in kind.computed} | {"id"}
    return tuple(sorted(names))
