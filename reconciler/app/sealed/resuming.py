"""What runs of a plan file note in their journals, so that a later run of it can go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconciler.core.sealed.plan_file import keys_of, private_group, private_mark
from reconciler.core.sealed.resumption import traces
from reconciler.core.sealed.witness import written_state
from reconciler.engine.ports import Listener
from reconciler.model.entries import DesiredEntries
from reconciler.model.event import Event, StepFinished, StepStarted
from reconciler.model.report import Outcome, Result
from reconciler.model.resource import ObservedResource
from reconciler.model.run import Traces
from reconciler.model.source import Document
from reconciler.runs.journal import Journal


def seal_of(document: Document) -> str:
    """Return the seal of a plan file: what one file has, and no other."""
    return str(document.value["seal"])


def noting(
    journal: Journal, lists: Sequence[DesiredEntries], listener: Listener
) -> Callable[[Event], None]:
    """Return a listener that notes in a journal what a run of a plan file begins and gets done.

    Args:
        journal: of the run.
        lists: the private entries, with their contents.
        listener: hears of everything after it was noted.
    """
    keys = keys_of(lists)

    def hear(event: Event) -> None:
        match event:
            case StepStarted(step) if step.private:
                journal.begun(private_group(step), private_mark(step, keys))
            case StepFinished(outcome) if _was_read_back(outcome) and not outcome.step.private:
                journal.done(outcome.step.id, _traces_of(outcome))
        listener(event)

    return hear


def _was_read_back(outcome: Outcome) -> bool:
    """Whether a step is done, and what is there now was read.

    An answer to a write may be worded otherwise than a read, as for a sender without a display
    name (docs/azure-facts.md), and says nothing of what is compared field by field.
    """
    shown = outcome.reads_back
    return outcome.result is Result.DONE and (shown is None or shown.read)


def _traces_of(outcome: Outcome) -> Traces:
    """Return what is left in a journal of what read back after a step."""
    step, shown = outcome.sent or outcome.step, outcome.reads_back
    live = None if shown is None else ObservedResource(step.resource, step.kind, shown.body)
    return traces(written_state(live))
