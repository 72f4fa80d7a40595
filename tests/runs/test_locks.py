"""Locks: one run at a time, expiry, and a stale holder that cannot write."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.engine.clock import wall_time
from reconciler.engine.interrupt import Interrupt, Stop
from reconciler.engine.ports import Lock, RequestFailedError
from reconciler.model.errors import LockedError
from reconciler.model.failure import FailureClass
from reconciler.model.run import Lease, Runner
from reconciler.runs.file_lock import FileLock
from reconciler.runs.keeper import Keeper, kept
from reconciler.runs.pulse import has_stopped
from reconciler.runs.runner import address, this_run
from tests.blob_server import BlobServer

ANN = Runner("ann@here", 1, "https://ci.test/1")
BOB = Runner("bob@there", 2)


@pytest.fixture(params=["file", "blob"])
def lock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lock]:
    """Yield a lock of each sort."""
    if request.param == "file":
        yield FileLock(tmp_path / "locks" / "default.json")
        return
    from reconciler.arm.blob_lock import BlobLock

    with BlobServer() as server:
        yield BlobLock(f"{server.url}/account/locks", "default.lock", 60)


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for temporary files that nobody else has, here and in children."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def lease(holder: Runner, token: str, since: float = 0.0, seconds: float = 60.0) -> Lease:
    """Return a lease that begins so many seconds from now."""
    begin = wall_time() + since
    return Lease(holder, token * 32, begin, begin + seconds)


def nothing(_words: str) -> None:
    """Hear nothing."""


def test_a_lock_has_one_holder_and_tells_who_it_is(lock: Lock) -> None:
    assert lock.read() is None
    assert lock.take(lease(ANN, "a")) is None
    there = lock.take(lease(BOB, "b"))
    assert there is not None
    assert (there.holder, there.token) == (ANN, "a" * 32)
    assert lock.read() == there or lock.read() is not None
    assert lock.is_ours("a" * 32)
    assert not lock.is_ours("b" * 32)


def test_a_lock_that_is_released_can_be_taken(lock: Lock) -> None:
    lock.take(lease(ANN, "a"))
    assert not lock.release("b" * 32)
    assert lock.release("a" * 32)
    assert lock.read() is None
    assert lock.take(lease(BOB, "b")) is None


def test_only_the_holder_renews(lock: Lock) -> None:
    lock.take(lease(ANN, "a"))
    assert lock.renew(lease(ANN, "a"))
    assert not lock.renew(lease(BOB, "b"))


def test_of_many_who_want_a_lock_at_once_one_gets_it(lock: Lock) -> None:
    with ThreadPoolExecutor(8) as pool:
        wanted = [lease(BOB, letter) for letter in "0123456789abcdef"]
        won = [there is None for there in pool.map(lock.take, wanted)]
    assert won.count(True) == 1


def test_an_expired_file_is_taken_over_and_its_holder_cannot_write(tmp_path: Path) -> None:
    lock, told = FileLock(tmp_path / "lock.json"), list[str]()
    lock.take(lease(ANN, "a", since=-100))
    stale = Keeper(lock, lease(ANN, "a", since=-100), 60, Interrupt())
    with kept(lock, BOB, Interrupt(), told.append, seconds=60, patience=0):
        assert told == ["the lock of ann@here (https://ci.test/1) had expired, and was taken over"]
        with pytest.raises(RequestFailedError) as caught:
            stale.leaving("PUT", "/x", 1, b"")
        assert caught.value.failure.kind is FailureClass.STOPPED
    assert lock.read() is None


def test_a_holder_that_was_asleep_goes_on_if_nobody_took_the_lock(tmp_path: Path) -> None:
    lock, interrupt = FileLock(tmp_path / "lock.json"), Interrupt()
    old = lease(ANN, "a", since=-100)
    lock.take(old)
    Keeper(lock, old, 60, interrupt).leaving("PUT", "/x", 1, b"")
    there = lock.read()
    assert there is not None
    assert there.expires > wall_time()
    assert interrupt.reason is None


def test_a_lock_that_is_taken_away_stops_the_run(lock: Lock) -> None:
    interrupt = Interrupt()
    with kept(lock, ANN, interrupt, nothing, seconds=60, patience=0) as keeper:
        there = lock.read()
        assert there is not None
        lock.release(there.token)
        lock.take(lease(BOB, "b"))
        with pytest.raises(RequestFailedError):
            keeper.leaving("PUT", "/x", 1, b"")
        assert interrupt.reason is Stop.LOCK
        with pytest.raises(RequestFailedError):
            keeper.leaving("PUT", "/x", 1, b"")
    assert lock.is_ours("b" * 32), "the end of a run does not let go of somebody else's lock"


def test_a_lock_is_renewed_while_the_run_goes_on(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock.json")
    renewed = threading.Event()

    class Watched(FileLock):
        def renew(self, lease: Lease) -> bool:
            renewed.set()
            return super().renew(lease)

    watched = Watched(tmp_path / "lock.json")
    with kept(watched, ANN, Interrupt(), nothing, seconds=0.06, patience=0):
        assert renewed.wait(10)
    assert lock.read() is None


def test_somebody_who_holds_the_lock_is_waited_for_and_named(lock: Lock) -> None:
    lock.take(lease(ANN, "a"))
    told = list[str]()

    class Clock:
        seconds = 0.0

        def now(self) -> float:
            return self.seconds

        def sleep(self, seconds: float) -> None:
            self.seconds += seconds
            if self.seconds > 5:
                lock.release("a" * 32)

    clock = Clock()
    with kept(lock, BOB, Interrupt(), told.append, seconds=60, patience=10, clock=clock):
        (line,) = told
        assert re.fullmatch(
            r"waiting for the lock, which ann@here \(https://ci.test/1\) has held since"
            r" \S{10} \S{8} UTC: 10 s at most \(--lock-timeout\); if that run is dead, its lock"
            r" expires in (60|59) s, and `reconciler lock release` lets go of it now",
            line,
        )
    assert clock.seconds == 6


HOLDER = """
import sys, time
from reconciler.runs.pulse import Pulse
pulse = Pulse(sys.argv[1])
print("beats", flush=True)
time.sleep(60)
"""


@contextmanager
def alive(token: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that has the pulse of a lease."""
    command = [sys.executable, "-c", HOLDER, token]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "beats\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_lock_of_a_run_that_was_killed_is_taken_over_at_once(
    lock: Lock, temporary: Path
) -> None:
    told = list[str]()
    lock.take(lease(ANN, "a"))
    with alive("a" * 32) as process:
        with (
            pytest.raises(LockedError),
            kept(lock, BOB, Interrupt(), nothing, seconds=60, patience=0),
        ):
            pytest.fail("its holder is alive")
        process.kill()
        process.wait()
        with kept(lock, BOB, Interrupt(), told.append, seconds=60, patience=0):
            assert told == [
                "ann@here (https://ci.test/1) was killed, and its lock was taken over at once"
            ]
    assert list(temporary.glob("*.pulse")) == []


@pytest.mark.parametrize("case", ["missing", "another machine", "a link"])
def test_where_nothing_proves_a_death_the_lease_has_to_expire(
    case: str, lock: Lock, tmp_path: Path, temporary: Path
) -> None:
    pulse = temporary / f"reconciler-{'a' * 32}.pulse"
    with alive("a" * 32):
        pass  # it is killed, and leaves its file behind
    if case == "missing":
        pulse.unlink()
    elif case == "another machine":
        pulse.write_text("another run of another kernel")
    else:
        pulse.rename(tmp_path / "elsewhere")
        pulse.symlink_to(tmp_path / "elsewhere")
    lock.take(lease(ANN, "a"))
    with (
        pytest.raises(LockedError),
        kept(lock, BOB, Interrupt(), nothing, seconds=60, patience=0),
    ):
        pytest.fail("the holder may be alive")


def test_a_token_that_is_none_names_no_file() -> None:
    assert not has_stopped("../" + "a" * 32)


def test_a_machine_without_a_place_for_the_pulse_still_has_locks(
    lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with kept(lock, BOB, Interrupt(), nothing, seconds=60, patience=0):
        assert lock.take(lease(ANN, "a")) is not None
    assert lock.read() is None


def test_a_signal_ends_the_wait_for_a_lock(lock: Lock) -> None:
    interrupt = Interrupt()
    lock.take(lease(ANN, "a"))
    with (
        pytest.raises(KeyboardInterrupt),
        kept(lock, BOB, interrupt, lambda _: interrupt.set(), seconds=60, patience=60),
    ):
        pytest.fail("nobody gets here")
    assert lock.is_ours("a" * 32)


def test_who_waits_in_vain_is_told_who_has_the_lock(lock: Lock) -> None:
    lock.take(lease(ANN, "a"))
    with (
        pytest.raises(LockedError, match=r"ann@here \(https://ci.test/1\) holds the lock"),
        kept(lock, BOB, Interrupt(), nothing, seconds=60, patience=0),
    ):
        pytest.fail("nobody gets here")


def test_a_file_that_says_nothing_is_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    for text in ("", "[]", "{", '{"holder": {}, "token": 1}', "null"):
        path.write_text(text, encoding="utf-8")
        assert FileLock(path).read() is None
    assert FileLock(path).take(lease(ANN, "a")) is None


@pytest.mark.parametrize(
    ("variables", "page"),
    [
        ({}, ""),
        (
            {
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "contoso/mail",
                "GITHUB_RUN_ID": "42",
            },
            "https://github.com/contoso/mail/actions/runs/42",
        ),
        (
            {
                "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": "https://dev.azure.com/contoso/",
                "SYSTEM_TEAMPROJECT": "mail",
                "BUILD_BUILDID": "7",
            },
            "https://dev.azure.com/contoso/mail/_build/results?buildId=7",
        ),
        ({"CI_JOB_URL": "https://gitlab.test/j/1"}, "https://gitlab.test/j/1"),
        ({"BUILD_URL": "https://jenkins.test/1/"}, "https://jenkins.test/1/"),
    ],
)
def test_a_pipeline_run_is_known_by_its_page(variables: dict[str, str], page: str) -> None:
    assert address(variables) == page


def test_a_run_at_home_is_known_by_user_machine_and_process() -> None:
    runner = this_run({})
    assert "@" in runner.who
    assert str(runner) == f"{runner.who}, process {runner.pid}"
