"""The table of ARM's error codes."""

from __future__ import annotations

import pytest

from reconciler.core.sending.failures import ABSENT_CODES, CODES, classify
from reconciler.core.sending.retry import (
    LATE_CODES,
    REQUEST_WAITS,
    WAITS,
    next_wait,
    repeats,
    request_wait,
)
from reconciler.model.failure import FailureClass


@pytest.mark.parametrize("code", ["429", "FailedIdentityOperation", "AuthorizationFailed"])
def test_throttling_may_pass_whatever_code_it_hides_behind(code: str) -> None:
    assert classify(429, code, "slow down").kind is FailureClass.TRANSIENT


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (None, FailureClass.TRANSIENT),
        (400, FailureClass.REFUSED),
        (401, FailureClass.DENIED),
        (403, FailureClass.DENIED),
        (404, FailureClass.REFUSED),
        (409, FailureClass.CONFLICT),
        (500, FailureClass.TRANSIENT),
        (503, FailureClass.TRANSIENT),
    ],
)
def test_an_unknown_code_is_judged_by_its_status(status: int | None, kind: FailureClass) -> None:
    assert classify(status, "NeverHeardOf", "?").kind is kind


@pytest.mark.parametrize("code", sorted(ABSENT_CODES))
def test_only_a_404_can_mean_absent(code: str) -> None:
    assert classify(404, code.upper(), "?").kind is FailureClass.NOT_FOUND
    assert classify(400, code, "?").kind is not FailureClass.NOT_FOUND


def test_the_table_is_found_whatever_the_case_of_the_code() -> None:
    assert all(code == code.lower() for code in CODES)
    assert classify(400, "HostNamePrefixTaken", "?").mend.startswith("choose another name")


def test_what_passes_by_itself_is_on_record_somewhere() -> None:
    passing = (FailureClass.TRANSIENT, FailureClass.CONFLICT)
    for code, meaning in CODES.items():
        assert (meaning.kind in passing) == meaning.source.startswith("https://"), code
    assert all(source.startswith("https://") for source in LATE_CODES.values())


@pytest.mark.parametrize("quote", ['"', '\\"', "'"])
def test_throttling_inside_of_a_failed_identity_operation_is_found(quote: str) -> None:
    inner = f"{{{quote}code{quote}: {quote}429{quote}}}"
    message = f"Identity operation failed with error '{inner}'"
    assert classify(400, "FailedIdentityOperation", message).kind is FailureClass.TRANSIENT
    assert classify(400, "FailedIdentityOperation", "not found").kind is FailureClass.REFUSED


@pytest.mark.parametrize(
    ("status", "sent", "unknown"),
    [
        (None, True, True),
        (None, False, False),
        (408, True, True),
        (429, True, False),
        (409, True, False),
        (400, True, False),
        (500, True, True),
        (503, True, True),
    ],
)
def test_it_is_known_what_azure_may_have_done_all_the_same(
    status: int | None, sent: bool, unknown: bool
) -> None:
    assert classify(status, "Code", "?", sent=sent).maybe_done is unknown


def test_a_read_is_repeated_and_a_write_only_if_it_was_surely_not_carried_out() -> None:
    cases = [(None, False), (None, True), (408, True), (429, True), (500, True), (409, True)]
    found = {
        method: [repeats(method, status, 1, sent=sent) for status, sent in cases]
        for method in ("GET", "PUT", "PATCH", "DELETE", "POST")
    }
    write = [True, False, False, True, False, False]
    assert found == {
        "GET": [True, True, True, True, True, False],
        "PUT": write,
        "PATCH": write,
        "DELETE": write,
        "POST": [False] * 6,
    }


def test_a_request_is_not_repeated_for_ever_and_waits_longer_each_time() -> None:
    assert not repeats("GET", 503, len(REQUEST_WAITS) + 1, sent=True)
    waits = [request_wait(n + 1, None, 0.5) for n in range(len(REQUEST_WAITS))]
    assert waits == list(REQUEST_WAITS)
    assert request_wait(1, 30.0, 0.5) == 30.0
    assert request_wait(1, None, 0.0) < request_wait(1, None, 1.0)


def test_what_is_late_is_tried_again_only_for_what_was_just_made() -> None:
    failure = classify(400, "PrincipalNotFound", "?")
    assert next_wait(failure, 1, fresh_needs=True) == WAITS[0]
    assert next_wait(failure, 1, fresh_needs=False) is None


def test_a_wait_is_never_shorter_than_azure_asked_for() -> None:
    failure = classify(429, "TooManyRequests", "?", retry_after=77.0)
    assert next_wait(failure, 1, fresh_needs=False) == 77.0
    assert next_wait(failure, len(WAITS) + 1, fresh_needs=False) is None


PASSING = {code for code, meaning in CODES.items() if meaning.source}
"""What passes by itself, so that nobody has to mend anything."""


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_code_that_does_not_pass_by_itself_says_how_to_mend_it(code: str) -> None:
    failure = classify(400, code, "?")
    passing = failure.kind in (FailureClass.TRANSIENT, FailureClass.CONFLICT)
    assert (passing, bool(failure.mend)) == (code in PASSING, code not in PASSING)
