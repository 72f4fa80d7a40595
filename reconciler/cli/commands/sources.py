"""Where a plan gets to know what Azure has: from Azure itself, or from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path

import click

from reconciler.app.loading.specs import Specs
from reconciler.app.planning.plan import Planned, plan
from reconciler.app.sealed.inverse import way_back
from reconciler.app.sealed.plan_file import Question
from reconciler.app.sealed.receipt import read_receipt
from reconciler.app.sealed.sealed_files import bytes_of
from reconciler.app.sealed.signature import check_signature
from reconciler.app.sealed.snapshot import planned_from, read_snapshot
from reconciler.cli.output import talk
from reconciler.documents.files import shown_name
from reconciler.engine.ports import Listener, Reader
from reconciler.model.errors import UsageError
from reconciler.model.source import Document
from reconciler.model.value import as_object
from reconciler.render.formats.sections import Section, Tone
from reconciler.render.formats.words import plural


@dataclass(frozen=True, slots=True)
class Source:
    """What is compared with the specs."""

    question: Question
    snapshot: Document | None = None

    @property
    def sections(self) -> tuple[Section, ...]:
        """What a report says of it, nothing where Azure was compared with specs."""
        return (*self._of_snapshot(), *self._of_way_back())

    def _of_way_back(self) -> Iterator[Section]:
        """Yield what cannot be undone, of a plan that leads back."""
        if self.question.inverse is None:
            return
        found, _ = way_back(self.question.inverse)
        rows = found.impossible
        many = plural(len(rows), "change")
        summary = (
            f"This leads back from what {shown_name(self.question.inverse)} tells."
            f" {f'Of that, {many} cannot be undone.' if rows else 'All of it can be undone.'}"
            " The specs still want what was applied: take them back, too."
        )
        tone = Tone.WARNING if rows else Tone.NOTE
        head = ("cannot be undone", "why")
        yield Section("way-back", "The way back", tone, summary, head if rows else (), rows)

    def _of_snapshot(self) -> Iterator[Section]:
        """Yield that Azure was not asked."""
        if self.snapshot is None:
            return
        made = as_object(self.snapshot.value["made"])
        summary = (
            f"Azure was not asked: this is compared with {self.snapshot.file}, taken at"
            f" {made['at']}. What changed since is not in it."
        )
        rows = (
            ("target", self.question.target),
            ("taken at", str(made["at"])),
            ("digest", self.question.snapshot),
        )
        yield Section("snapshot", "From a snapshot", Tone.WARNING, summary, ("what", "is"), rows)

    def planned(
        self,
        specs: Specs,
        listener: Listener,
        through: Callable[[Reader], Reader] | None = None,
        stacks: Set[str] | None = None,
    ) -> Planned:
        """Return the plan.

        Args:
            specs: what is wanted.
            listener: hears of every answer.
            through: puts something around what reads Azure.
            stacks: plan only these; all if None.

        """
        question = self.question
        if self.snapshot is None:
            target, prune = question.target, question.prune
            return plan(specs, target, listener, prune=prune, through=through, stacks=stacks)
        if specs.desired.entries:
            lists = plural(len(specs.desired.entries), "suppression list")
            talk([f"note: the addresses of {lists} are not compared: no snapshot has them"])
        return planned_from(self.snapshot, specs, listener, prune=question.prune, stacks=stacks)


def source_of(question: Question, snapshot: Path | None, verify_key: Path | None = None) -> Source:
    """Return where to look, which is what Azure had if there is a snapshot.

    A plan of a snapshot is for the target that the snapshot was taken of.

    Args:
        question: what is planned.
        snapshot: the file, None to ask Azure.
        verify_key: the public key that snapshot and receipt must have been signed for.

    Raises:
        UsageError: a receipt, and something else that says what to do; or a key for nothing.
        InvalidInputError: the file is no snapshot.
        RefusedFileError: it was altered, or not signed with the key.

    """
    if verify_key is not None and snapshot is None and question.inverse is None:
        problem = "--verify-key is for the file of --snapshot or --inverse, and none is named"
        raise click.UsageError(problem)
    if verify_key is not None and question.inverse is not None:
        receipt = read_receipt(question.inverse)
        check_signature(question.inverse, bytes_of(receipt.value), verify_key)
    if question.inverse is not None and (question.paths or question.prune or question.destroy):
        problem = "--inverse says what to do: leave out paths, --prune and --destroy"
        raise UsageError(problem)
    if snapshot is None:
        return Source(question)
    document = read_snapshot(snapshot)
    if verify_key is not None:
        check_signature(snapshot, bytes_of(document.value), verify_key)
    target = str(as_object(document.value["content"])["target"])
    digest = str(document.value["digest"])
    return Source(replace(question, target=target, snapshot=digest), document)
