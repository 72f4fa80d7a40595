"""The table of ARM's error codes."""

from __future__ import annotations

import pytest

from reconciler.core.failures import ABSENT_CODES, CODES, classify
from reconciler.core.retry import WAITS, next_wait
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


def test_a_wait_is_never_shorter_than_azure_asked_for() -> None:
    failure = classify(429, "TooManyRequests", "?", retry_after=77.0)
    assert next_wait(failure, 1, fresh_needs=False) == 77.0
    assert next_wait(failure, len(WAITS) + 1, fresh_needs=False) is None


PASSING = {
    "anotheroperationinprogress",
    "conflict",
    "operationinprogress",
    "toomanyrequests",
    "subscriptionrequeststhrottled",
    "resourcerequeststhrottled",
    "retryableerror",
}
"""What passes by itself, so that nobody has to mend anything."""


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_code_that_does_not_pass_by_itself_says_how_to_mend_it(code: str) -> None:
    failure = classify(400, code, "?")
    passing = failure.kind in (FailureClass.TRANSIENT, FailureClass.CONFLICT)
    assert (passing, bool(failure.mend)) == (code in PASSING, code not in PASSING)
