"""The page at ``/`` shows resources and requests, and nothing that could do harm."""

from html.parser import HTMLParser
from typing import Any
from urllib.request import urlopen

from tests.emulator.conftest import GROUP


class Seen(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the name of an element."""
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.texts.append(data)


def page(arm: Any) -> tuple[Any, str]:
    """Return headers and text of the page."""
    with urlopen(f"{arm.url}/") as answer:
        return answer.headers, answer.read().decode()


def test_the_page_shows_resources_and_requests(arm: Any) -> None:
    arm.create_service(tags={"team": "mail"})
    arm.service("GET", "nobody")

    headers, text = page(arm)

    texts = Seen(text).texts
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"{GROUP}/providers/Microsoft.Communication/communicationServices/Acs-1" in texts
    assert "team=mail" in texts
    assert "404" in texts
    assert "2 resources, at most 500 shown" in texts


def test_nothing_on_the_page_runs_or_loads_anything(arm: Any) -> None:
    hostile = "<script>alert(1)</script>"
    arm.create_service(tags={"a": hostile})
    arm.send("GET", f"/subscriptions/%3Cimg%20src=x%3E/{hostile}?api-version=2024-11-01")

    headers, text = page(arm)

    seen = Seen(text)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert not {"script", "img", "link", "iframe"} & set(seen.tags)
    assert any(hostile in piece for piece in seen.texts)


def test_what_was_sent_is_not_on_the_page(arm: Any) -> None:
    arm.create_domain()
    lists = "/domains/Acs.Example.com/suppressionLists/list-1"
    arm.email("PUT", lists, {"properties": {"listName": "donotreply"}})
    person = {"properties": {"email": "someone@example.com"}}
    assert arm.email("PUT", f"{lists}/suppressionListAddresses/a-1", person).status == 200

    _, text = page(arm)

    assert "suppressionListAddresses/a-1" in text
    assert "someone@example.com" not in text


def test_no_other_page_can_control_the_emulator(arm: Any) -> None:
    headers = {"Origin": "https://evil.example"}

    refused = arm.send("POST", "/emulator/reset", headers=headers)

    assert (refused.status, refused.code) == (403, "EmulatorForeignOrigin")
    assert arm.send("GET", f"{GROUP}?api-version=2024-11-01").status == 200
