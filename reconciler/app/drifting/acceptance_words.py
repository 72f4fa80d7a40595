"""How values of Azure are written in each stack of a run: references for ids, `$` escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.app.exporting.words import canonical, worded
from reconciler.app.loading.specs import Specs
from reconciler.core.specs.references import PREFIX, Declaration, Index, Reference
from reconciler.core.specs.render_spec import Rendered
from reconciler.core.specs.stacks import declarations_of, stacks_of
from reconciler.core.specs.substitution import escaped
from reconciler.documents.schemas import load_schema
from reconciler.kinds.kind import Kind
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Presence
from reconciler.model.value import Json


@dataclass(frozen=True, slots=True)
class StackWords:
    """The words of one stack."""

    stack: str
    index: Index
    references: Mapping[ResourceId, str]

    def value(self, kind: Kind, field: str, value: Json) -> Json:
        """Return a value as a person would write it, in the schema's own spelling."""
        properties = load_schema(kind.schema)["properties"] if kind.schema else {}
        return worded(escaped(value), properties.get(field, {}).get("enum", ()), {})

    def reference(self, text: str) -> str:
        """Return what stands for an ARM id: a reference where a stack of this run describes it."""
        target = ResourceId(text)
        return self.references.get(target) or str(escaped(canonical(target).text))

    def target(self, text: str) -> ResourceId | None:
        """Return the id that a written text stands for."""
        if text.startswith(PREFIX):
            found = self.index.find(Reference.parse(text, self.stack))
            return found.id if found is not None else None
        return ResourceId(text) if text.startswith("/subscriptions/") else None


def words_for(specs: Specs) -> dict[str, StackWords]:
    """Return the words of each stack."""
    stacks = tuple(stacks_of(specs.documents, specs.project.subscriptions, "", []))
    declared = tuple(d for d in declarations_of(stacks, []) if d.presence is Presence.MANAGED)
    index, rendered = Index.of(declared), {stack.name: stack for stack in specs.rendered}
    return {
        name: StackWords(name, index, {d.id: _reference(d, stack) for d in declared})
        for name, stack in rendered.items()
    }


def _reference(declared: Declaration, stack: Rendered) -> str:
    """Return a reference as a stack writes it; its own names keep the variables in them."""
    if declared.stack != stack.name:
        return f"{PREFIX}stack/{declared.stack}//{'/'.join(declared.path)}"
    written = stack.as_written(("spec", *declared.path))[1:]
    return PREFIX + "/".join(map(str, written))
