"""A lock as the lease of a blob, for runs on different machines.

Azure Storage gives a lease to one client at a time and takes it back by itself when it is not
renewed. Who holds it stands in the metadata of the blob.
https://learn.microsoft.com/rest/api/storageservices/lease-blob
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from urllib.parse import quote

from reconciler.arm.blob_door import BlobDoor
from reconciler.engine.clock import wall_time
from reconciler.model.run import Lease, Runner

SAS = "RECONCILER_LOCK_SAS"
"""The environment variable with a shared access signature, for accounts without Entra roles."""

HOLDER = "x-ms-meta-holder"
HELD = frozenset({"leased", "breaking"})

MEND = (
    "check the container's address in reconciler.yaml; the caller needs Storage Blob Data"
    " Contributor on it"
)


class BlobLock:
    """Implements `reconciler.engine.ports.Lock`."""

    def __init__(self, container: str, name: str, seconds: int) -> None:
        """Make no connection yet.

        Args:
            container: the address of a blob container, without a query.
            name: of the blob in it, which is made if it is not there.
            seconds: how long a lease holds, 15 to 60.

        Raises:
            UsageError: the address is no https address.

        """
        self.place = f"{container.rstrip('/')}/{quote(name)}"
        self._door = BlobDoor(self.place, "the lock", MEND, SAS)
        self._seconds = seconds

    def read(self) -> Lease | None:
        """Return who holds the lock, None for nobody."""
        answer = self._door.send("HEAD", {}, (200, 404))
        if answer.status_code == 404 or answer.headers.get("x-ms-lease-state") not in HELD:
            return None
        return self._lease(answer.headers.get(HOLDER, ""))

    def take(self, lease: Lease) -> Lease | None:
        """Take the lock if nobody has it; return the lease that is in the way.

        Raises:
            UnavailableError: the storage account cannot be asked.

        """
        new = {"x-ms-blob-type": "BlockBlob", "If-None-Match": "*"}
        self._door.send("PUT", new, (201, 409, 412))
        wanted = {
            "x-ms-lease-action": "acquire",
            "x-ms-lease-duration": str(self._seconds),
            "x-ms-proposed-lease-id": _guid(lease.token),
        }
        answer = self._door.send("PUT", wanted, (201, 409), component="lease")
        if answer.status_code == 409:
            return self.read() or self._lease("")
        told = {"x-ms-lease-id": _guid(lease.token), HOLDER: json.dumps(asdict(lease))}
        self._door.send("PUT", told, (200, 412), component="metadata")
        return None

    def renew(self, lease: Lease) -> bool:
        """Renew the lease; return whether it was still ours."""
        return self._act("renew", lease.token)

    def release(self, token: str) -> bool:
        """Let go of the lease with this token; return whether there was one."""
        return self._act("release", token)

    def is_ours(self, token: str) -> bool:
        """Whether the lease has this token right now: Azure refuses to answer for another one."""
        answer = self._door.send("HEAD", {"x-ms-lease-id": _guid(token)}, (200, 404, 412))
        return answer.status_code == 200 and answer.headers.get("x-ms-lease-state") in HELD

    def _act(self, action: str, token: str) -> bool:
        """Ask for an action on the lease."""
        headers = {"x-ms-lease-action": action, "x-ms-lease-id": _guid(token)}
        answer = self._door.send("PUT", headers, (200, 404, 409, 412), component="lease")
        return answer.status_code == 200

    def _lease(self, text: str) -> Lease:
        """Return the lease that the metadata tells of, or that of somebody who says nothing."""
        now = wall_time()
        try:
            content = json.loads(text)
            holder = Runner(**content["holder"])
            token, since = str(content["token"]), float(content["since"])
        except (ValueError, KeyError, TypeError):
            holder, token, since = Runner("somebody", 0), "", now
        return Lease(holder, token, since, now + self._seconds)


def _guid(token: str) -> str:
    """Return a token in the form of a lease id; one that is no GUID has no lease."""
    try:
        return str(uuid.UUID(hex=token))
    except ValueError:
        return str(uuid.UUID(int=0))
