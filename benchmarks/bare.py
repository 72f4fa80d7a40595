"""A client that does nothing but ask: as many GETs, as many at once, no look at the answers."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import local

from benchmarks.estate import Estate


def main() -> None:
    """Ask for every resource of a mail estate but the services, which are one list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    options = parser.parse_args()
    mine = local()

    def ask(path: str) -> int:
        if not hasattr(mine, "wire"):
            mine.wire = HTTPConnection(options.host, timeout=60)
        mine.wire.request("GET", path)
        answer = mine.wire.getresponse()
        answer.read()
        return int(answer.status)

    bodies = Estate(options.size, mail=True).bodies()
    paths = [body["id"] for body in bodies if "/domains/" in body["id"]]
    with ThreadPoolExecutor(options.workers) as pool:
        assert set(pool.map(ask, paths)) == {200}


if __name__ == "__main__":
    main()
