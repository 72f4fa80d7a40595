"""What the adapter sees of DNS servers on this machine, and what it never asks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.core.mail.judge import judge
from reconciler.dns.resolver import DnsResolver
from reconciler.dns.servers import dns_settings, parse_server
from reconciler.model.dns import DnsState, Evidence, ExpectedRecord, Verdict
from reconciler.model.errors import UsageError
from tests.dns_server import OTHER, THIRD, DnsServer, Fault, quoted, serving

TOKEN = "ms-domain-verification=11111111-2222-3333-4444-555555555555"
SPF = "v=spf1 include:spf.protection.outlook.com -all"
TARGET = "selector1-azurecomm-prod-net._domainkey.azurecomm.net"
NAME = "selector1-azurecomm-prod-net._domainkey.shop.test"
DOMAIN = ExpectedRecord("Domain", "TXT", "shop.test", TOKEN, 3600)
SENDERS = ExpectedRecord("SPF", "TXT", "shop.test", SPF, 3600)
DKIM = ExpectedRecord("DKIM", "CNAME", NAME, TARGET, 3600)


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with serving(OTHER, THIRD) as running:
        yield running


def resolver(server: DnsServer, *edited: str) -> DnsResolver:
    return DnsResolver(dns_settings(authoritative=edited, test_server=server.address))


def look(server: DnsServer, expected: ExpectedRecord, *edited: str) -> tuple[Evidence, Verdict]:
    seen = resolver(server, *edited).evidence(expected)
    return seen, judge(expected, seen)


def test_a_right_record_is_seen_at_the_zones_server_and_then_by_the_resolver(
    server: DnsServer,
) -> None:
    server.zone("shop.test").put("shop.test", "TXT", quoted("x"), quoted(TOKEN))
    seen, verdict = look(server, DOMAIN)
    assert verdict.ready
    assert (seen.zone, seen.delegated) == ("shop.test", ("ns1.shop.test",))
    answers = (*seen.authoritative, *seen.resolvers)
    assert [sorted(a.values) for a in answers] == [sorted(("x", TOKEN))] * 2


def test_a_missing_record_is_never_asked_of_a_resolver(server: DnsServer) -> None:
    server.zone("shop.test")
    seen, verdict = look(server, DKIM)
    assert verdict.state is DnsState.MISSING
    assert seen.resolvers == ()
    assert [entry for entry in server.asked if entry[1] == NAME and entry[3]] == []
    assert not any(name == "shop.test" and rd for _, name, _, rd, _ in server.asked)


def test_long_texts_are_joined_over_tcp(server: DnsServer) -> None:
    value = "v=spf1 " + "ip4:192.0.2.1 " * 100 + "-all"
    server.zone("shop.test").put("shop.test", "TXT", quoted(value))
    server.faults.append(Fault("truncate", kind="TXT"))
    seen, _ = look(server, SENDERS)
    assert seen.authoritative[0].values == (value,)
    assert {tcp for _, _, kind, _, tcp in server.asked if kind == "TXT"} == {False, True}


def test_a_cname_is_compared_and_what_stands_instead_is_told(server: DnsServer) -> None:
    zone = server.zone("shop.test")
    zone.put(NAME, "CNAME", f"{TARGET.upper()}.")
    assert look(server, DKIM)[1].ready
    zone.drop(NAME, "CNAME")
    zone.put(NAME, "A", "192.0.2.7")
    seen, verdict = look(server, DKIM)
    assert verdict.state is DnsState.FLATTENED
    assert seen.authoritative[0].instead == (("A", "192.0.2.7"),)


def test_a_name_typed_twice_is_found(server: DnsServer) -> None:
    server.zone("shop.test").put(f"{NAME}.shop.test", "CNAME", f"{TARGET}.")
    assert look(server, DKIM)[1].state is DnsState.NAME_TWICE
    server.zone("shop.test").put("shop.test.shop.test", "TXT", quoted(TOKEN))
    assert look(server, DOMAIN)[1].state is DnsState.NAME_TWICE


def test_a_resolver_that_remembers_is_told_from_a_missing_record(server: DnsServer) -> None:
    server.zone("shop.test").put("shop.test", "TXT", quoted(TOKEN))
    server.remembered["shop.test", "TXT"] = ()
    _, verdict = look(server, DOMAIN)
    assert (verdict.state, verdict.again_after) == (DnsState.NEGATIVE_CACHED, 900)
    server.remembered["shop.test", "TXT"] = (quoted("old"),)
    _, verdict = look(server, DOMAIN)
    assert (verdict.state, verdict.again_after) == (DnsState.STALE, 1500)


def test_a_zone_edited_elsewhere_is_found_where_the_project_says(server: DnsServer) -> None:
    server.zone("shop.test", OTHER)
    edited = server.zone("shop.test", THIRD, delegated=False)
    edited.put("shop.test", "TXT", quoted(TOKEN))
    assert look(server, DOMAIN)[1].state is DnsState.MISSING
    seen, verdict = look(server, DOMAIN, f"{THIRD}:{server.port}")
    assert verdict.state is DnsState.OTHER_SERVERS
    assert "delegated to ns2.shop.test" in verdict.sentence
    assert [a.delegated for a in seen.authoritative] == [True, False]


def test_a_server_that_only_the_zone_names_is_asked_too(server: DnsServer) -> None:
    zone = server.zone("shop.test", OTHER)
    zone.put("shop.test", "NS", "ns2.shop.test.", "new.shop.test.")
    zone.put("new.shop.test", "A", THIRD)
    server.zone("shop.test", THIRD, delegated=False).put("shop.test", "TXT", quoted(TOKEN))
    _, verdict = look(server, DOMAIN)
    assert verdict.state is DnsState.OTHER_SERVERS
    assert verdict.sentence.startswith("new.shop.test (127.0.0.3) has the record, but shop.test")


def test_servers_that_disagree_are_told(server: DnsServer) -> None:
    server.zone("shop.test", OTHER).put("shop.test", "TXT", quoted(TOKEN))
    server.zone("shop.test", THIRD, delegated=False)
    test = server.zone("test")
    test.put("shop.test", "NS", "ns2.shop.test.", "ns3.shop.test.")
    test.put("ns3.shop.test", "A", THIRD)
    _, verdict = look(server, DOMAIN)
    assert verdict.sentence == (
        "ns2.shop.test (127.0.0.2) has the record and ns3.shop.test (127.0.0.3) lacks it"
    )


def test_a_zone_that_is_not_delegated_is_no_zone(server: DnsServer) -> None:
    seen, verdict = look(server, DOMAIN)
    assert (verdict.state, seen.zone) == (DnsState.NO_ZONE, "shop.test")
    elsewhere = ExpectedRecord("Domain", "TXT", "shop.nowhere", TOKEN, 60)
    assert look(server, elsewhere)[1].state is DnsState.NO_ZONE


def test_a_subdomain_without_a_zone_of_its_own_lies_in_the_zone_above(server: DnsServer) -> None:
    server.zone("shop.test")
    seen, verdict = look(server, ExpectedRecord("Domain", "TXT", "mail.shop.test", TOKEN, 60))
    assert (verdict.state, seen.zone) == (DnsState.MISSING, "shop.test")
    assert "`mail` in the zone shop.test" in verdict.mend


def test_a_lame_delegation_is_told(server: DnsServer) -> None:
    server.delegate("shop.test", "ns2.shop.test", OTHER)
    assert look(server, DOMAIN)[1].state is DnsState.NOT_SERVED
    server.zone("shop.test", OTHER, delegated=False)
    server.faults += [Fault("lame", host=OTHER), Fault("SERVFAIL", "shop.test", recursive=True)]
    assert look(server, DOMAIN)[1].state is DnsState.NOT_SERVED


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault("SERVFAIL"), DnsState.UNREACHABLE),
        (Fault("SERVFAIL", name="shop.test", kind="TXT"), DnsState.SERVER_FAILURE),
        (Fault("REFUSED", recursive=True), DnsState.UNREACHABLE),
    ],
)
def test_a_failing_server_says_nothing_about_the_record(
    server: DnsServer, fault: Fault, state: DnsState
) -> None:
    server.zone("shop.test").put("shop.test", "TXT", quoted(TOKEN))
    server.faults.append(fault)
    _, verdict = look(server, DOMAIN)
    assert (verdict.state, verdict.ready) == (state, False)


def test_silence_is_unreachable_and_within_bounds(server: DnsServer) -> None:
    server.faults.append(Fault("timeout"))
    settings = dns_settings(test_server=server.address)
    hasty = type(settings)(settings.resolvers, timeout=0.1)
    verdict = judge(DOMAIN, DnsResolver(hasty).evidence(DOMAIN))
    assert verdict.state is DnsState.UNREACHABLE
    assert len(server.asked) <= 4


def test_where_the_zones_servers_are_out_of_reach_the_resolver_is_believed(
    server: DnsServer,
) -> None:
    server.zone("shop.test").put("shop.test", "TXT", quoted(TOKEN))
    server.faults.append(Fault("REFUSED", recursive=False))
    _, verdict = look(server, DOMAIN)
    assert verdict.ready
    assert "own servers could not be asked" in verdict.sentence


def test_a_text_behind_a_cname_to_another_zone_counts(server: DnsServer) -> None:
    server.zone("shop.test").put("mail.shop.test", "CNAME", "verify.host.test.")
    server.zone("host.test", OTHER).put("verify.host.test", "TXT", quoted(TOKEN))
    expected = ExpectedRecord("Domain", "TXT", "mail.shop.test", TOKEN, 60)
    assert look(server, expected)[1].ready
    server.zones[OTHER]["host.test"].drop("verify.host.test", "TXT")
    assert look(server, expected)[1].state is DnsState.ALIAS


def test_what_was_seen_is_kept_for_a_run_even_with_many_threads(server: DnsServer) -> None:
    server.zone("shop.test").put("shop.test", "TXT", quoted(TOKEN))
    ours = resolver(server)
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(ours.evidence, [DOMAIN, SENDERS] * 8))
    assert {id(evidence) for evidence in seen} == {id(seen[0]), id(seen[1])}
    count = len(server.asked)
    assert ours.evidence(DOMAIN) is seen[0]
    assert len(server.asked) == count
    ours.forget()
    assert ours.evidence(DOMAIN) == seen[0]
    assert len(server.asked) > count


def test_a_name_that_dns_cannot_hold_is_no_crash(server: DnsServer) -> None:
    long = ExpectedRecord("Domain", "TXT", f"{'x' * 70}.test", TOKEN, 60)
    assert look(server, long)[1].state is DnsState.UNREACHABLE
    assert look(server, ExpectedRecord("Domain", "TXT", "a..test", TOKEN, 60))[1].ready is False


def test_published_spf_and_included_records_are_looked_up(server: DnsServer) -> None:
    zone = server.zone("shop.test")
    zone.put("shop.test", "TXT", quoted("x"), quoted("v=spf1 mx ~all"))
    zone.put("two.shop.test", "TXT", quoted("v=spf1 a -all"), quoted("v=spf1 mx -all"))
    ours = resolver(server)
    assert ours.published_spf("shop.test") == (("v=spf1 mx ~all",), "")
    assert ours.published_spf("mail.shop.test") == ((), "")
    assert ours.published_spf("nowhere.test") == ((), "there is no zone nowhere.test")
    assert ours.spf_of("shop.test") == "v=spf1 mx ~all"
    assert ours.spf_of("two.shop.test") is None
    assert ours.zone_of("mail.shop.test") == "shop.test"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:5353", "192.0.2.1:5353"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:5353", "[2001:db8::1]:5353"),
        ("ns1.example.com.", "ns1.example.com"),
    ],
)
def test_servers_are_written_as_everywhere(text: str, label: str) -> None:
    assert parse_server(text, "here").label == label


@pytest.mark.parametrize("text", ["", ":53", "x:0", "x:99999", "x:y", "a b", "[::1"])
def test_what_names_no_server_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="names no DNS server"):
        parse_server(text, "here")


def test_a_test_server_is_on_this_machine_and_resolvers_are_addresses() -> None:
    with pytest.raises(UsageError, match="not on this machine"):
        dns_settings(test_server="192.0.2.1:53")
    with pytest.raises(UsageError, match="is not an address"):
        dns_settings(["resolver.example.com"])
