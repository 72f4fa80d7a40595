"""An emulator, a folder of specs, and runs of the command line that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from reconciler.emulator import EmulatorServer
from tests.chaos.stories import ENVIRONMENT, GUARDS
from tests.conftest import Arm

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which a run that neither ends nor comes to the boundary is a failure."""


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    output: str


class Runs:
    """Starts runs of the command line, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        """Start the process that makes the runs."""
        self._folder = folder
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def start(self, *arguments: str) -> int:
        """Begin a run, and return its pid."""
        order = {
            "arguments": arguments,
            "folder": str(self._folder),
            "environment": ENVIRONMENT,
            "output": str(self._folder / "output.txt"),
        }
        _stream(self._zygote.stdin).write(json.dumps(order) + "\n")
        _stream(self._zygote.stdin).flush()
        return int(_stream(self._zygote.stdout).readline())

    def end(self) -> Ended:
        """Wait for the run that was begun."""
        code = int(_stream(self._zygote.stdout).readline())
        return Ended(code, (self._folder / "output.txt").read_text(encoding="utf-8"))

    def run(self, *arguments: str) -> Ended:
        """Run to the end."""
        self.start(*arguments)
        return self.end()

    def close(self) -> None:
        """End the process that makes the runs."""
        _stream(self._zygote.stdin).close()
        self._zygote.wait(10)
        _stream(self._zygote.stdout).close()


class World:
    """One emulator, one folder, and what happens between them."""

    def __init__(self, folder: Path, operations: str = "polls:2") -> None:
        """Start everything."""
        self.folder = folder
        self._server = EmulatorServer(operations=operations).start()
        self.arm = Arm(self._server.url)
        self.arm.group()
        self.runs = Runs(folder)

    def __enter__(self) -> World:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.arm.mend()
        self.runs.close()
        self._server.stop()

    def write(self, files: Mapping[str, str], guards: Mapping[str, int] = GUARDS) -> None:
        """Write files of the specs, and a project that allows everything."""
        for name, text in files.items():
            path = self.folder / "specs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        project = {"guards": guards}
        text = f"apiVersion: reconciler/v1\nkind: Project\nspec: {json.dumps(project)}\n"
        (self.folder / "reconciler.yaml").write_text(text, encoding="utf-8")

    def apply(self, *arguments: str) -> Ended:
        """Apply, and wait for the end."""
        return self.runs.run("apply", "--yes", "--target", self.arm.url, *arguments)

    def plan(self, *arguments: str) -> Ended:
        """Plan, and wait for the end."""
        return self.runs.run("plan", "--target", self.arm.url, *arguments)

    def killed_at(self, fault: Mapping[str, Any], *arguments: str) -> Mapping[str, str] | None:
        """Apply until a fault holds a request, and kill the run there.

        Args:
            fault: which request to hold, and whether it is carried out before.
            arguments: of the apply.

        Returns:
            The request that was held, None if the run ended before.

        """
        self.arm.fault(hold=True, times=1, **fault)
        pid = self.runs.start("apply", "--yes", "--target", self.arm.url, *arguments)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            held = self.arm.send("GET", "/emulator/held")[1]
            if held:
                os.kill(pid, signal.SIGKILL)
                self.runs.end()
                self.arm.mend()
                return dict(held[0])
            if not _is_running(pid):
                self.runs.end()
                self.arm.mend()
                return None
            time.sleep(0.002)
        os.kill(pid, signal.SIGKILL)
        ended = self.runs.end()
        raise AssertionError(f"the run came to no end: {ended.output}")

    def snapshot(self) -> Any:
        """Return the state of the emulator."""
        return self.arm.send("GET", "/emulator/snapshot")[1]

    def restore(self, snapshot: Any) -> None:
        """Put the emulator back, and forget all requests and journals."""
        status, answer = self.arm.send("PUT", "/emulator/snapshot", snapshot)
        assert status == 204, answer
        self.arm.forget()
        for journal in (self.folder / ".reconciler" / "journal").glob("*"):
            journal.unlink()

    def resources(self) -> list[str]:
        """Return what there is; role assignments, whose names depend on chance, as a number."""
        ids = [resource["key"] for resource in self.snapshot()["resources"]]
        roles = [id_ for id_ in ids if "/roleassignments/" in id_]
        return sorted(set(ids) - set(roles)) + [f"{len(roles)} role assignments"]

    def effects(self) -> Counter[tuple[str, str]]:
        """Return how often each write took effect since the last `restore`."""
        return Counter(
            (entry["method"], entry["path"].lower())
            for entry in self.arm.requests()
            if entry["method"] not in ("GET", "HEAD")
            and (entry["carried_out"] or 500) < 300
            and not entry["path"].lower().endswith("/checknameavailability")
        )


@contextmanager
def world(folder: Path, operations: str = "polls:2") -> Iterator[World]:
    """Yield a world in a folder that is there and empty."""
    with World(folder, operations) as made:
        yield made


def _is_running(pid: int) -> bool:
    """Whether a child of the zygote, which waits for it, still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _stream(stream: IO[str] | None) -> IO[str]:
    """Return a pipe that is there."""
    assert stream is not None
    return stream
