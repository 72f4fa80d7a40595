"""Compares one answer of one server with a record that ARM asks for, value by value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from reconciler.core.mail.records import plain_name, relative_name
from reconciler.core.mail.spf import is_spf, lacking
from reconciler.model.dns import NXDOMAIN, Answer, DnsState, Evidence, ExpectedRecord

MARKS = "\"'\\\u201c\u201d\u201e\u2018\u2019"
"""Quotes that editors keep in a value, straight and typeset, and what escapes them."""


class Finding(NamedTuple):
    """What is wrong with one answer."""

    state: DnsState
    sentence: str
    mend: str = ""


def compare(expected: ExpectedRecord, answer: Answer, evidence: Evidence | None = None) -> Finding:
    """Return what is wrong with an answer that is known.

    Args:
        expected: what ARM asks for.
        answer: what a server says.
        evidence: what else was seen, to say where the record may be instead.

    """
    if expected.type == "CNAME":
        return _cname(expected, answer, evidence)
    if expected.type == "TXT" and is_spf(expected.value):
        return _spf(expected, answer, evidence)
    return _text(expected, answer, evidence)


def _cname(expected: ExpectedRecord, answer: Answer, evidence: Evidence | None) -> Finding:
    """Compare a CNAME: ignoring case and the dot at the end."""
    wanted = plain_name(expected.value)
    found = [plain_name(value) for value in answer.values]
    if found == [wanted]:
        return _ready(answer)
    for value in found:
        if value.startswith(f"{wanted}."):
            sentence = f"the target is `{value}`: the zone's own name was added behind it"
            return Finding(
                DnsState.WRONG_VALUE,
                sentence,
                f"write the target with a dot at its end: `{wanted}.`",
            )
    if found:
        sentence = f"it points to `{found[0]}`, not to `{wanted}`"
        return Finding(DnsState.WRONG_VALUE, sentence, f"set the target to `{wanted}`")
    kinds = {kind for kind, _ in answer.instead}
    if kinds & {"A", "AAAA"}:
        shown = ", ".join(value for kind, value in answer.instead if kind in ("A", "AAAA"))
        sentence = (
            f"addresses are answered ({shown}) where a CNAME must be: it is flattened, or a proxy "
            "stands before it"
        )
        mend = "switch off proxying and flattening of this record (DNS only)"
        return Finding(DnsState.FLATTENED, sentence, mend)
    if "TXT" in kinds:
        sentence = "there is a TXT record at this name, and ARM asks for a CNAME"
        mend = f"remove the TXT record and make a CNAME to `{wanted}`"
        return Finding(DnsState.WRONG_TYPE, sentence, mend)
    return _missing(expected, answer, evidence)


def _text(expected: ExpectedRecord, answer: Answer, evidence: Evidence | None) -> Finding:
    """Compare a TXT: one of the values is exactly the one that ARM asks for."""
    if expected.value in answer.values:
        return _ready(answer)
    spoilt = _spoilt(expected, answer.values)
    if spoilt is not None:
        return spoilt
    label = expected.value.partition("=")[0]
    alike = [value for value in answer.values if value.partition("=")[0].lower() == label.lower()]
    if "=" in expected.value and alike:
        sentence = f"the value is `{alike[0]}`, and ARM asks for `{expected.value}`"
        mend = f"set it to `{expected.value}`; each email service has a value of its own"
        return Finding(DnsState.WRONG_VALUE, sentence, mend)
    return _absent_text(expected, answer, evidence, lambda value: value == expected.value)


def _spf(expected: ExpectedRecord, answer: Answer, evidence: Evidence | None) -> Finding:
    """Compare SPF: the one record that is published holds what ARM's value holds."""
    published = [value for value in answer.values if is_spf(value)]
    if len(published) > 1:
        sentence = (
            f"there are {len(published)} SPF records, which receivers treat as an error: "
            + "; ".join(f"`{value}`" for value in published)
        )
        mend = "make one record of them; `reconciler dns export` merges what ARM asks for into it"
        return Finding(DnsState.TWO_SPF, sentence, mend)
    if not published:
        spoilt = _spoilt(expected, answer.values)
        if spoilt is not None:
            return spoilt
        return _absent_text(expected, answer, evidence, is_spf)
    missing = lacking(published[0], expected.value)
    if not missing:
        return _ready(answer)
    behind = [text for text in missing if text.lower() in published[0].lower().split()]
    words = f"`{' '.join(missing)}`"
    if behind:
        sentence = f"{words} stands behind what ends the SPF record, where it has no effect"
        mend = f"move {words} before `all` and before other words about it"
    else:
        sentence = f"the SPF record is `{published[0]}`; what is missing in it is {words}"
        mend = f"add {words} to that record, before its `all`; do not make a second one"
    return Finding(DnsState.SPF_NOT_MERGED, sentence, mend)


def _absent_text(
    expected: ExpectedRecord,
    answer: Answer,
    evidence: Evidence | None,
    fits: Callable[[str], bool],
) -> Finding:
    """Return why a text is not there: the name is elsewhere, or there is nothing."""
    if answer.chain:
        sentence = f"the name is a CNAME to `{answer.chain[-1]}`, so that it can hold no TXT"
        mend = "replace the CNAME, or make the record where it leads to"
        return Finding(DnsState.ALIAS, sentence, mend)
    return _missing(expected, answer, evidence, fits)


def _spoilt(expected: ExpectedRecord, values: Sequence[str]) -> Finding | None:
    """Return how a value differs only in quotes, blanks or letters, or how it was split."""
    for value in values:
        if _bare(value) == _bare(expected.value):
            if any(mark in value for mark in MARKS):
                sentence = f"the value holds quotes that are part of it: `{value}`"
                mend = f"write it without quotes: `{expected.value}`"
                return Finding(DnsState.QUOTES, sentence, mend)
            sentence = f"the value differs in blanks, or in capital letters: `{value}`"
            return Finding(DnsState.WRONG_VALUE, sentence, f"set it to `{expected.value}`")
    for first in values:
        for second in values:
            if first and second and first != second and first + second == expected.value:
                sentence = f"the value was split into two records: `{first}` and `{second}`"
                mend = f"make one record of them: `{expected.value}`"
                return Finding(DnsState.QUOTES, sentence, mend)
    return None


def _bare(value: str) -> str:
    """Return a value without what is often wrong about it."""
    return "".join(c for c in value.lower() if c not in MARKS and not c.isspace())


def _missing(
    expected: ExpectedRecord,
    answer: Answer,
    evidence: Evidence | None,
    fits: Callable[[str], bool] | None = None,
) -> Finding:
    """Return that there is no record, and where it stands instead if that was seen."""
    zone = (evidence.zone if evidence else "") or answer.zone
    name = relative_name(expected.name, zone) if zone else expected.name
    twice = evidence.twice if evidence else None
    if evidence and twice is not None and twice.is_known:
        there = [v for v in twice.values if fits is None or fits(v)]
        if there:
            sentence = f"it stands at {evidence.twice_name}: the zone's name was typed as well"
            mend = f"name it `{name}` in the zone {zone}, whose name the editor adds"
            return Finding(DnsState.NAME_TWICE, sentence, mend)
    nothing = "there is no such name" if answer.rcode == NXDOMAIN else "it is not there"
    others = len(answer.values)
    if others:
        nothing = f"it is not among the {others} {expected.type} records"
    sentence = f"{answer.server} says of {expected.name}: {nothing}"
    where = f" in the zone {zone}" if zone else ""
    mend = f"make the {expected.type} record `{name}`{where} with the value `{expected.value}`"
    return Finding(DnsState.MISSING, sentence, mend)


def _ready(answer: Answer) -> Finding:
    """Return that all is well."""
    return Finding(DnsState.READY, f"{answer.server} has what ARM asks for")
