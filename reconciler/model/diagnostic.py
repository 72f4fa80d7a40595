"""What is wrong, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from reconciler.model.source import Span

LONGEST = 1000
"""Characters that a problem or a mend has at most."""


class Severity(StrEnum):
    """How much a finding matters: errors stop the run, warnings do not."""

    ERROR = "error"
    WARNING = "warning"


class Rule(NamedTuple):
    """What an organisation asks for, as far as a finding has to name it."""

    name: str
    description: str
    """Why it is asked for, in sentences."""
    url: str = ""
    """A page that tells more."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding about the user's files."""

    code: str
    """``ACS`` and three digits; each is described in docs/diagnostics.md."""
    problem: str
    """One sentence without a full stop."""
    mend: str
    """What to do about it, something to type where possible."""
    span: Span | None = None
    label: str = ""
    """A few words to print beside the caret."""
    related: tuple[tuple[Span, str], ...] = ()
    """Other places that matter, each with what is there."""
    severity: Severity = Severity.ERROR
    rule: Rule | None = None
    """The policy that is not kept, if the finding is about one."""
    private: bool = False
    """Whether the file that it points into is shown to nobody: no line of it is printed."""

    def __post_init__(self) -> None:
        """Cut the middle out of a sentence that quotes too much: names may be of any size."""
        for name in ("problem", "mend"):
            text = getattr(self, name)
            if len(text) > LONGEST:
                half = (LONGEST - 3) // 2
                object.__setattr__(self, name, f"{text[:half]}...{text[-half:]}")

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order by file, line and column, then code; findings without a place come first."""
        place = self.span or Span("", 0, 0)
        return (place.file, place.line, place.column, self.code, self.problem)
