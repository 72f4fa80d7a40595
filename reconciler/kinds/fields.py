"""How a field is compared with Azure's answer and how it is written: pure, one class a shape.

Azure spells values in more ways than one (``global`` and ``Global``, ``resourceGroups`` and
``resourcegroups``) and adds what nobody sent. Each class therefore turns both sides into one
*canonical* form: `wanted` from the spec, `live` from Azure's answer, limited to what the spec
manages and spelt as the spec spells it wherever Azure treats two spellings as one. Equal
canonical forms mean that there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from reconciler.model.value import ABSENT, Absent, Json, as_object, texts

FALLBACK = "fallback"
"""The key of a member of an `IdSet` that only stands in for others."""

HIDDEN_TAG = "hidden-"
"""Azure's own tags begin so: the portal hides them and tools must leave them alone."""


class FieldShape(Protocol):
    """What every shape of field can do. ``value`` is the spec's, null meaning *remove*."""

    def wanted(self, value: Json) -> Json | Absent:
        """Return the canonical form of what the spec wants."""

    def live(self, observed: Json | Absent, value: Json) -> Json | Absent:
        """Return the canonical form of what Azure has, as far as ``value`` manages it."""

    def send(self, value: Json, observed: Json | Absent) -> Json:
        """Return what to write: the whole field, right under merge and under replacement."""

    def references(self, observed: Json | Absent) -> Iterable[str]:
        """Return the ARM ids that Azure's value points at."""

    def to_spec(self, observed: Json | Absent) -> Json | Absent:
        """Return the spec's value that manages all of Azure's, ABSENT where there is none."""


def exact(text: str) -> str:
    """Compare character by character."""
    return text


def caseless(text: str) -> str:
    """Compare ignoring case."""
    return text.casefold()


def loose(text: str) -> str:
    """Compare ignoring case and spaces: ``United States`` is ``UnitedStates``.

    https://github.com/hashicorp/terraform-provider-azurerm/pull/20711
    """
    return text.replace(" ", "").casefold()


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string or boolean."""

    fold: Callable[[str], str] = exact
    """Two strings that fold to the same are one value to Azure."""
    absent: Json | Absent = ABSENT
    """What it means that Azure's answer lacks the field."""
    removed: Json | Absent = ABSENT
    """What null in the spec becomes; ABSENT where the schema allows no null."""
    unset: tuple[Json, ...] = ()
    """Values that export leaves out, because they say no more than absence does."""

    def wanted(self, value: Json) -> Json | Absent:
        """Return the value, or what null stands for."""
        return self.removed if value is None else value

    def live(self, observed: Json | Absent, value: Json) -> Json | Absent:
        """Return Azure's value in the spec's spelling."""
        found = self.absent if observed is ABSENT or observed is None else observed
        wanted = self.wanted(value)
        if isinstance(found, str) and isinstance(wanted, str):
            return wanted if self.fold(found) == self.fold(wanted) else found
        return found

    def send(self, value: Json, observed: Json | Absent) -> Json:
        """Return the wanted value, in the live spelling where that means the same."""
        wanted = self.wanted(value)
        if isinstance(observed, str) and self.live(observed, value) == wanted:
            return observed
        return None if wanted is ABSENT else wanted

    def references(self, observed: Json | Absent) -> Iterable[str]:
        """Return nothing: scalars point nowhere."""
        return ()

    def to_spec(self, observed: Json | Absent) -> Json | Absent:
        """Return Azure's value."""
        return ABSENT if observed is None or observed in self.unset else observed


class Tags:
    """A map of tags: the spec manages the keys that it names, each on its own.

    Keys ignore case and keep it; values are exact. ARM replaces the whole map on PATCH, so foreign
    tags are sent along.
    https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
    """

    def wanted(self, value: Json) -> Json:
        """Return the tags that must be there."""
        return {k: v for k, v in as_object(value).items() if v is not None}

    def live(self, observed: Json | Absent, value: Json) -> Json:
        """Return the managed tags that are there, under the spec's spelling of their keys."""
        there = as_object(observed)
        if value is None:
            return {k: v for k, v in there.items() if not k.lower().startswith(HIDDEN_TAG)}
        spelling = {k.lower(): k for k in as_object(value)}
        return {spelling[k.lower()]: v for k, v in there.items() if k.lower() in spelling}

    def send(self, value: Json, observed: Json | Absent) -> Json:
        """Return the whole map: foreign tags kept, keys under the spelling that is live."""
        there = as_object(observed)
        if value is None:
            return {k: v for k, v in there.items() if k.lower().startswith(HIDDEN_TAG)}
        changes = {k.lower(): (k, v) for k, v in as_object(value).items()}
        kept = {k: v for k, v in there.items() if k.lower() not in changes}
        spelling = {k.lower(): k for k in there}
        written = {
            spelling.get(folded, key): tag
            for folded, (key, tag) in changes.items()
            if tag is not None
        }
        return dict(sorted({**kept, **written}.items()))

    def references(self, observed: Json | Absent) -> Iterable[str]:
        """Return nothing: tags are words."""
        return ()

    def to_spec(self, observed: Json | Absent) -> Json | Absent:
        """Return all tags but Azure's own."""
        tags = {
            k: v for k, v in as_object(observed).items() if not k.lower().startswith(HIDDEN_TAG)
        }
        return tags or ABSENT


@dataclass(frozen=True, slots=True)
class IdSet:
    """A list of ARM ids that is really a set: order, case and repetition mean nothing.

    The spec's value is a list, which says exactly what is in the set, or ``{"include": [...]}``,
    which says what must be in it and leaves the rest to others. A member ``{"fallback": id}`` of a
    list is in the set only while another one cannot be; `reconciler.core.mail.links` decides that.
    """

    word: str
    """What a member is called in a plan, such as ``linked``."""

    def wanted(self, value: Json) -> Json:
        """Return the members."""
        return dict.fromkeys(plain_members(value), self.word)

    def live(self, observed: Json | Absent, value: Json) -> Json:
        """Return the managed members, under the spec's spelling where it has one."""
        members = _respelt(texts(observed), plain_members(value))
        if isinstance(value, Mapping):
            members = [member for member in members if member in plain_members(value)]
        return dict.fromkeys(members, self.word)

    def send(self, value: Json, observed: Json | Absent) -> Json:
        """Return the whole list, under the spelling that is live where it is."""
        kept = texts(observed) if isinstance(value, Mapping) else []
        return _sorted(_respelt([*kept, *plain_members(value)], texts(observed)))

    def references(self, observed: Json | Absent) -> Iterable[str]:
        """Return the members."""
        return texts(observed)

    def to_spec(self, observed: Json | Absent) -> Json | Absent:
        """Return the members in order."""
        return _sorted(texts(observed)) or ABSENT


class ManagedIdentity:
    """The identity block, in the spec's short form.

    The value is ``{"systemAssigned": bool, "userAssigned": [id, ...]}``, either of which may be
    missing and is then not managed; null turns everything off.
    https://learn.microsoft.com/azure/communication-services/how-tos/managed-identity
    """

    def wanted(self, value: Json) -> Json:
        """Return the managed half or halves."""
        form = _identity_form(value)
        wanted: dict[str, Json] = {}
        if "systemAssigned" in form:
            wanted["systemAssigned"] = bool(form["systemAssigned"])
        if "userAssigned" in form:
            wanted["userAssigned"] = dict.fromkeys(texts(form["userAssigned"]), "attached")
        return wanted

    def live(self, observed: Json | Absent, value: Json) -> Json:
        """Return the same halves as Azure has them; no block and ``None`` are the same."""
        form = _identity_form(value)
        system, users = _identity_parts(observed)
        live: dict[str, Json] = {}
        if "systemAssigned" in form:
            live["systemAssigned"] = system
        if "userAssigned" in form:
            spelt = _respelt(users, texts(form["userAssigned"]))
            live["userAssigned"] = dict.fromkeys(spelt, "attached")
        return live

    def send(self, value: Json, observed: Json | Absent) -> Json:
        """Return the block: every wanted id with ``{}``, every unwanted live one with null.

        That is right whether the provider merges the map or replaces it. Live ids keep the
        spelling in which they came back.
        https://github.com/ansible-collections/azure/pull/1635
        """
        form = _identity_form(value)
        system, live = _identity_parts(observed)
        if "systemAssigned" in form:
            system = bool(form["systemAssigned"])
        users = texts(form["userAssigned"]) if "userAssigned" in form else live
        users = _respelt(users, live)
        kinds = ["SystemAssigned"] * system + ["UserAssigned"] * bool(users)
        if not kinds:
            return {"type": "None"}
        kept = {user.lower() for user in users}
        map_: dict[str, Json] = {user: {} for user in users}
        map_.update({user: None for user in live if user.lower() not in kept})
        block: dict[str, Json] = {"type": ",".join(kinds)}
        if map_:
            block["userAssignedIdentities"] = dict(sorted(map_.items()))
        return block

    def references(self, observed: Json | Absent) -> Iterable[str]:
        """Return the attached identities."""
        return _identity_parts(observed)[1]

    def to_spec(self, observed: Json | Absent) -> Json | Absent:
        """Return both halves as they are, ABSENT if there is no identity at all."""
        system, users = _identity_parts(observed)
        form: dict[str, Json] = {}
        if system:
            form["systemAssigned"] = True
        if users:
            form["userAssigned"] = _sorted(users)
        return form or ABSENT


def _identity_form(value: Json) -> Mapping[str, Json]:
    """Return the short form; null in the spec manages both halves."""
    return {"systemAssigned": False, "userAssigned": []} if value is None else as_object(value)


def _identity_parts(observed: Json | Absent) -> tuple[bool, list[str]]:
    """Return whether there is a system identity, and the ids of the user-assigned ones."""
    block = as_object(observed)
    kinds = {part.strip().lower() for part in str(block.get("type") or "None").split(",")}
    users = as_object(block.get("userAssignedIdentities")) if "userassigned" in kinds else {}
    return "systemassigned" in kinds, list(users)


def _respelt(ids: Iterable[str], spelling: Iterable[str]) -> list[str]:
    """Return ``ids`` without repetition, each as ``spelling`` spells it if it does."""
    known = {text.lower(): text for text in spelling}
    return list({text.lower(): known.get(text.lower(), text) for text in ids}.values())


def plain_members(value: Json | Absent) -> list[str]:
    """Return the members of an `IdSet` that a spec names, in either form, without fallbacks."""
    return texts(value.get("include")) if isinstance(value, Mapping) else texts(value)


def fallbacks(value: Json | Absent) -> list[str]:
    """Return the members of an `IdSet` that are meant for the time until others can be linked."""
    members = value if isinstance(value, list | tuple) else ()
    return [str(one[FALLBACK]) for one in members if isinstance(one, Mapping) and FALLBACK in one]


def _sorted(ids: list[str]) -> list[str]:
    """Return ``ids`` in an order that does not depend on their case."""
    return sorted(ids, key=str.lower)
