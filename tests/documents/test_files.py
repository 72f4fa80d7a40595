"""Finding specs: everything that was asked for, or a finding that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.documents.files import discover, read_documents, source_texts
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Severity


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(*names: str, text: str = "kind: Stack\n") -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def names(*paths: str | Path) -> list[str]:
    files, findings = discover(paths)
    assert findings == []
    return [file.as_posix() for file in files]


def codes(*paths: str | Path) -> list[str]:
    _, findings = discover(paths)
    assert all(finding.severity is Severity.ERROR for finding in findings)
    return [finding.code for finding in findings]


def test_a_folder_gives_its_specs_sorted_without_hidden_ones_and_the_project_file() -> None:
    write("s/b.yaml", "s/a.yml", "s/deep/c.YAML", "s/.d.yaml", "s/.git/e.yaml", "s/f.json")
    write("s/reconciler.yaml")
    assert names("s") == ["s/a.yml", "s/b.yaml", "s/deep/c.YAML"]


def test_a_file_that_is_named_twice_is_read_once() -> None:
    write("s/a.yaml")
    assert names("s", "s/a.yaml", "s/*.yaml", Path("s").resolve()) == ["s/a.yaml"]


def test_a_glob_searches_any_depth() -> None:
    write("s/x/a.yaml", "s/y/b.yaml", "s/y/c.txt")
    assert names("s/**/*") == ["s/x/a.yaml", "s/y/b.yaml"]


def test_a_named_file_needs_no_suffix() -> None:
    write("spec")
    assert names("spec") == ["spec"]


def test_nothing_found_is_an_error_and_not_the_wish_for_nothing() -> None:
    Path("empty").mkdir()
    write("other/readme.txt", "other/.hidden.yaml")
    assert codes("empty", "other") == [Code.NO_SPECS]
    assert codes() == [Code.NO_SPECS]


def test_a_missing_path_a_glob_without_match_and_a_nul_are_errors() -> None:
    write("s/a.yaml")
    assert codes("s", "nowhere") == [Code.MISSING_PATH]
    assert codes("s", "t/*.yaml") == [Code.MISSING_PATH]
    assert codes("s", "a\0b") == [Code.MISSING_PATH]


def test_the_project_file_is_no_spec_when_it_is_named() -> None:
    write("reconciler.yaml")
    assert codes("reconciler.yaml") == [Code.PROJECT_FILE]


def test_a_link_that_leads_out_of_the_folder_is_an_error() -> None:
    write("elsewhere/a.yaml", "s/b.yaml")
    Path("s/a.yaml").symlink_to(Path("elsewhere/a.yaml").resolve())
    Path("s/folder").symlink_to(Path("elsewhere").resolve())
    assert codes("s") == [Code.OUTSIDE, Code.OUTSIDE]


def test_links_within_the_folder_are_followed_and_a_circle_ends() -> None:
    write("s/.hidden/a.yaml", "s/b.yaml")
    Path("s/a.yaml").symlink_to(".hidden/a.yaml")
    Path("s/circle").symlink_to(".")
    assert names("s") == ["s/a.yaml", "s/b.yaml"]


def test_a_link_that_leads_nowhere_is_an_error() -> None:
    write("s/b.yaml")
    Path("s/a.yaml").symlink_to("gone.yaml")
    assert codes("s") == [Code.UNREADABLE]


def test_a_folder_that_cannot_be_searched_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    write("s/closed/a.yaml", "s/b.yaml")
    listed = Path.iterdir

    def refuse(self: Path) -> object:
        if self.name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(self)

    monkeypatch.setattr(Path, "iterdir", refuse)
    files, findings = discover(["s"])
    assert [file.name for file in files] == ["b.yaml"]
    assert [finding.code for finding in findings] == [Code.UNREADABLE]


def test_a_file_that_vanishes_before_it_is_read_is_an_error() -> None:
    documents, findings = read_documents([Path("gone.yaml")])
    assert documents == []
    assert [finding.code for finding in findings] == [Code.UNREADABLE]


def test_documents_keep_their_names_and_broken_ones_give_findings_only() -> None:
    write("s/a.yaml")
    write("s/b.yaml", text="a: [")
    documents, findings = read_documents(discover([Path("s").resolve()])[0])
    assert [document.file for document in documents] == ["s/a.yaml"]
    assert [finding.span.file for finding in findings if finding.span] == ["s/b.yaml"]
    assert source_texts(findings) == {"s/b.yaml": "a: ["}
