"""Addresses of suppression lists from the file to the list: added, left alone, and removed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.addresses.lists import ADDRESS, ENTRIES, FILE, LIST, Lists

ALICE, BOB, CAROL = "alice@example.com", "bob@example.org", "carol@example.net"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def many(count: int, first: int = 0) -> list[str]:
    """Return addresses, sorted."""
    return [f"person-{number:04}@example.com" for number in range(first, first + count)]


def test_addresses_of_the_file_are_added_once_the_list_is_there(lists: Lists) -> None:
    lists.file(ALICE, BOB)
    lists.spec(file=FILE)
    plan = lists.lab.plan()
    assert f"  + add 2 addresses {ADDRESS}\n" in plan.out
    assert "2 addresses to add" in plan.out
    assert lists.lab.apply().code == 0
    assert lists.on_list() == [ALICE, BOB]
    puts = [e["path"] for e in lists.lab.arm.requests() if e["method"] == "PUT"]
    assert puts.index(LIST) < min(i for i, path in enumerate(puts) if path.startswith(ENTRIES))
    assert lists.lab.plan().code == 0
    lists.lab.arm.forget()
    assert lists.lab.apply().code == 0
    assert lists.lab.arm.writes() == []


def test_names_are_guids_that_are_the_same_in_every_run_and_hang_on_list_and_key(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> list[str]:
        lists.lab.arm.reset()
        lists.lab.arm.group()
        assert lists.lab.apply("-q").code == 0
        log = lists.lab.arm.requests()
        return sorted(e["path"] for e in log if e["method"] == "PUT" and "Addresses/" in e["path"])

    lists.file(ALICE, BOB)
    entry = {"sender": "billing", "addresses": {"file": FILE}}
    lists.raw("", {"list-a": entry, "list-b": entry})
    first = names()
    assert len({path.rpartition("/")[2] for path in first}) == 4
    assert all(GUID.fullmatch(path.rpartition("/")[2]) for path in first)
    assert names() == first
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "another key of the tests")
    assert not {p.rpartition("/")[2] for p in names()} & {p.rpartition("/")[2] for p in first}


def test_an_address_counts_as_there_whatever_its_entry_is_called_and_however_it_is_spelt(
    lists: Lists,
) -> None:
    lists.made("Alice@EXAMPLE.com", " bob@example.org ")
    lists.file("ALICE@example.com", "bob@Example.org")
    lists.spec(file=FILE, exact=True)
    assert lists.lab.plan().code == 0
    assert lists.lab.apply().code == 0
    assert lists.lab.arm.writes() == []


def test_another_key_sends_nothing_for_what_the_file_has(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.file(ALICE)
    lists.spec(file=FILE, exact=True)
    lists.lab.settle()
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "another key of the tests")
    assert lists.lab.plan().code == 0


def test_what_somebody_else_has_put_on_the_list_stays_by_default(lists: Lists) -> None:
    lists.made(BOB)
    lists.file(ALICE)
    lists.spec(file=FILE)
    lists.lab.settle()
    assert lists.on_list() == [ALICE, BOB]


def test_exact_removes_what_is_neither_in_the_file_nor_hashed(lists: Lists) -> None:
    lists.made(ALICE, BOB, CAROL)
    lists.lab.project(guards={"maxAddressRemovePercent": 40})
    lists.file(ALICE)
    lists.spec(file=FILE, hashed=lists.hashed(BOB), exact=True)
    plan = lists.lab.plan()
    assert f"  - remove 1 address {ADDRESS}\n" in plan.out
    assert "note: these people would get mail from this sender again" in plan.out
    assert lists.lab.apply().code == 0
    assert lists.on_list() == [ALICE, BOB]
    assert [verb for verb, _, _ in lists.lab.arm.writes()] == ["DELETE"]


def test_without_a_file_hashes_alone_can_keep_a_list(lists: Lists) -> None:
    lists.made(ALICE, BOB)
    lists.spec(hashed=lists.hashed(ALICE), exact=True)
    assert lists.lab.apply().code == 0  # one may always go
    assert lists.on_list() == [ALICE]


def test_a_hash_that_is_not_on_the_list_is_refused_unless_the_file_has_its_address(
    lists: Lists,
) -> None:
    lists.made(*many(20))
    lists.spec(hashed=lists.hashed(ALICE, BOB, *many(20)), exact=True)
    ran = lists.lab.apply()
    assert ran.code == 4
    assert f"  ! blocked add 2 addresses {ADDRESS}\n" in ran.out
    assert "a hash cannot be turned back" in ran.out
    assert "2 addresses that cannot be added" in ran.out
    assert lists.lab.arm.writes() == []
    lists.file(ALICE, BOB)
    lists.spec(file=FILE, hashed=lists.hashed(ALICE, BOB, *many(20)), exact=True)
    lists.lab.settle()
    assert lists.on_list() == sorted([ALICE, BOB, *many(20)])


def test_hashes_of_another_key_remove_nobody(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    lists.made(ALICE)
    lists.lab.project(guards={"maxAddressRemovePercent": 100})
    lists.spec(hashed=lists.hashed(ALICE), exact=True)
    assert lists.lab.plan().code == 0
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "another key of the tests")
    assert lists.lab.apply().code == 4
    assert lists.lab.arm.writes() == []


@pytest.mark.parametrize(
    ("live", "removed", "guards", "code"),
    [
        (30, 3, {}, 0),
        (30, 4, {}, 4),
        (5, 1, {}, 0),
        (5, 2, {}, 4),
        (1, 1, {}, 0),
        (30, 1, {"maxAddressRemovePercent": 0}, 4),
        (30, 4, {"maxAddressRemovePercent": 14}, 0),
        (30, 30, {"maxAddressRemovePercent": 100}, 0),
        (30, 30, {"maxAddressRemovePercent": 99}, 4),
    ],
)
def test_more_than_a_share_of_a_list_is_not_removed(
    lists: Lists, live: int, removed: int, guards: Any, code: int
) -> None:
    lists.made(*many(live))
    lists.lab.project(guards={"maxDeletes": 0, **guards})
    lists.file(ALICE, *many(live - removed, removed))
    lists.spec(file=FILE, exact=True)
    ran = lists.lab.apply()
    assert ran.code == code, ran.out
    if code:
        share = -(-removed * 100 // live)
        assert f"{removed} of {live} addresses would be removed ({share} %)" in ran.out
        assert f"set `guards: {{maxAddressRemovePercent: {share}}}`" in ran.out
        assert lists.lab.arm.writes() == []
    else:
        assert lists.on_list() == [ALICE, *many(live - removed, removed)]


def test_the_limit_that_a_refusal_names_is_enough(lists: Lists) -> None:
    lists.made(*many(30))
    lists.file(*many(23, 7))
    lists.spec(file=FILE, exact=True)
    ran = lists.lab.plan()
    named = re.search(r"maxAddressRemovePercent: (\d+)", ran.out)
    assert ran.code == 4
    assert named
    lists.lab.project(guards={"maxAddressRemovePercent": int(named[1])})
    assert lists.lab.plan().code == 2


FAILURES: dict[str, dict[str, Any]] = {
    "a server error": {"status": 500, "code": "InternalServerError", "message": f"oops {BOB}"},
    "no permission": {"status": 403, "code": "AuthorizationFailed", "message": f"not {BOB}"},
    "a cut connection": {"cut": True},
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_list_that_cannot_be_read_is_left_alone(lists: Lists, kind: str) -> None:
    lists.made(ALICE, BOB)
    lists.lab.project(guards={"maxAddressRemovePercent": 100})
    lists.file(CAROL)
    lists.spec(file=FILE, exact=True)
    lists.lab.arm.fault(method="GET", path="Addresses$", times=100, **FAILURES[kind])
    ran = lists.lab.apply()
    assert ran.code == 1
    assert "could not be read" in ran.out
    assert BOB not in ran.out + ran.err
    assert lists.lab.arm.writes() == []


def test_half_a_list_removes_and_adds_nothing(lists: Lists) -> None:
    lists.made()
    lists.file(*many(1100))
    lists.spec(file=FILE, exact=True)
    for address in many(1100):  # more than one page
        name = f"00000000-0000-0000-0000-{address[7:11]:0>12}"
        lists.lab.arm.put(f"{ENTRIES}/{name}", {"properties": {"email": address}})
    lists.lab.arm.forget()
    assert lists.lab.plan().code == 0
    lists.lab.arm.fault(method="GET", path="Addresses$", skip=1, times=100, status=500)
    document = lists.lab.plan("-o", "json").json
    assert not document["complete"]
    assert document["steps"] == []
    assert document["addresses"] == {}


def test_what_the_list_does_not_show_yet_is_asked_for_by_name(lists: Lists) -> None:
    lists.file(ALICE, BOB)
    lists.spec(file=FILE)
    lists.lab.settle()
    gets = [e["path"] for e in lists.lab.arm.requests() if "Addresses/" in e["path"]]
    assert gets == []
    lists.file(ALICE, BOB, CAROL)
    assert lists.lab.plan().code == 2
    gets = [e["path"] for e in lists.lab.arm.requests() if "Addresses/" in e["path"]]
    assert len(gets) == 1
    lists.lab.settle()


def test_an_entry_whose_address_somebody_has_changed_is_not_overwritten(lists: Lists) -> None:
    lists.file(ALICE)
    lists.spec(file=FILE)
    lists.lab.settle()
    name = lists.lab.arm.send("GET", ENTRIES)[1]["value"][0]["name"]
    lists.lab.arm.put(f"{ENTRIES}/{name}", {"properties": {"email": BOB}})
    lists.lab.settle()
    assert lists.on_list() == [ALICE, BOB]
    assert lists.lab.plan().code == 0


def test_an_entry_without_an_address_is_never_removed(lists: Lists) -> None:
    lists.made("", ALICE, BOB)
    lists.file(ALICE)
    lists.spec(file=FILE, exact=True)
    plan = lists.lab.plan()
    assert "note: 1 more have no address that can be read, and stay" in plan.out
    assert lists.lab.apply().code == 0
    assert lists.on_list() == ["", ALICE]


@pytest.mark.parametrize("list_a", [None, {"sender": "billing", "remove": True}])
def test_nothing_happens_to_the_entries_of_a_list_that_goes(lists: Lists, list_a: Any) -> None:
    lists.made(ALICE)
    loose = "lifecycle: {preventDelete: false, until: '2999-01-01'}"
    if list_a is not None:
        list_a["addresses"] = {"file": "not/there.txt", "exact": True}
    lists.raw(loose, {"list-a": list_a})
    ran = lists.lab.apply()
    assert ran.code == 0, ran.out + ran.err
    assert [(verb, name) for verb, name, _ in lists.lab.arm.writes()] == [("DELETE", "list-a")]


def test_destroying_a_stack_needs_neither_key_nor_file(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.file(ALICE)
    lists.spec("lifecycle: {preventDelete: false, until: '2999-01-01'}", file=FILE)
    lists.lab.settle()
    lists.lab.project(guards={"maxDeletes": 9, "maxDeletePercent": 100})
    monkeypatch.delenv("RECONCILER_PRIVACY_KEY")
    (lists.lab.folder / "specs" / FILE).unlink()
    ran = lists.lab.apply("--destroy")
    assert ran.code == 0, ran.out + ran.err


def test_a_list_that_is_made_anew_gets_its_addresses_back(lists: Lists) -> None:
    lists.file(ALICE, BOB)
    lists.spec(file=FILE)
    lists.lab.settle()
    domain = {
        "management": "CustomerManagedInExchangeOnline",
        "lifecycle": {"preventReplace": False, "until": "2999-01-01"},
        "senderUsernames": {"billing": {}},
        "suppressionLists": {"list-a": {"sender": "billing", "addresses": {"file": FILE}}},
    }
    mail: Any = {"dataLocation": "Europe", "domains": {"a.test": domain}}
    lists.lab.spec(emailServices={"mail": mail})
    ran = lists.lab.apply()
    assert ran.code == 0, ran.out + ran.err
    assert lists.on_list() == [ALICE, BOB]


def test_a_failed_list_skips_its_addresses_in_one_line(lists: Lists) -> None:
    lists.file(ALICE, BOB)
    lists.spec(file=FILE)
    refused = {"status": 400, "code": "BadRequest", "message": "no"}
    lists.lab.arm.fault(method="PUT", path="suppressionLists/list-a$", times=9, **refused)
    ran = lists.lab.apply()
    assert ran.code == 1
    assert f"  skipped   PUT    2 addresses of {ADDRESS}\n" in ran.out
    assert f"because of PUT {ADDRESS.removesuffix('/addresses')}\n" in ran.out


def test_addresses_in_several_environments_come_from_the_files_that_the_environments_name(
    lists: Lists,
) -> None:
    lists.file(ALICE, name="suppressed/prod.txt")
    lists.spec("vars: {stage: {type: string, default: dev}}", file="suppressed/${var.stage}.txt")
    folder = lists.lab.folder / "environments"
    folder.mkdir()
    (folder / "prod.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Environment\nmetadata: {name: prod}\n"
        "spec: {stacks: [../specs/test.yaml], vars: {stage: prod},"
        " guards: {maxAddressRemovePercent: 0}}\n",
        encoding="utf-8",
    )
    assert lists.lab.run("validate").code == 0
    assert lists.lab.plan().code == 3
    assert lists.lab.apply("-e", "prod").code == 0
    assert lists.on_list() == [ALICE]
    lists.file(BOB, name="suppressed/prod.txt")
    assert lists.lab.plan("-e", "prod").code == 2
    lists.spec(
        "vars: {stage: {type: string, default: dev}}",
        file="suppressed/${var.stage}.txt",
        exact=True,
    )
    assert lists.lab.plan("-e", "prod").code == 4


def test_export_never_asks_for_addresses(lists: Lists) -> None:
    lists.made(ALICE)
    ran = lists.lab.run(
        "export", "--target", lists.lab.arm.url, "--out", "out",
        "--subscription", "11111111-2222-3333-4444-555555555555",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    (text,) = [path.read_text(encoding="utf-8") for path in (lists.lab.folder / "out").iterdir()]
    assert "list-a" in text
    assert "addresses" not in text
    assert not [e for e in lists.lab.arm.requests() if "Addresses" in e["path"]]


def test_a_stack_without_addresses_reads_none(lists: Lists) -> None:
    lists.made(ALICE)
    assert lists.lab.plan().code == 0
    assert not [e for e in lists.lab.arm.requests() if "Addresses" in e["path"]]


def test_json_has_numbers_where_other_resources_have_requests(lists: Lists) -> None:
    lists.made(ALICE)
    lists.lab.project(guards={"maxAddressRemovePercent": 100})
    lists.file(BOB, CAROL)
    lists.spec(file=FILE, exact=True)
    document = lists.lab.plan("-o", "json").json
    assert document["counts"] == {"none": 4}
    assert document["addresses"] == {"create": 2, "delete": 1}
    private = [c for c in document["changes"] if c["kind"] == "SuppressionListAddress"]
    assert [(c["action"], c["addresses"], c["address"]) for c in private] == [
        ("create", 2, ADDRESS),
        ("delete", 1, ADDRESS),
    ]
    assert document["steps"] == [
        {
            "id": f"{verb} {ADDRESS}",
            "method": verb,
            "resource": f"{ENTRIES}/(private)",
            "private": count,
            "body": None,
            "after": [],
            "pending": {},
        }
        for verb, count in (("PUT", 2), ("DELETE", 1))
    ]
    report = json.loads(lists.lab.apply("-o", "json").out)
    assert [(o["method"], o["private"], o["result"]) for o in report["outcomes"]] == [
        ("PUT", 2, "done"),
        ("DELETE", 1, "done"),
    ]
    assert report["converged"]
