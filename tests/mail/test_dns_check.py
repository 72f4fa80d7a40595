"""``dns check``: each fault of a zone in its own words, and nothing sent but reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Golden, Ran
from tests.dns_server import OTHER, THIRD, Fault, quoted
from tests.mail.conftest import DOMAIN, MAIL, NAME, SECOND, SELECTOR, SPF, Post

GOLDEN = Path(__file__).parent / "golden"
DKIM = f"{SELECTOR}.{NAME}"
INCLUDE = "include:spf.protection.outlook.com"


def masked(post: Post, text: str) -> str:
    """Return a text without what differs from run to run."""
    text = text.replace(post.token, "ms-domain-verification=TOKEN")
    text = re.sub(rf"(:|&#58;){post.dns.port}", ":PORT", text)
    return re.sub(r"(\d{4}-\d\d-\d\d )?\d\d(:|&#58;)\d\d UTC", "HH:MM UTC", text)


def test_a_zone_that_is_right_is_ready(post: Post, golden: Golden) -> None:
    post.publish()
    ran = post.run("check")
    assert ran.code == 0
    golden(GOLDEN / "check-ready.txt", masked(post, ran.out))


FORMS = {"text": "txt", "markdown": "md", "junit": "xml", "github": "github"}


@pytest.mark.parametrize("form", FORMS)
def test_a_zone_with_many_faults_names_each(post: Post, golden: Golden, form: str) -> None:
    zone = post.publish(spf="v=spf1 mx ~all")
    zone.drop(DKIM, "CNAME")
    zone.put(DKIM, "A", "192.0.2.7")
    zone.drop(f"{SECOND}.{NAME}", "CNAME")
    zone.put(f"{SECOND}.{NAME}.{NAME}", "CNAME", f"{SECOND}.azurecomm.net.")
    post.dns.remembered[NAME, "TXT"] = ()
    ran = post.run("check", "-o", form, "--report", f"{form}=report")
    assert ran.code == 6
    assert Path("report").read_text(encoding="utf-8") == ran.out
    golden(GOLDEN / f"check-faults.{FORMS[form]}", masked(post, ran.out))


def two_spf(post: Post) -> None:
    post.publish().put(NAME, "TXT", quoted(post.token), quoted(SPF), quoted("v=spf1 mx -all"))


def quotes(post: Post) -> None:
    post.publish().put(NAME, "TXT", quoted(f'"{post.token}"'), quoted(SPF))


def split(post: Post) -> None:
    token = post.token
    post.publish().put(NAME, "TXT", quoted(token[:30]), quoted(token[30:]), quoted(SPF))


def flattened(post: Post) -> None:
    zone = post.publish()
    zone.drop(DKIM, "CNAME")
    zone.put(DKIM, "A", "192.0.2.7")


def no_dkim(post: Post) -> None:
    post.publish().drop(DKIM, "CNAME")


def twice(post: Post) -> None:
    zone = post.publish()
    zone.drop(DKIM, "CNAME")
    zone.put(f"{DKIM}.{NAME}", "CNAME", f"{SELECTOR}.azurecomm.net.")


def other_target(post: Post) -> None:
    post.publish().put(DKIM, "CNAME", "selector1.shop.test.")


def dot_forgotten(post: Post) -> None:
    post.publish().put(DKIM, "CNAME", f"{SELECTOR}.azurecomm.net.{NAME}.")


def as_text(post: Post) -> None:
    zone = post.publish()
    zone.drop(DKIM, "CNAME")
    zone.put(DKIM, "TXT", quoted(f"{SELECTOR}.azurecomm.net"))


def other_token(post: Post) -> None:
    post.publish().put(NAME, "TXT", quoted("ms-domain-verification=other"), quoted(SPF))


def not_merged(post: Post) -> None:
    post.publish(spf="v=spf1 include:_spf.other.test ~all")


def behind_all(post: Post) -> None:
    post.publish(spf=f"v=spf1 -all {INCLUDE}")


def elsewhere(post: Post) -> None:
    post.dns.zone(NAME, OTHER)
    post.publish(THIRD, delegated=False)
    post.lab.project(dns={"authoritative": [f"{THIRD}:{post.dns.port}"]})


def disagreeing(post: Post) -> None:
    post.publish(OTHER)
    post.dns.zone(NAME, THIRD, delegated=False)
    above = post.dns.zone("test")
    above.put(NAME, "NS", f"ns2.{NAME}.", f"ns3.{NAME}.")
    above.put(f"ns3.{NAME}", "A", THIRD)


def remembered_absence(post: Post) -> None:
    post.publish()
    post.dns.remembered[NAME, "TXT"] = ()


def remembered_value(post: Post) -> None:
    post.publish()
    post.dns.remembered[NAME, "TXT"] = (quoted("old"),)


def no_zone(post: Post) -> None:
    del post


def not_served(post: Post) -> None:
    post.dns.delegate(NAME, f"ns2.{NAME}", OTHER)


def servfail(post: Post) -> None:
    post.publish()
    post.dns.faults.append(Fault("SERVFAIL", NAME, "TXT"))


def refused(post: Post) -> None:
    post.publish()
    post.dns.faults.append(Fault("REFUSED"))


FAULTS: dict[Callable[[Post], None], tuple[str, str, str, int]] = {
    two_spf: ("SPF", "two SPF records", "there are 2 SPF records, which", 6),
    quotes: ("Domain", "quotes", "holds quotes that are part of it", 6),
    split: ("Domain", "quotes", "was split into two records", 6),
    flattened: ("DKIM", "flattened", "addresses are answered (192.0.2.7)", 6),
    no_dkim: ("DKIM", "missing", "there is no such name", 6),
    twice: ("DKIM", "name twice", f"it stands at {DKIM}.{NAME}", 6),
    other_target: ("DKIM", "wrong value", "it points to `selector1.shop.test`", 6),
    dot_forgotten: ("DKIM", "wrong value", "own name was added behind it", 6),
    as_text: ("DKIM", "wrong type", "there is a TXT record at this name", 6),
    other_token: ("Domain", "wrong value", "the value is `ms-domain-verification=other`", 6),
    not_merged: ("SPF", "SPF not merged", f"what is missing in it is `{INCLUDE}`", 6),
    behind_all: ("SPF", "SPF not merged", "where it has no effect", 6),
    elsewhere: ("Domain", "other servers", f"but {NAME} is delegated to ns2.{NAME}", 6),
    disagreeing: ("Domain", "other servers", f"and ns3.{NAME} (127.0.0.3) lacks it", 6),
    remembered_absence: ("Domain", "negative cached", "remembers that there is no record", 6),
    remembered_value: ("Domain", "stale", "remembers what was there before (`old`)", 6),
    no_zone: ("Domain", "no zone", f"{NAME} is not delegated", 6),
    not_served: ("Domain", "not served", "refuses to answer for it", 6),
    servfail: ("SPF", "server failure", "answered SERVFAIL", 1),
    refused: ("Domain", "unreachable", "nothing is known about the record", 1),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_has_its_own_sentence_and_a_mend(
    post: Post, fault: Callable[[Post], None]
) -> None:
    check, state, words, code = FAULTS[fault]
    fault(post)
    ran = post.run("check", "-o", "json")
    (domain,) = ran.json["domains"]
    (row,) = [record for record in domain["records"] if record["check"] == check]
    assert (row["dns"], row["ready"], ran.code) == (state, False, code)
    assert words in row["sentence"]
    assert row["mend"]
    assert {entry["method"] for entry in post.lab.arm.requests()} == {"GET"}


def test_sentences_differ_from_fault_to_fault() -> None:
    words = [sentence for _, _, sentence, _ in FAULTS.values()]
    assert len(set(words)) == len(words)


def test_json_says_when_to_look_again(post: Post) -> None:
    post.publish()
    post.dns.remembered[NAME, "TXT"] = ()
    row = post.states()["Domain"]
    assert row["againAfterSeconds"] == 900
    assert re.fullmatch(r"(\d{4}-\d\d-\d\d )?\d\d:\d\d UTC", row["notBefore"])


def test_what_azure_says_stands_beside(post: Post) -> None:
    post.publish()
    states = {"domain": DOMAIN, "states": {"SPF": "Verified"}}
    assert post.lab.arm.send("PUT", "/emulator/verification", states)[0] == 204
    rows = post.states()
    assert [(c, r["azure"], r["dns"]) for c, r in rows.items()] == [
        ("Domain", "NotStarted", "ready"),
        ("SPF", "Verified", "ready"),
        ("DKIM", "NotStarted", "ready"),
        ("DKIM2", "NotStarted", "ready"),
        ("DMARC", "NotStarted", "no record"),
    ]


def test_a_domain_that_is_not_in_azure_yet_is_not_ready(post: Post) -> None:
    assert post.lab.arm.send("DELETE", DOMAIN)[0] in (200, 202)
    ran = post.run("check")
    assert ran.code == 6
    assert "not in Azure yet: its records are known once it is created" in ran.out
    assert post.dns.asked == []
    place = "file=specs/test.yaml,line=7,col=68,endColumn=79"
    assert post.run("check", "-o", "github").out == (
        f"::warning {place},title=shop.test not in Azure yet::not in Azure yet: its records are "
        "known once it is created\n"
    )
    assert '<failure message="not in Azure yet' in post.run("check", "-o", "junit").out


def test_a_domain_that_cannot_be_read_is_unknown(post: Post) -> None:
    post.lab.arm.fault(
        method="GET", path="domains", status=403, code="AuthorizationFailed", times=None
    )
    ran = post.run("check")
    assert ran.code == 1
    assert "unknown: " in ran.out
    assert "1 unknown" in ran.out
    forms = {form: post.run("check", "-o", form) for form in FORMS}
    assert {ran.code for ran in forms.values()} == {1}
    assert forms["github"].out.startswith("::warning file=specs/test.yaml,line=7,col=68,")
    assert '<error message="unknown: ' in forms["junit"].out
    assert "unknown&#58; " in forms["markdown"].out


def test_an_id_needs_no_spec(post: Post) -> None:
    post.publish()
    for file in (post.lab.folder / "specs").iterdir():
        file.unlink()
    ran = post.run("check", "--domain", DOMAIN)
    assert (ran.code, ran.err) == (0, "")
    assert f"({DOMAIN})" in ran.out


def test_a_name_chooses_among_the_specs(post: Post) -> None:
    domains = {
        NAME: {"management": "CustomerManaged"},
        "other.test": {"management": "CustomerManaged"},
        "AzureManagedDomain": {"management": "AzureManaged"},
    }
    post.lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}})
    post.publish()
    assert [d["domain"] for d in post.run("check", "-o", "json").json["domains"]] == [
        "other.test",
        NAME,
    ]
    assert post.run("check", "--domain", "Shop.Test.").code == 0
    unknown = post.run("check", "--domain", "x.test")
    assert unknown.code == 64
    assert "name one of: other.test, shop.test" in unknown.err


def test_specs_without_such_domains_are_ready(post: Post) -> None:
    post.lab.spec(emailServices={"mail-a": {"dataLocation": "Europe"}})
    ran = post.run("check")
    assert (ran.code, ran.out) == (0, "No mail domain has records for you to make.\n")
    assert post.run("check", "-o", "github") == Ran(0, "", "")


def test_a_domain_that_azure_manages_has_no_records_to_make(post: Post) -> None:
    body = {"location": "global", "properties": {"domainManagement": "AzureManaged"}}
    post.lab.arm.put(f"{MAIL}/domains/AzureManagedDomain", body)
    ran = post.run("check", "--domain", f"{MAIL}/domains/AzureManagedDomain")
    assert ran.code == 0
    assert "managed by Azure: there are no records to make" in ran.out


@pytest.mark.parametrize("text", [MAIL, "/subscriptions/x", f"{DOMAIN}/", f"{DOMAIN}/a/b"])
def test_an_id_of_something_else_is_refused(post: Post, text: str) -> None:
    ran = post.run("check", "--domain", text)
    assert ran.code == 64
    assert "is not the id of a mail domain" in ran.err


def test_the_project_file_names_resolvers(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.publish()
    monkeypatch.delenv("RECONCILER_DNS")
    post.lab.project(dns={"resolvers": [post.dns.address]})
    assert post.run("check").code == 0
    post.lab.project(dns={"resolvers": ["resolver.example.com"]})
    refused = post.run("check")
    assert refused.code == 3
    assert "an address, perhaps with a port" in refused.err


def test_a_wrong_variable_is_told(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILER_DNS", "192.0.2.1:53")
    ran = post.run("check")
    assert ran.code == 64
    assert "RECONCILER_DNS=192.0.2.1:53 is not on this machine" in ran.err


def test_nothing_in_dns_can_drive_the_terminal(post: Post) -> None:
    post.publish().put(DKIM, "CNAME", r"evil\027[31m.test.")
    assert not [form for form in FORMS if "\x1b" in post.run("check", "-o", form).out]
