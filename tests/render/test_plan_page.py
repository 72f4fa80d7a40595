"""The page of a plan stands by itself, lets nothing in, and works without a mouse."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.plan import Action
from reconciler.render.drawings.layout import HEIGHT, WIDTH, arrange
from reconciler.render.drawings.picture import Box, Picture, mermaid, picture
from tests.conftest import identity
from tests.render.plans import PLANS, plan_of
from tests.render.test_plan_goldens import CONTEXT, shown_as, view

VOID = {"meta", "input", "br", "link", "path", "rect"}


class Reader(HTMLParser):
    """Checks that elements nest, and collects what they say."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def of(self, name: str) -> list[str]:
        return [value for _, key, value in self.attributes if key == name]


def test_the_page_of_every_plan_nests_and_names_every_resource_that_changes() -> None:
    for name in PLANS:
        shown = view(name, CONTEXT)
        read = Reader(shown_as(name, "html", CONTEXT))
        said = re.sub(r"\s+", " ", read.text)
        assert all(re.sub(r"\s+", " ", card.address) in said for card in shown.cards)
        ids = read.of("id")
        assert len(ids) == len(set(ids))
        assert {i for value in read.of("aria-labelledby") for i in value.split()} <= set(ids)


def test_the_page_allows_itself_its_own_style_and_script_and_nothing_else() -> None:
    text = shown_as("hostile", "html", CONTEXT)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy
    assert policy.startswith("default-src &#39;none&#39;")


def test_the_page_fetches_nothing_and_leads_only_to_the_lines_of_the_specs() -> None:
    for name in PLANS:
        read = Reader(shown_as(name, "html", CONTEXT))
        assert {tag for tag, key, _ in read.attributes if key in ("src", "srcset", "data")} == set()
        links = {link for link in read.of("href") if not link.startswith("#")}
        assert all(link.startswith("https://git.test/o/r/blob/abc/specs/") for link in links)
        assert not [key for _, key, _ in read.attributes if key.startswith("on")]


def test_names_and_values_are_text_and_never_markup() -> None:
    text = shown_as("hostile", "html", CONTEXT)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "javascript:b" in Reader(text).text


def test_what_would_be_lost_is_open_and_the_rest_is_not() -> None:
    text = shown_as("loss", "html")
    opened = re.findall(r'<details class="card \w+" data-action="(\w+)"[^>]*?( open)?>', text)
    assert {(action, bool(state)) for action, state in opened} == {
        ("blocked", True),
        ("delete", True),
        ("replace", True),
    }
    assert not re.search(r'data-action="create"[^>]* open', shown_as("creation", "html"))


def test_the_picture_draws_arrows_that_no_other_way_stands_for() -> None:
    plan = plan_of(
        """\
  identities: {id-a: {location: westeurope}}
  communicationServices:
    acs-a: {dataLocation: Europe, identity: {userAssigned: [ref:identities/id-a]}}
  roleAssignments:
    one: {role: Reader, principal: ref:identities/id-a, scope: ref:communicationServices/acs-a}
""",
        {},
    )
    drawn = picture(plan)
    names = [box.label for box in drawn.boxes]
    arrows = {(names[a], names[b]) for a, b in drawn.arrows}
    assert arrows == {("one", "acs-a"), ("acs-a", "id-a")}
    assert '  n0["CommunicationService: acs-a"]:::create' in mermaid(drawn)


def test_a_picture_of_very_many_changes_shares_boxes() -> None:
    services = "".join(
        f"    acs-{n}: {{dataLocation: Europe, identity: {{userAssigned: [{identity('id-a')}]}}}}\n"
        for n in range(80)
    )
    identities = "  identities: {id-a: {location: westeurope}}\n"
    drawn = picture(plan_of(f"{identities}  communicationServices:\n{services}", {}))
    assert [(box.label, box.kind) for box in drawn.boxes] == [
        ("80 in mail", "CommunicationService"),
        ("1 in mail", "UserAssignedIdentity"),
    ]
    assert drawn.arrows == ((0, 1),)


def test_boxes_do_not_overlap_and_arrows_go_right() -> None:
    arrows = tuple((a, b) for a in range(12) for b in range(a + 1, 12) if (a * b) % 3 == 1)
    boxes = tuple(Box(f"b{n}", "Kind", Action.CREATE) for n in range(12))
    drawing = arrange(Picture(boxes, arrows))
    corners = {(placed.x, placed.y) for placed in drawing.boxes}
    assert len(corners) == 12
    assert max(x for x, _ in corners) + WIDTH < drawing.width
    assert max(y for _, y in corners) + HEIGHT < drawing.height
    assert len(drawing.arrows) == len(arrows)
    assert all(drawing.boxes[a].x < drawing.boxes[b].x for a, b in arrows)


def test_boxes_that_need_each_other_are_drawn_all_the_same() -> None:
    boxes = (Box("a", "Kind", Action.CREATE), Box("b", "Kind", Action.CREATE))
    assert len(arrange(Picture(boxes, ((0, 1), (1, 0)))).boxes) == 2


CHROMIUM = [
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STORY = """
const press = (key) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const cards = [...document.querySelectorAll("[data-cards] > details")];
const shown = () => cards.filter((card) => !card.hidden);
const said = [shown().length];
press("/");
said.push(document.activeElement.dataset.search !== undefined);
const search = document.activeElement;
search.value = "acs-b replace";
search.dispatchEvent(new Event("input"));
said.push(shown().length, document.querySelector("[data-found]").textContent);
press("Escape");
said.push(shown().length);
document.querySelector("[data-filter=delete]").click();
said.push(shown().length);
press("j");
said.push(document.activeElement.tagName);
press("e");
said.push(shown().every((c) => c.open));
press("t");
said.push(document.documentElement.dataset.theme);
document.title = JSON.stringify(said);
"""
SEARCH = """
const cards = [...document.querySelectorAll("[data-cards] > details")];
const shown = () => cards.filter((card) => !card.hidden);
const found = () => document.querySelector("[data-found]").textContent;
const search = document.querySelector("[data-search]");
const type = (words) => { search.value = words; search.dispatchEvent(new Event("input")); };
type("update id-1870");
const [card] = shown();
const names = [...card.querySelectorAll(".names > li:not([hidden]) > code")];
const said = [[found(), names.map((name) => name.textContent), card.open]];
type("");
document.querySelector("[data-filter=delete]").click();
said.push([found(), shown()[0].querySelectorAll(".names > li:not([hidden])").length]);
document.querySelector("[data-clear]").click();
said.push([found(), shown().length]);
document.title = JSON.stringify(said);
"""


def browse(page: str, folder: Path, *flags: str) -> str:
    """Open a page in Chromium and return what became of it."""
    assert shutil.which("chromium"), "these tests need Chromium on the path"
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    command = [*CHROMIUM, f"--user-data-dir={folder / 'profile'}", *flags, "--dump-dom"]
    ran = subprocess.run([*command, file.as_uri()], capture_output=True, check=True, timeout=120)
    return ran.stdout.decode()


@pytest.mark.browser
def test_the_page_runs_its_script_under_its_own_policy(tmp_path: Path) -> None:
    assert '<html lang="en" class="scripted">' in browse(
        shown_as("loss", "html", CONTEXT), tmp_path
    )


def told(text: str, story: str, folder: Path, *, dark: bool = False) -> Any:
    """Return what a script has to tell of a page, whose own policy is taken away for it."""
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    page = free.replace("</body>", f"<script>{story}</script></body>")
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    found = browse(page, folder, scheme, "--virtual-time-budget=30000")
    title = re.findall("<title>(.*?)</title>", found)[0]  # those of pictures follow
    return json.loads(html.unescape(title))


@pytest.mark.browser
def test_the_picture_in_readme_can_be_taken_anew(tmp_path: Path) -> None:
    picture = tmp_path / "plan-page.png"
    script = Path(__file__).parents[2] / "demo" / "picture.py"
    subprocess.run([sys.executable, str(script), str(picture)], capture_output=True, check=True)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.browser
def test_search_filters_and_keys_work(tmp_path: Path) -> None:
    text = shown_as("loss", "html", CONTEXT)
    assert told(text, STORY, tmp_path) == [4, True, 1, "1 of 4", 4, 2, "SUMMARY", False, "dark"]


@pytest.mark.browser
def test_one_of_two_thousand_is_found_among_those_that_are_alike(tmp_path: Path) -> None:
    assert told(shown_as("many", "html", CONTEXT), SEARCH, tmp_path) == [
        ["1 of 2000", ["mail/identities/id-1870"], True],
        ["12 of 2000", 12],
        ["", 103],
    ]


@pytest.mark.browser
def test_nothing_in_names_and_values_becomes_a_script_or_an_element(tmp_path: Path) -> None:
    scripts = "document.title = JSON.stringify([document.scripts.length, document.images.length])"
    assert told(shown_as("hostile", "html", CONTEXT), scripts, tmp_path) == [
        2,
        0,
    ]  # ours, and this one
