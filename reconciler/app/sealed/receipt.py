"""Receipts: written by `apply --receipt`, and checked without Azure by `receipt verify`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reconciler import __version__
from reconciler.app.loading.specs import Specs
from reconciler.app.planning.commit import made_at
from reconciler.app.planning.plan import Planned
from reconciler.app.sealed.plan_file import Question, read_plan, told_of_specs
from reconciler.app.sealed.sealed_files import read_sealed
from reconciler.core.sealed.holding import Held
from reconciler.core.sealed.receipt import Promised, content_of
from reconciler.core.sealed.receipt_check import Misfit, misfits, misfits_with
from reconciler.core.sealed.seal import sealed
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.errors import RefusedFileError
from reconciler.model.exchange import Exchange
from reconciler.model.plan import Plan
from reconciler.model.report import ApplyReport
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object, entries

SCHEMA = "receipt"


def receipt_of(
    plan: Plan,
    planned: Planned,
    specs: Specs,
    question: Question,
    report: ApplyReport,
    exchanges: Sequence[Exchange],
    carried_out: tuple[Document, Held] | None,
) -> dict[str, Json]:
    """Return the sealed document of what a run did.

    Args:
        plan: what was applied.
        planned: with what it was made from.
        specs: the specs.
        question: what was asked for.
        report: how it went.
        exchanges: every write that left.
        carried_out: the plan file with what was left of it, None if there was none.
    """
    promised, origin = Promised(), None
    if carried_out is not None:
        plan_file, held = carried_out
        origin = {"digest": plan_file.value["digest"], "seal": plan_file.value["seal"]}
        listed = entries(as_object(plan_file.value["content"])["requests"])
        promised = Promised({str(r["id"]): r for r in listed}, held.done, held.begun)
    content = content_of(
        plan, planned.observed, planned.desired.entries, report, exchanges, promised
    )
    content |= {
        "tool": __version__,
        "target": question.target.rstrip("/"),
        "environment": specs.desired.environment or None,
        "specs": told_of_specs(specs, question),
        "plan": origin,
    }
    return sealed("receipt", made_at(specs.project.root, specs.files), content)


def read_receipt(path: Path) -> Document:
    """Return a receipt that is whole and as it was sealed.

    Raises:
        InvalidInputError: it is no receipt.
        RefusedFileError: it was altered.

    """
    return read_sealed(path, SCHEMA, "receipt")


def verify(path: Path, plan_path: Path | None) -> Document:
    """Return a receipt that fits: in itself, and to a plan file if one is given.

    Raises:
        InvalidInputError: one of the files is not what it should be.
        RefusedFileError: it does not fit; with everything that does not.

    """
    receipt = read_receipt(path)
    content = as_object(receipt.value["content"])
    found = list(misfits(content))
    if plan_path is not None:
        plan = read_plan(plan_path)
        promised = as_object(plan.value["content"])
        found += misfits_with(content, promised, str(plan.value["digest"]))
    if found:
        raise RefusedFileError(tuple(_diagnostic(one, receipt) for one in found))
    return receipt


def _diagnostic(one: Misfit, receipt: Document) -> Diagnostic:
    """Return the finding about something that does not fit."""
    mend = "find out what wrote this, and plan again to see what Azure has now"
    return Diagnostic(Code.MISFIT, one.problem, mend, receipt.at("content", *one.path))
