"""Token buckets: laws of the arithmetic, and what headers say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.sending.throttle import (
    LIMITS,
    LONGEST_BACK_OFF,
    Call,
    Limit,
    answered,
    full,
    lost,
    refused,
    remaining,
    retry_after,
    seconds_until_free,
    taken,
)

READS = LIMITS[Call.READS]


@given(
    st.floats(1, 300),
    st.floats(0.5, 50),
    st.lists(st.floats(0, 5), max_size=60),
)
def test_no_more_leaves_than_the_bucket_holds_and_gains(
    depth: float, rate: float, gaps: list[float]
) -> None:
    bucket, now, sent = full(Limit(depth, rate), 0.0), 0.0, 0
    for gap in gaps:
        now += gap
        for _ in range(20):
            if seconds_until_free(bucket, now) <= 0:
                bucket, sent = taken(bucket, now), sent + 1
    assert sent <= depth + now * rate + 1e-6


@given(st.integers(0, 300), st.floats(0, 100))
def test_waiting_as_long_as_it_says_is_enough(requests: int, start: float) -> None:
    bucket, now = full(READS, start), start
    for _ in range(requests):
        now += seconds_until_free(bucket, now)
        assert seconds_until_free(bucket, now) < 1e-6
        bucket = taken(bucket, now)


def test_what_azure_says_is_left_counts_for_more_than_our_own_sum() -> None:
    bucket = answered(taken(full(READS, 0.0), 0.0), 0.0, 3)
    for _ in range(3):
        assert seconds_until_free(bucket, 0.0) == 0
        bucket = taken(bucket, 0.0)
    assert seconds_until_free(bucket, 0.0) == pytest.approx(1 / 25)


def test_requests_that_are_not_answered_yet_are_not_counted_twice_as_free() -> None:
    bucket = full(READS, 0.0)
    for _ in range(4):
        bucket = taken(bucket, 0.0)
    assert answered(bucket, 0.0, 5).level == 2
    assert lost(bucket).in_flight == 3


def test_a_subscription_may_have_a_deeper_bucket_than_the_documented_one() -> None:
    bucket = answered(taken(full(LIMITS[Call.WRITES], 0.0), 0.0), 0.0, 799)
    assert (bucket.level, bucket.limit.depth) == (799, 799)


def test_nothing_leaves_before_the_time_that_azure_asked_to_wait_is_over() -> None:
    bucket = refused(taken(full(READS, 0.0), 0.0), 10.0, 17.0)
    assert seconds_until_free(bucket, 12.0) == 15.0
    assert seconds_until_free(bucket, 27.0) == 0.0


def test_refusals_without_a_time_close_the_bucket_for_longer_each_time() -> None:
    bucket, waits = full(READS, 0.0), []
    for _ in range(8):
        bucket = refused(bucket, 0.0, None)
        waits.append(bucket.opens)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert max(waits) == LONGEST_BACK_OFF
    assert answered(bucket, 60.0, None).refusals == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "17"}, 17.0),
        ({"retry-after": "0"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after-ms": "50"}, 0.05),
        ({"x-ms-retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        (
            {
                "retry-after": "Wed, 25 Nov 2026 10:01:30 GMT",
                "date": "Wed, 25 Nov 2026 10:00:00 GMT",
            },
            90.0,
        ),
        ({"retry-after": "Wed, 25 Nov 2026 10:01:30 GMT"}, None),
        (
            {
                "retry-after": "Wed, 25 Nov 2026 09:00:00 GMT",
                "date": "Wed, 25 Nov 2026 10:00:00 GMT",
            },
            None,
        ),
    ],
)
def test_both_forms_of_retry_after_are_understood(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds


def test_the_scarcer_of_our_own_and_everybodys_bucket_counts() -> None:
    headers = {
        "x-ms-ratelimit-remaining-subscription-reads": "249",
        "x-ms-ratelimit-remaining-subscription-global-reads": "12",
        "x-ms-ratelimit-remaining-tenant-reads": "5",
        "x-ms-ratelimit-remaining-subscription-writes": "many",
    }
    assert remaining(headers, Call.READS, tenant=False) == 12
    assert remaining(headers, Call.READS, tenant=True) == 5
    assert remaining(headers, Call.WRITES, tenant=False) is None


@pytest.mark.parametrize(
    ("method", "call"),
    [("GET", "reads"), ("HEAD", "reads"), ("PUT", "writes"), ("POST", "writes")]
    + [("PATCH", "writes"), ("DELETE", "deletes")],
)
def test_a_request_counts_as_arm_counts_it(method: str, call: str) -> None:
    assert Call.of(method) == call
