"""Every form of `dns export` is read back by the tool it is for, whatever is in the records."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import dns.zone
import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from octodns.provider.yaml import YamlProvider  # type: ignore[import-untyped]
from octodns.zone import Zone  # type: ignore[import-untyped]

from reconciler.model.dns import pieces
from reconciler.model.mail import RecordSet, ZoneRecords
from reconciler.render.dns_export import azure, batches, files
from reconciler.render.dns_export.forms import FORMS
from reconciler.render.dns_export.strings import zone_text

ZONE = "shop.test"
TARGET = "selector1._domainkey.azurecomm.net"
EVIL = 'x"; }\n$ORIGIN evil.\n*/ \\ ${a} %{i} \u2028 \x9b end'

printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=600)
anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)


def zone(*texts: str, **more: Any) -> ZoneRecords:
    """Return a zone with these texts, one alias, and the texts in every place of a comment too."""
    said = tuple(texts)
    return ZoneRecords(
        ZONE,
        (
            RecordSet("@", "TXT", 3600, said[:1], kept=said[1:], replaced=said, **more),
            RecordSet("selector1._domainkey", "CNAME", 300, (TARGET,), checks=("DKIM of x",)),
        ),
        notes=said,
    )


def unquoted(text: str) -> str:
    """Return the value of a text as zone files write it."""
    found = b""
    for piece in re.findall(r'"((?:[^"\\]|\\.)*)"', text):
        for escape, plain in re.findall(r"\\(\d{3}|.)|([^\\])", piece):
            found += bytes([int(escape)]) if len(escape) == 3 else (escape or plain).encode()
    return found.decode()


@given(anything)
def test_no_piece_is_longer_than_a_string_of_a_record(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(len(piece.encode()) <= 255 for piece in pieces(text))


@given(st.lists(anything, min_size=1, max_size=3, unique=True))
def test_a_zone_file_is_read_back_by_dnspython(texts: list[str]) -> None:
    read = dns.zone.from_text(files.bind(zone(*texts)), f"{ZONE}.", check_origin=False)
    (txt,) = read.find_rdataset("@", "TXT")
    (cname,) = read.find_rdataset("selector1._domainkey", "CNAME")
    assert b"".join(txt.strings).decode() == texts[0]
    assert cname.target.to_text() == f"{TARGET}."
    assert len(list(read.iterate_rdatas())) == 2


kept_by_octodns = printable.filter(lambda text: '" "' not in text and "\\" not in text)
"""It takes ``" "`` out of texts, and has no way to write a backslash before a semicolon."""


@settings(max_examples=20)
@given(st.lists(kept_by_octodns, min_size=1, max_size=3, unique=True))
def test_a_file_of_octodns_is_read_back_by_octodns(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{ZONE}.yaml").write_text(files.octodns(zone(*texts)), encoding="utf-8")
        provider = YamlProvider("config", folder, enforce_order=True, escaped_semicolons=True)
        read = Zone(f"{ZONE}.", [])
        provider.populate(read)
    records = {(record.name, record._type): record for record in read.records}
    values = {value.to_raw_text() for value in records["", "TXT"].values}
    assert values == {*texts}
    assert records["selector1._domainkey", "CNAME"].value == f"{TARGET}."
    assert records["selector1._domainkey", "CNAME"].ttl == 300


readable = printable.filter(lambda text: not re.search(r"[$%]\{", text))
"""Terraform reads ``$${`` and ``%%{``, and the parser does not."""


@settings(max_examples=20)
@given(st.lists(readable, min_size=1, max_size=3, unique=True))
def test_terraform_is_read_back_by_a_parser_of_its_language(texts: list[str]) -> None:
    read = hcl2.loads(azure.terraform(zone(*texts)))
    txt, cname = (next(iter(next(iter(r.values())).values())) for r in read["resource"])
    values = [json.loads(record["value"]) for record in txt["record"]]
    assert values == texts
    assert json.loads(cname["record"]) == TARGET
    assert cname["zone_name"] == "${data.azurerm_dns_zone.shop_test.name}"


@given(st.lists(anything, min_size=1, max_size=3, unique=True))
def test_batches_hold_the_values(texts: list[str]) -> None:
    r53 = json.loads(batches.route53(zone(*texts)))["Changes"]
    cf = json.loads(batches.cloudflare(zone(*texts)))
    values = [r["Value"] for r in r53[0]["ResourceRecordSet"]["ResourceRecords"]]
    assert values == [zone_text(text, "\\{:03o}") for text in texts]
    assert unquoted(cf["puts"][0]["content"]) == texts[0]
    assert cf["posts"][0]["content"] == TARGET


def test_dnscontrol_writes_javascript_strings() -> None:
    text = files.dnscontrol(zone(EVIL))
    (line,) = [line for line in text.splitlines() if line.startswith("  TXT(")]
    assert json.loads(re.sub(r"TTL\((\d+)\)", r"\1", f"[{line.strip()[4:-2]}]")) == [
        "@",
        EVIL,
        3600,
    ]


def test_macros_of_spf_are_no_templates_of_terraform() -> None:
    text = azure.terraform(zone("v=spf1 exists:%{i}.x.test ${y} -all"))
    assert 'value = "v=spf1 exists:%%{i}.x.test $${y} -all"' in text


def test_bicep_splits_and_escapes_texts() -> None:
    text = azure.bicep(zone(f"it's \\ ${{x}} {'y' * 255}", "short"))
    head = "it\\'s \\\\ \\${x} "
    assert f"{{ value: ['{head}{'y' * 243}', '{'y' * 12}'] }}" in text
    assert "{ value: ['short'] }" in text


@pytest.mark.parametrize("form", FORMS)
def test_nothing_in_a_record_can_leave_its_place(form: str) -> None:
    text = FORMS[form].render(zone(EVIL, checks=(EVIL,)))
    assert not [line for line in text.splitlines() if line.startswith("$ORIGIN evil")]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028]", text)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_who_made_it(form: str) -> None:
    assert "reconciler dns export" in FORMS[form].render(zone("a")) or form == "text"


def test_route_53_writes_bytes_in_octal_and_zone_files_in_decimal() -> None:
    assert zone_text("é", "\\{:03o}") == '"\\303\\251"'
    assert zone_text("é") == '"\\195\\169"'


def test_names_in_programs_are_unique_and_allowed() -> None:
    sets = tuple(RecordSet(name, "TXT", 1, ("x",)) for name in ("a.b", "a_b", "1"))
    made = ZoneRecords(ZONE, sets)
    assert re.findall(r'_record" "(\S+)"', azure.terraform(made)) == [
        "a_b_shop_test_txt",
        "a_b_shop_test_txt_2",
        "_1_shop_test_txt",
    ]
    assert re.findall(r"resource (\S+) '", azure.bicep(made))[1:] == [
        "a_b_shop_test_txt",
        "a_b_shop_test_txt_2",
        "_1_shop_test_txt",
    ]
