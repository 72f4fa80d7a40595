"""A stack as an environment wants it: patched, and with its variables filled in.

The result knows where each of its values was written: in the stack or in the environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reconciler.core.specs.merge import Side, merge, removing_nothing, side_of, value_at
from reconciler.core.specs.references import suggest
from reconciler.core.specs.substitution import FIXED, Substitution, Use, names_in
from reconciler.core.specs.variables import VARS, Value, Variables, no_value, variables_of
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.environment import Environment
from reconciler.model.source import KEY, VALUE, Document, Span
from reconciler.model.value import Json, Path


class Source(NamedTuple):
    """Where a value of a rendered stack is written, or would be."""

    document: Document
    path: Path
    """In that document, with variables in keys as they are written."""
    variables: tuple[str, ...] = ()
    """Those that make up the value."""
    under: Json = None
    """What the stack itself says there, if the value is that of a patch."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A stack that has been rendered."""

    base: Document
    """The stack as it was written."""
    document: Document
    """The result; its positions lie in the files that said each value."""
    problems: tuple[Diagnostic, ...] = ()
    variables: Variables = field(default_factory=Variables)
    origins: Origins | None = None
    """Where everything comes from; None where nothing differs from the base."""

    @property
    def name(self) -> str:
        """The stack's name."""
        return stack_name(self.base)

    def places(self, path: Path) -> tuple[Span, ...]:
        """Return where the line at ``path`` comes from; nothing if it is the base as written."""
        return tuple(self.origins.places(path)) if self.origins else ()

    def source(self, path: Path) -> Source:
        """Return where the value at ``path`` is written, or a new one would be."""
        return self.origins.source(path) if self.origins else Source(self.base, path)

    def as_written(self, path: Path) -> Path:
        """Return a path with the variables in its keys as they are written."""
        return self.origins.as_written(path) if self.origins else path

    def explain(self, finding: Diagnostic) -> Diagnostic | None:
        """Return a finding about the result with the other places that matter.

        None if it only repeats that a variable is wrong.
        """
        if self.origins is None:
            return finding
        return self.origins.explain(finding)


def render_spec(base: Document, environment: Environment | None = None) -> Rendered:
    """Return ``base`` as ``environment`` wants it, or with the defaults of its variables."""
    patch: Mapping[str, Json] = {}
    problems: list[Diagnostic] = []
    if environment is not None and stack_name(base) in environment.patches:
        patch = _harmless(base, environment, problems)
    merged = merge(base.value, patch) if patch else base.value
    assert isinstance(merged, Mapping)
    origins = Origins(base, patch, environment)
    document = Document(base.file, merged, origins.written)
    used = names_in(merged)
    variables = variables_of(document, environment, problems)
    written = used if merged is base.value else used | names_in(base.value)
    problems += _unused(variables, written, document)
    problems += [no_value(name, document, environment) for name in sorted(used & variables.missing)]
    if not patch and not used:
        return Rendered(base, base, tuple(problems), variables)
    filling = Substitution(variables, origins.written)
    filled = filling.fill(merged)
    problems += filling.problems
    assert isinstance(filled, Mapping)
    origins.fill(filling, variables.values)
    return Rendered(base, Document(base.file, filled, origins), tuple(problems), variables, origins)


def unknown_names(
    environment: Environment, rendered: Mapping[str, Rendered]
) -> Iterator[Diagnostic]:
    """Yield what an environment says about stacks and variables that none of its stacks has.

    Args:
        environment: the environment.
        rendered: all its stacks, by name.

    """
    document = environment.document
    for name in environment.patches:
        if name not in rendered:
            what = f"environment `{environment.name}` has no stack `{name}`"
            mend = suggest(name, sorted(rendered)) if rendered else "check its `stacks`"
            place = document.key("spec", "patches", name)
            yield Diagnostic(Code.UNKNOWN_STACK, what, mend, place)
    declared = sorted({name for stack in rendered.values() for name in stack.variables.declared})
    for name in environment.values:
        if name not in declared:
            what = f"no stack of environment `{environment.name}` declares a variable `{name}`"
            mend = suggest(name, declared) if declared else "remove it, or declare it in a stack"
            yield Diagnostic(Code.UNKNOWN_VARIABLE, what, mend, document.key(*VARS, name))


def stack_name(document: Document) -> str:
    """Return the name that a stack gives itself, empty if it gives none."""
    metadata = document.value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else ""


class Origins:
    """Finds where each value of a rendered stack was written; it is the result's `Locator`.

    Nothing is located before a place is asked for.
    """

    def __init__(
        self, base: Document, patch: Mapping[str, Json], environment: Environment | None
    ) -> None:
        """Look into ``base``, and into what ``environment`` says about it."""
        self._base = base
        self._patch = patch
        self._environment = environment
        self._above: Path = ("spec", "patches", stack_name(base))
        self._keys: Mapping[Path, str] = {}
        self._values: Mapping[Path, Use] = {}
        self._names: Mapping[Path, Use] = {}
        self._unresolved: frozenset[Path] = frozenset()
        self._known: Mapping[str, Value] = {}
        self._asked: dict[Span, Path] = {}

    def fill(self, filling: Substitution, known: Mapping[str, Value]) -> None:
        """Take over which variables were filled in where."""
        self._keys, self._values, self._names = filling.keys, filling.values, filling.names
        self._unresolved = frozenset(filling.unresolved)
        self._known = known

    def __call__(self, path: Path, key: bool, /) -> Span:  # noqa: FBT001  (a `Locator`)
        """Return the place of a value of the result: that of its variable, if it is one."""
        use = None if key else self._values.get(path)
        if use is not None and use.exact:
            span = self._known[use.names[0]].place()
        else:
            span = self.written(self.as_written(path), key)
        self._asked.setdefault(span, path)
        return span

    def written(self, path: Path, key: bool, /) -> Span:  # noqa: FBT001  (a `Locator`)
        """Return the place of a value that is patched, with its variables not filled in yet."""
        if self._environment is not None and self._side(path) is Side.PATCH:
            return self._environment.document.locate((*self._above, *path), key)
        return self._base.locate(path, key)

    def source(self, path: Path) -> Source:
        """Return where the value at ``path`` is written, or a new one would be."""
        uses = [self._values.get(path[:end]) for end in range(1, len(path) + 1)]
        names = tuple(name for use in uses if use is not None for name in use.names)
        written = self.as_written(path)
        if self._environment is not None and self._side(written) is Side.PATCH:
            under = value_at(self._base.value, written)
            return Source(self._environment.document, (*self._above, *written), names, under)
        return Source(self._base, written, names)

    def places(self, path: Path) -> Iterator[Span]:
        """Yield where the line of ``path`` comes from, unless it is the base as written."""
        written = self.as_written(path)
        side = self._side(written)
        if side is Side.PATCH:
            yield self.written(written, VALUE if isinstance(path[-1], int) else KEY)
        elif side is Side.BOTH and self._environment and self._filled_or_emptied(written):
            yield self._environment.document.key(*self._above, *written)
        for use in (self._names.get(path), self._values.get(path)):
            for name in use.names if use else ():
                yield self._known[name].place()

    def explain(self, finding: Diagnostic) -> Diagnostic | None:
        """Name the other places that matter to a finding; None if it only follows from another."""
        if finding.span is None or finding.span not in self._asked:
            return finding
        path = self._asked[finding.span]
        if path in self._unresolved:
            return None
        known = {finding.span, *(span for span, _ in finding.related)}
        more = tuple((s, label) for s, label in self._related(path) if s not in known)
        return replace(finding, related=(*finding.related, *dict.fromkeys(more)))

    def _related(self, path: Path) -> Iterator[tuple[Span, str]]:
        written = self.as_written(path)
        for use in (self._names.get(path), self._values.get(path)):
            if use is not None and use.exact:
                yield self.written(written, VALUE), "used here"
            for name in use.names if use and not use.exact else ():
                yield self._known[name].place(), f"the value of `{name}`"
        if self._environment is not None and self._patch and self._side(written) is Side.BOTH:
            span = self._environment.document.key(*self._above, *written)
            yield span, f"patched here in environment `{self._environment.name}`"

    def _filled_or_emptied(self, path: Path) -> bool:
        """Whether a mapping is empty only before or only after the patch."""
        base, patch = value_at(self._base.value, path), value_at(self._patch, path)
        return bool(base) is not bool(merge(base, patch))

    def _side(self, path: Path) -> Side:
        return side_of(self._base.value, self._patch, path)

    def as_written(self, path: Path) -> Path:
        """Return the path of the same value before variables were filled into keys."""
        if not self._keys:
            return path
        ends = range(1, len(path) + 1)
        return tuple(self._keys.get(path[:end], path[end - 1]) for end in ends)


def _harmless(
    base: Document, environment: Environment, problems: list[Diagnostic]
) -> Mapping[str, Json]:
    """Return the patch without what it may not change, each of which is a problem."""
    name = stack_name(base)
    patch = dict(environment.patches[name])
    metadata = patch.get("metadata")
    for path in FIXED:
        holder = metadata if len(path) > 1 else patch
        if not isinstance(holder, Mapping) or path[-1] not in holder:
            continue
        if holder[str(path[-1])] != (name if len(path) > 1 else base.value.get(str(path[-1]))):
            problems.append(_fixed(environment, name, path))
    if "metadata" in patch and not isinstance(metadata, Mapping):
        problems.append(_fixed(environment, name, ("metadata",)))
        metadata = {}
    if isinstance(metadata, Mapping):
        patch["metadata"] = {k: v for k, v in metadata.items() if k != "name"}
    patch = {key: value for key, value in patch.items() if (key,) not in FIXED}
    for path, beside in removing_nothing(base.value, patch):
        problems.append(_nothing_removed(environment, name, path, beside))
    return patch


def _nothing_removed(environment: Environment, stack: str, path: Path, beside: Json) -> Diagnostic:
    """Say that a null removes nothing: it would be taken for one that does, or that deletes."""
    what = f"stack `{stack}` has no `{path[-1]}` here, so null removes nothing"
    known = sorted(beside) if isinstance(beside, Mapping) else []
    mend = "remove the line; a patch cannot ask for a deletion in Azure"
    if known:
        mend = suggest(str(path[-1]), known)
    place = environment.document.key("spec", "patches", stack, *path)
    return Diagnostic(Code.NOTHING_REMOVED, what, mend, place)


def _fixed(environment: Environment, stack: str, path: Path) -> Diagnostic:
    """Say that a patch changes what identifies a stack."""
    what = f"a patch cannot change the `{path[-1]}` of stack `{stack}`"
    mend = "remove it here; it is the same in every environment"
    place = environment.document.key("spec", "patches", stack, *path)
    return Diagnostic(Code.FIXED_FIELD, what, mend, place)


def _unused(variables: Variables, used: frozenset[str], document: Document) -> Iterator[Diagnostic]:
    """Yield a warning for each variable that nothing uses."""
    for name, variable in variables.declared.items():
        if variable is not None and name not in used:
            yield Diagnostic(
                Code.UNUSED_VARIABLE,
                f"the variable `{name}` is not used",
                f"write `${{var.{name}}}` where it is needed, or remove it",
                document.key(*VARS, name),
                severity=Severity.WARNING,
            )
