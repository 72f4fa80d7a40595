"""The journal of a run: a line of JSON before and after each write, on the disk before it leaves.

What a line holds is in ``schemas/journal.schema.json``: no bodies, no secrets, no private names.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from reconciler import __version__
from reconciler.core.changes.privacy import shown_path
from reconciler.engine.clock import moment, stamp
from reconciler.engine.ports import RequestFailedError, Sent
from reconciler.model.errors import UnavailableError
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.run import Runner, RunRecord, Traces, WriteRecord

FOLDER = Path(".reconciler") / "journal"
"""Where journals are kept, below the project's root."""

FORMAT = "reconciler/journal/v1"

KEPT = 50
"""Journals that are kept; the oldest go when a new run begins."""


class Journal:
    """The journal of one run; implements `reconciler.engine.ports.Recorder`."""

    def __init__(self, root: Path, runner: Runner, target: str, environment: str) -> None:
        """Touch nothing yet: a run that sends nothing has no journal.

        Args:
            root: the project's folder.
            runner: who runs.
            target: the address of the control plane.
            environment: empty for none.

        """
        self._begun = {
            "event": "begun",
            "format": FORMAT,
            "tool": __version__,
            "who": runner.who,
            "pid": runner.pid,
            "address": runner.address,
            "target": target,
            "environment": environment,
        }
        self._folder = root / FOLDER
        self._lock = Lock()
        self._file: TextIO | None = None

    def planned(self, steps: int, plan: str = "") -> None:
        """Note how many requests are planned, and the seal of the plan file that lists them.

        Raises:
            UnavailableError: the folder cannot be written.

        """
        sealed = {"plan": plan} if plan else {}
        try:
            self._write({"event": "planned", "steps": steps, **sealed})
        except OSError as error:
            problem = f"the journal in {self._folder} cannot be written: {error.strerror}"
            raise UnavailableError(problem, "make room, or make the folder writable") from error

    def leaving(self, method: str, path: str, attempt: int, body: bytes) -> None:
        """Note a write, before it leaves."""
        try:
            self._note("sending", method, path, attempt=attempt)
        except OSError as error:
            what = f"the journal cannot be written: {error.strerror}; so nothing is sent"
            mend = f"make room for {self._folder}, and run again"
            failure = Failure(FailureClass.REFUSED, "no journal", what, mend)
            raise RequestFailedError(failure) from error

    def answered(self, method: str, path: str, answer: Sent) -> None:
        """Note how a write was answered; a full disk cannot undo it any more."""
        try:
            self._note(
                "answered",
                method,
                path,
                status=answer.status,
                correlation=answer.correlation_id,
                problem=answer.problem,
            )
        except OSError:
            return

    def begun(self, group: str, mark: str) -> None:
        """Note that a private request of a plan file is about to be sent, by what stands for it."""
        self._add({"event": "private", "group": group, "mark": mark})

    def done(self, step: str, traces: Traces) -> None:
        """Note what read back after a step of a plan file."""
        self._add({"event": "done", "step": step, "traces": traces})

    def end(self, result: str) -> None:
        """Note how the run has ended, if anything was noted before."""
        if self._file is not None:
            self._write({"event": "ended", "result": result})

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _add(self, entry: Mapping[str, object]) -> None:
        """Write a line that only spares a later run some work: a full disk stops nothing."""
        try:
            self._write(entry)
        except OSError:
            return

    def _note(self, event: str, method: str, path: str, **more: object) -> None:
        """Write a line about a request."""
        self._write({"event": event, "method": method, "path": shown_path(path), **more})

    def _write(self, entry: Mapping[str, object]) -> None:
        """Write a line, and come back when it is on the disk."""
        with self._lock:
            if self._file is None:
                self._file = self._opened()
                _append(self._file, self._begun)
            _append(self._file, entry)

    def _opened(self) -> TextIO:
        """Create the file, and remove the oldest ones."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _forget_oldest(self._folder)
        name = f"{stamp()}-{secrets.token_hex(3)}.jsonl"
        return (self._folder / name).open("x", encoding="utf-8")


def runs(root: Path) -> tuple[RunRecord, ...]:
    """Return all runs that have a journal here, the newest last."""
    found = (read(path) for path in sorted((root / FOLDER).glob("*.jsonl")))
    return tuple(record for record in found if record is not None)


def read(path: Path) -> RunRecord | None:
    """Return what a journal says, None if it is no journal.

    A line that is cut off is what a run leaves that is killed while it writes.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    entries = [_entry(line) for line in text.splitlines()]
    known = [entry for entry in entries if entry]
    if not known or known[0].get("format") != FORMAT:
        return None
    return replace(_record(path.stem, known), torn=len(entries) - len(known))


def _entry(line: str) -> Mapping[str, Any]:
    """Return a line as an object, empty if it is none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _record(run: str, entries: list[Mapping[str, Any]]) -> RunRecord:
    """Return the run that entries tell of."""
    first = entries[0]
    runner = Runner(
        str(first.get("who", "")), _number(first.get("pid")), str(first.get("address", ""))
    )
    planned = [e for e in entries if e.get("event") == "planned"]
    ended = [e for e in entries if e.get("event") == "ended"]
    return RunRecord(
        run=run,
        begun=str(first.get("at", "")),
        runner=runner,
        target=str(first.get("target", "")),
        environment=str(first.get("environment", "")),
        steps=_number(planned[-1].get("steps")) if planned else 0,
        writes=tuple(_writes(entries)),
        ended=str(ended[-1].get("at", "")) if ended else "",
        result=str(ended[-1].get("result", "")) if ended else "",
        plan=str(planned[-1].get("plan", "")) if planned else "",
        read_back={
            str(e.get("step")): _traces(e.get("traces"))
            for e in entries
            if e.get("event") == "done"
        },
        private=frozenset(
            (str(e.get("group")), str(e.get("mark")))
            for e in entries
            if e.get("event") == "private"
        ),
    )


def _traces(value: object) -> Traces:
    """Return digests by path; what is neither that nor null fits no object."""
    if value is None:
        return None
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, Mapping) else {"": ""}


def _writes(entries: Iterable[Mapping[str, Any]]) -> Iterator[WriteRecord]:
    """Yield the writes in the order in which they left, each with its answer."""
    found: list[WriteRecord] = []
    waiting: dict[tuple[str, str], int] = {}
    for entry in entries:
        key = (str(entry.get("method", "")), str(entry.get("path", "")))
        match entry.get("event"):
            case "sending":
                waiting[key] = len(found)
                at, attempt = str(entry.get("at", "")), _number(entry.get("attempt"))
                found.append(WriteRecord(*key, sent=at, attempt=attempt))
            case "answered" if key in waiting:
                place, status = waiting.pop(key), entry.get("status")
                found[place] = replace(
                    found[place],
                    answered=str(entry.get("at", "")),
                    status=status if isinstance(status, int) else None,
                    correlation_id=str(entry.get("correlation") or ""),
                    problem=str(entry.get("problem") or ""),
                )
    yield from found


def _number(value: object) -> int:
    """Return a whole number, 0 for anything else."""
    return value if isinstance(value, int) else 0


def _append(file: TextIO, entry: Mapping[str, object]) -> None:
    """Add a line, and wait until it is on the disk."""
    file.write(json.dumps({"at": moment(), **entry}, ensure_ascii=False) + "\n")
    file.flush()
    os.fsync(file.fileno())


def _forget_oldest(folder: Path) -> None:
    """Remove journals until there is room for one more."""
    journals = sorted(folder.glob("*.jsonl"))
    for path in journals[: max(len(journals) - KEPT + 1, 0)]:
        path.unlink(missing_ok=True)
