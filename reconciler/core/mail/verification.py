"""What happens next to each check of a mail domain that a spec wants verified.

The first row that fits holds. *Right* means that DNS has the record as ARM asks for it, or that ARM
asks for none (DMARC).

| in Azure                            | DNS       | Domain       | next                     |
| ----------------------------------- | --------- | ------------ | ------------------------ |
| the domain is not there, or replaced|           |              | wait for the domain      |
| Verified                            |           |              | nothing to do            |
| VerificationRequested, ..InProgress |           |              | wait for Azure; if it    |
|                                     |           |              | takes too long, told     |
| nothing, or a word not known here   |           |              | wait for Azure           |
| NotStarted, VerificationFailed,     | not right,|              | wait for DNS             |
| CancellationRequested               | or unknown|              |                          |
| the same                            | right     | not verified | wait for Domain          |
| VerificationFailed a moment ago     | right     | verified     | wait for Azure           |
| the same three                      | right     | verified     | ask for verification now |

Azure's guide verifies the check *Domain* before the others, so the others wait for it.
https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains

A verification that has failed is asked for again only when what Azure saw then is out of every
cache: not before the time of the domain's last change, which ARM tells, plus the TTL of the record.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from reconciler.core.mail.records import DEFAULT_TTL
from reconciler.core.mail.states import FAILED, MAY_BE_ASKED, UNDER_WAY, VERIFIED, ArmState
from reconciler.model.dns import CHECKS, UNKNOWN, DnsState, ExpectedRecord
from reconciler.model.mail import DomainReport, RecordReport
from reconciler.model.verification import CheckPlan, Next

FIRST = "Domain"
"""The check that says whose the domain is."""

TO_PUBLISH = frozenset(
    {
        DnsState.MISSING,
        DnsState.NAME_TWICE,
        DnsState.WRONG_VALUE,
        DnsState.WRONG_TYPE,
        DnsState.FLATTENED,
        DnsState.QUOTES,
        DnsState.NO_ZONE,
        DnsState.NOT_SERVED,
    }
)
"""States of a record that end with its being published as ARM has it. SPF that is to be merged into
another record is not among them: a second one would be an error."""


def check_plans(
    wanted: Collection[str], states: Mapping[str, ArmState] | None, report: DomainReport | None
) -> tuple[CheckPlan, ...]:
    """Return what happens next to each of the checks that are wanted.

    Args:
        wanted: the checks, in any order.
        states: where all checks of the domain stand in ARM, None if there is no such domain yet.
        report: what DNS says, None if it was not asked.

    """
    wanted = [check for check in CHECKS if check in wanted]
    if states is None:
        why = "Azure says what records it needs once the domain is created"
        return tuple(CheckPlan(check, "", "", Next.CREATE, why) for check in wanted)
    records = {row.verdict.check: row for row in report.records} if report is not None else {}
    unasked = report.unreadable if report is not None else ""
    owned = states.get(FIRST, ArmState()).status == VERIFIED
    return tuple(
        _check_plan(
            check, states.get(check, ArmState()), records.get(check) or unasked, owned=owned
        )
        for check in wanted
    )


def may_be_asked(state: ArmState) -> bool:
    """Whether asking Azure to verify a check would begin something that is not under way."""
    return state.status in MAY_BE_ASKED


def _check_plan(check: str, state: ArmState, seen: RecordReport | str, *, owned: bool) -> CheckPlan:
    """Return what happens next to one check of a domain that is there.

    Args:
        check: its name.
        state: where it stands in ARM.
        seen: what DNS says, or why DNS was not asked.
        owned: whether the check of the owner is verified.

    """
    row = seen if isinstance(seen, RecordReport) else None
    dns = row.verdict.state if row is not None else None
    found = CheckPlan(check, state.status, state.error_code, Next.AZURE, "", dns=dns)
    if not may_be_asked(state):
        return _left_alone(found, row)
    if row is None:
        why = str(seen) or "DNS was not asked"
        return replace(found, next=Next.DNS, why=why, mend="plan again")
    if not row.verdict.ready:
        return _without_dns(found, row)
    if check != FIRST and not owned:
        return replace(found, next=Next.DOMAIN, why=f"{_ready(row)}; Azure verifies {FIRST} first")
    if state.status == FAILED and row.rests_until:
        return replace(found, why=_resting(state, row), not_before=row.rests_until)
    return replace(found, next=Next.ASK, why=_ready(row))


def _left_alone(found: CheckPlan, row: RecordReport | None) -> CheckPlan:
    """Return a check that is verified, or that only Azure can move."""
    if found.state == VERIFIED:
        return replace(found, next=Next.NOTHING, why="Azure has verified it")
    if found.state in UNDER_WAY:
        hangs = row is not None and bool(row.overdue_since)
        mend = _let_go(found.check) if hangs else ""
        return replace(found, why=_under_way(row), mend=mend, record=_lacking(row))
    return replace(found, why="Azure does not say where it stands, or in a word not known here")


def _without_dns(found: CheckPlan, row: RecordReport) -> CheckPlan:
    """Return a check that waits for its record."""
    return replace(
        found,
        next=Next.DNS,
        why=row.verdict.sentence,
        mend=row.verdict.mend,
        not_before=row.again,
        record=_lacking(row),
    )


def _resting(state: ArmState, row: RecordReport) -> str:
    """Say why a verification that has failed is not asked for again yet."""
    ttl = row.expected.ttl if row.expected is not None else DEFAULT_TTL
    code = f" ({state.error_code})" if state.error_code else ""
    return (
        f"Azure has failed it{code}; what it saw may be kept for {ttl} s (the record's TTL),"
        " counted from the domain's last change"
    )


def _under_way(row: RecordReport | None) -> str:
    """Say that Azure is at it, since when if that is too long, and whether DNS lets it succeed."""
    since = row.overdue_since if row is not None else ""
    under_way = f"it has been under way since {since} at least" if since else "it is under way"
    if row is not None and not row.verdict.ready and row.verdict.state not in UNKNOWN:
        return f"{under_way}, and DNS is not as Azure wants it: {row.verdict.sentence}"
    return under_way


def _let_go(check: str) -> str:
    """Say what can be done about a verification that hangs: nothing here cancels one by itself.

    https://learn.microsoft.com/cli/azure/communication/email/domain
    """
    return (
        "mend DNS if it is not right; then `az communication email domain cancel-verification"
        f" --verification-type {check}` ends it, and the next run asks anew; if that hangs, too,"
        " ask Azure's support"
    )


def _lacking(row: RecordReport | None) -> ExpectedRecord | None:
    """Return the record that has to be published, if that is all that is to be done in DNS."""
    return row.expected if row is not None and row.verdict.state in TO_PUBLISH else None


def _ready(row: RecordReport) -> str:
    """Say why nothing stands in the way in DNS."""
    if row.verdict.state is DnsState.NO_RECORD:
        return "ARM names no record for it, so DNS is not compared"
    return "DNS has the record"
