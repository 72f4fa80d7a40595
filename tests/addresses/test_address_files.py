"""Files of addresses: which are read, which are refused, and how long that takes."""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import time
from typing import Any

import pytest

from reconciler.core.changes.privacy import keyed_hash
from reconciler.documents.addresses import addresses_in
from tests.addresses.lists import FILE, KEY, Lists

GOOD: dict[str, bytes] = {
    "line feeds": b"a@b.test\nc@d.test\n",
    "no last break": b"a@b.test\nc@d.test",
    "CRLF": b"a@b.test\r\nc@d.test\r\n",
    "a BOM": b"\xef\xbb\xbfa@b.test\nc@d.test\n",
    "comments, blank lines and space": b"# all\n\n  a@b.test \t\nc@d.test # by phone\n#\n",
    "the same address twice": b"a@b.test\nA@B.test\nc@d.test\n",
}
BAD: dict[str, tuple[bytes, str]] = {
    "two on a line": (b"a@b.test c@d.test\n", "FILE:1:1: ACS095"),
    "the second line": (b"a@b.test\nnobody\n", "FILE:2:1: ACS095"),
    "a display name": (b"# x\r\nA <a@b.test>\r\n", "FILE:2:1: ACS095"),
    "no dot": (b"a@b\n", "FILE:1:1: ACS095"),
    "an invisible character": ("a\u200b@b.test\n".encode(), "FILE:1:1: ACS095"),
    "too long": (b"a@" + b"b" * 60 + b".test" * 50 + b"\n", "FILE:1:1: ACS095"),
    "Latin-1": ("é@b.test\n".encode("latin-1"), "FILE:1:1: ACS094"),
    "UTF-16": ("a@b.test\n".encode("utf-16"), "FILE:1:1: ACS094"),
    "binary": (bytes(range(256)), "FILE:1:1: ACS094"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_file_may_be_written_in_any_usual_way(name: str) -> None:
    found, problems = addresses_in(GOOD[name], "x")
    assert (list(found), problems) == (["a@b.test", "c@d.test"], [])


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_a_bad_file_is_an_error_at_its_line(lists: Lists, name: str, command: str) -> None:
    content, told = BAD[name]
    lists.bytes(content)
    lists.spec(file=FILE)
    ran = lists.lab.run("validate", "-o", "concise")
    assert ran.code == 3
    assert ran.out.startswith(told.replace("FILE", f"specs/{FILE}"))
    if command == "plan":
        ran = lists.lab.plan()
        assert ran.code == 3
        assert lists.lab.arm.requests() == []


def test_a_file_with_nothing_but_bad_lines_is_told_in_few_words(lists: Lists) -> None:
    lists.file(*["nobody"] * 1000)
    lists.spec(file=FILE)
    lines = lists.lab.run("validate", "-o", "concise").out.splitlines()
    assert len(lines) == 21
    assert "specs/suppressed/a.txt:21:1: ACS095 980 more lines are no addresses" in lines[-1]


def test_an_address_may_hold_a_sharp() -> None:
    assert list(addresses_in(b"a#b@c.test #d@e.test", "x")[0]) == ["a#b@c.test"]


def test_two_addresses_that_only_a_casefold_takes_for_one_are_two() -> None:
    found, _ = addresses_in("a@straße.test\na@strasse.test".encode(), "x")
    assert len(found) == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# nobody\n", b"\xef\xbb\xbf"])
def test_an_empty_file_removes_nobody(lists: Lists, content: bytes) -> None:
    lists.made("a@b.test")
    lists.lab.project(guards={"maxAddressRemovePercent": 100})
    lists.bytes(content)
    lists.spec(file=FILE, exact=True)
    for command in ("validate", "plan", "apply"):
        ran = getattr(lists.lab, command)() if command != "validate" else lists.lab.run(command)
        assert ran.code == 3
        assert "ACS094" in ran.out + ran.err
    assert lists.lab.arm.writes() == []
    lists.spec(file=FILE)
    assert lists.lab.plan().code == 0


@pytest.mark.parametrize("obstacle", ["missing", "a folder", "not readable", "a pipe"])
def test_a_file_that_cannot_be_read_is_a_warning_of_validate_and_an_error_of_plan(
    lists: Lists, obstacle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.made("a@b.test")
    path = lists.lab.folder / "specs" / FILE
    path.parent.mkdir(parents=True)
    if obstacle == "a folder":
        path.mkdir()
    elif obstacle == "a pipe":
        os.mkfifo(path)
    elif obstacle == "not readable":
        path.write_text("c@d.test\n", encoding="utf-8")
        opened = os.open

        def refused(place: Any, *arguments: Any, **named: Any) -> int:
            if str(place).endswith(path.name):
                raise PermissionError(13, "Permission denied")
            return opened(place, *arguments, **named)

        monkeypatch.setattr(os, "open", refused)
    lists.spec(file=FILE, exact=True)
    lists.lab.project(guards={"maxAddressRemovePercent": 100})
    ran = lists.lab.run("validate", "-o", "concise")
    assert ran.code == 0
    assert "warning ACS094" in ran.out
    assert "cannot be read" in ran.out
    for ran in (lists.lab.plan(), lists.lab.apply()):
        assert ran.code == 3
        assert "error[ACS094]" in ran.err
    assert lists.lab.arm.requests() == []


@pytest.mark.parametrize("key", ["", "too short", "  fifteen chars   "])
def test_validate_needs_no_key_and_plan_does(
    lists: Lists, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", key)
    lists.file("a@b.test")
    lists.spec(file=FILE)
    ran = lists.lab.run("validate", "-o", "concise")
    assert ran.code == 0
    assert "warning ACS093 RECONCILER_PRIVACY_KEY" in ran.out
    for ran in (lists.lab.plan(), lists.lab.apply(), lists.lab.run("addresses", "check")):
        assert ran.code == 3
        assert "error[ACS093]" in ran.err
        assert "openssl rand -base64 32" in ran.err
        assert "--> specs/test.yaml:" in ran.err
    assert lists.lab.arm.requests() == []
    ran = lists.lab.run("addresses", "hash", f"specs/{FILE}")
    assert ran.code == 64
    assert "openssl rand" in ran.err
    ran = lists.lab.run("doctor", "--target", lists.lab.arm.url)
    assert ran.code == 1
    assert "1 list of addresses cannot be planned" in ran.out
    assert "too short" not in ran.out


def test_neither_key_nor_file_are_needed_where_nothing_is_said_of_addresses(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECONCILER_PRIVACY_KEY")
    lists.spec()
    lists.lab.settle()
    assert "privacy key" not in lists.lab.run("doctor", "--target", lists.lab.arm.url).out


def test_all_that_is_missing_is_told_in_one_run(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECONCILER_PRIVACY_KEY")
    lists.file("nobody", name="suppressed/b.txt")
    lists.raw(
        "",
        {
            "list-a": {"sender": "billing", "addresses": {"file": FILE}},
            "list-b": {"sender": "nobody-else", "addresses": {"file": "suppressed/b.txt"}},
        },
    )
    ran = lists.lab.plan()
    assert ran.code == 3
    assert [code in ran.err for code in ("ACS093", "ACS094", "ACS095")] == [True] * 3
    assert "3 errors in 2 files" in ran.err


def test_hashes_are_hmacs_of_the_folded_address_sorted_and_once(lists: Lists) -> None:
    lists.bytes(b" B@b.test\nb@B.test # again\na@b.test\n", "../x.txt")
    ran = lists.lab.run("addresses", "hash", "x.txt")
    expected = [
        "hmac-sha256:" + hmac.new(KEY.encode(), address, hashlib.sha256).hexdigest()
        for address in (b"a@b.test", b"b@b.test")
    ]
    assert ran.out.splitlines() == sorted(expected)
    assert ran.code == 0


def test_space_around_the_key_does_not_count(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lists.hashed("a@b.test")
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", f"{KEY}\n")
    assert lists.hashed("a@b.test") == first == [keyed_hash(KEY.encode(), "a@b.test")]


@pytest.mark.parametrize("words", [(), ("-",)])
def test_hashes_of_standard_input(
    lists: Lists, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a@b.test\nwrong zq")))
    ran = lists.lab.run("addresses", "hash", *words)
    assert ran.code == 3
    assert "--> <stdin>:2:1" in ran.err
    assert "zq" not in ran.err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a@b.test\n")))
    assert lists.lab.run("addresses", "hash", *words).out.split() == lists.hashed("a@b.test")


def test_a_file_to_hash_that_is_not_there_is_told(lists: Lists) -> None:
    ran = lists.lab.run("addresses", "hash", "nowhere.txt")
    assert ran.code == 1
    assert "error: the file `nowhere.txt` cannot be read: no such file" in ran.err


def test_check_says_in_figures_what_each_list_is_given(lists: Lists) -> None:
    lists.file("a@b.test", "c@d.test")
    lists.spec(file=FILE, hashed=lists.hashed("a@b.test", "e@f.test"), exact=True)
    ran = lists.lab.run("addresses", "check")
    assert ran.code == 0
    assert ran.out == (
        "test/emailServices/mail/domains/a.test/suppressionLists/list-a/addresses:"
        " 2 addresses in the file, 2 hashed (1 of them in the file), others are removed\n"
    )
    lists.spec()
    assert "No stack describes the addresses" in lists.lab.run("addresses", "check").out


def test_a_hundred_thousand_lines_take_a_few_seconds(lists: Lists) -> None:
    lists.file(*(f"person-{number}@example.com" for number in range(100_000)))
    lists.spec(file=FILE)
    lists.lab.arm.forget()
    begun = time.monotonic()
    ran = lists.lab.plan("-o", "json")
    assert ran.json["addresses"] == {"create": 100_000}
    assert len(ran.out) < 10_000
    assert time.monotonic() - begun < 30
