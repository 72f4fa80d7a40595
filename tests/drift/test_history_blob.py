"""A history in a blob: runs on many machines add to it, and none loses what another has written."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from reconciler.app.drifting.history import ATTEMPTS, keeper_at
from reconciler.model.errors import UnavailableError
from tests.blob_server import Blob, BlobServer, Trouble
from tests.conftest import Lab, Ran, service
from tests.drift.test_history import drift, item

PATH = "/account/history/prod/drift.jsonl"
SPEC: dict[str, Any] = {
    "communicationServices": {"acs-a": {"dataLocation": "Europe", "tags": {"env": "prod"}}}
}


@pytest.fixture
def storage() -> Iterator[BlobServer]:
    with BlobServer() as server:
        yield server


def runs(storage: BlobServer) -> list[str]:
    """Return the moments of the runs that the blob tells of."""
    lines = map(json.loads, storage.state.blobs[PATH].content.splitlines())
    return [line["run"] for line in lines if "run" in line]


def once(method: str, *happens: Callable[[], Trouble | None]) -> Callable[[str], Trouble | None]:
    """Return something that lets one thing happen to each of the first requests of a method."""
    left = list(happens)
    return lambda asked: left.pop(0)() if asked == method and left else None


def watch(lab: Lab, storage: BlobServer, *arguments: str) -> Ran:
    """Run drift with a history in a blob."""
    place = f"{storage.url}{PATH}"
    return lab.run("drift", "--target", lab.arm.url, "--history", place, *arguments)


def test_a_history_in_a_blob_tells_since_when(lab: Lab, storage: BlobServer) -> None:
    lab.spec(**SPEC)
    lab.settle()
    lab.arm.patch(service("acs-a"), {"tags": {"env": "dev"}})
    assert "seen for the first time" in watch(lab, storage).out
    assert "seen 2 times" in watch(lab, storage).out
    assert len(runs(storage)) == 2
    assert storage.state.asked == [f"GET {PATH}", f"PUT {PATH}"] * 2


def test_drift_still_writes_nothing_to_azure(lab: Lab, storage: BlobServer) -> None:
    lab.spec(**SPEC)
    lab.settle()
    watch(lab, storage)
    assert {entry["method"] for entry in lab.arm.requests()} == {"GET"}


def test_runs_at_once_lose_nothing(storage: BlobServer) -> None:
    keepers = [keeper_at(f"{storage.url}{PATH}") for _ in range(6)]
    together = threading.Barrier(len(keepers))

    def run(number: int) -> None:
        together.wait()
        keepers[number].add(drift(number, item(f"id-{number}")))

    with ThreadPoolExecutor(len(keepers)) as pool:
        list(pool.map(run, range(len(keepers))))
    assert runs(storage) == sorted(drift(number).at for number in range(len(keepers)))


def test_what_somebody_writes_between_read_and_write_is_merged(storage: BlobServer) -> None:
    mine, other = (keeper_at(f"{storage.url}{PATH}") for _ in range(2))
    mine.add(drift(0, item("id-a")))

    def somebody_writes() -> None:
        other.add(drift(1, item("id-a")))

    storage.state.meanwhile = once("PUT", somebody_writes)
    step = mine.add(drift(2, item("id-a")))
    assert runs(storage) == [drift(number).at for number in range(3)]
    assert [(entry.first, entry.seen) for entry in step.history.open] == [(drift(0).at, 3)]


def test_a_write_whose_answer_is_lost_is_not_added_twice(storage: BlobServer) -> None:
    keeper = keeper_at(f"{storage.url}{PATH}")
    keeper.add(drift(0))
    storage.state.meanwhile = once("PUT", lambda: Trouble(0))
    step = keeper.add(drift(1, item("id-a")))
    assert runs(storage) == [drift(0).at, drift(1).at]
    assert [entry.seen for entry in step.history.open] == [1]


def test_a_blob_that_never_stands_still_ends_the_run(storage: BlobServer) -> None:
    keeper = keeper_at(f"{storage.url}{PATH}")
    keeper.add(drift(0))

    def moves(method: str) -> None:
        if method == "PUT":
            storage.state.blobs[PATH].version += 1

    storage.state.meanwhile = moves
    with pytest.raises(UnavailableError, match=f"written by others {ATTEMPTS} times"):
        keeper.add(drift(1))
    assert runs(storage) == [drift(0).at]


UNREADABLE = {
    "no history": (b'{"v": 1}\n', None, "is no drift history: line 1 is not what"),
    "no text": (b"\xff\xfe", None, "is no text"),
    "denied": (b"", Trouble(403, "AuthorizationPermissionMismatch"), "AuthorizationPermission"),
    "gone container": (b"", Trouble(404, "ContainerNotFound"), "ContainerNotFound"),
    "elsewhere": (b"", Trouble(307, "", {"Location": "http://127.0.0.1:9/other"}), "HTTP 307"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_history_that_cannot_be_read_is_neither_lost_nor_begun_anew(
    lab: Lab, storage: BlobServer, name: str
) -> None:
    content, trouble, words = UNREADABLE[name]
    lab.spec(**SPEC)
    lab.settle()
    lab.arm.patch(service("acs-a"), {"tags": {"env": "dev"}})
    storage.state.blobs[PATH] = Blob(content)
    storage.state.meanwhile = lambda _method: trouble
    ran = watch(lab, storage)
    assert ran.code == 1
    assert words in ran.err
    assert "tags.env" in ran.out, "what was found is shown all the same"
    assert storage.state.blobs[PATH] == Blob(content)
    assert {asked.split()[0] for asked in storage.state.asked} == {"GET"}


def test_a_history_that_cannot_be_written_is_said(lab: Lab, storage: BlobServer) -> None:
    lab.spec(**SPEC)
    storage.state.meanwhile = once("PUT", lambda: Trouble(412, "LeaseIdMissing"))
    ran = watch(lab, storage)
    assert ran.code == 1
    assert "cannot be written: LeaseIdMissing" in ran.err
    assert "RECONCILER_HISTORY_SAS" in ran.err


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("http://st.blob.core.windows.net/history/drift.jsonl", "plain http"),
        ("https://st.blob.core.windows.net/history/a?sig=planted-sig", "more than a path in it"),
        ("https://me:planted-word@st.blob.core.windows.net/c/a", "more than a path in it"),
        ("https://st.blob.core.windows.net/history", "is the address of no blob"),
    ],
)
def test_an_address_that_is_none_of_a_blob_is_refused_before_anything_is_read(
    lab: Lab, place: str, problem: str
) -> None:
    lab.spec(**SPEC)
    ran = lab.run("drift", "--target", lab.arm.url, "--history", place)
    assert ran.code == 64
    assert problem in ran.err
    assert "planted" not in ran.err
    assert lab.arm.requests() == []


def test_a_signature_from_the_environment_is_sent_and_never_shown(
    lab: Lab, storage: BlobServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_HISTORY_SAS", "?sv=2023-11-03&sig=planted-sig")
    lab.spec(**SPEC)
    storage.state.meanwhile = once("PUT", lambda: Trouble(403, "AuthenticationFailed"))
    ran = watch(lab, storage)
    assert all("sig=planted-sig" in asked for asked in storage.state.asked)
    assert ran.code == 1
    assert "planted" not in ran.out + ran.err


def test_a_door_follows_no_redirect_and_names_one_address(storage: BlobServer) -> None:
    place = f"{storage.url}{PATH}"
    keeper = keeper_at(place)
    elsewhere = {"Location": f"{storage.url}/account/history/other"}
    storage.state.meanwhile = lambda _method: Trouble(302, "", elsewhere)
    with pytest.raises(UnavailableError, match=f"{place} cannot be used: HTTP 302"):
        keeper.add(drift(0))
    assert storage.state.asked == [f"GET {PATH}"]
