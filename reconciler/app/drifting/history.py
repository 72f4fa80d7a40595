"""Where the history of drift is kept: a file of JSON lines, or a blob for runs on many machines."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from reconciler.arm.blob_door import BlobDoor
from reconciler.arm.blob_text import BlobText
from reconciler.core.drifted.drift_history import Step, advance, from_lines, to_lines
from reconciler.documents.rewrite import replace_file
from reconciler.model.drift import Drift, History
from reconciler.model.errors import UnavailableError, UsageError

SAS = "RECONCILER_HISTORY_SAS"
"""The environment variable with a shared access signature, for accounts without Entra roles."""
MEND = "check its address; the caller needs Storage Blob Data Contributor on its container"
ATTEMPTS = 20
"""How often a run takes up what others have written to the blob in the meantime."""


class Keeper(Protocol):
    """Keeps a history."""

    def add(self, drift: Drift) -> Step:
        """Add a run, to all that is there by then.

        Raises:
            UnavailableError: the history cannot be read or written; it is as it was.

        """


def keeper_at(place: str) -> Keeper:
    """Return what keeps the history in a place: a path, or the address of a blob.

    Raises:
        UsageError: the address is none of a blob.

    """
    if "://" not in place:
        return HistoryFile(Path(place))
    parts = urlsplit(place)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError(
            "the address of the history has more than a path in it",
            f"leave out all from the question mark on; a signature goes into {SAS}",
        )
    if len([name for name in parts.path.split("/") if name]) < 2:
        mend = "write https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME"
        raise UsageError(f"`{place}` is the address of no blob", mend)
    return HistoryBlob(place, BlobText(BlobDoor(place, "the history", MEND, SAS)))


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A history in a file, which is replaced as a whole with each run."""

    path: Path

    def add(self, drift: Drift) -> Step:
        """Add a run and write the file; one that is not there is an empty history."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""
        except (OSError, ValueError) as error:
            raise _unreadable(str(self.path), error) from error
        step = advance(_history(str(self.path), text), drift)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.path, _text(step.history).encode())
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise UnavailableError(
                f"{self.path} cannot be written: {reason}", "check it"
            ) from error
        return step


class Versioned(Protocol):
    """A text that is only overwritten in the version that was read."""

    def read(self) -> tuple[str, str]:
        """Return the text and its version; both empty if there is none yet."""

    def write(self, text: str, version: str) -> bool:
        """Write the text in the place of a version; return whether it was still that."""


@dataclass(frozen=True, slots=True)
class HistoryBlob:
    """A history in a blob, to which any number of runs may add at once."""

    place: str
    text: Versioned

    def add(self, drift: Drift) -> Step:
        """Add a run to what is there, and once more if somebody has written in between."""
        tried: Step | None = None
        for _ in range(ATTEMPTS):
            text, version = self.text.read()
            history = _history(self.place, text)
            if tried is not None and tried.run in history.runs:
                return replace(tried, history=history)  # it was written, and the answer was lost
            tried = advance(history, drift)
            if self.text.write(_text(tried.history), version):
                return tried
        problem = f"{self.place} was written by others {ATTEMPTS} times while this run tried to"
        raise UnavailableError(problem, "run again")


def _history(place: str, text: str) -> History:
    """Return the history that a text stands for.

    Raises:
        UnavailableError: it is none.

    """
    try:
        return from_lines(json.loads(line) for line in text.splitlines() if line.strip())
    except ValueError as error:
        raise _unreadable(place, error) from error


def _text(history: History) -> str:
    """Return a history as lines of JSON."""
    return "".join(f"{json.dumps(line, sort_keys=True)}\n" for line in to_lines(history))


def _unreadable(place: str, error: Exception) -> UnavailableError:
    mend = "move it away to begin a new one, or give another place"
    return UnavailableError(f"{place} is no drift history: {error}", mend)
