"""The pulse of a run: a file that stays locked for as long as its process lives.

The operating system lets go of the lock when the process ends, by a kill or a crash as well. So a
run that waits for another one's lease can tell at once that nobody is left to let go of it. The
file is in the machine's folder for temporary files, not on the share that a project may be on. It
tells nothing of another machine, another container or another user: then the lease has to expire.
Process ids are not looked at, since they are used again, and differ between containers.
"""

from __future__ import annotations

import os
import re
import socket
import stat
import tempfile
from pathlib import Path
from typing import IO

from reconciler.runs.os_lock import try_lock

_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
"""What Linux calls one run of the kernel, which all containers on it share.

https://man7.org/linux/man-pages/man4/random.4.html
"""
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class Pulse:
    """The pulse of this process, for the lease with one token."""

    def __init__(self, token: str) -> None:
        """Begin to beat; where no such file can be made, nobody will miss the pulse."""
        self._path = _place(token)
        self._file: IO[bytes] | None = None
        try:
            file = os.fdopen(os.open(self._path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600), "r+b")
        except OSError:
            return
        if try_lock(file):
            file.write(_machine())
            file.flush()
            self._file = file
        else:
            file.close()

    def end(self) -> None:
        """Stop, and leave nothing behind."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)


def has_stopped(token: str) -> bool:
    """Whether the holder of a lease is known to have ended without letting go of it.

    False also means that nobody knows.
    """
    if not _TOKEN.fullmatch(token):
        return False
    path = _place(token)
    try:
        with os.fdopen(os.open(path, _FLAGS), "r+b") as file:
            stopped = _is_ours(file) and file.read() == _machine() and try_lock(file)
        if stopped:
            path.unlink(missing_ok=True)
    except OSError:
        return False
    return stopped


def _place(token: str) -> Path:
    """Return where the pulse of a lease is."""
    return Path(tempfile.gettempdir()) / f"reconciler-{token}.pulse"


def _is_ours(file: IO[bytes]) -> bool:
    """Whether a file is a plain one that this user has made, in a folder that others write to."""
    found = os.fstat(file.fileno())
    owner = os.geteuid() if hasattr(os, "geteuid") else found.st_uid
    return stat.S_ISREG(found.st_mode) and found.st_uid == owner


def _machine() -> bytes:
    """Return what tells one machine, or one run of its kernel, from another."""
    try:
        return _BOOT.read_bytes()
    except OSError:
        return socket.gethostname().encode()
