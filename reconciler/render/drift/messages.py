"""What chats are told of drift: what is new since the last run, and what is gone.

Slack escapes three characters, and mentions need two of them; a Teams card is made of text runs, in
which nothing is markup. So no name or value can call anybody or lead anywhere.
https://docs.slack.dev/messaging/formatting-message-text
https://learn.microsoft.com/adaptive-cards/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.model.drift import Drift, Entry, Item
from reconciler.model.value import Json
from reconciler.render.drift.json import FORMAT_VERSION
from reconciler.render.formats.words import dotted, plural, safe

SHOWN = 10
"""How many differences a message names; both services refuse what is too long."""


@dataclass(frozen=True, slots=True)
class News:
    """What a run has to tell."""

    drift: Drift
    confirmed: tuple[Item, ...]
    """Differences that are certain since this run."""
    closed: tuple[Entry, ...]
    """Differences that were certain, and are gone."""

    @property
    def is_worth_it(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.confirmed or self.closed)


def slack(news: News) -> Json:
    """Return a message for an incoming webhook of Slack."""
    blocks: list[Json] = [_slack_block(f"*{_escaped(headline(news))}*")]
    blocks += [_slack_block(_escaped(line)) for line in _lines(news)]
    return {"text": _escaped(headline(news)), "blocks": blocks}


def teams(news: News) -> Json:
    """Return a message for a webhook of Teams Workflows: an Adaptive Card."""
    title: Json = {"type": "TextRun", "text": headline(news), "weight": "Bolder", "size": "Medium"}
    texts: list[Json] = [{"type": "RichTextBlock", "inlines": [title]}]
    runs: list[Json] = [{"type": "TextRun", "text": line} for line in _lines(news)]
    texts += [{"type": "RichTextBlock", "inlines": [run], "spacing": "Small"} for run in runs]
    card: Json = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": texts,
    }
    attachment: Json = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def webhook(news: News) -> Json:
    """Return a document for any other program."""
    return {
        "formatVersion": FORMAT_VERSION,
        "type": "dev.reconciler.drift",
        "at": news.drift.at,
        "environment": news.drift.environment or None,
        "complete": news.drift.is_complete,
        "counts": {severity.value: count for severity, count in news.drift.counts.items()},
        "confirmed": [_told(i.address, dotted(i.field), i.severity) for i in news.confirmed],
        "closed": [_told(entry.address, entry.field, entry.severity) for entry in news.closed],
    }


def headline(news: News) -> str:
    """Return the news in a few words."""
    parts = []
    if news.confirmed:
        parts.append(f"{plural(len(news.confirmed), 'new difference')}")
    if news.closed:
        parts.append(f"{plural(len(news.closed), 'difference')} gone")
    where = f" of {safe(news.drift.environment)}" if news.drift.environment else ""
    left = plural(len(news.drift.items), "difference")
    return f"Drift{where}: {', '.join(parts) or 'no news'}; {left} in all"


def _lines(news: News) -> list[str]:
    """Return the differences by name, the worst first, and how many more there are."""
    found = [f"{i.severity}: {i.address} {_what(i)}".rstrip() for i in news.confirmed]
    gone = [f"gone: {entry.address} {entry.field}".rstrip() for entry in news.closed]
    return [*_some(found), *_some(gone)]


def _what(item: Item) -> str:
    return dotted(item.field) if item.field else item.sort.value


def _some(lines: Sequence[str]) -> list[str]:
    more = len(lines) - SHOWN
    shown = [safe(line)[:250] for line in lines[:SHOWN]]
    return [*shown, f"and {more} more"] if more > 0 else shown


def _told(address: str, field: str, severity: str) -> Mapping[str, Json]:
    return {"address": address, "field": field or None, "severity": str(severity)}


def _slack_block(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _escaped(text: str) -> str:
    """Return text in which Slack sees no mention, no link and no emphasis."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    return "".join(f"\u2060{c}" if c in "*_~`" else c for c in text)
