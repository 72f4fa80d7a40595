"""Records of mail domains in a zone of Azure DNS, in the same plan as the domains."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import GROUP, Lab
from tests.dns_server import DnsServer, quoted
from tests.mail.conftest import DOMAIN, MAIL, NAME, SECOND, SELECTOR, SPF

ZONE = f"{GROUP}/providers/Microsoft.Network/dnsZones/{NAME}"
MARK = {"reconciler-stack": "test"}
ADDRESS = f"test/emailServices/mail-a/domains/{NAME}/dns"
OTHERS = "v=spf1 include:_spf.other.test ~all"


def path(tail: str = "") -> str:
    """Return the path of the zone, or of a record set in it."""
    return f"{ZONE}{tail}?api-version=2018-05-01"


@pytest.fixture
def zone(lab: Lab) -> Lab:
    """A domain in a spec and in Azure, and the empty zone that its records are kept in."""
    lab.arm.put(path(), {"location": "global"})
    spec(lab)
    lab.arm.put(MAIL, {"location": "global", "properties": {"dataLocation": "Europe"}})
    body = {"location": "global", "properties": {"domainManagement": "CustomerManaged"}}
    lab.arm.put(DOMAIN, body)
    lab.arm.forget()
    return lab


def spec(lab: Lab, *names: str, zone: str = ZONE) -> None:
    """Write the spec."""
    dns = {"azureZone": zone}
    domains = {n: {"management": "CustomerManaged", "dns": dns} for n in names or (NAME,)}
    lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}})


def texts(lab: Lab, name: str = "@") -> list[str]:
    """Return the texts of a set."""
    records = lab.arm.get(path(f"/TXT/{name}"))["properties"]["TXTRecords"]
    return ["".join(record["value"]) for record in records]


def put_texts(lab: Lab, *values: str, **more: Any) -> None:
    """Let somebody write texts."""
    records = [{"value": [value]} for value in values]
    lab.arm.put(path("/TXT/@"), {"properties": {"TTL": 60, "TXTRecords": records, **more}})
    lab.arm.forget()


def token(lab: Lab) -> str:
    """Return the value that proves whose the domain is."""
    records = lab.arm.get(DOMAIN)["properties"]["verificationRecords"]
    return str(records["Domain"]["value"])


def test_record_sets_are_created_with_a_mark_and_then_nothing_is_left(zone: Lab) -> None:
    assert zone.changes() == {
        f"{ADDRESS}/CNAME/{SELECTOR}": "create",
        f"{ADDRESS}/CNAME/{SECOND}": "create",
        f"{ADDRESS}/TXT/@": "create",
    }
    zone.settle()
    body = zone.arm.get(path("/TXT/@"))["properties"]
    assert (body["TTL"], body["metadata"]) == (3600, MARK)
    assert texts(zone) == [token(zone), SPF]
    alias = zone.arm.get(path(f"/CNAME/{SELECTOR}"))["properties"]
    assert alias["CNAMERecord"] == {"cname": f"{SELECTOR}.azurecomm.net"}


def test_from_nothing_the_domain_comes_first_and_its_records_with_the_next_run(lab: Lab) -> None:
    lab.arm.put(path(), {"location": "global"})
    spec(lab)
    first = lab.apply()
    second = lab.apply()
    assert (first.code, second.code) == (6, 0), second.out + second.err
    assert lab.plan().code == 0


def test_texts_of_others_stay_and_spf_becomes_one_record(zone: Lab) -> None:
    put_texts(zone, "site=1", OTHERS, metadata={"owner": "marketing"})
    assert zone.changes()[f"{ADDRESS}/TXT/@"] == "update"
    zone.settle()
    merged = "v=spf1 include:_spf.other.test include:spf.protection.outlook.com ~all"
    assert texts(zone) == [token(zone), merged, "site=1"]
    body = zone.arm.get(path("/TXT/@"))["properties"]
    assert (body["TTL"], body["metadata"]) == (60, {"owner": "marketing"})


def test_texts_that_others_add_later_are_no_drift(zone: Lab) -> None:
    zone.settle()
    put_texts(zone, token(zone), SPF, "added=later", metadata=MARK, TTL=3600)
    assert zone.changes() == {}
    put_texts(zone, SPF, "added=later", metadata=MARK, TTL=60)
    assert zone.changes() == {f"{ADDRESS}/TXT/@": "update"}
    zone.settle()
    assert texts(zone) == [token(zone), SPF, "added=later"]


def test_two_spf_records_block_the_run_and_nothing_is_written(zone: Lab) -> None:
    put_texts(zone, OTHERS, "v=spf1 mx -all")
    ran = zone.apply()
    assert ran.code == 4
    assert "2 SPF records are published" in ran.out + ran.err
    assert zone.arm.writes() == []


def test_an_alias_of_somebody_else_is_never_overwritten(zone: Lab) -> None:
    alias = {"properties": {"TTL": 60, "CNAMERecord": {"cname": "other.test"}}}
    zone.arm.put(path(f"/CNAME/{SELECTOR}"), alias)
    zone.arm.forget()
    ran = zone.apply()
    assert ran.code == 4
    assert "points to `other.test`, and bears no mark of `test`" in ran.out + ran.err
    assert zone.arm.writes() == []


def test_an_alias_that_is_right_is_left_alone_whoever_made_it(zone: Lab) -> None:
    target = f"{SELECTOR}.AzureComm.net."
    alias = {"properties": {"TTL": 60, "CNAMERecord": {"cname": target}}}
    zone.arm.put(path(f"/CNAME/{SELECTOR}"), alias)
    zone.settle()
    body = zone.arm.get(path(f"/CNAME/{SELECTOR}"))["properties"]
    assert (body["TTL"], body["CNAMERecord"]["cname"]) == (60, target)
    assert "metadata" not in body


def test_an_alias_of_ours_is_brought_back(zone: Lab) -> None:
    zone.settle()
    alias = {"TTL": 60, "CNAMERecord": {"cname": "other.test"}, "metadata": MARK}
    zone.arm.put(path(f"/CNAME/{SELECTOR}"), {"properties": alias})
    assert zone.changes() == {f"{ADDRESS}/CNAME/{SELECTOR}": "update"}
    zone.settle()


def test_what_changes_between_the_look_and_the_write_is_not_overwritten(zone: Lab) -> None:
    put_texts(zone, "site=1")
    conflict = {"method": "PUT", "path": "/TXT/@$", "status": 412, "code": "PreconditionFailed"}
    zone.arm.fault(**conflict)
    ran = zone.apply()
    assert ran.code == 5, ran.out + ran.err
    assert texts(zone) == ["site=1"]


def test_writes_carry_the_entity_tag_that_was_read(zone: Lab) -> None:
    put_texts(zone, "site=1")
    tag = zone.arm.get(path("/TXT/@"))["etag"]
    zone.arm.forget()
    zone.apply()
    (body,) = [body for method, name, body in zone.arm.writes() if (method, name) == ("PUT", "@")]
    assert body["etag"] == tag


def test_a_zone_that_is_not_there_blocks_the_run(zone: Lab) -> None:
    spec(zone, zone=ZONE.replace("rg-test", "rg-other"))
    ran = zone.apply()
    assert ran.code in (1, 4)
    assert zone.arm.writes() == []


def test_a_set_that_cannot_be_read_is_never_written(zone: Lab) -> None:
    zone.arm.fault(method="GET", path="/TXT/@$", status=403, code="AuthorizationFailed", times=None)
    ran = zone.apply()
    assert ran.code == 1
    assert zone.arm.writes() == []


def test_two_domains_share_a_zone(zone: Lab) -> None:
    spec(zone, NAME, f"news.{NAME}")
    assert zone.apply().code == 6
    zone.settle()
    assert texts(zone, "news")[1] == SPF
    assert zone.arm.get(path(f"/CNAME/{SELECTOR}.news")) is not None


def test_a_domain_that_is_removed_leaves_its_records(zone: Lab) -> None:
    zone.settle()
    domains = {NAME: {"remove": True, "management": "CustomerManaged"}}
    loose = {"preventDelete": False, "until": "2999-01-01"}
    service = {"dataLocation": "Europe", "domains": domains, "lifecycle": loose}
    zone.spec(emailServices={"mail-a": service})
    zone.apply()
    assert zone.arm.get(DOMAIN) is None
    assert texts(zone)[1] == SPF


def test_a_domain_outside_of_the_zone_is_an_error_of_the_spec(zone: Lab) -> None:
    spec(zone, "other.test")
    ran = zone.run("validate")
    assert ran.code == 3
    assert "error[ACS150]: the domain `other.test` does not lie in the zone `shop.test`" in ran.out


def test_roles_hold_what_the_zone_needs(zone: Lab) -> None:
    roles = zone.run("rbac", "generate", "-o", "json").out
    for action in ("dnsZones/read", "dnsZones/TXT/read", "dnsZones/TXT/write"):
        assert f"Microsoft.Network/{action}" in roles
    assert "dnsZones/TXT/delete" not in roles


def test_drift_is_told_and_cannot_be_accepted_into_a_spec(zone: Lab) -> None:
    zone.settle()
    alias = {"TTL": 60, "CNAMERecord": {"cname": "other.test"}, "metadata": MARK}
    zone.arm.put(path(f"/CNAME/{SELECTOR}"), {"properties": alias})
    drift = zone.run("drift", "--target", zone.arm.url)
    accepted = zone.run("accept", "--yes", "--target", zone.arm.url)
    assert drift.code == 2
    assert f"{ADDRESS}/CNAME/{SELECTOR}" in drift.out
    assert "it follows from another resource, and no spec can say it" in accepted.out + accepted.err


def test_a_sealed_plan_and_a_snapshot_hold_the_record_sets(zone: Lab) -> None:
    put_texts(zone, "site=1")
    live = zone.changes()
    assert zone.run("observe", "--out", "snapshot", "--target", zone.arm.url).code == 0
    seen = zone.run("plan", "--snapshot", "snapshot", "-o", "json").json["changes"]
    assert {c["address"]: c["action"] for c in seen if c["action"] != "none"} == live
    assert zone.plan("--out", "plan.json").code == 2
    assert zone.run("apply", "plan.json", "--yes", "--target", zone.arm.url).code == 0
    assert zone.plan().code == 0


def serve(lab: Lab, dns: DnsServer) -> None:
    """Let the DNS server answer with what the zone in the emulator has."""
    served = dns.zone(NAME)
    for body in lab.arm.get(path("/TXT"))["value"]:
        records = body["properties"]["TXTRecords"]
        served.put(
            body["properties"]["fqdn"].rstrip("."),
            "TXT",
            *(" ".join(quoted(string) for string in record["value"]) for record in records),
        )
    for body in lab.arm.get(path("/CNAME"))["value"]:
        target = body["properties"]["CNAMERecord"]["cname"]
        served.put(body["properties"]["fqdn"].rstrip("."), "CNAME", f"{target.rstrip('.')}.")


def test_what_is_written_to_the_zone_verifies_the_domain(
    zone: Lab, dns: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_DNS", dns.address)
    zone.arm.send("PUT", "/emulator/settings", {"dns": dns.address})
    put_texts(zone, OTHERS, "k=" + "0123456789" * 25)
    zone.settle()
    serve(zone, dns)
    checked = zone.run("dns", "check", "--target", zone.arm.url)
    for check in ("Domain", "SPF", "DKIM", "DKIM2"):
        zone.arm.send("POST", f"{DOMAIN}/initiateVerification", {"verificationType": check})
    states = zone.arm.get(DOMAIN)["properties"]["verificationStates"]
    assert checked.code == 0, checked.out
    assert [states[check]["status"] for check in ("Domain", "SPF", "DKIM", "DKIM2")] == [
        "Verified"
    ] * 4


def test_from_nothing_to_a_linked_domain_with_one_spec_and_no_hand_in_dns(
    lab: Lab, dns: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_DNS", dns.address)
    lab.arm.send("PUT", "/emulator/settings", {"dns": dns.address, "checkLinks": True})
    lab.arm.put(path(), {"location": "global"})
    dns.zone(NAME)
    checks = ["Domain", "SPF", "DKIM", "DKIM2"]
    domain = {"management": "CustomerManaged", "verify": checks, "dns": {"azureZone": ZONE}}
    links = [f"ref:emailServices/mail-a/domains/{NAME}"]
    lab.spec(
        emailServices={"mail-a": {"dataLocation": "Europe", "domains": {NAME: domain}}},
        communicationServices={"acs-a": {"dataLocation": "Europe", "linkedDomains": links}},
    )
    assert lab.apply().code == 6  # the domain; now Azure says what its records are
    assert lab.apply().code == 6  # its record sets; DNS does not serve them yet
    serve(lab, dns)
    assert lab.apply().code == 0
    service = f"{GROUP}/providers/Microsoft.Communication/communicationServices/acs-a"
    assert lab.arm.get(service)["properties"]["linkedDomains"] == [DOMAIN]
    assert lab.plan().code == 0
