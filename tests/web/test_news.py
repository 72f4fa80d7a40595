"""Chats hear of drift once: when it has been seen twice, and when it is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.app.drifting.news import CHANNELS, news_of
from reconciler.core.drifted.drift_history import Step, advance
from reconciler.model.drift import History
from reconciler.render.drift.messages import slack, teams, webhook
from tests.conftest import Lab, Ran, identity
from tests.render.drifts import DRIFTS
from tests.render.plans import HOSTILE
from tests.web.services import Reply, Service

SPEC = {"id-a": {"location": "westeurope", "tags": {"env": "prod"}}}


@pytest.fixture
def drifted(lab: Lab, service: Service, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab in which one tag has drifted, with all channels leading to the service."""
    for name, (variable, _) in CHANNELS.items():
        monkeypatch.setenv(variable, f"{service.url}/{name}/SECRET")
    lab.spec(identities=SPEC)
    lab.settle()
    lab.arm.send("PATCH", identity("id-a"), {"tags": {"env": "dev"}})
    return lab


def watch(lab: Lab, *arguments: str) -> Ran:
    return lab.run("drift", "--target", lab.arm.url, "--history", "drift.jsonl", *arguments)


def test_a_difference_is_told_when_it_is_seen_twice_and_when_it_is_gone(
    drifted: Lab, service: Service
) -> None:
    told: list[Any] = []
    for number in range(4):
        if number == 3:
            drifted.apply()
        ran = watch(drifted, "--notify", "webhook")
        assert "SECRET" not in ran.out + ran.err
        told.append([body for _, _, body in service.requests])
        service.requests.clear()
    assert [len(bodies) for bodies in told] == [0, 1, 0, 1]
    difference = {"address": "test/identities/id-a", "field": "tags.env", "severity": "low"}
    (first,), (last,) = told[1], told[3]
    assert (first["confirmed"], first["closed"]) == ([difference], [])
    assert (last["confirmed"], last["closed"]) == ([], [difference])


def test_every_channel_is_told_at_its_own_address(drifted: Lab, service: Service) -> None:
    for _ in range(2):
        watch(drifted, "--notify", "slack", "--notify", "teams", "--notify", "webhook")
    assert [path for _, path, _ in service.requests] == [
        "/slack/SECRET",
        "/teams/SECRET",
        "/webhook/SECRET",
    ]


def test_a_channel_without_an_address_is_a_mistake_of_usage(
    drifted: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECONCILER_SLACK_URL")
    drifted.arm.forget()
    ran = watch(drifted, "--notify", "slack")
    assert (ran.code, drifted.arm.requests()) == (64, [])
    assert "set RECONCILER_SLACK_URL" in ran.err


def test_a_channel_that_fails_ends_with_1_after_the_report(drifted: Lab, service: Service) -> None:
    service.answer = lambda *_: Reply(404)
    watch(drifted, "--notify", "slack")
    ran = watch(drifted, "--notify", "slack")
    assert ran.code == 1
    assert "tags.env" in ran.out
    assert "slack (RECONCILER_SLACK_URL) answered 404" in ran.err
    assert "SECRET" not in ran.err


def hostile() -> Step:
    """A difference of a resource that would like to call everybody."""
    history = History()
    step = advance(history, DRIFTS["hostile"]())
    return advance(step.history, DRIFTS["hostile"]())


def test_a_message_to_slack_calls_nobody_and_keeps_its_limits() -> None:
    message: Any = slack(news_of(DRIFTS["hostile"](), hostile()))
    texts = [block["text"]["text"] for block in message["blocks"]]
    assert len(texts) == 2
    assert all(len(text) <= 3_000 for text in texts)
    assert not [text for text in texts if "<" in text or ">" in text or "`x`" in text]


def test_a_message_to_teams_has_no_text_that_is_markup() -> None:
    message: Any = teams(news_of(DRIFTS["hostile"](), hostile()))
    (attachment,) = message["attachments"]
    kinds = {block["type"] for block in attachment["content"]["body"]}
    assert kinds == {"RichTextBlock"}


def test_messages_stay_short_whatever_has_drifted() -> None:
    drift = DRIFTS["mixed"]()
    many = advance(History(), drift)
    news = news_of(drift, None)
    big = type(news)(many.drift, drift.items * 400, ())
    assert len(json.dumps(slack(big))) < 28_000
    assert len(slack(big)["blocks"]) <= 50  # type: ignore[call-overload, index, arg-type]
    assert len(json.dumps(teams(big))) < 28_000


def test_no_message_holds_a_value() -> None:
    news = news_of(DRIFTS["hostile"](), None)
    for make in (slack, teams, webhook):
        assert HOSTILE[:10] not in json.dumps(make(news))
