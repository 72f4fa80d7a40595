"""Lock and history on Azurite, Microsoft's emulator of Azure Storage, as on our own fake."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from reconciler.app.drifting.history import SAS as HISTORY_SAS
from reconciler.app.drifting.history import keeper_at
from reconciler.arm.blob_door import VERSION
from reconciler.arm.blob_lock import SAS, BlobLock
from reconciler.engine.clock import wall_time
from reconciler.model.errors import UnavailableError
from reconciler.model.run import Lease, Runner
from tests.drift.test_history import drift, item

pytestmark = pytest.mark.clients

AZURITE = os.environ.get("AZURITE", "azurite-blob")
"""The command; ``make clients`` installs one with npm and names it."""

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key that every Azurite has, and that protects nothing.
https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
"""


def signature() -> str:
    """Return a shared access signature for everything in the account.

    https://learn.microsoft.com/rest/api/storageservices/create-account-sas
    """
    expiry = "2999-01-01T00:00:00Z"
    parts = [ACCOUNT, "rwdlacup", "b", "sco", "", expiry, "", "https,http", VERSION, "", ""]
    digest = hmac.new(base64.b64decode(KEY), "\n".join(parts).encode(), hashlib.sha256).digest()
    return urlencode(
        {
            "sv": VERSION,
            "ss": "b",
            "srt": "sco",
            "sp": "rwdlacup",
            "se": expiry,
            "spr": "https,http",
            "sig": base64.b64encode(digest).decode(),
        }
    )


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of a container on an Azurite of our own."""
    command = [AZURITE, "--blobPort", "0", "--location", str(tmp_path), "--skipApiVersionCheck"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = next(text for text in process.stdout if "listens on" in text or "listening" in text)
        url = line.strip().rpartition(" ")[2]
        address = f"{url}/{ACCOUNT}/locks"
        for variable in (SAS, HISTORY_SAS):
            monkeypatch.setenv(variable, signature())
        headers = {"x-ms-version": VERSION}
        made = requests.put(
            f"{address}?restype=container&{signature()}", headers=headers, timeout=9
        )
        assert made.status_code == 201, made.text
        yield address
        process.terminate()


def lease(letter: str) -> Lease:
    """Return a lease that begins now."""
    return Lease(Runner(f"{letter}@here", 1), letter * 32, wall_time(), wall_time() + 60)


def test_a_lease_of_azurite_is_a_lock(container: str) -> None:
    lock = BlobLock(container, "default.lock", 60)
    assert lock.read() is None
    assert lock.take(lease("a")) is None
    there = lock.take(lease("b"))
    assert there is not None
    assert there.holder == Runner("a@here", 1)
    assert lock.is_ours("a" * 32)
    assert not lock.is_ours("b" * 32)
    assert lock.renew(lease("a"))
    assert not lock.renew(lease("b"))
    assert not lock.release("b" * 32)
    assert lock.release("a" * 32)
    assert not lock.is_ours("a" * 32)
    assert lock.take(lease("b")) is None


def test_a_container_that_is_not_there_is_named(container: str) -> None:
    lock = BlobLock(f"{container}-other", "default.lock", 60)
    with pytest.raises(UnavailableError, match="ContainerNotFound"):
        lock.take(lease("a"))


def test_runs_at_once_add_to_one_history(container: str) -> None:
    keepers = [keeper_at(f"{container}/prod/drift.jsonl") for _ in range(4)]
    with ThreadPoolExecutor(len(keepers)) as pool:
        steps = list(pool.map(lambda n: keepers[n].add(drift(n, item("id-a"))), range(4)))
    last = keepers[0].add(drift(9, item("id-a")))
    assert [run.at for run in last.history.runs] == [drift(n).at for n in (0, 1, 2, 3, 9)]
    assert sorted(step.history.open[0].seen for step in steps) == [1, 2, 3, 4]


def test_a_history_in_a_container_that_is_not_there_is_not_begun(container: str) -> None:
    with pytest.raises(UnavailableError, match="ContainerNotFound"):
        keeper_at(f"{container}-other/drift.jsonl").add(drift(0))
