"""No address is ever shown: whatever is planned or applied, in every format, and when it fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.step import StepRunner
from tests.addresses.lists import ENTRIES, FILE, KEY, Lists
from tests.conftest import Lab, Ran

LOCALS = ("zq.person", "zq-nobody", "zq+tag", "zq#sharp", "zq_ünïcode", "zq'quote", "ZQ.Upper")
DOMAINS = ("xw-example.com", "xw-mail.example.org", "XW-Upper.net")
MARKS = ("zq", "xw-")
"""What every address of these tests holds, and nothing else does."""

addresses = st.builds(
    lambda local, number, domain: f"{local}{number}@{domain}",
    st.sampled_from(LOCALS),
    st.integers(0, 5),
    st.sampled_from(DOMAINS),
)
some = st.lists(addresses, max_size=6, unique_by=str.lower)
words = st.sampled_from(["plan", "json", "markdown", "requests", "apply", "apply json"])

FAULTS: tuple[dict[str, Any], ...] = (
    {"method": "PUT", "status": 400, "code": "BadRequest"},
    {"method": "PUT", "status": 500, "code": "InternalServerError"},
    {"method": "PUT", "status": 429, "code": "TooManyRequests", "headers": {"Retry-After": "0"}},
    {"method": "PUT", "status": 409, "code": "zq.person0@xw-example.com"},
    {"method": "PUT", "status": 403, "code": "AuthorizationFailed"},
    {"method": "DELETE", "status": 412, "code": "zq"},
    {"method": "DELETE", "status": 500, "code": "Oops"},
    {"method": "GET", "status": 500, "code": "InternalServerError"},
    {"method": "GET", "status": 403, "code": "zq/xw-"},
    {"method": "GET", "cut": True},
)


def quoting(fault: dict[str, Any]) -> dict[str, Any]:
    """Return a fault whose message quotes an address, on many lines."""
    said = "zq.person0@xw-example.com is bad\nzq.person1@XW-UPPER.NET, too"
    return {"path": "suppressionListAddresses", "times": 3, "message": said, **fault}


def run(lab: Lab, word: str) -> Ran:
    """Plan or apply, and return all that was printed."""
    match word:
        case "plan":
            return lab.plan()
        case "requests":
            return lab.plan("--requests")
        case "apply":
            return lab.apply()
        case "apply json":
            return lab.apply("-o", "json")
        case form:
            return lab.plan("-o", form)


def assert_silent(text: str) -> None:
    """Fail if a part of any address is in a text, in any case."""
    shown = [mark for mark in MARKS if mark in text.lower()]
    assert shown == [], text


def assert_nothing_written(lists: Lists, before: Iterable[str]) -> None:
    """Fail if a file that the tests have not written is there, and holds an address."""
    for path in lists.lab.folder.rglob("*"):
        if path.is_file() and str(path) not in before:
            assert_silent(path.read_text(encoding="utf-8", errors="replace"))


@settings(max_examples=30)
@given(
    live=some,
    wanted=some,
    hashed=some,
    exact=st.booleans(),
    percent=st.sampled_from([0, 10, 100]),
    faults=st.lists(st.sampled_from(FAULTS), max_size=2),
    skip=st.integers(0, 4),
    runs=st.lists(words, min_size=1, max_size=3),
)
def test_no_output_shows_an_address_and_a_second_plan_is_empty(
    lists: Lists,
    live: list[str],
    wanted: list[str],
    hashed: list[str],
    exact: bool,
    percent: int,
    faults: list[dict[str, Any]],
    skip: int,
    runs: list[str],
) -> None:
    lab = lists.lab
    lab.arm.reset()
    lab.arm.group()
    shutil.rmtree(lab.folder / "specs", ignore_errors=True)
    lab.project()
    lists.made(*live)
    known = [a for a in hashed if a.lower() in {x.lower() for x in [*live, *wanted]}]
    said: dict[str, Any] = {"exact": exact, "file": FILE}
    lists.file("# comment", "", *wanted)
    if known:
        said["hashed"] = sorted(set(lists.hashed(*known)))
    lists.spec(**said)
    lab.project(guards={"maxAddressRemovePercent": percent})
    before = {str(path) for path in lab.folder.rglob("*")}
    for fault in faults:
        lab.arm.fault(**quoting(fault), skip=skip)
    for word in runs:
        ran = run(lab, word)
        assert_silent(ran.out + ran.err)
        assert "bug" not in ran.err
        assert ran.code in (0, 1, 2, 3, 4, 5, 6)
    lab.arm.mend()
    assert_nothing_written(lists, before)
    lab.project(guards={"maxAddressRemovePercent": 100})
    if exact and not wanted:
        assert lab.apply().code == 3
        assert set(lists.on_list()) >= set(live)
        return
    ran = lab.apply("-q")
    assert ran.code == 0, ran.out + ran.err
    assert_silent(ran.out + ran.err)
    assert lab.plan().code == 0
    kept = {a.lower() for a in [*wanted, *known]}
    there = {a.lower() for a in lists.on_list()}
    assert there == (kept if exact else kept | {a.lower() for a in live})


@settings(max_examples=60)
@given(lines=st.lists(st.text(max_size=30) | addresses, max_size=30), salt=st.binary(max_size=4))
def test_a_bad_file_is_told_by_its_lines_alone(lists: Lists, lines: list[str], salt: bytes) -> None:
    marked = [f"{line} zq {line}" for line in lines]
    lists.bytes("\n".join(marked).encode("utf-8", "replace") + salt)
    lists.spec(file=FILE)
    for words in (["validate"], ["validate", "-o", "json"], ["validate", "-o", "concise"],
                  ["validate", "-o", "github"], ["plan", "--target", lists.lab.arm.url],
                  ["addresses", "check"], ["addresses", "hash", f"specs/{FILE}"]):  # fmt: skip
        ran = lists.lab.run(*words)
        assert_silent(ran.out + ran.err)
        assert ran.code in (0, 2, 3), ran.err


STRAYS: tuple[Any, ...] = (
    ["zq@xw-example.com"],
    "zq@xw-example.com",
    {"zq@xw-example.com": None},
    {"file": 5, "zq@xw-example.com": "zq"},
    {"file": FILE, "hashed": ["zq@xw-example.com", "zq@xw-example.com"]},
    {"file": FILE, "hashed": "zq@xw-example.com"},
    {"file": FILE, "hashed": {"zq@xw-example.com": "zq"}},
    {"file": FILE, "hashed": ["hmac-sha256:zq"]},
    {"file": FILE, "exact": "zq@xw-example.com"},
    {"file": "/zq/xw-"},
    {"file": ["zq@xw-example.com"]},
)


@pytest.mark.parametrize("stray", STRAYS, ids=str)
@pytest.mark.parametrize("form", ["text", "json", "concise", "github"])
def test_an_address_that_strayed_into_a_spec_is_not_quoted(
    lists: Lists, stray: Any, form: str
) -> None:
    lists.raw("", {"list-a": {"sender": "billing", "addresses": stray}})
    ran = lists.lab.run("validate", "-o", form)
    assert ran.code == 3
    assert "ACS096" in ran.out
    assert_silent(ran.out + ran.err)


def test_a_change_between_plan_and_apply_is_told_without_what_changed(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.made("zq-one@xw-example.com", "zq-two@xw-example.com")
    lists.lab.project(guards={"maxAddressRemovePercent": 100})
    lists.file("zq-two@xw-example.com")
    lists.spec(file=FILE, exact=True)
    ours = StepRunner.run
    numbers = iter(range(9))

    def meddled(self: Any, step: Any) -> Any:
        email = f"zq-{next(numbers)}@xw-mail.example.com"
        body = {"properties": {"email": email, "notes": "zq"}}
        lists.lab.arm.put(step.resource.text, body)
        return ours(self, step)

    monkeypatch.setattr(StepRunner, "run", meddled)
    for form in ("text", "json"):
        ran = lists.lab.apply("-o", form)
        assert ran.code == 5, ran.out
        assert "stale" in ran.out
        assert_silent(ran.out + ran.err)


def test_names_that_others_gave_to_entries_are_not_shown(lists: Lists) -> None:
    lists.made()
    for number in range(3):
        path = f"{ENTRIES}/zq-at-xw-{number}"
        lists.lab.arm.put(path, {"properties": {"email": f"zq{number}@xw-example.com"}})
    lists.lab.project(guards={"maxAddressRemovePercent": 100})
    lists.file("other@example.com")
    lists.spec(file=FILE, exact=True)
    for word in ("plan", "requests", "json", "markdown"):
        ran = run(lists.lab, word)
        assert ran.code == 2
        assert_silent(ran.out + ran.err)
    lists.lab.arm.fault(**quoting({"method": "DELETE", "status": 400, "code": "Bad"}))
    for word in ("apply json", "apply"):
        ran = run(lists.lab, word)
        assert_silent(ran.out + ran.err)


def test_a_failure_keeps_its_code_and_its_correlation_id(lists: Lists) -> None:
    lists.made()
    lists.file("zq@xw-example.com")
    lists.spec(file=FILE)
    lists.lab.arm.fault(**quoting({"method": "PUT", "status": 400, "code": "BadRequest"}))
    ran = lists.lab.apply()
    assert ran.code == 1
    assert "BadRequest: what Azure said is not shown, since it may quote an address" in ran.out
    assert "correlation id" in ran.out
    assert_silent(ran.out + ran.err)


@pytest.mark.parametrize("code", ["zq", "zq xw-", "zq.person0@xw-example.com"])
def test_a_code_that_azure_would_not_use_is_withheld(lists: Lists, code: str) -> None:
    lists.made("zq.person0@xw-example.com", "other@xw-example.com")
    lists.lab.project(guards={"maxAddressRemovePercent": 100})
    lists.file("other@xw-example.com")
    lists.spec(file=FILE, exact=True)
    lists.lab.arm.fault(**quoting({"method": "DELETE", "status": 412, "code": code}))
    ran = lists.lab.apply()
    assert ran.code == 1
    assert "withheld: what Azure said is not shown" in ran.out
    assert_silent(ran.out + ran.err)


@pytest.mark.parametrize("debug", [False, True])
def test_the_key_is_never_shown(lists: Lists, monkeypatch: pytest.MonkeyPatch, debug: bool) -> None:
    if debug:
        monkeypatch.setenv("RECONCILER_DEBUG", "1")
    lists.file("zq@xw-example.com")
    lists.spec(file=FILE)
    for word in ("plan", "json", "markdown", "requests", "apply", "apply json"):
        ran = run(lists.lab, word)
        assert KEY not in ran.out + ran.err
    ran = lists.lab.run("doctor", "--target", lists.lab.arm.url)
    assert "RECONCILER_PRIVACY_KEY is set, for the addresses of 1 list" in ran.out
    assert KEY not in ran.out + ran.err


def test_values_in_memory_do_not_show_addresses_in_their_repr(lists: Lists) -> None:
    from reconciler.app.loading.addresses import Addresses
    from reconciler.app.loading.specs import load

    lists.file("zq@xw-example.com")
    lists.spec(file=FILE)
    desired = load((), addresses=Addresses.NEEDED).desired
    assert desired.entries[0].contents is not None
    assert list(desired.entries[0].contents.addresses) == ["zq@xw-example.com"]
    assert_silent(repr(desired.entries))
    assert KEY not in repr(desired.entries)
