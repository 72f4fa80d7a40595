"""Findings as people, editors, GitHub and programs see them."""

from __future__ import annotations

import json

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.source import Span
from reconciler.render.checks.diagnostics import render_concise, render_github, render_text, to_json

TEXT = "kind: Stack\n\tname: x\nacs-日本: wrong\nlast: 1\n"
FIRST = Diagnostic("ACS033", "`name` is no field", "remove it", Span("a.yaml", 2, 2, 4), "here")
WIDE = Diagnostic("ACS035", "no choice", "write `right`", Span("a.yaml", 3, 9, 5))
OTHER = Diagnostic(
    "ACS050", "differs", "change one", Span("b.yaml", 1, 1, 1), "this",
    ((Span("a.yaml", 4, 7, 1), "from that"),), Severity.WARNING,
)  # fmt: skip


def test_text_shows_lines_markers_and_counts_sorted_by_place() -> None:
    sources = {"a.yaml": TEXT, "b.yaml": "x: y\n"}
    assert render_text([OTHER, WIDE, FIRST], sources, colour=False) == (
        "error[ACS033]: `name` is no field\n"
        " --> a.yaml:2:2\n"
        "  |\n"
        "2 |     name: x\n"
        "  |     ^^^^ here\n"
        "  |\n"
        "  = mend: remove it\n"
        "\n"
        "error[ACS035]: no choice\n"
        " --> a.yaml:3:9\n"
        "  |\n"
        "3 | acs-日本: wrong\n"
        "  |           ^^^^^\n"
        "  |\n"
        "  = mend: write `right`\n"
        "\n"
        "warning[ACS050]: differs\n"
        " --> b.yaml:1:1\n"
        "  |\n"
        "1 | x: y\n"
        "  | ^ this\n"
        "  |\n"
        " ::: a.yaml:4:7\n"
        "  |\n"
        "4 | last: 1\n"
        "  |       - from that\n"
        "  |\n"
        "  = mend: change one\n"
        "\n"
        "2 errors, 1 warning in 2 files\n"
    )


def test_no_findings_are_no_text() -> None:
    assert render_text([], {}, colour=True) == ""
    assert render_concise([]) == render_github([]) == ""


def test_colour_changes_nothing_but_colour() -> None:
    sources = {"a.yaml": TEXT, "b.yaml": "x: y\n"}
    plain = render_text([FIRST, OTHER], sources, colour=False)
    coloured = render_text([FIRST, OTHER], sources, colour=True)
    assert "\33[" in coloured
    for code in ("0", "1", "31", "33", "34"):
        coloured = coloured.replace(f"\33[{code}m", "")
    assert coloured == plain


def test_a_narrow_terminal_gets_lines_that_fit_with_the_marker_below_its_words() -> None:
    line = f"key: {'x' * 60} WRONG {'y' * 60}"
    mend = "write it as it should be, with all the words that are needed to say so"
    finding = Diagnostic("ACS001", f"{'no ' * 30}", mend, Span("a", 1, 67, 5))
    shown = render_text([finding], {"a": line}, colour=False, width=60).splitlines()
    assert max(map(len, shown)) <= 60
    excerpt = next(number for number, text in enumerate(shown) if text.startswith("1 |"))
    at = shown[excerpt + 1].index("^^^^^")
    assert shown[excerpt][at : at + 5] == "WRONG"
    assert shown[-4].startswith("  = mend: write it")
    assert shown[-3].startswith("          ")


def test_a_long_line_is_cut_around_its_marker() -> None:
    line = "x" * 500 + "WRONG" + "y" * 500
    finding = Diagnostic("ACS001", "p", "m", Span("a", 1, 501, 5))
    shown = render_text([finding], {"a": line}, colour=False).splitlines()
    assert shown[3].startswith("1 | ...x")
    assert shown[3].endswith("y...")
    assert len(shown[3]) <= 100
    start = shown[4].index("^^^^^")
    assert shown[3][start : start + 5] == "WRONG"


def test_control_characters_of_a_file_never_reach_the_terminal() -> None:
    finding = Diagnostic("ACS003", "bad \x1b[31m", "mend\n::error::", Span("a\x07", 1, 7, 1))
    text = render_text([finding], {"a\x07": "a: \x1b[2J\u202eb"}, colour=False)
    assert text.replace("\n", "").isprintable()
    assert "1 | a: \\x1b[2J\\u202eb" in text
    assert render_concise([finding]).removesuffix("\n").isprintable()


def test_a_finding_past_the_end_of_its_file_or_without_source_is_still_told() -> None:
    finding = Diagnostic("ACS001", "p", "m", Span("a", 9, 1, 1))
    assert "a:9:1" in render_text([finding], {"a": "one line"}, colour=False)
    assert "a:9:1" in render_text([finding], {}, colour=False)
    assert render_text([Diagnostic("ACS021", "p", "m")], {}, colour=False) == (
        "error[ACS021]: p\n = mend: m\n\n1 error\n"
    )


def test_concise_has_one_line_for_each_finding() -> None:
    assert render_concise([OTHER, FIRST]) == (
        "a.yaml:2:2: ACS033 `name` is no field (mend: remove it)\n"
        "b.yaml:1:1: warning ACS050 differs (mend: change one)\n"
    )


def test_github_commands_are_escaped_as_github_asks() -> None:
    finding = Diagnostic("ACS001", "100%: a,b", "x", Span("a,b:c.yaml", 1, 2, 3))
    assert render_github([finding]) == (
        "::error file=a%2Cb%3Ac.yaml,line=1,col=2,endColumn=5,title=ACS001::100%25: a,b%0Amend: x\n"
    )


def test_json_is_plain_and_stable() -> None:
    assert json.loads(json.dumps(to_json([OTHER]))) == [
        {
            "code": "ACS050",
            "severity": "warning",
            "problem": "differs",
            "mend": "change one",
            "label": "this",
            "place": {"file": "b.yaml", "line": 1, "column": 1, "length": 1},
            "related": [
                {
                    "place": {"file": "a.yaml", "line": 4, "column": 7, "length": 1},
                    "label": "from that",
                }
            ],
        }
    ]
