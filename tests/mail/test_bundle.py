"""What a zone needs: what ARM asks for, merged with what is published, and nothing guessed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.mail.bundle import Bundle, bundle
from reconciler.core.mail.spf import is_spf, lacking
from reconciler.model.dns import Answer, Evidence, ExpectedRecord
from reconciler.model.mail import Hindrance, Published, RecordSet

ZONE = "shop.test"
SPF = "v=spf1 include:spf.protection.outlook.com -all"
OTHERS = "v=spf1 include:_spf.other.test ~all"
TOKEN = "ms-domain-verification=1"
DKIM = f"selector1._domainkey.{ZONE}"
TARGET = "selector1._domainkey.azurecomm.net"


def seen(name: str, kind: str, *values: str, zone: str = ZONE, **more: object) -> Evidence:
    """Return evidence of one server that has these values."""
    answer = replace(Answer("ns1", values=values), **more)  # type: ignore[arg-type]
    return Evidence(name, kind, zone=zone, authoritative=(answer,))


def wanted(
    value: str, evidence: Evidence | None = None, *, check: str = "", domain: str = ZONE
) -> Published:
    """Return a record that ARM asks for; of a name where nothing is, unless told otherwise."""
    kind = "CNAME" if value == TARGET else "TXT"
    name = f"selector1._domainkey.{domain}" if kind == "CNAME" else domain
    evidence = evidence or seen(name, kind)
    check = check or ("DKIM" if kind == "CNAME" else "SPF" if is_spf(value) else "Domain")
    return Published(domain, ExpectedRecord(check, kind, evidence.name, value, 3600), evidence)


def only(made: Bundle) -> RecordSet:
    """Return the one set that was made."""
    assert made.hindrances == ()
    ((records,),) = (zone.sets for zone in made.zones)
    return records


def notes(made: Bundle) -> str:
    """Return all notes as one text."""
    return "\n".join(note for zone in made.zones for note in zone.notes)


def test_an_empty_zone_gets_what_azure_asks_for() -> None:
    made = bundle([wanted(SPF), wanted(TOKEN), wanted(TARGET)])
    (zone,) = made.zones
    assert zone.zone == ZONE
    assert zone.sets == (
        RecordSet("@", "TXT", 3600, (TOKEN, SPF), checks=(f"SPF of {ZONE}", f"Domain of {ZONE}")),
        RecordSet("selector1._domainkey", "CNAME", 3600, (TARGET,), checks=(f"DKIM of {ZONE}",)),
    )
    assert zone.notes == (f"{ZONE}: its SPF record needs 1 of at most 10 DNS lookups",)


def test_spf_takes_the_place_of_what_is_published_and_other_texts_stay() -> None:
    made = bundle([wanted(SPF, seen(ZONE, "TXT", "z=1", OTHERS, "a=1"))])
    records = only(made)
    merged = "v=spf1 include:_spf.other.test include:spf.protection.outlook.com ~all"
    assert records.whole == (merged, "a=1", "z=1")
    assert (records.kept, records.replaced, records.present) == (("a=1", "z=1"), (OTHERS,), ())
    assert f"replace the SPF record `{OTHERS}`" in notes(made)
    assert "`~all` of the published record is kept; ARM's value has `-all`" in notes(made)


def test_what_is_there_already_is_present_and_nothing_is_replaced() -> None:
    texts = seen(ZONE, "TXT", TOKEN, SPF)
    made = bundle([wanted(TOKEN, texts), wanted(SPF, texts)])
    records = only(made)
    assert (records.present, records.missing) == ((TOKEN, SPF), ())
    assert (records.kept, records.replaced) == ((), ())
    assert "replace" not in notes(made)


def test_two_published_spf_records_are_not_merged_by_guesswork() -> None:
    made = bundle([wanted(SPF, seen(ZONE, "TXT", OTHERS, "v=spf1 mx -all"))])
    (hindrance,) = made.hindrances
    assert (made.zones, hindrance.unknown) == ((), False)
    assert OTHERS in hindrance.sentence


def test_spf_of_a_name_that_needs_none_is_left_alone() -> None:
    records = only(bundle([wanted(TOKEN, seen(ZONE, "TXT", OTHERS, "v=spf1 mx -all"))]))
    assert records.whole == (TOKEN, OTHERS, "v=spf1 mx -all")


def test_lookups_of_included_records_are_counted_and_too_many_are_told() -> None:
    deep = {"_spf.other.test": f"v=spf1 {' '.join(f'a:h{i}.test' for i in range(9))} -all"}
    made = bundle([wanted(SPF, seen(ZONE, "TXT", OTHERS))], deep.get)
    assert "needs 11 of at most 10 DNS lookups" in notes(made)
    assert "take out an include that is no longer used" in notes(made)


def test_a_name_that_nobody_answers_for_is_a_hindrance_and_never_empty() -> None:
    silent = Evidence(ZONE, "TXT", zone=ZONE, authoritative=(Answer("ns1", "", error="no answer"),))
    made = bundle([wanted(SPF, silent), wanted(TARGET)])
    (hindrance,) = made.hindrances
    assert hindrance == Hindrance(
        ZONE,
        "nothing is known of what is published there (no answer), so nothing can be merged",
        "run `reconciler dns check`, which says who did not answer",
        unknown=True,
    )


def test_resolvers_speak_for_servers_that_are_silent() -> None:
    silent = Evidence(
        ZONE,
        "TXT",
        zone=ZONE,
        authoritative=(Answer("ns1", "SERVFAIL"),),
        resolvers=(Answer("r", values=("a=1",)),),
    )
    assert only(bundle([wanted(TOKEN, silent)])).kept == ("a=1",)


def test_a_zone_that_is_not_delegated_has_nothing_published() -> None:
    made = bundle([wanted(SPF, Evidence(ZONE, "TXT", zone=ZONE, no_zone=True))])
    assert only(made).values == (SPF,)
    assert "shop.test is not delegated: nobody sees its records until it is" in notes(made)


def test_the_server_that_the_zone_is_edited_at_decides_what_is_merged() -> None:
    evidence = Evidence(
        ZONE,
        "TXT",
        zone=ZONE,
        authoritative=(
            Answer("old", values=(OTHERS,)),
            Answer("new", values=("a=1",), delegated=False),
        ),
    )
    made = bundle([wanted(SPF, evidence)])
    assert only(made).whole == (SPF, "a=1")
    assert "the zone's servers disagree; what new has was merged" in notes(made)


def test_a_cname_in_the_way_is_told() -> None:
    alias = seen(ZONE, "TXT", "of the target", chain=("elsewhere.test",))
    made = bundle([wanted(TOKEN, alias)])
    assert only(made).whole == (TOKEN,)
    assert "take the CNAME to `elsewhere.test` away first" in notes(made)


def test_another_cname_is_replaced_and_addresses_in_the_way_are_told() -> None:
    other = bundle([wanted(TARGET, seen(DKIM, "CNAME", "x.test"))])
    address = bundle([wanted(TARGET, seen(DKIM, "CNAME", instead=(("A", "192.0.2.1"),)))])
    assert (only(other).values, only(other).replaced) == ((TARGET,), ("x.test",))
    assert "replace the CNAME to `x.test`" in notes(other)
    assert "take A `192.0.2.1` away first; nothing can be beside a CNAME" in notes(address)


def test_two_domains_of_one_name_share_texts_and_cannot_share_other_cnames() -> None:
    again = "ms-domain-verification=2"
    shared = bundle([wanted(TOKEN), wanted(again), wanted(SPF), wanted(SPF)])
    made = bundle(
        [
            wanted(TARGET),
            Published(
                ZONE, ExpectedRecord("DKIM", "CNAME", DKIM, "x.test", 1), seen(DKIM, "CNAME")
            ),
        ]
    )
    assert only(shared).values == (TOKEN, again, SPF)
    (hindrance,) = made.hindrances
    assert "ARM asks for 2 CNAMEs at this name" in hindrance.sentence


def test_domains_of_one_zone_are_in_one_set_of_records_and_sorted_by_name() -> None:
    domains = [f"n10.{ZONE}", f"n9.{ZONE}", ZONE]
    found = [wanted(TOKEN, seen(name, "TXT"), domain=name) for name in domains]
    (zone,) = bundle(found).zones
    assert [records.name for records in zone.sets] == ["@", "n9", "n10"]
    assert [zone.full_name(records) for records in zone.sets] == domains[::-1]


texts = st.sampled_from([TOKEN, "a=1", "b=2", OTHERS, SPF, "v=spf1 -all"])


@given(st.lists(texts, unique=True, max_size=4), st.permutations([TOKEN, SPF]))
def test_nothing_that_is_published_is_lost(published: list[str], asked: list[str]) -> None:
    made = bundle([wanted(value, seen(ZONE, "TXT", *published)) for value in asked])
    if len([text for text in published if is_spf(text)]) > 1:
        assert made.zones == ()
        return
    records = only(made)
    (merged,) = [text for text in records.whole if is_spf(text)]
    assert {*published} - {*records.whole} == {*records.replaced}
    assert all(is_spf(text) and lacking(merged, text) == () for text in records.replaced)
    assert lacking(merged, SPF) == ()
    assert TOKEN in records.whole


@given(st.lists(texts, unique=True, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(published: list[str], random: object) -> None:
    shuffled = [*published]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        bundle([wanted(value, seen(ZONE, "TXT", *listed)) for value in (TOKEN, SPF)])
        for listed in (published, shuffled)
    )
    assert one.zones == other.zones


@given(st.lists(texts, unique=True, max_size=4))
def test_what_was_put_in_asks_for_nothing_more(published: list[str]) -> None:
    made = bundle([wanted(value, seen(ZONE, "TXT", *published)) for value in (TOKEN, SPF)])
    if made.zones:
        whole = only(made).whole
        again = only(bundle([wanted(v, seen(ZONE, "TXT", *whole)) for v in (TOKEN, SPF)]))
        assert (again.missing, again.replaced, {*again.whole}) == ((), (), {*whole})
