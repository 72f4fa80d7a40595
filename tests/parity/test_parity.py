"""The replay finds what differs, and nothing else; its sessions here are written by hand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.parity.__main__ import main
from tests.parity.compare import Comparison
from tests.parity.recording import HIDDEN, Recorded, read
from tests.parity.replay import Outcome, replay
from tests.parity.report import Explanation, explanations, tally

ROOT = Path(__file__).parents[2]
GROUP = "/subscriptions/s/resourceGroups/hidden"
SERVICE = f"{GROUP}/providers/Microsoft.Communication/communicationServices/svc"
SHOWN = SERVICE.replace("hidden", "Rg9")
OPERATION = "0000aaaa-0000-0000-0000-00000000000f*" + "AB" * 32
STATUS = (
    "https://management.azure.com/subscriptions/s/providers/Microsoft.Communication/locations"
    f"/WESTUS2/operationStatuses/{OPERATION}?api-version=2025-09-01&t=1&c=2&s=3&h=4"
)
ETAG = {"etag": '"0000be1d-0000-0700-0000-67e4f4a60000"'}
HUB = {"content-type": "application/json; charset=utf-8", "x-ms-providerhub-traffic": "True"}
SYSTEM = {
    "createdBy": HIDDEN,
    "createdByType": "User",
    "createdAt": "2025-03-27T06:48:00.5620447Z",
    "lastModifiedBy": HIDDEN,
    "lastModifiedByType": "User",
    "lastModifiedAt": "2025-03-27T06:48:00.5620447Z",
}
BODY = {
    "id": SHOWN,
    "name": "svc",
    "type": "microsoft.communication/communicationservices",
    "location": "global",
    "systemData": SYSTEM,
}


def session() -> list[dict[str, Any]]:
    """Return a session: a service is created, polled, read, and missed in a group that is gone."""
    properties = {"dataLocation": "United States"}
    named = {"id": STATUS.partition("azure.com")[2].partition("?")[0], "name": OPERATION}
    began = {"resourceId": SHOWN, "startTime": "2025-03-27T06:48:05.6402691Z"}
    ended = {"endTime": "2025-03-27T06:49:05Z", "percentComplete": 100.0, "properties": None}
    whole = properties | {
        "provisioningState": "Succeeded",
        "hostName": "svc.unitedstates.communication.azure.com",
        "immutableResourceId": "bd4fdf78-ab3c-45ba-ab91-c0f24b964991",
    }
    lost = {"code": "ResourceGroupNotFound", "message": "Resource group 'Rg9' could not be found."}
    poll = HUB | ETAG
    del poll["x-ms-providerhub-traffic"]
    gateway = {"content-type": HUB["content-type"], "x-ms-failure-cause": "gateway"}
    version = "?api-version=2025-09-01"
    url = f"https://sanitized.com{SERVICE.replace('hidden', HIDDEN)}{version}"
    rows: list[tuple[Any, ...]] = [
        (
            "PUT",
            url,
            {"location": "global", "properties": properties},
            201,
            HUB | ETAG | {"azure-asyncoperation": STATUS},
            BODY | {"properties": properties | {"provisioningState": "Accepted"}},
        ),
        ("GET", STATUS, None, 200, poll, named | began | {"status": "Accepted"}),
        ("GET", STATUS, None, 200, poll, named | began | {"status": "Succeeded"} | ended),
        ("GET", url, None, 200, HUB | ETAG, BODY | {"properties": whole}),
        ("GET", url, None, 404, gateway, {"error": lost}),
    ]
    names = ("method", "url", "request", "status", "headers", "response")
    return [
        {"source": "by hand", "seq": number} | dict(zip(names, row, strict=True))
        for number, row in enumerate(rows)
    ]


def replayed(rows: list[dict[str, Any]], folder: Path) -> list[Outcome]:
    """Replay a session that is written to a file."""
    path = folder / "session.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return [outcome for calls in read(path) for outcome in replay(calls)]


def test_a_session_that_is_as_azure_has_it_is_identical(tmp_path: Path) -> None:
    outcomes = replayed(session(), tmp_path)

    assert [outcome.differences for outcome in outcomes] == [[], [], [], [], []]
    assert outcomes[0].call.path == SHOWN


@pytest.mark.parametrize(
    ("row", "member", "value", "place"),
    [
        (0, ("status",), 200, "status"),
        (0, ("headers", "retry-after"), "10", "header retry-after"),
        (0, ("headers", "location"), STATUS, "header location"),
        (1, ("response", "resourceId"), "/elsewhere", "body.resourceId"),
        (2, ("response", "percentComplete"), 99.0, "body.percentComplete"),
        (3, ("response", "properties", "version"), "1", "body.properties.version"),
        (3, ("response", "tags"), {}, "body.tags"),
        (4, ("headers", "x-ms-failure-cause"), "service", "header x-ms-failure-cause"),
        (4, ("response", "error", "message"), "Gone.", "body.error.message"),
    ],
)  # fmt: skip
def test_anything_that_is_different_is_found(
    tmp_path: Path, row: int, member: tuple[str, ...], value: Any, place: str
) -> None:
    rows = session()
    target = rows[row]
    for name in member[:-1]:
        target = target[name]
    target[member[-1]] = value

    found = [d.place for outcome in replayed(rows, tmp_path) for d in outcome.differences]

    assert found == [place]


def test_one_thing_keeps_one_identifier_through_a_session() -> None:
    comparison = Comparison()
    first, second = (f"aaaaaaaa-0000-0000-0000-00000000000{n}" for n in (1, 2))
    call = Recorded("s", 0, "GET", "/", "", None, 200, {}, [first, first])

    assert comparison.differences(call, 200, {}, [second, second]) == []
    (difference,) = comparison.differences(call, 200, {}, [second, first])
    assert (difference.recorded, difference.emulated) == (first, first)


def test_a_difference_needs_a_reason_and_a_reason_a_difference(tmp_path: Path) -> None:
    rows = session()
    rows[0]["status"] = 200
    outcomes = replayed(rows, tmp_path)
    reason = Explanation("by hand", "PUT ", "^status$", "because")
    idle = Explanation("somebody else", "", "", "no longer")

    assert [o.call.seq for o in tally(outcomes, []).unexplained] == [0]
    report = tally(outcomes, [reason, idle])
    assert (report.unexplained, report.idle) == ([], [idle])
    assert "| 1 | because |" in report.markdown()
    assert list(report.complaints()) == ["differences.toml: explains nothing any more: no longer"]


def test_the_command_fails_for_what_is_unexplained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = session()
    rows[3]["response"]["location"] = "elsewhere"
    replayed(rows, tmp_path)

    assert main([str(tmp_path / "session.jsonl"), str(tmp_path / "page.md")]) == 1
    assert main([str(tmp_path / "missing.jsonl")]) == 64

    said = capsys.readouterr()
    assert "by hand 3: GET" in said.out
    assert "5 replayed, 4 identical, 0 explained, 1 unexplained" in said.out
    assert "usage: make parity" in said.err
    assert "GET Microsoft.Communication/communicationServices | 2 | 1 | 0 | 1 | 0 |" in (
        (tmp_path / "page.md").read_text(encoding="utf-8")
    )


def test_the_page_in_the_documents_has_the_reasons_of_today() -> None:
    page = (ROOT / "docs" / "parity.md").read_text(encoding="utf-8")
    (total,) = (line for line in page.splitlines() if line.startswith("| **all"))
    listed = page.partition("| calls | reason |\n| --- | --- |\n")[2].splitlines()

    assert total.split(" | ")[4] == "**0**"
    assert [line.split(" | ")[1].removesuffix(" |") for line in listed] == [
        entry.reason for entry in explanations()
    ]


def test_the_numbers_in_the_readme_are_those_of_the_page() -> None:
    page = (ROOT / "docs" / "parity.md").read_text(encoding="utf-8")
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    (total,) = (line for line in page.splitlines() if line.startswith("| **all"))
    replayed, identical = (cell.strip("*") for cell in total.split(" | ")[1:3])

    assert f"It answers {identical} of {replayed} recorded calls as Azure did" in readme


def test_no_recording_is_part_of_the_project() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in listed if name.endswith((".jsonl", ".har", ".Recording.json"))] == []
