"""What is thought of a record, from what servers and resolvers say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.mail.judge import judge, may_ask_resolvers
from reconciler.core.mail.spf import is_spf, lacking
from reconciler.model.dns import Answer, DnsState, Evidence, ExpectedRecord, Verdict

TOKEN = "ms-domain-verification=11111111-2222-3333-4444-555555555555"
SPF = "v=spf1 include:spf.protection.outlook.com -all"
TARGET = "selector1-azurecomm-prod-net._domainkey.azurecomm.net"
NAME = "selector1-azurecomm-prod-net._domainkey.example.com"
DOMAIN = ExpectedRecord("Domain", "TXT", "example.com", TOKEN, 3600)
SENDERS = ExpectedRecord("SPF", "TXT", "example.com", SPF, 3600)
DKIM = ExpectedRecord("DKIM", "CNAME", NAME, TARGET, 3600)
NOTHING = Answer("ns1.test", "NXDOMAIN", negative_ttl=300)
SILENT = Answer("ns1.test", "", error="no answer in 3 seconds")


def seen(expected: ExpectedRecord, *answers: Answer, **more: object) -> Evidence:
    """Return evidence from the zone's servers."""
    evidence = Evidence(expected.name, expected.type, "example.com", authoritative=answers)
    return replace(evidence, **more)  # type: ignore[arg-type]


def has(*values: str, server: str = "ns1.test", **more: object) -> Answer:
    """Return an answer with values."""
    return replace(Answer(server, values=values, ttl=1200), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expected", "answer", "state", "words"),
    [
        (DOMAIN, has("x", TOKEN), DnsState.READY, "ns1.test has what ARM asks for"),
        (DKIM, has(TARGET.upper() + "."), DnsState.READY, "ns1.test has what ARM asks for"),
        (SENDERS, has(SPF), DnsState.READY, "ns1.test has what ARM asks for"),
        (SENDERS, has(SPF.replace("-all", "mx ~all")), DnsState.READY, "has what ARM asks for"),
        (DOMAIN, NOTHING, DnsState.MISSING, "there is no such name"),
        (DOMAIN, has("a", "b"), DnsState.MISSING, "not among the 2 TXT records"),
        (DKIM, Answer("ns1.test"), DnsState.MISSING, "it is not there"),
        (DOMAIN, has(TOKEN[:-1] + "6"), DnsState.WRONG_VALUE, "and ARM asks for"),
        (DOMAIN, has(TOKEN + " "), DnsState.WRONG_VALUE, "differs in blanks"),
        (DKIM, has("selector1.test"), DnsState.WRONG_VALUE, "it points to `selector1.test`"),
        (DKIM, has(f"{TARGET}.example.com"), DnsState.WRONG_VALUE, "own name was added behind"),
        (DOMAIN, has(f'"{TOKEN}"'), DnsState.QUOTES, "holds quotes"),
        (SENDERS, has(f"“{SPF}”"), DnsState.QUOTES, "holds quotes"),
        (DOMAIN, has(TOKEN[20:], TOKEN[:20]), DnsState.QUOTES, "split into two records"),
        (SENDERS, has("v=spf1 mx -all", SPF), DnsState.TWO_SPF, "there are 2 SPF records"),
        (SENDERS, has("v=spf1 mx -all"), DnsState.SPF_NOT_MERGED, "what is missing in it is"),
        (
            SENDERS,
            has("v=spf1 -all include:spf.protection.outlook.com"),
            DnsState.SPF_NOT_MERGED,
            "where it has no effect",
        ),
        (
            DKIM,
            Answer("ns1.test", instead=(("A", "192.0.2.7"),)),
            DnsState.FLATTENED,
            "addresses are answered (192.0.2.7)",
        ),
        (
            DKIM,
            Answer("ns1.test", instead=(("TXT", TARGET),)),
            DnsState.WRONG_TYPE,
            "there is a TXT record",
        ),
        (DOMAIN, Answer("ns1.test", chain=("x.test",)), DnsState.ALIAS, "is a CNAME to `x.test`"),
    ],
)
def test_each_difference_has_its_own_state_and_words(
    expected: ExpectedRecord, answer: Answer, state: DnsState, words: str
) -> None:
    verdict = judge(expected, seen(expected, answer))
    assert (verdict.state, verdict.ready) == (state, state is DnsState.READY)
    assert words in verdict.sentence
    assert bool(verdict.mend) is not verdict.ready


def test_a_name_typed_twice_is_found_where_it_stands() -> None:
    evidence = seen(DKIM, NOTHING, twice=has(TARGET), twice_name=f"{NAME}.example.com")
    verdict = judge(DKIM, evidence)
    assert verdict == Verdict(
        "DKIM",
        DnsState.NAME_TWICE,
        f"it stands at {NAME}.example.com: the zone's name was typed as well",
        "name it `selector1-azurecomm-prod-net._domainkey` in the zone example.com, whose name the "
        "editor adds",
        ready=False,
    )


def test_servers_that_disagree_are_named() -> None:
    verdict = judge(DOMAIN, seen(DOMAIN, has(TOKEN), replace(NOTHING, server="ns2.test")))
    assert verdict.state is DnsState.OTHER_SERVERS
    assert verdict.sentence == "ns1.test has the record and ns2.test lacks it"


def test_a_zone_that_is_edited_elsewhere_than_it_is_delegated_to_is_told() -> None:
    evidence = seen(
        DOMAIN,
        replace(NOTHING, server="old.test (192.0.2.1)"),
        has(TOKEN, server="new.test", delegated=False),
        delegated=("old.test",),
    )
    verdict = judge(DOMAIN, evidence)
    assert verdict.state is DnsState.OTHER_SERVERS
    assert verdict.sentence == (
        "new.test has the record, but example.com is delegated to old.test, where it is missing or "
        "different"
    )


def test_a_remembered_absence_says_for_how_long() -> None:
    resolver = Answer("r.test", "NXDOMAIN", negative_ttl=840)
    verdict = judge(DOMAIN, seen(DOMAIN, has(TOKEN), resolvers=(resolver,)))
    assert (verdict.state, verdict.again_after) == (DnsState.NEGATIVE_CACHED, 840)
    assert "r.test still remembers that there is no record, for 840 seconds" in verdict.sentence


def test_a_remembered_value_says_for_how_long() -> None:
    old = has("old", server="r.test")
    verdict = judge(DOMAIN, seen(DOMAIN, has(TOKEN), resolvers=(old,)))
    assert (verdict.state, verdict.again_after) == (DnsState.STALE, 1200)
    assert "(`old`)" in verdict.sentence


def test_without_the_zones_servers_resolvers_are_believed_and_that_is_said() -> None:
    verdict = judge(DOMAIN, seen(DOMAIN, SILENT, resolvers=(has(TOKEN, server="r.test"),)))
    assert verdict.ready
    assert verdict.sentence == (
        "r.test has what ARM asks for (the zone's own servers could not be asked)"
    )
    wrong = judge(DOMAIN, seen(DOMAIN, resolvers=(NOTHING,)))
    assert (wrong.state, wrong.again_after) == (DnsState.MISSING, 300)


def test_a_silent_server_beside_a_right_one_is_mentioned() -> None:
    verdict = judge(DOMAIN, seen(DOMAIN, replace(SILENT, server="ns2.test"), has(TOKEN)))
    assert verdict.sentence.endswith("; ns2.test did not answer for it")
    assert verdict.ready


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((SILENT,), DnsState.UNREACHABLE),
        ((), DnsState.UNREACHABLE),
        ((Answer("a", "REFUSED"), Answer("b", "REFUSED")), DnsState.NOT_SERVED),
        ((Answer("a", "SERVFAIL"), SILENT), DnsState.SERVER_FAILURE),
    ],
)
def test_no_answer_is_never_a_missing_record(answers: tuple[Answer, ...], state: DnsState) -> None:
    assert judge(DOMAIN, seen(DOMAIN, *answers)).state is state


def test_no_zone_is_told_apart_from_no_record() -> None:
    verdict = judge(DOMAIN, seen(DOMAIN, no_zone=True))
    assert verdict.state is DnsState.NO_ZONE
    assert "example.com is not delegated" in verdict.sentence


def test_resolvers_are_asked_only_when_that_plants_no_absence() -> None:
    assert not may_ask_resolvers(DOMAIN, [NOTHING])
    assert not may_ask_resolvers(DOMAIN, [NOTHING, has(TOKEN)])
    assert may_ask_resolvers(DOMAIN, [has(TOKEN), SILENT])
    assert may_ask_resolvers(DOMAIN, [has(TOKEN), replace(NOTHING, delegated=False)])
    assert may_ask_resolvers(DOMAIN, [])


values = st.sampled_from(
    [TOKEN, SPF, TARGET, TARGET.upper(), "v=spf1 mx -all", f"{SPF} x", f'"{TOKEN}"', "other", ""]
)
answers = st.builds(
    Answer,
    st.sampled_from(["a", "b"]),
    st.sampled_from(["NOERROR", "NXDOMAIN", "SERVFAIL", ""]),
    st.lists(values, max_size=3).map(tuple),
    instead=st.sampled_from([(), (("A", "192.0.2.1"),)]),
    ttl=st.sampled_from([None, 60]),
    negative_ttl=st.sampled_from([None, 30]),
    delegated=st.booleans(),
    error=st.sampled_from(["", "", "late"]),
)


@given(
    st.sampled_from([DOMAIN, SENDERS, DKIM]),
    st.lists(answers, max_size=3).map(tuple),
    st.lists(answers, max_size=2).map(tuple),
    st.booleans(),
)
def test_a_record_is_ready_only_if_what_arm_asks_for_is_there(
    expected: ExpectedRecord,
    zone: tuple[Answer, ...],
    resolvers: tuple[Answer, ...],
    no_zone: bool,
) -> None:
    evidence = seen(expected, *zone, resolvers=resolvers, no_zone=no_zone)
    verdict = judge(expected, evidence)
    assert verdict.ready == (verdict.state is DnsState.READY)
    assert verdict.mend or verdict.ready
    if not verdict.ready:
        return
    known = [a for a in (*zone, *resolvers) if a.is_known]
    assert any(holds(expected, a) for a in known)
    deciding = [a for a in zone if a.is_known and a.delegated]
    assert all(holds(expected, a) for a in deciding)
    assert all(holds(expected, a) for a in resolvers if a.is_known)


def holds(expected: ExpectedRecord, answer: Answer) -> bool:
    """Whether an answer has what ARM asks for, said in another way than the code does."""
    if expected is DKIM:
        return [v.lower() for v in answer.values] == [TARGET]
    if expected is SENDERS:
        published = [v for v in answer.values if is_spf(v)]
        return len(published) == 1 and not lacking(published[0], SPF)
    return TOKEN in answer.values
