"""One run, several reports, and what they say of the repository around them."""

from __future__ import annotations

import json

import pytest

from reconciler.app.reviewing.surroundings import run_url
from tests.conftest import Lab

IDENTITY = {"id-a": {"location": "westeurope"}}
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://git.test",
    "GITHUB_REPOSITORY": "o/r",
    "GITHUB_SHA": "abc123",
    "GITHUB_RUN_ID": "7",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_PROJECT_URL": "https://lab.test/o/r",
    "CI_COMMIT_SHA": "abc123",
    "CI_JOB_URL": "https://lab.test/o/r/-/jobs/7",
}
AZURE = {
    "TF_BUILD": "True",
    "BUILD_REPOSITORY_URI": "https://dev.test/o/_git/r",
    "BUILD_SOURCEVERSION": "abc123",
    "SYSTEM_COLLECTIONURI": "https://dev.test/o/",
    "SYSTEM_TEAMPROJECT": "Mail Team",
    "BUILD_BUILDID": "7",
}


@pytest.fixture(autouse=True)
def _no_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {**GITHUB, **GITLAB, **AZURE, "GITHUB_EVENT_PATH": ""}:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        (GITHUB, "https://git.test/o/r/actions/runs/7"),
        (GITLAB, "https://lab.test/o/r/-/jobs/7"),
        (AZURE, "https://dev.test/o/Mail%20Team/_build/results?buildId=7"),
        ({}, ""),
    ],
    ids=["github", "gitlab", "azure", "none"],
)
def test_a_report_is_found_on_the_page_of_its_run(environ: dict[str, str], url: str) -> None:
    assert run_url(environ) == url


def test_one_run_writes_every_report_that_is_asked_for(lab: Lab) -> None:
    lab.spec(identities=IDENTITY)
    forms = ("text", "json", "markdown", "sarif", "junit", "gitlab")
    ran = lab.plan(*(f"--report={form}=out/plan.{form}" for form in forms))
    assert ran.code == 2
    assert "+ create test/identities/id-a" in ran.out
    out = lab.folder / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted(f"plan.{form}" for form in forms)
    assert (out / "plan.text").read_text() == ran.out
    assert json.loads((out / "plan.gitlab").read_text()) == {"create": 1, "update": 0, "delete": 0}
    assert json.loads((out / "plan.json").read_text()) == lab.plan("-o", "json").json


def test_reports_are_written_though_the_plan_is_refused(lab: Lab) -> None:
    lab.spec(identities=IDENTITY)
    lab.settle()
    lab.spec(identities={"id-a": None})
    assert lab.plan("--report=markdown=plan.md").code == 4
    assert "blocked delete" in (lab.folder / "plan.md").read_text()


@pytest.mark.parametrize("word", ["markdown", "word=plan.doc", "markdown="])
def test_a_report_without_form_or_file_is_a_mistake_of_usage(lab: Lab, word: str) -> None:
    ran = lab.plan("--report", word)
    assert ran.code == 64
    assert "FORM=PATH" in ran.err


def test_a_report_that_cannot_be_written_is_told(lab: Lab) -> None:
    lab.spec(identities=IDENTITY)
    (lab.folder / "file").write_text("")
    ran = lab.plan("--report=json=file/plan.json")
    assert ran.code == 1
    assert "file/plan.json cannot be written" in ran.err


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        (GITHUB, "https://git.test/o/r/blob/abc123/specs/test.yaml#L7"),
        (GITLAB, "https://lab.test/o/r/-/blob/abc123/specs/test.yaml#L7"),
        (
            AZURE,
            "https://dev.test/o/_git/r?path=/specs/test.yaml&amp;version=GCabc123"
            "&amp;line=7&amp;lineEnd=7",
        ),
    ],
    ids=["github", "gitlab", "azure"],
)
def test_a_change_leads_to_its_line_of_the_commit(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], line: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    lab.spec("identities: {id-a: {location: westeurope}}")
    assert f'href="{line}"' in lab.plan("-o", "markdown").out


def test_the_commit_of_a_pull_request_is_its_head(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = lab.folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"sha": "def456"}}}))
    for name, value in {**GITHUB, "GITHUB_EVENT_PATH": str(event)}.items():
        monkeypatch.setenv(name, value)
    lab.spec(identities=IDENTITY)
    assert "/blob/def456/specs/test.yaml#L" in lab.plan("-o", "markdown").out


def test_the_plan_names_who_must_approve_the_files_it_comes_from(lab: Lab) -> None:
    (lab.folder / ".github").mkdir()
    (lab.folder / ".github" / "CODEOWNERS").write_text("* @all\n/specs/mail.yaml @o/mail\n")
    lab.spec(identities=IDENTITY, name="mail")
    lab.spec(identities={"id-b": {"location": "westeurope"}}, name="other")
    lab.settle()
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"a": "b"}}}, name="mail")
    assert lab.plan("-o", "json").json["approvals"] == [
        {"owners": ["@o/mail"], "files": ["specs/mail.yaml"]}
    ]
    assert "one of @o/mail for 1 file" in lab.plan().out
