"""A stack with suppression lists, the files of their addresses, and what the emulator has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.conftest import GROUP, Lab

KEY = "a key of the tests"
DOMAIN = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail/domains/a.test"
LIST = f"{DOMAIN}/suppressionLists/list-a"
ENTRIES = f"{LIST}/suppressionListAddresses"
ADDRESS = "test/emailServices/mail/domains/a.test/suppressionLists/list-a/addresses"
FILE = "suppressed/a.txt"


@dataclass(frozen=True)
class Lists:
    """A lab whose stack has one suppression list."""

    lab: Lab

    def file(self, *addresses: str, name: str = FILE) -> None:
        """Write a file of addresses."""
        self.bytes("".join(f"{address}\n" for address in addresses).encode(), name)

    def bytes(self, content: bytes, name: str = FILE) -> None:
        """Write a file of anything."""
        path = self.lab.folder / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def spec(self, text: str = "", /, **addresses: Any) -> None:
        """Describe the list, and its addresses if there are any words for them."""
        entry: Any = {"sender": "billing"} | ({"addresses": addresses} if addresses else {})
        self.raw(text, {"list-a": entry})

    def raw(self, text: str, lists: Any) -> None:
        """Describe any suppression lists."""
        domain = {
            "management": "CustomerManaged",
            "senderUsernames": {"billing": {}},
            "suppressionLists": lists,
        }
        self.lab.spec(
            text, emailServices={"mail": {"dataLocation": "Europe", "domains": {"a.test": domain}}}
        )

    def live(self, *addresses: str) -> None:
        """Put entries on the list behind the tool's back, as the portal does."""
        for number, address in enumerate(addresses):
            name = f"00000000-0000-0000-0000-{number:012}"
            self.lab.arm.put(f"{ENTRIES}/{name}", {"properties": {"email": address}})
        self.lab.arm.forget()

    def made(self, *addresses: str) -> None:
        """Make the list, with entries of somebody else on it."""
        self.spec()
        self.lab.settle()
        self.live(*addresses)

    def on_list(self) -> list[str]:
        """Return the addresses of the list, sorted."""
        status, body = self.lab.arm.send("GET", ENTRIES)
        assert status == 200, body
        return sorted(entry["properties"]["email"] for entry in body["value"])

    def hashed(self, *addresses: str) -> list[str]:
        """Return hashes as the command prints them."""
        self.file(*addresses, name="../to-hash.txt")
        ran = self.lab.run("addresses", "hash", "to-hash.txt")
        assert ran.code == 0, ran.err
        return ran.out.split()
