"""A text in a blob that several runs write, none of which overwrites what it has not read.

https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
"""

from __future__ import annotations

from reconciler.arm.blob_door import BlobDoor, error_code

LARGEST = 64_000_000
"""Bytes that are read."""
NOT_THERE = "BlobNotFound"
BEHIND = frozenset({"ConditionNotMet", "BlobAlreadyExists"})
"""What a write is answered with if somebody has written since the read."""


class BlobText:
    """Reads and writes the blob behind a door."""

    def __init__(self, door: BlobDoor) -> None:
        """Send nothing yet."""
        self._door = door

    def read(self) -> tuple[str, str]:
        """Return the text and its version; both empty if there is no blob yet.

        Raises:
            UnavailableError: nothing is known of it; a container that is not there is no answer.

        """
        answer = self._door.send("GET", {}, (200, 404))
        if answer.status_code == 404:
            if error_code(answer) != NOT_THERE:
                raise self._door.failure(f"cannot be used: {error_code(answer)}")
            return "", ""
        if int(answer.headers.get("Content-Length", 0)) > LARGEST:
            raise self._door.failure(f"has more than {LARGEST} bytes")
        try:
            return answer.content.decode(), answer.headers["ETag"]
        except UnicodeDecodeError as error:
            raise self._door.failure("is no text") from error

    def write(self, text: str, version: str) -> bool:
        """Write the text if it still has the version that was read; return whether it had.

        Raises:
            UnavailableError: it cannot be written.

        """
        condition = {"If-Match": version} if version else {"If-None-Match": "*"}
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/x-ndjson"}
        answer = self._door.send(
            "PUT", {**headers, **condition}, (201, 409, 412), content=text.encode()
        )
        if answer.status_code == 201:
            return True
        if error_code(answer) not in BEHIND:
            raise self._door.failure(f"cannot be written: {error_code(answer)}")
        return False
