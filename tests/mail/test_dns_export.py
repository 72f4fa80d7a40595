"""``dns export``: the records of all mail domains of a zone, in the form of many tools."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reconciler.render.dns_export.forms import FORMS
from tests.conftest import Golden
from tests.dns_server import OTHER, Fault, quoted
from tests.mail.conftest import MAIL, NAME, SECOND, SELECTOR, SPF, Post

GOLDEN = Path(__file__).parent / "golden"
NEWS = f"news.{NAME}"
ELSEWHERE = "mail.other.test"
LONG = "k=" + "0123456789" * 30
MACRO = "v=spf1 include:_spf.shop.test exists:%{i}.x.test ~all"


def masked(text: str) -> str:
    """Return a text without the tokens, which differ from run to run."""
    return re.sub(r"(ms-domain-verification=)[0-9a-f-]{36}", r"\1TOKEN", text)


def add(post: Post, *names: str) -> None:
    """Add domains to Azure and to the spec."""
    body = {"location": "global", "properties": {"domainManagement": "CustomerManaged"}}
    for name in names:
        post.lab.arm.put(f"{MAIL}/domains/{name}", body)
    domains = {name: {"management": "CustomerManaged"} for name in (NAME, *names)}
    post.lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}})
    post.lab.arm.forget()


def fill(post: Post) -> None:
    """Two domains in one zone, which has other texts, an SPF record, and one record already."""
    add(post, NEWS)
    zone = post.dns.zone(NAME)
    zone.put(NAME, "TXT", quoted("site=x; y"), quoted(MACRO), quoted(LONG))
    zone.put("_spf.shop.test", "TXT", quoted("v=spf1 a mx -all"))
    zone.put(f"{SELECTOR}.{NAME}", "CNAME", f"{SELECTOR}.azurecomm.net.")
    zone.put(f"{SECOND}.{NEWS}", "CNAME", "old.example.")


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_zone_with_two_domains(post: Post, golden: Golden, form: str) -> None:
    fill(post)
    ran = post.run("export", "-o", form)
    again = post.run("export", "--format", form)
    assert (ran.code, again) == (0, ran)
    golden(GOLDEN / f"export-{FORMS[form].file.format('shop.test')}", masked(ran.out))
    assert {entry["method"] for entry in post.lab.arm.requests()} == {"GET"}


def test_notes_are_told_on_stderr(post: Post) -> None:
    fill(post)
    assert masked(post.run("export", "-o", "route53").err).splitlines() == [
        f"note: {NAME}: replace the SPF record `{MACRO}`; receivers treat two as an error",
        f"note: {NAME}: its SPF record needs 5 of at most 10 DNS lookups",
        f"note: {NAME}: `~all` of the published record is kept; ARM's value has `-all`",
        f"note: {NAME}: no SPF record of spf.protection.outlook.com was found; its own lookups are "
        "not counted",
        f"note: {NEWS}: its SPF record needs 1 of at most 10 DNS lookups",
        f"note: {NEWS}: no SPF record of spf.protection.outlook.com was found; its own lookups are "
        "not counted",
        f"note: {SECOND}.{NEWS}: replace the CNAME to `old.example`; a name can have one",
    ]


def test_what_is_exported_and_put_in_makes_the_zone_ready(post: Post) -> None:
    fill(post)
    zone = post.dns.zone(NAME)
    for change in post.run("export", "-o", "route53").json["Changes"]:
        records = change["ResourceRecordSet"]
        values = [record["Value"] for record in records["ResourceRecords"]]
        zone.put(records["Name"].rstrip("."), records["Type"], *values)
    checked = post.run("check")
    assert checked.code == 0, checked.out
    again = post.run("export")
    assert "replace" not in again.out
    assert again.out.count("(is there)") == 8
    assert LONG in {text.replace('" "', "").strip('"') for _, text in zone.records[NAME, "TXT"]}


def test_a_domain_is_chosen_by_name_or_by_id(post: Post) -> None:
    add(post, NEWS)
    post.dns.zone(NAME)
    by_name = post.run("export", "--domain", NEWS)
    by_id = post.run("export", "--domain", f"{MAIL}/domains/{NEWS}")
    assert by_name == by_id
    assert [line.split()[0] for line in by_name.out.splitlines()[2:6]] == [
        "news",
        "news",
        f"{SELECTOR}.news",
        f"{SECOND}.news",
    ]


def test_zones_stand_side_by_side_where_one_text_can_hold_them(post: Post) -> None:
    add(post, ELSEWHERE)
    post.dns.zone(NAME)
    post.dns.zone("other.test")
    ran = post.run("export", "-o", "bind")
    assert re.findall(r"^\$ORIGIN (.+)$", ran.out, re.MULTILINE) == ["other.test.", f"{NAME}."]
    refused = post.run("export", "-o", "octodns")
    assert (refused.code, refused.out) == (64, "")
    assert "octodns wants a file for each zone, and there are 2: other.test, shop.test" in (
        refused.err
    )


def test_files_are_written_for_each_zone_and_only_our_own_are_replaced(post: Post) -> None:
    add(post, ELSEWHERE)
    post.dns.zone(NAME)
    post.dns.zone("other.test")
    out = post.lab.folder / "zones"
    first = post.run("export", "-o", "octodns", "--out", str(out))
    assert (first.code, first.out.split()) == (
        0,
        [str(out / "other.test.yaml"), str(out / "shop.test.yaml")],
    )
    before = (out / "shop.test.yaml").read_text(encoding="utf-8")
    (out / "shop.test.yaml").write_text(f"{before}# edited\n", encoding="utf-8")
    assert post.run("export", "-o", "octodns", "--out", str(out)).code == 0
    assert (out / "shop.test.yaml").read_text(encoding="utf-8") == before
    (out / "shop.test.yaml").write_text("www: {type: A, value: 192.0.2.1}\n", encoding="utf-8")
    refused = post.run("export", "-o", "octodns", "--out", str(out))
    assert (refused.code, refused.out) == (64, "")
    assert "is there already, and was not written by this command" in refused.err


@pytest.mark.parametrize("form", [name for name, form in FORMS.items() if name != "text"])
def test_every_file_can_be_written_again(post: Post, form: str) -> None:
    post.dns.zone(NAME)
    runs = [post.run("export", "-o", form, "--out", "zones") for _ in range(2)]
    assert [ran.code for ran in runs] == [0, 0]


def silent(post: Post) -> None:
    post.publish()
    post.dns.faults.append(Fault("REFUSED"))


def unreadable(post: Post) -> None:
    post.publish()
    post.lab.arm.fault(method="GET", path="domains", status=403, code="AuthorizationFailed")


def two_spf(post: Post) -> None:
    post.publish().put(NAME, "TXT", quoted(SPF), quoted("v=spf1 mx -all"))


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (silent, 1, "nothing is known of what is published there"),
        (unreadable, 1, "AuthorizationFailed"),
        (two_spf, 6, "2 SPF records are published, which receivers treat as an error"),
    ],
)
def test_nothing_is_written_where_a_zone_would_lack_records(
    post: Post, fault: Any, code: int, words: str
) -> None:
    fault(post)
    ran = post.run("export", "-o", "bind", "--out", "zones")
    assert (ran.code, ran.out, Path("zones").exists()) == (code, "", False)
    assert words in ran.err
    assert "Nothing was written: the zones would lack records." in ran.err


def test_a_domain_that_is_not_in_azure_yet_is_told_and_the_others_are_given(post: Post) -> None:
    post.dns.zone(NAME)
    domains = {name: {"management": "CustomerManaged"} for name in (NAME, NEWS)}
    post.lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}})
    ran = post.run("export")
    assert ran.code == 6
    assert ran.err == (f"{NEWS}: not in Azure yet; its records are known once it is created\n")
    assert ran.out.startswith(f"{NAME}\n")


def test_a_zone_that_is_not_delegated_is_given_as_it_will_be(post: Post) -> None:
    ran = post.run("export")
    assert ran.code == 0
    assert f"{NAME} is not delegated: nobody sees its records until it is" in ran.out


def test_what_the_new_servers_of_a_zone_have_is_merged(post: Post) -> None:
    post.dns.zone(NAME).put(NAME, "TXT", quoted("at=old"))
    post.dns.zone(NAME, OTHER, delegated=False).put(NAME, "TXT", quoted("at=new"))
    post.lab.project(dns={"authoritative": [f"{OTHER}:{post.dns.port}"]})
    changes = post.run("export", "-o", "route53").json["Changes"]
    values = [r["Value"] for r in changes[0]["ResourceRecordSet"]["ResourceRecords"]]
    assert values[2:] == ['"at=new"']


def test_specs_without_mail_domains_need_no_records(post: Post) -> None:
    post.lab.spec(emailServices={"mail-a": {"dataLocation": "Europe"}})
    ran = post.run("export")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "No mail domain has records for you to make.\n"
