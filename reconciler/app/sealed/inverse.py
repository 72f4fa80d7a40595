"""The way back from a receipt, as specs that no file holds."""

from __future__ import annotations

from pathlib import Path

from reconciler.app.loading.findings import raise_errors
from reconciler.app.loading.specs import Specs
from reconciler.app.sealed.sealed_files import read_sealed
from reconciler.core.sealed.inverse import Undoing, undoing
from reconciler.core.sealed.receipt_check import misfits
from reconciler.documents import project as project_file
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.errors import RefusedFileError
from reconciler.model.value import as_object


def way_back(receipt: Path) -> tuple[Undoing, str]:
    """Return the way back from what a receipt tells, and the digest of the receipt.

    Raises:
        InvalidInputError: it is no receipt.
        RefusedFileError: it was altered, or does not fit.

    """
    document = read_sealed(receipt, "receipt", "receipt")
    content = as_object(document.value["content"])
    found = [
        Diagnostic(
            Code.MISFIT,
            one.problem,
            "a way back is only made from what fits; plan what you want to have instead",
            document.at("content", *one.path),
        )
        for one in misfits(content)
    ]
    if found:
        raise RefusedFileError(tuple(found))
    return undoing(content), str(document.value["digest"])


def specs_of_way_back(receipt: Path, project_path: Path | None) -> Specs:
    """Return what leads back, with the limits of the project.

    Raises:
        InvalidInputError: the receipt or the project file is wrong.
        RefusedFileError: the receipt was altered, or does not fit.

    """
    project, problems = project_file.load(project_path, Path.cwd())
    raise_errors(problems)
    found, _ = way_back(receipt)
    return Specs(project, (), found.desired, tuple(problems), leads_back=True)
