"""A story in five acts, told by the command line against an emulator: ``make demo``.

It works in a temporary copy of the specs, so the checkout stays as it is. Every exit code is
checked, so a story that no longer holds fails. ``--full`` shows long output whole.
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
COPIED = ("specs", "schemas", "reconciler.yaml")
RECONCILER = (sys.executable, "-m", "reconciler")
PROD = "5b7f0c1e-8a52-4f1c-9a0b-3f6d2c9e1a01"
DEV = "9d3e6a40-1c7b-4e55-8f2a-7b1d0e4c5f02"
GROUPS = (
    f"/subscriptions/{PROD}/resourceGroups/rg-notify-prod",
    f"/subscriptions/{PROD}/resourceGroups/rg-platform-prod",
    f"/subscriptions/{PROD}/resourceGroups/rg-voice-prod",
    f"/subscriptions/{DEV}/resourceGroups/rg-sandbox-dev",
)
SERVICES = "providers/Microsoft.Communication/communicationServices"
NOTIFY = f"{GROUPS[0]}/{SERVICES}/acs-notify-prod"
VOICE = f"{GROUPS[2]}/{SERVICES}/acs-voice-eu"
REQUESTS = " write requests: "
"""The line that ends a plan has it."""


def main() -> None:
    """Tell the story."""
    with copied() as folder, emulator(folder) as url:
        story = Story(folder, url, full="--full" in sys.argv[1:])
        create(story)
        change(story)
        drift(story)
        replacement(story)
        bad_yaml(story)
    say("\nDone: every command ended with the exit code that it should.")


def create(story: Story) -> None:
    """Bring everything that the specs describe into being."""
    story.act(
        "Create",
        "Four resource groups are there, and nothing in them. The specs describe four stacks.",
    )
    story.run("validate")
    story.run("plan", code=2, head=14, tail=8)
    story.run("apply", "--yes", "--quiet", after=REQUESTS)
    story.tell("Azure is as the specs say, so another plan is empty, and exits with 0.")
    story.run("plan", tail=1)


def change(story: Story) -> None:
    """Change two specs: attach an identity, remove another."""
    story.act("Change", "A pull request attaches an identity and removes another with its role.")
    story.edit(
        "specs/prod/notifications.yaml",
        "          ref:identities/id-notify-worker: {}\n",
        "          ref:identities/id-notify-worker: {}\n"
        "          ref:stack/platform//identities/id-mailer-prod: {}\n",
    )
    story.edit(
        "specs/prod/platform.yaml",
        "    id-audit-prod:\n      location: westeurope\n",
        "    id-audit-prod:\n      location: westeurope\n      remove: true\n"
        "      lifecycle: {preventDelete: false, until: '2999-12-31'}\n",
    )
    story.edit(
        "specs/prod/platform.yaml",
        "      description: The audit looks at what the platform keeps.\n",
        "      description: The audit looks at what the platform keeps.\n      remove: true\n",
    )
    story.tell("The plan names each field, and on request every body that would be sent.")
    story.run("plan", "--requests", code=2, without="outputs")
    story.run("apply", "--yes", "--quiet", after=REQUESTS, without="outputs")


def drift(story: Story) -> None:
    """Change Azure behind the back of the specs, and bring it back."""
    story.act("Drift", "Somebody changes two resources by hand, past the specs.")
    body = story.azure("GET", NOTIFY)
    tags = {**body["tags"], "env": "test", "seen-by": "ops"}
    story.azure("PATCH", NOTIFY, {"tags": tags})
    story.azure("PATCH", VOICE, {"identity": {"type": "None"}})
    story.tell(
        "acs-notify-prod got env=test and a new tag, acs-voice-eu lost its identity.",
        "The plan shows what the specs manage. The new tag is not theirs, so it stays.",
    )
    story.run("plan", code=2, without="outputs")
    story.run("apply", "--yes", "--quiet", after=REQUESTS, without="outputs")
    kept = story.azure("GET", NOTIFY)["tags"]
    assert (kept["env"], kept["seen-by"]) == ("prod", "ops"), kept
    assert story.azure("GET", VOICE)["identity"]["type"] == "SystemAssigned"
    story.run("plan", tail=1)


def replacement(story: Story) -> None:
    """Ask for what can only be had by destroying a resource."""
    story.act("A refused replacement", "Where data is kept can never be changed.")
    old = (story.folder / "specs/prod/voice.yaml").read_text(encoding="utf-8")
    story.edit(
        "specs/prod/voice.yaml",
        "      dataLocation: United States\n",
        "      dataLocation: Europe\n",
    )
    story.run("plan", code=4, without="outputs")
    story.tell("Apply refuses just so, before anything is sent.")
    story.run("apply", "--yes", "--quiet", code=4, tail=1)
    (story.folder / "specs/prod/voice.yaml").write_text(old, encoding="utf-8")


def bad_yaml(story: Story) -> None:
    """Misspell three things at once."""
    story.act("A bad spec", "Every mistake is shown in one run, with its place and a mend.")
    story.edit(
        "specs/prod/voice.yaml",
        "      dataLocation: Europe\n      identity: {systemAssigned: true}\n",
        "      dataLocation: Eurpoe\n      identity: {systemAssigned: yes}\n"
        "      publicNetworkAcess: Enabled\n",
    )
    story.run("validate", code=3)


class Story:
    """Runs commands in a folder and shows them."""

    def __init__(self, folder: Path, url: str, *, full: bool) -> None:
        """Begin in ``folder``, with the emulator at ``url`` as the target."""
        self.folder = folder
        self._url = url
        self._full = full
        self._act = 0
        self._colour = "always" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else ""
        for group in GROUPS:
            self.azure("PUT", group, {"location": "westeurope"})

    def act(self, title: str, *lines: str) -> None:
        """Open an act."""
        self._act += 1
        heading = f"{self._act}. {title}"
        say(f"\n{heading}\n{'=' * len(heading)}")
        self.tell(*lines)

    def tell(self, *lines: str) -> None:
        """Tell what happens."""
        say("\n" + "\n".join(f"# {line}" for line in lines))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file and show the difference."""
        path = self.folder / name
        before = path.read_text(encoding="utf-8")
        assert before.count(old) == 1, f"{name} no longer has what the demo edits"
        after = before.replace(old, new)
        path.write_text(after, encoding="utf-8", newline="\n")
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), name, name, n=2, lineterm=""
        )
        say("\n$ git diff")
        for line in lines:
            say(f"  {line}".rstrip())

    def run(self, *arguments: str, code: int = 0, **cut: Any) -> None:
        """Run a command, show it with its output and its exit code, and check that.

        Args:
            arguments: of ``reconciler``.
            code: what it must exit with.
            cut: what of the output to show, as `Cut` has it.

        """
        say(f"\n$ reconciler {' '.join(arguments)}")
        colour = ("--color", self._colour) if self._colour else ()
        environment = {**os.environ, "RECONCILER_TARGET": self._url}
        result = subprocess.run(  # noqa: S603  (our own command)
            [*RECONCILER, *colour, *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        lines = result.stdout.rstrip("\n").splitlines()
        for line in lines if self._full else Cut(**cut).of(lines):
            say(f"  {line}".rstrip())
        say(f"  [exit code {result.returncode}]")
        if result.returncode != code:
            say(f"demo: expected exit code {code}; the whole output was:\n{result.stdout}")
            sys.exit(1)

    def azure(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a raw request past the specs, as a portal would, and return the answer."""
        version = "2025-09-01" if "Communication" in path else "2024-11-01"
        wire = HTTPConnection(self._url.removeprefix("http://"), timeout=30)
        headers = {"Authorization": "Bearer somebody", "Content-Type": "application/json"}
        try:
            content = None if body is None else json.dumps(body)
            wire.request(method, f"{path}?api-version={version}", content, headers)
            answer = wire.getresponse()
            text = answer.read()
            assert answer.status in (200, 201), (method, path, answer.status, text)
            return json.loads(text)
        finally:
            wire.close()


@dataclass(frozen=True)
class Cut:
    """Which lines of an output to show."""

    after: str = ""
    """Only what follows the line that has this: apply shows the plan again."""
    without: str = ""
    """Not the paragraph that begins with this line."""
    head: int = 0
    """So many lines of the beginning; all of them when neither head nor tail is set."""
    tail: int = 0

    def of(self, lines: list[str]) -> Iterator[str]:
        """Yield the lines to show, with a note where some are left out."""
        if self.after:
            found = [i for i, line in enumerate(lines) if self.after.strip() in line]
            assert found, f"no line has {self.after!r}"
            yield "... (the same plan)"
            lines = lines[found[0] + 1 :]
        if self.without and self.without in lines:
            start = lines.index(self.without)
            stop = lines.index("", start) + 1
            lines = lines[:start] + lines[stop:]
        left_out = len(lines) - self.head - self.tail
        if not (self.head or self.tail) or left_out <= 0:
            yield from lines
            return
        yield from lines[: self.head]
        yield f"... ({left_out} lines more)"
        yield from lines[len(lines) - self.tail :]


@contextmanager
def copied() -> Iterator[Path]:
    """Yield a temporary folder with the specs of the checkout."""
    with tempfile.TemporaryDirectory(prefix="reconciler-demo-") as name:
        folder = Path(name)
        for entry in COPIED:
            source = CHECKOUT / entry
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, folder / entry)
        yield folder


@contextmanager
def emulator(folder: Path) -> Iterator[str]:
    """Run the emulator as a process of its own, and yield its address."""
    command = [*RECONCILER, "emulator", "serve", "--port", "0"]
    command += ["--state", str(folder / "azure.sqlite")]
    with subprocess.Popen(  # noqa: S603  (our own command)
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), f"the emulator did not start: {url!r}"
            say(f"$ reconciler emulator serve --port 0\n  {url}")
            say(f"$ export RECONCILER_TARGET={url}")
            yield url
        finally:
            process.terminate()


def say(text: str) -> None:
    """Print."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
