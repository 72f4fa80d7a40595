"""The tutorial and the how-tos are carried out, line by line."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import Cli, Golden

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("tutorial.md", "how-to/github.md", "how-to/drift.md")
BLOCK = re.compile(
    r'```(?:yaml|json) title="(?P<file>[^"]+)"\n(?P<text>.*?)```\n'
    r"|```console\n(?P<session>.*?)```\n",
    re.DOTALL,
)
VARYING = (
    (re.compile(r"'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'"), "'...'"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "2026-11-25T09:00:00Z"),
    (re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{6}"), "20261125T090000.000000Z-0a1b2c"),
    (re.compile(r"sha256:[0-9a-f]{64}"), "sha256:..."),
    (re.compile(r"plan\.json:\d+:\d+"), "plan.json:37:15"),
    (re.compile(r"^( {6}pipeline/\w+  )\S{36}$", re.MULTILINE), r"\1..."),
    (re.compile(r"^\d+( \|         \"id\")", re.MULTILINE), r"37\1"),
)
"""What differs from run to run: ids that Azure makes, moments, and what follows from them."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_its_commands_print(
    name: str, cli: Cli, golden: Golden, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_TARGET", "emulator")

    def told(command: str) -> str:
        words, _, tail = command.partition(" | tail -n ")
        result = cli(*shlex.split(words))
        lines = (result.out + result.err).splitlines()
        return "\n".join(lines[-int(tail) :] if tail else lines)

    def carried_out(block: re.Match[str]) -> str:
        if block["file"]:
            path = workdir / block["file"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
            return block[0]
        commands = re.findall(r"^\$ reconciler (.+)$", block["session"], re.MULTILINE)
        shown = "".join(f"$ reconciler {c}\n{told(c)}\n" for c in commands)
        for pattern, constant in VARYING:
            shown = pattern.sub(constant, shown)
        return f"```console\n{shown}```\n"

    golden(DOCS / name, BLOCK.sub(carried_out, (DOCS / name).read_text(encoding="utf-8")))
