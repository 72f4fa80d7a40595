"""The journal of a run: what is on the disk before a request leaves, and what it tells later."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from reconciler.documents.schemas import load_schema
from reconciler.engine.ports import RequestFailedError, Sent
from reconciler.model.errors import UnavailableError
from reconciler.model.run import Runner
from reconciler.runs.journal import FOLDER, KEPT, Journal, read, runs
from tests.conftest import Lab
from tests.scenarios.test_apply_under_failure import start_apply

ANN = Runner("ann@here", 4242, "https://ci.test/1")
ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Communication/emailServices/mail"
ENTRY = f"{ID}/domains/d/suppressionLists/l/suppressionListAddresses/ann-example-com"
ACS = {"acs-x": {"dataLocation": "Europe"}}


def journal(root: Path) -> Journal:
    """Return a new journal."""
    return Journal(root, ANN, "https://arm.test", "prod")


def lines(root: Path) -> list[dict[str, object]]:
    """Return the lines of the only journal."""
    (path,) = (root / FOLDER).glob("*.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_that_sends_nothing_has_no_journal(tmp_path: Path) -> None:
    made = journal(tmp_path)
    made.end("done")
    made.close()
    assert not (tmp_path / FOLDER).exists()


def test_a_write_is_on_the_disk_before_it_leaves(tmp_path: Path) -> None:
    made = journal(tmp_path)
    made.leaving("PUT", ID, 1, b'{"tags": {"secret": "never in a journal"}}')
    assert [line["event"] for line in lines(tmp_path)] == ["begun", "sending"]
    made.answered("PUT", ID, Sent(201, "c-1"))
    made.end("done")
    made.close()
    assert [line["event"] for line in lines(tmp_path)][2:] == ["answered", "ended"]
    assert "never in a journal" not in json.dumps(lines(tmp_path))


def test_the_lines_are_as_their_schema_says(tmp_path: Path) -> None:
    made = journal(tmp_path)
    made.planned(2)
    made.leaving("PUT", ID, 1, b"{}")
    made.answered("PUT", ID, Sent(201, "c-1"))
    made.leaving("DELETE", ENTRY, 2, b"")
    made.answered("DELETE", ENTRY, Sent(None, problem="ServiceResponseError"))
    made.end("failed")
    made.close()
    validator = jsonschema.Draft7Validator(load_schema("journal"))
    for line in lines(tmp_path):
        validator.validate(line)
    assert not validator.is_valid({"event": "sending", "body": {}})


def test_the_names_of_private_entries_are_in_no_journal(tmp_path: Path) -> None:
    made = journal(tmp_path)
    made.leaving("PUT", ENTRY, 1, b'{"properties": {"email": "ann@example.com"}}')
    made.close()
    text = json.dumps(lines(tmp_path))
    assert "ann-example" not in text
    assert "ann@example" not in text


def test_a_journal_tells_which_writes_nobody_knows_the_end_of(tmp_path: Path) -> None:
    made = journal(tmp_path)
    made.planned(4)
    for name, answer in (("a", Sent(201, "c")), ("b", Sent(503)), ("c", Sent(None, problem="X"))):
        made.leaving("PUT", f"{ID}-{name}", 1, b"")
        made.answered("PUT", f"{ID}-{name}", answer)
    made.leaving("PUT", f"{ID}-d", 1, b"")
    made.close()
    (record,) = runs(tmp_path)
    assert record.is_unfinished
    assert (record.runner, record.environment, record.steps) == (ANN, "prod", 4)
    assert [write.is_open for write in record.writes] == [False, True, True, True]


def test_a_line_that_was_cut_off_is_counted_and_passed_over(tmp_path: Path) -> None:
    made = journal(tmp_path)
    made.leaving("PUT", ID, 1, b"")
    made.close()
    (path,) = (tmp_path / FOLDER).glob("*.jsonl")
    path.write_bytes(path.read_bytes() + b'{"at": "2026-11-25T00:00:00Z", "event": "answ')
    record = read(path)
    assert record is not None
    assert (record.torn, len(record.writes)) == (1, 1)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "\x00\xff", '{"format": "another"}'])
def test_a_file_that_is_no_journal_is_passed_over(tmp_path: Path, text: str) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    (folder / "x.jsonl").write_text(text, encoding="utf-8")
    assert runs(tmp_path) == ()


def test_the_newest_journals_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    for number in range(KEPT + 7):
        (folder / f"20000101T0000{number:02}Z-x.jsonl").write_text("{}", encoding="utf-8")
    made = journal(tmp_path)
    made.planned(1)
    made.close()
    kept = sorted(path.name for path in folder.glob("*.jsonl"))
    assert len(kept) == KEPT
    assert kept[0].startswith("20000101T000008Z")


def test_what_cannot_be_noted_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / ".reconciler").write_text("in the way", encoding="utf-8")
    made = journal(tmp_path)
    with pytest.raises(RequestFailedError, match="the journal cannot be written"):
        made.leaving("PUT", ID, 1, b"")
    with pytest.raises(UnavailableError, match="cannot be written"):
        made.planned(1)


# ------------------------------------------------------------------ on the command line


def test_an_apply_leaves_a_journal_that_can_be_read(lab: Lab) -> None:
    lab.spec(communicationServices=ACS)
    assert "nothing was applied" in lab.run("journal").out
    lab.settle()
    told = lab.run("journal")
    assert told.code == 0
    assert "communicationServices/acs-x" in told.out
    assert "answered with 201" in told.out
    assert "The run ended by itself: done." in told.out
    (run,) = json.loads(lab.run("journal", "-o", "json").out)["runs"]
    assert run["result"] == "done"
    assert run["run"] in lab.run("journal", "--list").out
    assert lab.run("journal", run["run"][:10]).out == told.out
    assert lab.run("journal", "no-such-run").code == 64


def test_an_apply_without_changes_leaves_none(lab: Lab) -> None:
    lab.spec(communicationServices=ACS)
    lab.settle()
    assert lab.apply().code == 0
    assert len(lab.run("journal", "--list").out.splitlines()) == 1


def test_the_next_run_mentions_one_that_was_killed_until_one_came_to_its_end(lab: Lab) -> None:
    lab.spec(communicationServices=ACS)
    made = Journal(lab.folder, Runner("ann@elsewhere", 1), lab.arm.url, "")
    made.leaving("PUT", ID, 1, b"")
    made.close()
    for ran in (lab.plan(), lab.plan("-o", "json"), lab.apply()):
        assert "by ann@elsewhere, process 1 did not come to its end" in ran.err
        assert "nobody knows what came of 1 more" in ran.err
    assert "did not come to its end" not in lab.plan().err


def test_a_killed_run_that_has_left_nothing_to_do_is_mentioned_by_one_more_apply(lab: Lab) -> None:
    lab.spec(communicationServices=ACS)
    lab.settle()
    made = Journal(lab.folder, Runner("ann@elsewhere", 1), lab.arm.url, "")
    made.planned(1)
    made.close()
    assert "did not come to its end" in lab.apply().err
    assert "did not come to its end" not in lab.apply().err


@pytest.mark.parametrize(("killed", "code"), [(True, 0), (False, 1)])
def test_what_a_killed_run_made_a_moment_ago_may_not_have_spread_yet(
    lab: Lab, killed: bool, code: int
) -> None:
    made = {"id-a": {"location": "westeurope"}}
    lab.spec(identities=made)
    lab.settle()
    role = {"role": "Reader", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
    lab.spec(identities=made, roleAssignments={"reads": role})
    lab.arm.send("PUT", "/emulator/settings", {"principalDelay": 2})
    if killed:
        before = Journal(lab.folder, Runner("ann@elsewhere", 1), lab.arm.url, "")
        before.planned(1)
        before.close()
    ran = lab.apply()
    assert ran.code == code, ran.out
    assert ("PrincipalNotFound" in ran.out) is not killed


def test_a_killed_run_against_something_else_is_not_mentioned(lab: Lab) -> None:
    lab.spec(communicationServices=ACS)
    made = Journal(lab.folder, ANN, "https://management.azure.com", "")
    made.planned(1)
    made.close()
    assert "did not come to its end" not in lab.plan().err


# ------------------------------------------------------------------ locks


def test_an_apply_that_finds_the_lock_taken_waits_and_then_says_who_has_it(lab: Lab) -> None:
    from reconciler.engine.clock import wall_time
    from reconciler.model.run import Lease
    from reconciler.runs import file_lock

    lab.spec(communicationServices=ACS)
    lock = file_lock.FileLock(lab.folder / file_lock.FOLDER / "default.json")
    lock.take(Lease(ANN, "a" * 32, wall_time(), wall_time() + 600))
    ran = lab.apply("--lock-timeout", "0s")
    assert ran.code == 1
    assert "ann@here (https://ci.test/1) holds the lock" in ran.err
    assert "reconciler lock release" in ran.err
    assert lab.arm.writes() == []
    assert lab.plan().code == 2
    shown = lab.run("lock", "show")
    assert shown.out.startswith("held:")
    assert "ann@here (https://ci.test/1)" in shown.out
    assert lab.run("lock", "release").code == 64
    assert lab.run("lock", "release", "--yes").out.startswith("released:")
    assert lab.run("lock", "show").out.startswith("free:")
    assert lab.apply().code == 0


def test_a_lock_that_is_lost_ends_the_run_before_the_next_write(lab: Lab) -> None:
    lab.spec(communicationServices={f"acs-{i}": {"dataLocation": "Europe"} for i in range(6)})
    lab.arm.fault(method="PUT", path="acs-", hold=True)
    process = start_apply(lab, "--parallelism", "1")
    while not lab.arm.send("GET", "/emulator/held")[1]:
        assert process.poll() is None
    assert lab.run("lock", "release", "--yes").code == 0
    lab.arm.send("DELETE", "/emulator/held")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "is no longer held by this run, so nothing was sent" in out
    assert "Ended early: lock lost" in out
    assert len(lab.arm.writes()) == 1


def test_a_deadline_ends_the_run_and_the_next_one_carries_on(lab: Lab) -> None:
    lab.spec(communicationServices={f"acs-{i}": {"dataLocation": "Europe"} for i in range(3)})
    lab.arm.fault(method="PUT", path="acs-", times=None, conflict=True)
    ran = lab.apply("--deadline", "1s", "--parallelism", "2")
    assert ran.code == 1
    assert "Ended early: deadline" in ran.out
    assert "give a longer --deadline" in ran.out
    assert json.loads(lab.run("journal", "-o", "json").out)["runs"][0]["result"] == "deadline"
    lab.arm.mend()
    assert lab.apply().code == 0
    assert lab.plan().code == 0
