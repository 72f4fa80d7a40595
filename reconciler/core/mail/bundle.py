"""One set of records for each zone: what ARM asks for, merged with what is published.

What is published was seen at the servers of the zone. Where nothing is known of a name, nothing is
given for it: to merge with a guess would take records away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.core.mail.records import plain_name, relative_name
from reconciler.core.mail.spf import MOST_LOOKUPS, LookUp, is_spf, merge_spf
from reconciler.model.dns import Answer, Evidence
from reconciler.model.mail import Hindrance, Published, RecordSet, ZoneRecords


@dataclass(frozen=True, slots=True)
class Bundle:
    """What zones need, and for which names that cannot be said."""

    zones: tuple[ZoneRecords, ...]
    hindrances: tuple[Hindrance, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """One name and type in one zone."""

    zone: str
    name: str
    type: str

    @property
    def order(self) -> tuple[str, list[str | int], str]:
        """Where it comes among others: numbers by their size, as octoDNS wants names sorted."""
        relative = relative_name(self.name, self.zone)
        parts = re.split(r"(\d+)", "" if relative == "@" else relative)
        return self.zone, [int(p) if p.isdecimal() else p for p in parts], self.type


def bundle(found: Iterable[Published], look_up: LookUp | None = None) -> Bundle:
    """Return the records that zones need.

    Args:
        found: the records that ARM asks for, with what DNS has; of any domains, in any order.
        look_up: finds SPF records that are included, to count their lookups.

    """
    hindrances: list[Hindrance] = []
    places: dict[_Place, list[Published]] = {}
    for one in found:
        seen = one.evidence
        if not seen.no_zone and (not seen.zone or _answer(seen) is None):
            hindrances.append(_unknown(one))
            continue
        place = _Place(seen.zone, one.expected.name, one.expected.type)
        places.setdefault(place, []).append(one)
    sets: dict[str, list[RecordSet]] = {}
    notes: dict[str, list[str]] = {}
    for place in sorted(places, key=lambda place: place.order):
        wanted, said = places[place], notes.setdefault(place.zone, [])
        _note_servers(place, wanted[0].evidence, said)
        make = _cname if place.type == "CNAME" else _txt
        made = make(place, wanted, said, look_up)
        if isinstance(made, Hindrance):
            hindrances.append(made)
        else:
            sets.setdefault(place.zone, []).append(made)
    zones = (
        ZoneRecords(zone, tuple(listed), tuple(dict.fromkeys(notes[zone])))
        for zone, listed in sets.items()
    )
    return Bundle(tuple(zones), tuple(hindrances))


def _cname(
    place: _Place, wanted: Sequence[Published], notes: list[str], look_up: LookUp | None
) -> RecordSet | Hindrance:
    """Return the one alias of a name."""
    del look_up
    values = tuple(dict.fromkeys(plain_name(one.expected.value) for one in wanted))
    if len(values) > 1:
        sentence = f"ARM asks for {len(values)} CNAMEs at this name: {', '.join(values)}"
        mend = "use the domain in one email service alone: a name can have one CNAME"
        return Hindrance(place.name, sentence, mend, unknown=False)
    answer = _answer(wanted[0].evidence) or Answer("")
    published = tuple(plain_name(value) for value in answer.values)
    replaced = tuple(value for value in published if value not in values)
    notes += [f"{place.name}: replace the CNAME to `{v}`; a name can have one" for v in replaced]
    if answer.instead:
        others = ", ".join(f"{kind} `{value}`" for kind, value in answer.instead)
        notes.append(f"{place.name}: take {others} away first; nothing can be beside a CNAME")
    return _set(place, wanted, values, published, replaced=replaced)


def _txt(
    place: _Place, wanted: Sequence[Published], notes: list[str], look_up: LookUp | None
) -> RecordSet | Hindrance:
    """Return the texts of a name: what ARM asks for, one SPF record, and what is there already."""
    answer = _answer(wanted[0].evidence) or Answer("")
    if answer.chain:
        notes.append(
            f"{place.name}: take the CNAME to `{answer.chain[0]}` away first; no text can be "
            "beside it"
        )
    published = () if answer.chain else tuple(dict.fromkeys(answer.values))
    asked = tuple(dict.fromkeys(one.expected.value for one in wanted))
    spf = [value for value in asked if is_spf(value)]
    values = tuple(value for value in asked if not is_spf(value))
    replaced: tuple[str, ...] = ()
    if spf:
        merged = _merged(place, [v for v in published if is_spf(v)], spf, notes, look_up)
        if isinstance(merged, Hindrance):
            return merged
        values = (*values, merged)
        replaced = tuple(v for v in published if is_spf(v) and v != merged)
    kept = tuple(sorted(v for v in published if v not in values and v not in replaced))
    _note_kept(place, kept, notes)
    return _set(place, wanted, values, published, kept, replaced)


def _merged(
    place: _Place,
    published: Sequence[str],
    wanted: Sequence[str],
    notes: list[str],
    look_up: LookUp | None,
) -> str | Hindrance:
    """Return the one SPF record of a name, and note what it costs."""
    merge = merge_spf(published, wanted[0], look_up)
    for more in wanted[1:]:
        merge = merge if merge.merged is None else merge_spf(merge.merged, more, look_up)
    if merge.merged is None:
        listed = "; ".join(f"`{text}`" for text in published)
        sentence = f"{merge.notes[0]}: {listed}"
        mend = "make one record of them, and run this again"
        return Hindrance(place.name, sentence, mend, unknown=False)
    if published and published[0] != merge.merged:
        notes.append(
            f"{place.name}: replace the SPF record `{published[0]}`; receivers treat two as an "
            "error"
        )
    notes.append(
        f"{place.name}: its SPF record needs {merge.lookups} of at most {MOST_LOOKUPS} DNS lookups"
    )
    notes.extend(f"{place.name}: {note}" for note in merge.notes)
    return merge.merged


def _set(
    place: _Place,
    wanted: Sequence[Published],
    values: tuple[str, ...],
    published: tuple[str, ...],
    kept: tuple[str, ...] = (),
    replaced: tuple[str, ...] = (),
) -> RecordSet:
    """Return a set of records."""
    return RecordSet(
        name=relative_name(place.name, place.zone),
        type=place.type,
        ttl=min(one.expected.ttl for one in wanted),
        values=values,
        present=tuple(value for value in values if value in published),
        kept=kept,
        replaced=replaced,
        checks=tuple(dict.fromkeys(f"{one.expected.check} of {one.domain}" for one in wanted)),
    )


def _answer(seen: Evidence) -> Answer | None:
    """Return what is published, as the place where the zone is edited has it; None if unknown.

    That is the server that the project file names, if any; it need not be delegated to yet.
    """
    if seen.no_zone and not seen.authoritative:
        return Answer("")
    known = [answer for answer in seen.authoritative if answer.is_known]
    known.sort(key=lambda answer: answer.delegated)
    known += [answer for answer in seen.resolvers if answer.is_known]
    return known[0] if known else None


def _note_servers(place: _Place, seen: Evidence, notes: list[str]) -> None:
    """Note what the state of the zone's servers means for whoever edits the zone."""
    if seen.no_zone:
        notes.append(f"{place.zone} is not delegated: nobody sees its records until it is")
    known = [answer for answer in seen.authoritative if answer.is_known]
    said = {(frozenset(answer.values), answer.chain) for answer in known}
    answer = _answer(seen)
    if len(said) > 1 and answer is not None:
        notes.append(
            f"{place.name}: the zone's servers disagree; what {answer.server} has was merged"
        )


def _note_kept(place: _Place, kept: Sequence[str], notes: list[str]) -> None:
    """Note what cannot be copied from a look-up without doubt."""
    odd = [text for text in kept if not text.isprintable() or not text.isascii() or "\\" in text]
    if odd:
        notes.append(
            f"{place.name}: a text that stays is no plain ASCII; compare it with the zone's own"
        )


def _unknown(one: Published) -> Hindrance:
    """Return that nothing is known of what is published at a name."""
    errors = [answer.error or answer.rcode for answer in one.evidence.authoritative]
    why = one.evidence.error or next(iter(errors), "no server answered")
    sentence = f"nothing is known of what is published there ({why}), so nothing can be merged"
    mend = "run `reconciler dns check`, which says who did not answer"
    return Hindrance(one.expected.name, sentence, mend, unknown=True)
