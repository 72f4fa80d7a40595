"""What a test switches while the emulator runs: leniency, quotas and foreign principals.

Like faults, these settings belong to one process and not to the state file.
"""

import threading
from typing import Any

from reconciler.emulator.state.consistency import IMMEDIATE, Consistency
from reconciler.emulator.wire.errors import EmulatorError, invalid_control_request
from reconciler.emulator.wire.look_up import DnsServer, parse_server
from reconciler.emulator.wire.messages import JsonObject
from reconciler.emulator.wire.routes import fold

ACCEPT = "accept"
REFUSE = "refuse"
UNLESS_TYPED = "unlessTyped"
_UNKNOWN_PRINCIPALS = (ACCEPT, REFUSE, UNLESS_TYPED)


class Behaviour:
    """The switches of one emulator process; every method may be called from any thread."""

    def __init__(
        self,
        *,
        check_links: bool = False,
        dns: DnsServer | None = None,
        authorization: bool = False,
        consistency: str = IMMEDIATE,
    ) -> None:
        """Start with the defaults; the arguments are what :meth:`reset` returns to."""
        self._lock = threading.Lock()
        self._initially_checks_links = check_links
        self._initial_dns = dns
        self._initially_authorizes = authorization
        self._initial_consistency = Consistency(consistency).text
        self.reset()

    def reset(self) -> None:
        """Return to the state after construction."""
        with self._lock:
            self.check_links = self._initially_checks_links
            self.authorization = self._initially_authorizes
            self.consistency = Consistency(self._initial_consistency)
            self.unknown_principals = UNLESS_TYPED
            self.principal_delay = 0
            self.keeps_unknown = False
            self.dns = self._initial_dns
            self.verification_seconds = 0.0
            self.verification_window = 0.0
            self.sender_quota = False
            self._foreign: dict[str, str] = {}
            self._permissions: dict[str, list[JsonObject]] = {}
            self._refused: dict[str, int] = {}

    def content(self) -> JsonObject:
        """Return the settings as the control endpoint shows them."""
        return {
            "authorization": self.authorization,
            "checkLinks": self.check_links,
            "consistency": self.consistency.text,
            "unknownPrincipals": self.unknown_principals,
            "principalDelay": self.principal_delay,
            "keepUnknown": self.keeps_unknown,
            "dns": None if self.dns is None else str(self.dns),
            "verificationSeconds": self.verification_seconds,
            "verificationWindow": self.verification_window,
        }

    def change(self, content: object) -> None:
        """Change the settings that are named; the others stay.

        Raises:
            ArmError: 400 ``EmulatorInvalidControlRequest``; nothing is changed.

        """
        given = _object(content, set(self.content()))
        links = given.get("checkLinks", self.check_links)
        unknown = given.get("unknownPrincipals", self.unknown_principals)
        delay = given.get("principalDelay", self.principal_delay)
        checked = given.get("authorization", self.authorization)
        keeps = given.get("keepUnknown", self.keeps_unknown)
        if not all(isinstance(switch, bool) for switch in (links, checked, keeps)):
            message = "checkLinks, authorization and keepUnknown are true or false"
            raise invalid_control_request(message)
        if unknown not in _UNKNOWN_PRINCIPALS:
            message = f"unknownPrincipals is one of {', '.join(_UNKNOWN_PRINCIPALS)}"
            raise invalid_control_request(message)
        if not isinstance(delay, int) or isinstance(delay, bool) or delay < 0:
            message = "principalDelay is a number of requests, 0 or more"
            raise invalid_control_request(message)
        server = _server(given["dns"]) if "dns" in given else self.dns
        delay_of_verification = seconds(given, "verificationSeconds", self.verification_seconds)
        window = seconds(given, "verificationWindow", self.verification_window)
        consistency = _consistency(given["consistency"]) if "consistency" in given else None
        with self._lock:
            self.consistency = consistency or self.consistency
            self.check_links, self.unknown_principals = links, unknown
            self.principal_delay = delay
            self.keeps_unknown = keeps
            self.authorization = checked
            self.dns = server
            self.verification_seconds = delay_of_verification
            self.verification_window = window
            self._refused.clear()

    def change_quota(self, content: object) -> None:
        """Lift or restore the quota: ``{"senderUsernames": true}``.

        Raises:
            ArmError: 400 ``EmulatorInvalidControlRequest``.

        """
        given = _object(content, {"senderUsernames"})
        if not isinstance(given.get("senderUsernames"), bool):
            message = "senderUsernames is true (lifted) or false"
            raise invalid_control_request(message)
        self.sender_quota = given["senderUsernames"]

    def declare_principals(self, content: object) -> None:
        """Replace the principals known besides identities: ``[{"principalId", "principalType"}]``.

        Raises:
            ArmError: 400 ``EmulatorInvalidControlRequest``.

        """
        if not isinstance(content, list):
            message = "give a list of principals"
            raise invalid_control_request(message)
        known: dict[str, str] = {}
        for entry in content:
            given = _object(entry, {"principalId", "principalType"})
            kind = given.get("principalType", "User")
            if not isinstance(given.get("principalId"), str) or not isinstance(kind, str):
                message = "every principal has a principalId, and a principalType that is text"
                raise invalid_control_request(message)
            known[fold(given["principalId"])] = kind
        with self._lock:
            self._foreign = known

    def declare_permissions(self, content: object) -> None:
        """Set what the caller may do at a scope: ``{"scope": id, "permissions": [...]}``.

        Raises:
            ArmError: 400 ``EmulatorInvalidControlRequest``.

        """
        given = _object(content, {"scope", "permissions"})
        scope, listed = given.get("scope"), given.get("permissions")
        if not isinstance(scope, str) or not scope.startswith("/") or not isinstance(listed, list):
            message = "give the id of a scope, and a list of permissions"
            raise invalid_control_request(message)
        parsed = [checked_permission(entry) for entry in listed]
        with self._lock:
            self._permissions[fold(scope).rstrip("/")] = parsed

    def permissions_at(self, scope: str) -> list[JsonObject] | None:
        """Return what was declared for a scope and for those above it; None for nothing."""
        place = fold(scope)
        with self._lock:
            found = [
                listed
                for declared, listed in sorted(self._permissions.items())
                if place == declared or place.startswith(f"{declared}/")
            ]
        return [entry for listed in found for entry in listed] if found else None

    def foreign(self, principal: str) -> str | None:
        """Return the type of a declared principal, or None."""
        return self._foreign.get(fold(principal))

    def still_replicating(self, principal: str) -> bool:
        """Count a role assignment for a principal; tell whether it is among the first N."""
        if not self.principal_delay:
            return False
        with self._lock:
            count = self._refused.get(fold(principal), 0)
            if count >= self.principal_delay:
                return False
            self._refused[fold(principal)] = count + 1
            return True


def _server(text: object) -> DnsServer | None:
    """Return the server that a setting names, None for null."""
    if text is None:
        return None
    try:
        return parse_server(str(text))
    except ValueError as reason:
        raise invalid_control_request(str(reason)) from reason


def seconds(given: JsonObject, name: str, otherwise: float) -> float:
    """Return a setting that is a time.

    Raises:
        ArmError: 400 ``EmulatorInvalidControlRequest``.

    """
    value = given.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        message = f"{name} is a number of seconds, 0 or more"
        raise invalid_control_request(message)
    return float(value)


def checked_permission(entry: object) -> JsonObject:
    """Return one permission with all of its four lists.

    Raises:
        ArmError: 400: it is none.

    """
    names = ("actions", "notActions", "dataActions", "notDataActions")
    given = _object(entry, set(names))
    for name in names:
        listed = given.get(name, [])
        if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
            message = f"{name} is a list of texts"
            raise invalid_control_request(message)
    return {name: given.get(name, []) for name in names}


def _consistency(text: object) -> Consistency:
    try:
        return Consistency(str(text))
    except EmulatorError as error:
        raise invalid_control_request(str(error)) from error


def _object(content: object, known: set[str]) -> dict[str, Any]:
    if not isinstance(content, dict) or not set(content) <= known:
        message = f"give an object with {', '.join(sorted(known))} and nothing else"
        raise invalid_control_request(message)
    return content
