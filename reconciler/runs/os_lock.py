"""Locks of the operating system on a whole file: they go with the process that holds them.

Two handles of one file exclude each other, also within a process.
"""

from __future__ import annotations

import sys
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def lock(file: IO[bytes]) -> None:
        """Wait until nobody else has the file locked, and lock it."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def try_lock(file: IO[bytes]) -> bool:
        """Lock the file unless somebody else has, and return whether that worked."""
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def unlock(file: IO[bytes]) -> None:
        """Unlock it."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def lock(file: IO[bytes]) -> None:
        """Wait until nobody else has the file locked, and lock it."""
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)

    def try_lock(file: IO[bytes]) -> bool:
        """Lock the file unless somebody else has, and return whether that worked."""
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def unlock(file: IO[bytes]) -> None:
        """Unlock it."""
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
