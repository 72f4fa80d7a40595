"""What leaves for a service beside Azure, and what is said when it does not go well."""

from __future__ import annotations

import pytest

from reconciler.model.errors import UnavailableError, UsageError
from reconciler.web.client import WebClient
from tests.web.services import Reply, Service


@pytest.mark.parametrize(
    "address", ["http://example.com/x", "ftp://example.com", "example.com", "", "file:///etc/x"]
)
def test_nothing_is_sent_without_tls_but_to_this_machine(address: str) -> None:
    with pytest.raises(UsageError, match="not https") as caught:
        WebClient("the service", address)
    assert "example" not in str(caught.value)


def test_a_redirect_is_not_followed(service: Service) -> None:
    service.answer = lambda *_: Reply(302, headers={"Location": "http://127.0.0.1:1/x"})
    with pytest.raises(UnavailableError, match="the service answered 302"):
        WebClient("the service", service.url).send("GET", "/a")
    assert len(service.requests) == 1


def test_a_next_page_of_another_host_is_not_asked_for(service: Service) -> None:
    with pytest.raises(UnavailableError, match="another host"):
        WebClient("the service", service.url).send("GET", "https://example.com/secret")
    assert service.requests == []


@pytest.mark.parametrize(("method", "times"), [("GET", 4), ("PATCH", 4), ("POST", 1)])
def test_only_what_may_be_sent_twice_is_sent_again(
    service: Service, method: str, times: int
) -> None:
    service.answer = lambda *_: Reply(503, headers={"Retry-After": "1"})
    with pytest.raises(UnavailableError, match="answered 503"):
        WebClient("the service", service.url).send(method, "/a", {})
    assert len(service.requests) == times


def test_a_request_that_is_repeated_may_succeed(service: Service) -> None:
    service.answer = lambda *_: Reply(200 if len(service.requests) > 2 else 429, {"a": 1})
    assert WebClient("the service", service.url).send("GET", "/a").body == {"a": 1}


def test_no_message_holds_the_address() -> None:
    client = WebClient("the chat", "http://127.0.0.1:9/services/T00/SECRET")
    with pytest.raises(UnavailableError) as caught:
        client.send("POST", body={})
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_message_of_the_service_is_told_on_one_line(service: Service) -> None:
    service.answer = lambda *_: Reply(422, {"message": "Validation\nFailed"})
    with pytest.raises(UnavailableError, match="the service answered 422: Validation Failed"):
        WebClient("the service", service.url).send("POST", "/a", {})


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"Retry-After": "1"}),
        (429, {"RateLimit-Reset": "1", "RateLimit-Remaining": "0"}),
        (403, {"X-RateLimit-Remaining": "0"}),
        (403, {"Retry-After": "2"}),
    ],
    ids=["told when", "of the reset", "of GitHub's main limit", "of its other limit"],
)
def test_what_was_limited_was_not_done_and_is_sent_again(
    service: Service, status: int, headers: dict[str, str]
) -> None:
    service.answer = lambda *_: Reply(status if len(service.requests) < 3 else 200, None, headers)
    WebClient("the service", service.url).send("POST", "/a", {})
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "3600"}, {"RateLimit-Reset": "99999999999"}], ids=str
)
def test_nobody_waits_for_long(service: Service, headers: dict[str, str]) -> None:
    service.answer = lambda *_: Reply(429, None, headers)
    with pytest.raises(UnavailableError, match=r"answered 429 and asks to wait \d{4,} seconds"):
        WebClient("the service", service.url).send("GET", "/a")
    assert len(service.requests) == 1


def test_a_refusal_that_limits_nothing_is_not_sent_again(service: Service) -> None:
    service.answer = lambda *_: Reply(403)
    with pytest.raises(UnavailableError, match="answered 403") as caught:
        WebClient("the service", service.url, refused="ask for the right").send("GET", "/a")
    assert (len(service.requests), caught.value.mend) == (1, "ask for the right")


def test_what_is_gone_already_is_deleted(service: Service) -> None:
    service.answer = lambda *_: Reply(404)
    assert WebClient("the service", service.url).send("DELETE", "/a").body is None


def test_a_question_that_is_posted_may_be_asked_again(service: Service) -> None:
    service.answer = lambda *_: Reply(200 if len(service.requests) > 1 else 503, {"a": 1})
    assert WebClient("the service", service.url).send("POST", "/a", {}, asks=True).body == {"a": 1}
