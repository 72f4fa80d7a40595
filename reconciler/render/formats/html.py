"""Self-contained HTML pages: templates, and what all of them share. Nothing is fetched by a page.

Jinja escapes every value. A page allows itself its own style and script, by their hashes, and
nothing else: https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from reconciler.model.plan import Action
from reconciler.model.resource import Severity
from reconciler.render.formats.sections import Tone
from reconciler.render.formats.words import plural, safe

PACKAGE, FOLDER = "reconciler.render.formats", "pages"
MOODS: Mapping[str, str] = {
    Action.BLOCKED: "stop",
    Action.DELETE: "bad",
    Action.REPLACE: "bad",
    Action.ADOPT: "warn",
    Action.UPDATE: "warn",
    Action.CREATE: "good",
    Action.NONE: "calm",
    Tone.GOOD: "good",
    Tone.NOTE: "calm",
    Tone.WARNING: "warn",
    Tone.DANGER: "bad",
    Severity.HIGH: "bad",
    Severity.MEDIUM: "warn",
    Severity.LOW: "calm",
}
"""The class, and so the colour, of what happens and of how much a part matters."""


def page(template: str, /, **values: Any) -> str:
    """Return a page from one of the templates in the folder ``pages``."""
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    shared = {"style": style, "script": script, "policy": policy}
    return _environment().get_template(template).render(**shared, **values)


def prose(text: str) -> Markup:
    """Return a sentence of ours: what stands between backticks becomes code."""
    parts = safe(text).split("`")
    if len(parts) % 2 == 0:
        return escape(safe(text))
    marked = (
        Markup("<code>{}</code>").format(p) if n % 2 else escape(p) for n, p in enumerate(parts)
    )
    return Markup("").join(marked)


@cache
def _environment() -> Environment:
    """Return the templates."""
    found = Environment(
        loader=PackageLoader(PACKAGE, FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    found.filters |= {"safe_text": safe, "prose": prose, "plural": plural}
    found.globals |= {"moods": MOODS}
    return found


def _asset(name: str) -> str:
    """Return a file that becomes a part of each page."""
    return (files(PACKAGE) / FOLDER / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    """Return the hash of a style or a script, as a policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
