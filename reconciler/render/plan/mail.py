"""What a plan says of mail, in plain words: checks, links that wait, records, who stops sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.model.dns import DnsState, ExpectedRecord
from reconciler.model.plan import Change, Plan
from reconciler.model.value import Json
from reconciler.model.verification import CheckPlan, Next
from reconciler.render.formats.sections import Section, Tone

LONGEST_STRING = 255
"""Characters of one string of a TXT record (https://www.rfc-editor.org/rfc/rfc1035#section-3.3)."""


FEW = 3
"""How many causes a headline names."""


def impact_section(plan: Plan) -> Section | None:
    """Return who stops sending mail, None where nobody does."""
    found = [impact for change in plan.changes for impact in change.impact]
    if not found:
        return None
    rows: tuple[tuple[str, ...], ...] = tuple(
        (
            impact.cause.replace("`", ""),
            ", ".join(impact.who) or "nobody is known",
            ", ".join(impact.unknown) or "-",
        )
        for impact in found
    )
    more = f"; and {len(found) - FEW} more" if len(found) > FEW else ""
    summary = "; ".join(impact.cause for impact in found[:FEW]) + more
    head: tuple[str, ...] = ("because", "can no longer send", "not known")
    if len(found) == 1:  # its cause is the headline
        head, rows = head[1:], (rows[0][1:],)
    return Section("mail-impact", "MAIL STOPS", Tone.DANGER, summary, head, rows)


def verification_section(plan: Plan) -> Section | None:
    """Return where the checks of mail domains stand, None where none is wanted."""
    found = [change for change in plan.changes if any(check.is_open for check in change.checks)]
    if not found:
        return None
    rows = tuple(
        (change.id.name, check.check, _state(check), check.next.value, _because(check))
        for change in found
        for check in change.checks
    )
    summary = "; ".join(f"{change.id.name}: {progress(change)}" for change in found)
    head = ("domain", "check", "in Azure", "next", "why, and what to do")
    return Section("verification", "Mail domains", Tone.NOTE, summary, head, rows)


def links_section(plan: Plan) -> Section | None:
    """Return the links that are left for later, None where there are none."""
    rows = tuple(
        (
            change.id.name,
            f"{'+' if link.joins else '-'} {link.domain.name}",
            f"once {'verified: ' if link.joins else ''}{link.until}",
        )
        for change in plan.changes
        for link in change.links
    )
    if not rows:
        return None
    summary = "a later run makes these changes of `linkedDomains`, without a new commit"
    head = ("resource", "domain", "when")
    return Section("links-later", "Links that wait", Tone.NOTE, summary, head, rows)


def progress(change: Change) -> str:
    """Return how many checks are verified: ``3 of 5 verified``."""
    done = sum(not check.is_open for check in change.checks)
    return f"{done} of {len(change.checks)} verified"


def open_words(changes: Sequence[Change]) -> Iterator[str]:
    """Yield what is waited for: a line for each domain, then one for each link."""
    for change in changes:
        waits = [check.check for check in change.checks if check.is_open]
        if waits:
            yield f"{change.id.name}: {progress(change)}, waiting for {', '.join(waits)}"
    for change in changes:
        for link in change.links:
            if link.joins:
                name = link.domain.name
                yield f"{change.id.name}: {name} is not linked yet: {link.until}"


def wrong_in_dns(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in DNS, each once, with its mend; missing records are printed anyway."""
    told: set[str] = set()
    for change in changes:
        for check in change.checks:
            if check.next is not Next.DNS or check.dns is DnsState.MISSING or check.why in told:
                continue
            told.add(check.why)
            yield f"{change.id.name}, {check.check}: {check.why}", _mend(check)


def next_look(changes: Iterable[Change]) -> str:
    """Return before which moment nothing can change by itself, empty where that is not known."""
    waits = [check for change in changes for check in change.checks if check.is_open]
    moments = [check.not_before for check in waits if check.next is not Next.DOMAIN]
    return moment_words(min(moments)) if moments and all(moments) else ""


def lacking(changes: Iterable[Change]) -> list[tuple[Change, list[ExpectedRecord]]]:
    """Return the records that DNS does not have, by the domain that needs them."""
    found = [(c, [check.record for check in c.checks if check.record]) for c in changes]
    return [(change, records) for change, records in found if records]


def zone_lines(records: Sequence[ExpectedRecord]) -> list[str]:
    """Return records as a zone file has them.

    https://www.rfc-editor.org/rfc/rfc1035#section-5
    """
    width = max((len(record.name) for record in records), default=0)
    return [
        f"{record.name + '.':<{width + 1}}  {record.ttl}  IN  {record.type:<5}  {_data(record)}"
        for record in records
    ]


def moment_words(moment: str) -> str:
    """Return a moment as people read it."""
    return f"{moment[:10]} {moment[11:19]} UTC"


def mail_document(change: Change) -> dict[str, Json]:
    """Return what a change says of mail as plain values."""
    return {
        "waiting": change.is_waiting,
        "checks": [_check_document(check) for check in change.checks],
        "linksLater": [
            {
                "domain": link.domain.text,
                "address": link.address,
                "links": link.joins,
                "until": link.until,
            }
            for link in change.links
        ],
        "impact": [
            {"cause": one.cause, "who": list(one.who), "unknown": list(one.unknown)}
            for one in change.impact
        ],
    }


def _check_document(check: CheckPlan) -> dict[str, Json]:
    """Return one check as plain values."""
    record = check.record
    return {
        "check": check.check,
        "azure": check.state or None,
        "errorCode": check.error_code or None,
        "dns": check.dns.value if check.dns else None,
        "next": check.next.value,
        "why": check.why,
        "mend": check.mend or None,
        "notBefore": check.not_before or None,
        "record": None
        if record is None
        else {
            "type": record.type,
            "name": record.name,
            "value": record.value,
            "ttl": record.ttl,
        },
    }


def _state(check: CheckPlan) -> str:
    """Return what Azure says."""
    return f"{check.state or '-'} ({check.error_code})" if check.error_code else check.state or "-"


def _because(check: CheckPlan) -> str:
    """Return why that is next, and what to do; that a new domain has no records yet is plain."""
    if check.next is Next.CREATE:
        return ""
    mend = _mend(check)
    return f"{check.why}. Mend: {mend}" if mend else check.why


def _mend(check: CheckPlan) -> str:
    """Return what to do, and from when on another look is of use."""
    when = f"not before {moment_words(check.not_before)}" if check.not_before else ""
    return f"{check.mend} ({when})" if check.mend and when else check.mend or when


def _data(record: ExpectedRecord) -> str:
    """Return the value of a record as a zone file has it."""
    if record.type != "TXT":
        return f"{record.value.rstrip('.')}."
    text = record.value.replace("\\", "\\\\").replace('"', '\\"')
    pieces = [text[i : i + LONGEST_STRING] for i in range(0, max(len(text), 1), LONGEST_STRING)]
    return " ".join(f'"{piece}"' for piece in pieces)
