"""What would do something: in a terminal, in a pipeline's log, in Markdown, in a page."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from markdown_it import MarkdownIt
from markdown_it.token import Token

OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what drives a terminal, or turns or breaks a line."""

ALLOWED_TAGS = frozenset({"details", "summary", "code", "b", "a", "br", "sub", "strong", "em"})
"""HTML that the Markdown of this tool uses itself."""


def assert_terminal(text: str) -> None:
    """Fail if a terminal would do anything but show the text."""
    driven = sorted({c for c in text if unicodedata.category(c) in OBEYED} - {"\n"})
    assert driven == [], [hex(ord(c)) for c in driven]


def assert_log(text: str, *, commands: bool = False) -> None:
    """Fail if the log of a pipeline would obey a line.

    GitHub obeys lines that begin with `::` or `##[`, Azure Pipelines what begins with `##` and a
    bracket, anywhere in a line.
    """
    for line in re.split("[\n\r]", text):
        assert not re.search(r"##(vso)?\[", line, re.IGNORECASE), line
        if commands:
            assert line == "" or re.match(r"::(error|warning|notice) ", line), line
        else:
            assert not re.match(r"\s*::(?!: )", line), line


class _Tags(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {v or "" for name, v in attrs if name in ("href", "src", "action")}


def page_of(text: str) -> _Tags:
    """Return what is in a page."""
    found = _Tags()
    found.feed(text)
    found.close()
    return found


def assert_page(text: str, benign: str) -> None:
    """Fail if a page has anything that the page of a benign world has not."""
    found, fine = page_of(text), page_of(benign)
    assert found.tags <= fine.tags
    assert found.attributes <= fine.attributes
    assert not [a for a in found.addresses if re.match(r"\s*(javascript|data|https?):", a, re.I)]


def assert_markdown(text: str) -> None:
    """Fail if anything but this tool's own markup is in a text."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    flat = [t for token in tokens for t in (token, *(token.children or ()))]
    assert not [t.content for t in flat if t.type in ("image", "link_open", "code_inline")]
    for token in flat:
        if token.type in ("html_inline", "html_block"):
            found = page_of(token.content)
            assert found.tags <= ALLOWED_TAGS, token.content
            assert found.attributes <= {"href", "open", "title"}, token.content
    for token in tokens:
        prose = "".join(_prose(token.children or []))
        assert not re.search(r"(?<![\w])@\w", prose), prose
    # What GitLab obeys: https://docs.gitlab.com/user/project/quick_actions/
    assert not [line for line in text.splitlines() if re.match(r"\s*/[a-z]", line)]


def _prose(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield text in which GitHub looks for mentions: all but code, entities or not."""
    depth = 0
    for token in tokens:
        if token.type == "html_inline":
            depth += len(re.findall(r"<code\b", token.content))
            depth -= len(re.findall(r"</code>", token.content))
        elif token.type == "text" and depth <= 0:
            yield token.content


def assert_json(text: str) -> Any:
    """Fail if it is no JSON."""
    return json.loads(text)


def assert_xml(text: str) -> None:
    """Fail if it is no XML."""
    ElementTree.fromstring(text)
