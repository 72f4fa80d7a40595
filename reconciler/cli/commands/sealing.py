"""What `plan` and `apply` do with plan files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.app.applying.run import Run, records_of
from reconciler.app.loading.specs import Specs
from reconciler.app.planning.plan import Planned
from reconciler.app.sealed.plan_file import Question, hold, life, plan_document, read_plan, specs_of
from reconciler.app.sealed.resuming import noting, seal_of
from reconciler.app.sealed.sealed_files import bytes_of, write_sealed
from reconciler.app.sealed.signature import check_signature, signing_key
from reconciler.cli.output import talk
from reconciler.cli.plan_options import Sealing
from reconciler.core.sealed.holding import Held
from reconciler.core.sealed.resumption import past_of
from reconciler.documents.project import Project
from reconciler.engine.ports import Listener
from reconciler.model.plan import Plan
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object
from reconciler.render.formats.words import plural, safe

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SUFFIX = ".json"
"""What the name of a plan file ends in; specs are YAML."""

FEW = 5
"""How many addresses a note names."""


class Sealer:
    """Seals a plan, before it is shown, in a file that is written after it was."""

    def __init__(self, wish: Sealing) -> None:
        """Look at what was asked for, so that mistakes are said before Azure is read.

        Raises:
            UsageError: the time or the key is none.

        """
        if wish.sign_key is not None and wish.out is None:
            raise click.UsageError("--sign-key signs the file of --out, which is missing")
        self._wish = wish
        self._life = life(wish.expires)
        self._key = signing_key(wish.sign_key)
        self._document: dict[str, Json] = {}

    @property
    def digest(self) -> str:
        """What stands for the sealed plan, empty if none is sealed."""
        return str(self._document.get("digest", ""))

    def seal(self, planned: Planned, specs: Specs, question: Question) -> None:
        """Seal a plan if that is wanted, and if it can be applied."""
        if self._wish.out is not None and planned.plan.is_applyable:
            self._document = plan_document(planned, specs, question, self._life)

    def keep(self) -> None:
        """Write the file, and its signature, and say what became of it."""
        out = self._wish.out
        if out is None:
            return
        if not self._document:
            talk([f"{out} was not written: a plan that cannot be applied is not sealed"])
            return
        write_sealed(out, self._document, self._key)
        until = as_object(self._document["made"])["expires"]
        how = "sealed and signed" if self._key is not None else "sealed"
        talk([f"{how} in {out}, holds until {until}", f"  {self.digest}"])


def opened(
    question: Question,
    project_path: Path | None,
    environment: str | None,
    verify_key: Path | None,
    *,
    waits: bool = False,
) -> tuple[Specs, Question, Document | None]:
    """Return what a run is about: specs, or a plan file and the specs that it was made from.

    Raises:
        UsageError: a plan file, and something else that says what to do.

    """
    files = [path for path in question.paths if path.suffix.lower() == SUFFIX]
    if not files:
        if verify_key is not None:
            raise click.UsageError("--verify-key is for a plan file, and none is named")
        return question.specs(project_path, environment), question, None
    if len(question.paths) > 1 or question.prune or question.destroy:
        problem = f"{files[0]} says what to do: leave out other paths, --prune and --destroy"
        raise click.UsageError(problem)
    if waits:
        problem = "a plan file is carried out exactly, and --wait would go on from there"
        raise click.UsageError(problem)
    document = read_plan(files[0])
    if verify_key is not None:
        check_signature(files[0], bytes_of(document.value), verify_key)
    return *specs_of(document, question.target, project_path, environment), document


def receipt_key(receipt: Path | None, sign_key: Path | None) -> Ed25519PrivateKey | None:
    """Return the key to sign a receipt with, None for none.

    Raises:
        UsageError: there is a key and no receipt, or it is no key.

    """
    if sign_key is not None and receipt is None:
        raise click.UsageError("--sign-key signs the file of --receipt, which is missing")
    return signing_key(sign_key)


class Promise:
    """What a run has promised: what its plan file lists, or nothing if there is no such file."""

    def __init__(self, document: Document | None, project: Project) -> None:
        """Take the file, None for none, and the project whose journals tell of earlier runs."""
        self._document = document
        self._project = project
        self._held: Held | None = None

    @property
    def seal(self) -> str:
        """The seal of the file, empty for none."""
        return "" if self._document is None else seal_of(self._document)

    @property
    def carried_out(self) -> tuple[Document, Held] | None:
        """The file with what was left of it, None if there is none."""
        if self._document is None or self._held is None:
            return None
        return self._document, self._held

    def kept(self, planned: Planned) -> Plan:
        """Return exactly what the file lists and no earlier run of it has done.

        Without a file, or where not everything could be read, it is the plan as it was made.
        """
        if self._document is None or not planned.plan.is_complete:
            return planned.plan
        held = hold(self._document, planned, past_of(records_of(self._project), self.seal))
        self._held = held
        if held.done:
            count, left = plural(len(held.done), "request"), len(held.plan.steps)
            talk([f"note: earlier runs of this plan file have done {count} of it; {left} left"])
        if held.strangers:
            shown = ", ".join(map(safe, held.strangers[:FEW]))
            more = f" and {len(held.strangers) - FEW} more" if len(held.strangers) > FEW else ""
            count = plural(len(held.strangers), "resource")
            talk([f"note: {count} would change besides, and not by this file: {shown}{more}"])
        return held.plan

    def noted_by(self, run: Run, planned: Planned, listener: Listener) -> Listener:
        """Return a listener that also notes what is done, so that another run can go on."""
        if self._document is None:
            return listener
        return noting(run.journal, planned.desired.entries, listener)
