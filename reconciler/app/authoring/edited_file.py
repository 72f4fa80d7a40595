"""A file with a new content, not written yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reconciler.documents.files import shown_name
from reconciler.documents.rewrite import replace_file, unified_diff
from reconciler.model.errors import UnavailableError
from reconciler.render.formats.words import lines_of_others


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A file, as it is and as it is to be; both are UTF-8."""

    path: Path
    before: bytes
    after: bytes

    @property
    def name(self) -> str:
        """The name to print."""
        return shown_name(self.path)

    @property
    def diff(self) -> str:
        """What changes, as a unified diff."""
        before, after = self.before.decode("utf-8"), self.after.decode("utf-8")
        return lines_of_others(unified_diff(self.name, before, after))

    def write(self) -> None:
        """Write the new content, if the file still has the old one.

        Raises:
            UnavailableError: the file cannot be written, or somebody else has changed it.

        """
        try:
            if self.path.read_bytes() != self.before:
                problem = f"{self.name} has been changed by somebody else in the meantime"
                raise UnavailableError(problem, "run the command again")
            replace_file(self.path, self.after)
        except OSError as error:
            problem = f"{self.name} cannot be written: {(error.strerror or 'unknown').lower()}"
            mend = "check its permissions, and those of its folder"
            raise UnavailableError(problem, mend) from error
