"""CODEOWNERS says what GitHub and GitLab document."""

from __future__ import annotations

import pytest

from reconciler.core.review.codeowners import approvals, owners_of, parse
from reconciler.model.review import Approval

GITHUB = """\
# Everything, unless something below fits.
*               @all
*.js            @js   # in any folder
/build/logs/    @logs
docs/*          docs@example.com
apps/           @apps
/specs/**/prod.yaml @org/prod @eve
/apps/github
with\\ space.md @space
"""
GITLAB = """\
* @all
[Specs][2] @one @two
specs/
specs/open/ @three
^[Docs]
docs/ @docs
"""


@pytest.mark.parametrize(
    ("file", "owners"),
    [
        ("a.py", ("@all",)),
        ("deep/down/a.js", ("@js",)),
        ("build/logs/x/y.txt", ("@logs",)),
        ("old/build/logs/y.txt", ("@all",)),
        ("docs/a.md", ("docs@example.com",)),
        ("docs/deep/a.md", ("@all",)),
        ("src/apps/a.py", ("@apps",)),
        ("apps/github/a.py", None),
        ("specs/prod.yaml", ("@org/prod", "@eve")),
        ("specs/a/b/prod.yaml", ("@org/prod", "@eve")),
        ("with space.md", ("@space",)),
    ],
)
def test_the_last_pattern_that_fits_wins(file: str, owners: tuple[str, ...] | None) -> None:
    assert owners_of(file, parse(GITHUB)) == (() if owners is None else (owners,))


@pytest.mark.parametrize(
    ("file", "owners"),
    [
        ("specs/a.yaml", (("@all",), ("@one", "@two"))),
        ("specs/open/a.yaml", (("@all",), ("@three",))),
        ("docs/a.md", (("@all",), ("@docs",))),
    ],
)
def test_each_section_has_its_own_owners(file: str, owners: tuple[tuple[str, ...], ...]) -> None:
    assert owners_of(file, parse(GITLAB)) == owners


def test_files_with_the_same_owners_need_one_approval() -> None:
    found = approvals(["b.py", "a.py", "x.js", "apps/github/a.py"], parse(GITHUB))
    assert found == (Approval(("@all",), ("a.py", "b.py")), Approval(("@js",), ("x.js",)))


def test_a_file_without_rules_needs_nobody() -> None:
    assert approvals(["a.py"], parse("# nothing\n\n")) == ()
