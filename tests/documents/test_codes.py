"""The table of codes and docs/diagnostics.md say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.documents.yaml_reader import read
from reconciler.model.codes import Code

DOCS = (Path(__file__).parents[2] / "docs" / "diagnostics.md").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"## (?P<code>ACS\d{3}) (?P<heading>.+)\n\n(?P<what>.+)\n\n"
    r"Bad:\n\n```\w+\n(?P<bad>[^`]+)```\n\nMended:\n\n```\w+\n(?P<mended>[^`]+)```\n"
)
ENTRIES = {match["code"]: match for match in ENTRY.finditer(DOCS)}
SHOWN_AS_THEY_ARE = ("SYNTAX", "DUPLICATE_KEY", "KEY_NOT_TEXT", "TAG", "UNCLEAR_SCALAR")
ALSO_SHOWN_AS_THEY_ARE = ("ANCHOR", "DOCUMENTS", "EMPTY", "NOT_A_MAPPING")


def test_every_code_is_documented_in_order_in_the_words_of_the_table() -> None:
    documented = [(m["code"], m["heading"], m["what"]) for m in ENTRIES.values()]
    assert documented == [(str(c), c.heading, c.explanation) for c in Code]


def test_codes_are_given_out_in_ascending_order_and_once() -> None:
    values = [str(code) for code in Code.__members__.values()]
    assert values == sorted(set(values))


@pytest.mark.parametrize("name", SHOWN_AS_THEY_ARE + ALSO_SHOWN_AS_THEY_ARE)
def test_a_documented_bad_example_gives_its_code_and_the_mended_one_nothing(name: str) -> None:
    code = Code[name]
    entry = ENTRIES[code]
    assert {finding.code for finding in read(entry["bad"], "bad.yaml")[1]} == {code}
    assert read(entry["mended"], "mended.yaml")[1] == []
