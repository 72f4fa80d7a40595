"""A floor: the cheapest server that answers as ARM would, so that its cost does not count.

It has every page of every list as bytes before the first request comes in, sends them after a
latency, and counts what it was asked. Writes are taken as they are; those of Communication Services
take their time, with an operation to poll. What ARM really says, in all its oddity, is the
emulator's business; here the client is what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from collections import Counter, defaultdict, deque
from functools import partial
from urllib.parse import SplitResult, parse_qs, urlsplit

from benchmarks.estate import Body, Estate

PAGE = 1000
"""Items on a page, as many as ARM has."""

COUNTS = "/floor/counts"
"""Where the numbers of requests by method are, as JSON; reading them begins anew."""


class Floor:
    """What there is, by lower-case path."""

    def __init__(
        self, estate: Estate, latency: float, operation: float, *, empty: bool = False
    ) -> None:
        """Make ready for an estate.

        Args:
            estate: what exists.
            latency: seconds before each answer.
            operation: seconds until a new Communication Services resource is made.
            empty: only the resource groups exist.

        """
        self.latency = latency
        self._operation = operation
        self._ends: dict[str, float] = {}
        """When operations end, by the path that their state is asked at."""
        self._unmade: deque[tuple[float, str, bytes]] = deque()
        """What is still being made: when it will be done, its path and how it looks then."""
        self.counts: Counter[str] = Counter()
        self._resources: dict[str, bytes] = {}
        self._lists: defaultdict[str, list[bytes]] = defaultdict(list)
        for stack in estate.stacks:
            group = estate.group(stack)
            self._put(group, {"id": group, "location": "westeurope", "properties": {}})
        for body in () if empty else estate.bodies():
            self._put(body["id"], body)

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes, str]:
        """Return status, content, and the path of the operation that it begins, if any."""
        parts = urlsplit(target)
        now = time.monotonic()
        while self._unmade and self._unmade[0][0] <= now:
            _, path, content = self._unmade.popleft()
            self._resources[path] = content
        if parts.path in self._ends:
            self.counts["polls"] += 1
            status = "Succeeded" if self._ends[parts.path] <= now else "Running"
            return 200, json.dumps({"status": status}).encode(), ""
        if method == "PUT" and self._operation and "/communicationServices/" in parts.path:
            self.counts[method] += 1
            return 201, *self._begin(parts.path, json.loads(body), now + self._operation)
        return *self._answer(method, parts, body), ""

    def _answer(self, method: str, parts: SplitResult, body: bytes) -> tuple[int, bytes]:
        """Return status and content of what is answered at once."""
        if parts.path == COUNTS:
            counts, self.counts = self.counts, Counter()
            return 200, json.dumps(counts).encode()
        self.counts[method] += 1
        path = parts.path.lower()
        match method:
            case "GET" if path in self._resources:
                return 200, self._resources[path]
            case "GET" if path.count("/") % 2:  # a collection
                return 200, self._page(path, parts.query)
            case "PUT":
                created = path not in self._resources
                return 201 if created else 200, self._put(parts.path, json.loads(body))
            case "POST":
                return 200, b'{"nameAvailable": true}'
            case _:
                return 404, b'{"error": {"code": "ResourceNotFound", "message": "none"}}'

    def _begin(self, path: str, body: Body, ends: float) -> tuple[bytes, str]:
        """Begin to make a resource; return how it looks, and where to ask for the operation."""
        states = ({"provisioningState": word} for word in ("Succeeded", "Accepted"))
        made, accepted = (body | {"properties": body["properties"] | state} for state in states)
        final = self._put(path, made)
        self._unmade.append((ends, path.lower(), final))
        self._resources[path.lower()] = json.dumps({**accepted, "id": path}).encode()
        head = "/".join(path.split("/")[:3])
        operation = f"{head}/providers/Microsoft.Communication/operationStatuses/{len(self._ends)}"
        self._ends[operation] = ends
        return self._resources[path.lower()], operation

    def _put(self, path: str, body: Body) -> bytes:
        """Keep a resource, and show it in the lists of its subscription, group and parent."""
        key = path.lower()
        body = {**body, "id": path, "name": path.rpartition("/")[2]}
        content = json.dumps(body).encode()
        if key not in self._resources:
            scope = key.rpartition("/")[0]
            self._lists[scope].append(content)
            if "/resourcegroups/" in scope and scope.count("/") == 7:
                wide = "/".join([*scope.split("/")[:3], *scope.split("/")[5:]])
                self._lists[wide].append(content)
        self._resources[key] = content
        return content

    def _page(self, path: str, query: str) -> bytes:
        """Return one page of a list, with a link to the next."""
        items = self._lists.get(path, [])
        start = int(parse_qs(query).get("$skipToken", ["0"])[0])
        tail = b"]}"
        if start + PAGE < len(items):
            version = parse_qs(query)["api-version"][0]
            link = f"{self.origin}{path}?api-version={version}&$skipToken={start + PAGE}"
            tail = f'], "nextLink": "{link}"}}'.encode()
        return b'{"value": [' + b",".join(items[start : start + PAGE]) + tail

    origin = ""
    """Scheme, host and port, once it listens."""


class _Connection(asyncio.Protocol):
    """One connection: requests in order, each answered after the latency."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        size = int(length[1]) if length else 0
        if len(rest) < size:
            return
        self._buffer = rest[size:]
        method, target, _ = head.split(b" ", 2)
        asked = (method.decode(), target.decode(), rest[:size])
        status, content, operation = self._floor.answer(*asked)
        lines = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        if operation:
            lines += f"Azure-AsyncOperation: {self._floor.origin}{operation}\r\n"
        answer = f"{lines}Content-Length: {len(content)}\r\n\r\n".encode() + content
        assert self._transport is not None
        asyncio.get_running_loop().call_later(
            self._floor.latency, partial(self._transport.write, answer)
        )


async def serve(floor: Floor) -> None:
    """Serve on a free port of this machine until stdin ends; print the address first."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(_Connection, floor), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    floor.origin = f"http://{host}:{port}"
    print(floor.origin, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--subscriptions", type=int, default=1)
    parser.add_argument("--mail", action="store_true")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--latency", type=float, default=0.0, help="in seconds")
    parser.add_argument("--operation", type=float, default=0.0, help="in seconds")
    options = parser.parse_args()
    estate = Estate(options.size, options.subscriptions, options.mail)
    asyncio.run(serve(Floor(estate, options.latency, options.operation, empty=options.empty)))


if __name__ == "__main__":
    main()
