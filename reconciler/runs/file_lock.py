"""A lock in a file of this machine, for runs that share a folder.

The file says who holds the lock and until when. It is read and replaced only while the operating
system keeps everybody else out by another file, so that of two runs one gets it. That works where
such locks work: on a disk of this machine, and not on every network share.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reconciler.model.errors import UnavailableError
from reconciler.model.run import Lease, Runner
from reconciler.runs.os_lock import lock, unlock

FOLDER = Path(".reconciler") / "locks"
"""Where locks are kept, below the project's root."""


class FileLock:
    """Implements `reconciler.engine.ports.Lock`."""

    def __init__(self, path: Path) -> None:
        """Touch nothing yet."""
        self._path = path

    @property
    def place(self) -> str:
        """Where the lock is, for people."""
        return str(self._path)

    def read(self) -> Lease | None:
        """Return who holds the lock, or has held it and let it expire; None for nobody."""
        try:
            return _lease(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def take(self, lease: Lease) -> Lease | None:
        """Take the lock if it is free or has expired.

        Args:
            lease: what to write; ``since`` is now.

        Returns:
            None if it was taken, else the lease that is in the way.

        Raises:
            UnavailableError: the file cannot be written.

        """
        with self._alone():
            there = self.read()
            if there is not None and there.expires > lease.since and there.token != lease.token:
                return there
            self._write(lease)
            return None

    def renew(self, lease: Lease) -> bool:
        """Write a later expiry; return whether the lock was still ours."""
        with self._alone():
            there = self.read()
            if there is None or there.token != lease.token:
                return False
            self._write(lease)
            return True

    def release(self, token: str) -> bool:
        """Let go of the lock with this token; return whether there was one."""
        with self._alone():
            there = self.read()
            if there is None or there.token != token:
                return False
            self._path.unlink(missing_ok=True)
            return True

    def is_ours(self, token: str) -> bool:
        """Whether the lock has this token right now."""
        there = self.read()
        return there is not None and there.token == token

    def _write(self, lease: Lease) -> None:
        """Replace the file at once, so that nobody ever reads half of it."""
        draft = self._path.with_suffix(f".{lease.token}")
        draft.write_text(json.dumps(asdict(lease), indent=1), encoding="utf-8")
        os.replace(draft, self._path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep everybody else out for a moment."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".guard").open("a+b") as guard:
                lock(guard)
                try:
                    yield
                finally:
                    unlock(guard)
        except OSError as error:
            problem = f"the lock {self._path} cannot be written: {error.strerror}"
            raise UnavailableError(problem, "make its folder writable") from error


def _lease(content: Any) -> Lease:
    """Return the lease that a file tells of; raises ValueError, KeyError or TypeError for none."""
    holder = Runner(**content["holder"])
    return Lease(holder, str(content["token"]), float(content["since"]), float(content["expires"]))
