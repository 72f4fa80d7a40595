"""What the documents say is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler import __version__
from reconciler.cli.exit_codes import ExitCode
from reconciler.emulator.registry import EMULATED
from reconciler.kinds import KINDS
from reconciler.model.codes import Code
from tests.conftest import Cli, Golden

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
SESSION = re.compile(r"```console\n\$ reconciler (?P<words>.+)\n[^`]*(?:`[^`]+`[^`]*)*```\n")
SPEC = re.compile(r"```yaml\n(# yaml-language-server[^`]+)```\n")
EXIT_CODE = re.compile(r"^\| (?P<code>\d+) \| (?P<name>[A-Z_]+) \| .+ \|$", re.MULTILINE)
TABLE = re.compile(r"(?P<head>\| kind \| in the emulator \|\n\| --- \| --- \|\n)(?:\|.+\|\n)+")
LINK = re.compile(r"\]\((?!https?://)(?P<path>[^)#]+)(?:#[^)]*)?\)")


def test_readme_shows_what_its_commands_print(
    cli: Cli, golden: Golden, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = README.read_text(encoding="utf-8")
    (spec,) = SPEC.findall(text)
    (workdir / "specs").mkdir()
    (workdir / "specs" / "notifications.yaml").write_text(spec, encoding="utf-8")

    def current(session: re.Match[str]) -> str:
        words, _, tail = session["words"].partition(" | tail -n ")
        lines = cli(*words.split(), *(["specs"] if "--target" in words else [])).out.splitlines()
        shown = "\n".join(lines[-int(tail) :] if tail else lines)
        return f"```console\n$ reconciler {session['words']}\n{shown}\n```\n"

    shown = SESSION.sub(current, text)
    assert len(SESSION.findall(text)) == 5
    golden(README, shown)


def test_readme_lists_every_exit_code() -> None:
    listed = {m["name"]: int(m["code"]) for m in EXIT_CODE.finditer(README.read_text("utf-8"))}
    assert listed == {code.name: code.value for code in ExitCode}


def test_help_lists_every_exit_code(cli: Cli) -> None:
    epilog = cli("--help").out.partition("Exit codes:")[2]
    listed = {int(code) for code in re.findall(r"(?:^|  )(\d+) [a-zA-Z]", epilog, re.MULTILINE)}
    assert listed == {code.value for code in ExitCode}


def test_readme_lists_every_kind_and_whether_the_emulator_knows_it(golden: Golden) -> None:
    described = sorted(k.name for k in KINDS.values() if k.schema or k.private)
    known = {name for name in described if KINDS[name].arm_type.lower() in EMULATED}
    rows = "".join(f"| {name} | {'yes' if name in known else 'no'} |\n" for name in described)
    text = README.read_text(encoding="utf-8")
    assert len(TABLE.findall(text)) == 1
    golden(README, TABLE.sub(lambda match: match["head"] + rows, text))


def test_the_specs_reference_names_every_collection() -> None:
    text = (ROOT / "docs" / "specs.md").read_text(encoding="utf-8")
    described = [kind for kind in KINDS.values() if kind.schema]
    missing = [k.name for k in described if f"`{k.collection}`" not in text]
    assert missing == []


def test_the_changelog_knows_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text
    assert __version__ in text


@pytest.mark.parametrize("package", ["documents", "core", "app"])
def test_every_code_that_a_module_uses_is_documented(package: str) -> None:
    text = (ROOT / "docs" / "diagnostics.md").read_text(encoding="utf-8")
    sources = [p.read_text("utf-8") for p in (ROOT / "reconciler" / package).rglob("*.py")]
    used = {Code[name] for source in sources for name in re.findall(r"\bCode\.([A-Z_]+)", source)}
    assert used
    assert [code for code in sorted(used) if f"\n## {code} {code.heading}\n" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [match["path"] for match in LINK.finditer(text)]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_modules_and_files_that_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    files = re.findall(r"`((?:reconciler|tests|schemas|demo)/[\w/.]+\.\w+)`", text)
    assert [name for name in files if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", [kind.name for kind in KINDS.values() if kind.schema])
def test_the_reference_of_a_kind_is_what_the_table_says(
    name: str, cli: Cli, golden: Golden
) -> None:
    text = cli("explain", name, "-o", "markdown").out
    golden(ROOT / "docs" / "reference" / f"{name}.md", text)


def test_every_kind_has_a_reference_and_no_other_file_is_there() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "reference").glob("*.md")}
    assert pages == {kind.name for kind in KINDS.values() if kind.schema}
