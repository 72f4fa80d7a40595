"""Drift is accepted: the specs are edited to say what Azure has, and the edits prove themselves.

Nothing is written here before the edited texts have been read, checked and planned once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.app.authoring.edited_file import EditedFile
from reconciler.app.authoring.text_edits import Texts
from reconciler.app.drifting.acceptance_words import StackWords, words_for
from reconciler.app.loading.environments import Reader, roll_out
from reconciler.app.loading.specs import Specs, evaluate, load
from reconciler.app.planning.plan import plan_through
from reconciler.app.targets.connection import Connection
from reconciler.core.drifted.acceptance import Resource, differing, edits_for, place_of_values
from reconciler.core.specs.ownership import OWNER_TAG
from reconciler.core.specs.render_spec import Rendered, Source
from reconciler.documents.environments import read_environments
from reconciler.engine.ports import Listener
from reconciler.kinds import KINDS
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.edit import NotSayable, SpecEdit
from reconciler.model.errors import InvalidInputError, UnavailableError
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Plan
from reconciler.model.value import Json, as_object
from reconciler.model.value import Path as FieldPath

Accepted = tuple[ResourceId, tuple[str, ...]]
"""A resource, and the field of it that is accepted; tags and members each on their own."""


@dataclass(slots=True)
class Acceptance:
    """What accepting the drift would change, and what it leaves alone."""

    accepted: list[tuple[Change, tuple[str, ...]]] = field(default_factory=list)
    """The differences that are gone once the files are written."""
    files: tuple[EditedFile, ...] = ()
    findings: list[Diagnostic] = field(default_factory=list)
    """Differences that no edit can accept, each with its place."""
    left: list[tuple[Change, str]] = field(default_factory=list)
    """Changes that are no drift of fields, each with a word why it is left alone."""
    shared_with: tuple[str, ...] = ()
    """Other environments that have stacks in the files."""
    objections: tuple[str, ...] = ()
    """Why the edited files would not do, if they would not: then nothing is to be written."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be accepted."""

    paths: Sequence[Path]
    project_path: Path | None
    environment: str | None
    only: Sequence[str] = ()
    """Patterns of addresses; everything if there are none."""


def accept(question: Question, connection: Connection, specs: Specs, hears: Listener) -> Acceptance:
    """Return the edits that accept the drift, proved by a plan of the edited files.

    Raises:
        UnavailableError: something could not be read, so what differs is not known.

    """
    plan = plan_through(connection, specs, hears)
    if not plan.is_complete:
        causes = [f"{gap.code}: {gap.message}" for gap in plan.gaps]
        raise UnavailableError(f"not everything could be read: {'; '.join(causes) or 'see plan'}")
    result, texts = Acceptance(), Texts()
    rendered = {stack.name: stack for stack in specs.rendered}
    words = words_for(specs)
    for change in plan.changes:
        if question.only and not any(fnmatchcase(change.address, glob) for glob in question.only):
            continue
        reason = _left_alone(change)
        if reason:
            result.left.append((change, reason))
        if change.action in (Action.UPDATE, Action.ADOPT) and not KINDS[change.kind].derived:
            _edit(change, rendered[change.stack], words[change.stack], texts, result)
    result.files = tuple(EditedFile(*found) for found in texts.changed())
    if result.files:
        edited = {file.path.resolve(): _text(file.after) for file in result.files}
        result.shared_with = tuple(_other_environments(question, specs, Reader()))
        result.objections = tuple(_objections(question, specs, connection, hears, edited, result))
    return result


def _left_alone(change: Change) -> str:
    """Return why nothing, or not all, of a change is accepted; empty if there is no reason."""
    match change.action:
        case Action.CREATE:
            return "it is not there: apply creates it, or take it out of the spec"
        case Action.DELETE | Action.REPLACE:
            return f"only a {change.action} mends it"
        case Action.BLOCKED:
            return change.reason
        case Action.UPDATE | Action.ADOPT:
            if KINDS[change.kind].derived:
                return "it follows from another resource, and no spec can say it: apply mends it"
            owned = any(f.path == ("tags", OWNER_TAG) for f in change.fields)
            return f"the tag `{OWNER_TAG}` is the tool's own: apply writes it" if owned else ""
        case _:
            return ""


def _edit(
    change: Change, stack: Rendered, words: StackWords, texts: Texts, result: Acceptance
) -> None:
    """Edit the texts for one resource; what cannot be edited becomes a finding."""
    assert change.place is not None
    place = place_of_values(change.place)
    spec = as_object(stack.document.value["spec"])
    shared = as_object(spec.get("tags")) if change.kind != "ResourceGroup" else {}
    resource = Resource(change, place, as_object(_at(stack, place)), shared, words)
    edits = list(edits_for(resource))
    refused: list[tuple[str, ...]] = []
    for edit in edits:
        source = stack.source(edit.path)
        if isinstance(edit, NotSayable):
            result.findings.append(_not_accepted(change, edit, source, edit.reason))
        elif source.variables:
            result.findings.append(_from_variable(change, edit, stack, source))
        else:
            continue
        refused.append(edit.field)
    while True:
        wanted = [
            (stack.source(edit.path), edit)
            for edit in edits
            if isinstance(edit, SpecEdit) and not any(_meet(f, edit.field) for f in refused)
        ]
        problems = texts.make(wanted)
        if not problems:
            break
        for source, failed, reason in problems:
            result.findings.append(_not_accepted(change, failed, source, reason))
            refused.append(failed.field)
    for difference in differing(change):
        if not any(_meet(field_, difference.path) for field_ in refused):
            result.accepted.append((change, difference.path))


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one of two fields is the other, or is in it."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _from_variable(change: Change, edit: SpecEdit, stack: Rendered, source: Source) -> Diagnostic:
    """Say that a value is a variable's, and where that has its value."""
    name = source.variables[0]
    return Diagnostic(
        Code.FROM_VARIABLE,
        f"{_words(change, edit)} differs, and is written `${{var.{name}}}`",
        f"change the variable `{name}`, or write a value in its place and accept again",
        source.document.at(*source.path),
        related=((stack.variables.values[name].place(), f"the value of `{name}`"),),
        severity=Severity.WARNING,
    )


def _not_accepted(
    change: Change, edit: SpecEdit | NotSayable, source: Source, reason: str
) -> Diagnostic:
    """Say that a difference cannot be accepted."""
    return Diagnostic(
        Code.NOT_ACCEPTED,
        f"{_words(change, edit)} differs and is left alone: {reason}",
        "edit the file by hand, or let apply put the spec's value back",
        source.document.at(*source.path),
        severity=Severity.WARNING,
    )


def _words(change: Change, edit: SpecEdit | NotSayable) -> str:
    """Return what an edit is about."""
    what = f"`{'.'.join(edit.field)}` of " if edit.field else ""
    return f"{what}`{change.address}`"


def _objections(
    question: Question,
    specs: Specs,
    connection: Connection,
    hears: Listener,
    edited: Mapping[Path, str],
    result: Acceptance,
) -> Iterator[str]:
    """Yield what is wrong with the edited texts, if anything."""
    try:
        again = load(
            question.paths, question.project_path, question.environment, reader=Reader(edited)
        )
    except InvalidInputError as error:
        for finding in error.diagnostics:
            yield f"{finding.span or question.environment}: {finding.problem}"
        return
    plan = plan_through(connection, again, hears)
    still = _differences(plan)
    for change, path in result.accepted:
        if (change.id, path) in still:
            yield f"{change.address}: `{'.'.join(path)}` would still differ"
    was = {change.id for change, _ in result.accepted}
    for change in plan.changes:
        if change.action in (Action.REPLACE, Action.DELETE, Action.CREATE) and change.id in was:
            yield f"{change.address}: the plan would {change.action} it"
    yield from _elsewhere(question, specs, Reader(edited))


def _differences(plan: Plan) -> frozenset[Accepted]:
    """Return every field that a plan would change."""
    return frozenset((c.id, f.path) for c in plan.changes for f in differing(c))


def _elsewhere(question: Question, specs: Specs, reader: Reader) -> Iterator[str]:
    """Yield what becomes wrong in other environments."""
    for other in read_environments(specs.project.environments, reader.read)[0]:
        if other.name != question.environment:
            rolled = roll_out(other, reader)
            found = evaluate(list(rolled.stacks.values()), specs.project, other.name)[1]
            for finding in (*rolled.problems, *found):
                if finding.severity is Severity.ERROR:
                    yield f"environment `{other.name}`: {finding.span}: {finding.problem}"


def _other_environments(question: Question, specs: Specs, reader: Reader) -> Iterator[str]:
    """Yield the names of other environments that have one of the stacks."""
    mine = {Path(stack.base.file).resolve() for stack in specs.rendered}
    for other in read_environments(specs.project.environments, reader.read)[0]:
        if other.name != question.environment and mine & roll_out(other, reader).stacks.keys():
            yield other.name


def _at(stack: Rendered, path: FieldPath) -> Json:
    value: Json = stack.document.value
    for step in path:
        value = as_object(value).get(str(step))
    return value


def _text(content: bytes) -> str:
    return content.decode("utf-8").removeprefix("\ufeff")
