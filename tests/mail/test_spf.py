"""SPF: one record that keeps what is published and holds what ARM asks for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.mail.spf import ending, is_spf, lacking, merge_spf, terms

ARM = "v=spf1 include:spf.protection.outlook.com -all"
INCLUDE = "include:spf.protection.outlook.com"


def nowhere(name: str) -> None:
    """Find nothing."""
    del name


mechanisms = st.sampled_from(
    [
        INCLUDE, f"?{INCLUDE}", f"~{INCLUDE}", "include:SPF.Protection.Outlook.com", "a", "mx",
        "-a:x.test", "ip4:192.0.2.0/24", "ip6:2001:db8::/32", "exists:%{i}.x.test", "ptr",
        "include:_spf.google.com", "redirect=_spf.x.test", "exp=why.x.test", "all", "~all", "-all",
        "+ALL", "?all", "junk",
    ]
)  # fmt: skip
records = st.lists(mechanisms, max_size=8).map(lambda words: " ".join(["v=spf1", *words]))


@given(records, records)
def test_merging_adds_all_that_is_wanted(published: str, wanted: str) -> None:
    merged = merge_spf(published, wanted).merged
    assert merged is not None
    assert lacking(merged, wanted) == ()


@given(records, records)
def test_merging_again_changes_nothing(published: str, wanted: str) -> None:
    merged = merge_spf(published, wanted).merged
    assert merge_spf(merged, wanted).merged == merged


@given(records, records)
def test_what_is_published_stays_and_there_is_one_record(published: str, wanted: str) -> None:
    merged = merge_spf(published, wanted).merged
    assert merged is not None
    assert {t.bare for t in terms(published)} <= {t.bare for t in terms(merged)}
    assert ending(merged) == ending(published)
    assert merged.lower().count("v=spf1") == 1
    assert is_spf(merged)


@given(records, records)
def test_words_that_had_an_effect_keep_their_order(published: str, wanted: str) -> None:
    merged = merge_spf(published, wanted).merged
    assert merged is not None
    kept = [t.text for t in terms(merged)]
    end = next((i for i, t in enumerate(terms(published)) if t.bare == "all"), None)
    rest = iter(kept)
    assert all(t.text in rest for t in terms(published)[:end])


def test_the_include_goes_before_all_and_the_published_ending_is_kept() -> None:
    merge = merge_spf("v=spf1 ip4:192.0.2.1 ~all", ARM)
    assert merge.merged == f"v=spf1 ip4:192.0.2.1 {INCLUDE} ~all"
    assert merge.lookups == 1
    assert merge.notes == ("`~all` of the published record is kept; ARM's value has `-all`",)


def test_nothing_published_means_arms_value_as_it_is() -> None:
    assert merge_spf(None, ARM) == (ARM, 1, ())
    assert merge_spf((), ARM) == (ARM, 1, ())


def test_what_stands_behind_all_is_moved_before_it() -> None:
    assert lacking(f"v=spf1 -all {INCLUDE}", ARM) == (INCLUDE,)
    assert merge_spf(f"v=spf1 -all {INCLUDE}", ARM).merged == f"v=spf1 {INCLUDE} -all"


def test_an_include_goes_before_a_redirect_and_before_a_weaker_one() -> None:
    redirected = merge_spf("v=spf1 redirect=_spf.x.test", ARM)
    assert redirected.merged == f"v=spf1 {INCLUDE} redirect=_spf.x.test"
    assert redirected.notes == ("no `all` is added; ARM's value has `-all`",)
    weak = merge_spf(f"v=spf1 mx ?{INCLUDE} -all", ARM)
    assert weak.merged == f"v=spf1 mx {INCLUDE} ?{INCLUDE} -all"


def test_two_published_records_are_refused_with_both_shown() -> None:
    merge = merge_spf(["v=spf1 -all", "v=spf1 mx -all"], ARM)
    assert merge.merged is None
    assert merge.notes[0].startswith("2 SPF records are published")
    assert merge.notes[1:] == ("v=spf1 -all", "v=spf1 mx -all")


def test_what_is_no_spf_record_is_refused() -> None:
    assert merge_spf("v=spf10 -all", ARM).merged is None
    assert merge_spf(None, "something else").merged is None


def test_lookups_of_included_records_count() -> None:
    world: dict[str, str | None] = {
        "spf.protection.outlook.com": "v=spf1 ip4:192.0.2.0/24 include:deep.test -all",
        "deep.test": "v=spf1 a mx exists:%{i}.x.test -all",
    }
    merge = merge_spf("v=spf1 mx -all", ARM, world.__getitem__)
    assert (merge.lookups, merge.notes) == (6, ())


def test_more_than_ten_lookups_are_told() -> None:
    published = "v=spf1 " + " ".join(f"a:{n}.test" for n in range(10)) + " -all"
    assert merge_spf(published, ARM, nowhere).notes == (
        "no SPF record of spf.protection.outlook.com was found; its own lookups are not counted",
        "it needs 11 DNS lookups and receivers stop at 10: take out an include that is no longer "
        "used",
    )
    ten = published.replace("a:0.test ", "")
    assert merge_spf(ten, ARM).notes == ()


def test_a_redirect_counts_only_without_all_and_circles_end() -> None:
    world: dict[str, str | None] = {"loop.test": "v=spf1 redirect=loop.test"}
    merge = merge_spf("v=spf1 redirect=loop.test", "v=spf1", world.__getitem__)
    assert merge.lookups == 2
    assert merge.notes == ("loop.test includes itself, which receivers treat as an error",)
    assert merge_spf("v=spf1 redirect=loop.test ~all", "v=spf1", world.__getitem__).lookups == 0


def test_an_include_that_depends_on_the_sender_is_told() -> None:
    merge = merge_spf("v=spf1 include:%{d}.x.test -all", "v=spf1 -all", nowhere)
    assert merge.lookups == 1
    assert merge.notes == ("%{d}.x.test depends on the sender; its own lookups are not counted",)
