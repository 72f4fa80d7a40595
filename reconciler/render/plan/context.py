"""What a report says besides the plan: where the specs can be read, who must approve, and more."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from reconciler.model.review import Approval
from reconciler.model.source import Span
from reconciler.render.formats.markdown import LIMIT
from reconciler.render.formats.sections import Section


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a plan; everything may be missing."""

    version: str = ""
    """The version of this tool."""
    source_url: str = ""
    """The address of a line at the commit that was planned, with ``{file}`` and ``{line}``."""
    digest: str = ""
    """What identifies the plan: ``sha256:`` and 64 digits."""
    approvals: tuple[Approval, ...] = ()
    """Who must approve, from CODEOWNERS."""
    report_url: str = ""
    """Where the whole report can be read, for formats that have to leave something out."""
    sections: tuple[Section, ...] = ()
    """Further parts, shown after those of the plan itself."""
    limit: int = LIMIT
    """How many characters a comment may have where this run is at home."""

    def link(self, span: Span | None) -> str:
        """Return the address of a line of a file, empty if nobody knows it."""
        if span is None or not self.source_url or span.file.startswith(("/", "<", "..")):
            return ""
        named = self.source_url.replace("{line}", str(span.line))
        return named.replace("{file}", quote(span.file))
