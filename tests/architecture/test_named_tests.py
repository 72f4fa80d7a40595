"""Documents that name tests name such as exist, and facts about Azure have a source and a test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACTS = ROOT / "docs" / "azure-facts.md"
NAMED = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<test>\w+)`")
LINK = re.compile(r"\]\[(\w+)\]|\[([A-Z]+)\](?!\[|:)")
DOCUMENTS = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])


@cache
def names_in(file: str) -> frozenset[str]:
    """Return the names of the test functions of a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def rows(text: str) -> list[list[str]]:
    """Return the cells of the rows of all tables, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] not in ("fact", "---")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_a_document_names_is_there(document: Path) -> None:
    named = NAMED.findall(document.read_text(encoding="utf-8"))
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or test not in names_in(file)
    ]
    assert missing == []


def test_every_fact_about_azure_has_a_source_and_a_test() -> None:
    found = rows(FACTS.read_text(encoding="utf-8"))
    assert len(found) > 50
    assert [row[0] for row in found if len(row) != 3 or not NAMED.search(row[2])] == []
    assert [row[0] for row in found if not row[1]] == []


def test_every_source_is_given_once_and_used() -> None:
    text = FACTS.read_text(encoding="utf-8")
    given = re.findall(r"^\[(\w+)\]: https://", text, re.MULTILINE)
    used = {one or other for one, other in LINK.findall(text)}
    assert given == sorted(set(given))
    assert used == set(given)
