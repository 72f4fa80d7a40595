"""Compares what ARM asks for with what DNS says, and puts the difference into words.

The zone's own servers decide whether a record is right; what resolvers remember decides whether the
world can see it yet. What nobody has answered is unknown, and never missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.core.mail.comparison import Finding, compare
from reconciler.model.dns import Answer, DnsState, Evidence, ExpectedRecord, Verdict

LOOK_AGAIN = "look again when the time is over; there is nothing to change"


def judge(expected: ExpectedRecord, evidence: Evidence) -> Verdict:
    """Return what to think of one record.

    Args:
        expected: what ARM asks for.
        evidence: what was seen for it.

    """
    known = [answer for answer in evidence.authoritative if answer.is_known]
    right = [answer for answer in known if _is_right(expected, answer)]
    main = _that_count(known)
    if evidence.no_zone and not right:
        return _no_zone(expected, evidence)
    if main and all(_is_right(expected, answer) for answer in main):
        return _seen_by_resolvers(expected, evidence, main)
    if right and len(right) < len(known):
        return _disagreement(expected, evidence, right, known)
    if main:
        return _verdict(expected, compare(expected, main[0], evidence))
    if any(answer.is_known for answer in evidence.resolvers):
        return _from_resolvers(expected, evidence)
    return _unknown(expected, evidence)


def no_record(check: str) -> Verdict:
    """Return what to think of a check for which ARM asks for no record."""
    return Verdict(
        check, DnsState.NO_RECORD, "ARM has this check, and asks for no record", "", ready=True
    )


def may_ask_resolvers(expected: ExpectedRecord, authoritative: Sequence[Answer]) -> bool:
    """Whether asking resolvers can do no harm: they would remember that there is nothing."""
    known = [answer for answer in authoritative if answer.is_known]
    return all(_is_right(expected, answer) for answer in _that_count(known))


def _that_count(known: Sequence[Answer]) -> list[Answer]:
    """Return the answers of the servers that the world asks, or those there are."""
    return [answer for answer in known if answer.delegated] or [*known]


def _is_right(expected: ExpectedRecord, answer: Answer) -> bool:
    """Whether an answer has what ARM asks for."""
    return compare(expected, answer).state is DnsState.READY


def _verdict(expected: ExpectedRecord, finding: Finding, again: int | None = None) -> Verdict:
    """Return a finding about the record itself."""
    ready = finding.state is DnsState.READY
    return Verdict(expected.check, finding.state, finding.sentence, finding.mend, ready, again)


def _seen_by_resolvers(
    expected: ExpectedRecord, evidence: Evidence, main: Sequence[Answer]
) -> Verdict:
    """Return whether resolvers see what the zone's servers have."""
    behind = [a for a in evidence.resolvers if a.is_known and not _is_right(expected, a)]
    negative = [a for a in behind if not a.values and not a.chain and not a.instead]
    if negative:
        return _remembered(expected, DnsState.NEGATIVE_CACHED, negative)
    if behind:
        return _remembered(expected, DnsState.STALE, behind)
    where = _names(main)
    silent = [a for a in evidence.authoritative if a.delegated and not a.is_known]
    sentence = f"{where} {_have(main)} what ARM asks for"
    if silent:
        sentence += f"; {_names(silent)} did not answer for it"
    return Verdict(expected.check, DnsState.READY, sentence, "", ready=True)


def _remembered(expected: ExpectedRecord, state: DnsState, behind: Sequence[Answer]) -> Verdict:
    """Return what resolvers still remember, and for how long."""
    negative = state is DnsState.NEGATIVE_CACHED
    times = [a.negative_ttl if negative else a.ttl for a in behind]
    longest = max((t for t in times if t is not None), default=expected.ttl)
    what = "that there is no record" if negative else f"what was there before ({_old(behind[0])})"
    sentence = (
        f"the zone's servers have the record, and {_names(behind)} still "
        f"{'remember' if len(behind) > 1 else 'remembers'} {what}, for {longest} seconds at most"
    )
    return Verdict(expected.check, state, sentence, LOOK_AGAIN, ready=False, again_after=longest)


def _old(answer: Answer) -> str:
    """Return what an answer has, in few words."""
    if answer.values:
        return f"`{answer.values[0]}`"
    return f"`{answer.instead[0][1]}`" if answer.instead else f"`{answer.chain[0]}`"


def _disagreement(
    expected: ExpectedRecord, evidence: Evidence, right: Sequence[Answer], known: Sequence[Answer]
) -> Verdict:
    """Return that some servers have the record, and others do not."""
    zone = evidence.zone or "the zone"
    wrong = [answer for answer in known if not _is_right(expected, answer)]
    if any(answer.delegated for answer in right):
        sentence = (
            f"{_names(right)} {_have(right)} the record and {_names(wrong)} {_lack(wrong)} it"
        )
        mend = (
            f"wait until the servers of {zone} have copied it from each other; if they never do, "
            "take those that lack it out of the delegation"
        )
        return Verdict(expected.check, DnsState.OTHER_SERVERS, sentence, mend, ready=False)
    delegated = ", ".join(evidence.delegated) or _names(wrong)
    sentence = (
        f"{_names(right)} {_have(right)} the record, but {zone} is delegated to {delegated}, "
        "where it is missing or different"
    )
    mend = f"make the record at {delegated}, or delegate {zone} to {_names(right)}"
    return Verdict(expected.check, DnsState.OTHER_SERVERS, sentence, mend, ready=False)


def _from_resolvers(expected: ExpectedRecord, evidence: Evidence) -> Verdict:
    """Return what resolvers say where the zone's own servers could not be asked."""
    known = [answer for answer in evidence.resolvers if answer.is_known]
    wrong = [answer for answer in known if not _is_right(expected, answer)]
    finding = compare(expected, (wrong or known)[0], evidence)
    again = None
    if wrong:
        again = wrong[0].negative_ttl if finding.state is DnsState.MISSING else wrong[0].ttl
    verdict = _verdict(expected, finding, again)
    sentence = f"{verdict.sentence} (the zone's own servers could not be asked)"
    return Verdict(
        verdict.check, verdict.state, sentence, verdict.mend, verdict.ready, verdict.again_after
    )


def _no_zone(expected: ExpectedRecord, evidence: Evidence) -> Verdict:
    """Return that there is no zone in which the record could be."""
    zone = evidence.zone or expected.name
    return Verdict(
        expected.check,
        DnsState.NO_ZONE,
        f"{zone} is not delegated: the zone above says that there is no such name",
        f"register {zone}, or have its name servers entered in the zone above",
        ready=False,
    )


def _unknown(expected: ExpectedRecord, evidence: Evidence) -> Verdict:
    """Return why nothing is known about the record."""
    answers = [*evidence.authoritative, *evidence.resolvers]
    zone = evidence.zone or "the zone"
    refusing = [a for a in evidence.authoritative if a.rcode in ("REFUSED", "NOTAUTH")]
    if refusing and len(refusing) == len(evidence.authoritative):
        return Verdict(
            expected.check,
            DnsState.NOT_SERVED,
            f"{zone} is delegated to {_names(refusing)}; "
            f"{'they refuse' if len(refusing) > 1 else 'it refuses'} to answer for it",
            f"create {zone} there, or delegate it to the servers that have it",
            ready=False,
        )
    failing = [a for a in answers if a.rcode == "SERVFAIL"]
    if failing:
        return Verdict(
            expected.check,
            DnsState.SERVER_FAILURE,
            f"{_names(failing)} answered SERVFAIL, which says nothing about the record",
            f"look at the DNSSEC signatures and the servers of {zone}, then check again",
            ready=False,
        )
    asked = _names(answers) if answers else "no server"
    why = evidence.error or next((a.error for a in answers if a.error), "no answer in time")
    return Verdict(
        expected.check,
        DnsState.UNREACHABLE,
        f"nothing is known about the record: {asked}: {why}",
        "let this machine reach DNS (port 53, UDP and TCP), or name a resolver that it can reach "
        "with `dns.resolvers` in the project file",
        ready=False,
    )


def _names(answers: Iterable[Answer]) -> str:
    """Return the servers of answers, each once."""
    return ", ".join(dict.fromkeys(answer.server for answer in answers))


def _have(answers: Sequence[Answer]) -> str:
    return "have" if len(answers) > 1 else "has"


def _lack(answers: Sequence[Answer]) -> str:
    return "lack" if len(answers) > 1 else "lacks"
