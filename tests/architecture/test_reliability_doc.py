"""The table of codes in docs/reliability.md is that of the core."""

from __future__ import annotations

from pathlib import Path

from reconciler.core.sending.failures import CODES
from reconciler.core.sending.retry import LATE_CODES
from reconciler.model.failure import FailureClass
from tests.conftest import Golden

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- codes: begin -->\n", "<!-- codes: end -->\n"
WHY = {
    FailureClass.TRANSIENT: "Azure is busy, or failed by chance",
    FailureClass.CONFLICT: "another operation holds the resource",
}
LATE = "only for what this run has just made or deleted"


def table() -> str:
    """Return the table that the core stands for."""
    rows = [(code, WHY[m.kind], m.source) for code, m in CODES.items() if m.source]
    rows += [(code, LATE, source) for code, source in LATE_CODES.items()]
    lines = [f"| `{code}` | {why} | [record]({source}) |" for code, why, source in sorted(rows)]
    return "\n".join(["| code | why it passes | on record |", "| --- | --- | --- |", *lines]) + "\n"


def test_the_document_names_every_code_after_which_a_step_is_tried_again(golden: Golden) -> None:
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    golden(DOCUMENT, f"{before}{BEGIN}\n{table()}\n{END}{after}")
