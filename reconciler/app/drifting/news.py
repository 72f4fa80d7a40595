"""News of drift go out to chats and programs, whose addresses are in the environment alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from reconciler.core.drifted.drift_history import CERTAIN, Step
from reconciler.model.drift import Drift
from reconciler.model.errors import UsageError
from reconciler.model.value import Json
from reconciler.render.drift.messages import News, slack, teams, webhook
from reconciler.web.client import WebClient

CHANNELS: Mapping[str, tuple[str, Callable[[News], Json]]] = {
    "slack": ("RECONCILER_SLACK_URL", slack),
    "teams": ("RECONCILER_TEAMS_URL", teams),
    "webhook": ("RECONCILER_WEBHOOK_URL", webhook),
}
"""For each channel, the variable that has its address, and what is sent there."""


def channels(names: Iterable[str]) -> Mapping[str, WebClient]:
    """Return the channels that are wanted, ready to send; asked for before Azure is.

    Raises:
        UsageError: the variable of a channel is not set, or is no https address.

    """
    ready = {}
    for name in dict.fromkeys(names):
        variable = CHANNELS[name][0]
        address = os.environ.get(variable, "")
        if not address:
            raise UsageError(f"--notify {name} needs an address", f"set {variable}")
        ready[name] = WebClient(f"{name} ({variable})", address)
    return ready


def news_of(drift: Drift, step: Step | None) -> News:
    """Return what there is to tell: what has become certain, and what was certain and is gone.

    Without a history every difference is news, each time.

    Args:
        drift: what was found.
        step: the same as one run more of a history; None without one.

    """
    if step is None:
        return News(drift, drift.items, ())
    seen = [(item, item.sighting) for item in step.drift.items]
    certain = tuple(item for item, sighting in seen if sighting and sighting.seen == CERTAIN)
    return News(step.drift, certain, tuple(e for e in step.closed if e.seen >= CERTAIN))


def tell(ready: Mapping[str, WebClient], news: News) -> None:
    """Send the news to every channel, if there are any.

    Raises:
        UnavailableError: a channel could not be reached, or refused.

    """
    if news.is_worth_it:
        for name, client in ready.items():
            client.send("POST", body=CHANNELS[name][1](news))
