"""Blind writes and shared lists: what others have set beside us is still there afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler.app.applying.apply import apply
from reconciler.app.loading.specs import load
from reconciler.app.planning.plan import plan_through
from reconciler.app.targets.connection import connect
from reconciler.cli.exit_codes import ExitCode, of_report
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Aside, Writer
from reconciler.kinds.kind import Kind
from reconciler.model.event import StepRetried
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.value import Body
from tests.conftest import GROUP, Lab, identity, service

CREDENTIAL = f"{identity('id-a')}/federatedIdentityCredentials/raw"
MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices"
GROWN = {"claimsMatchingExpression": {"value": "claims['sub'] matches 'x'", "languageVersion": 1}}
NOTE = "sends `properties.claimsMatchingExpression` along as it is live"


def _credential(subject: str) -> dict[str, Any]:
    """Return an identity with one credential."""
    raw = {"issuer": "https://issuer.test/", "subject": subject}
    return {"id-a": {"location": "westeurope", "federatedCredentials": {"raw": raw}}}


def _grown(lab: Lab) -> None:
    """Let the API grow a field, and somebody set it."""
    lab.spec(identities=_credential("one"))
    lab.settle()
    lab.arm.send("PUT", "/emulator/settings", {"keepUnknown": True})
    live = lab.arm.get(CREDENTIAL)["properties"]
    lab.arm.put(CREDENTIAL, {"properties": {**live, **GROWN}})
    lab.arm.forget()


def test_a_put_sends_fields_along_that_the_table_does_not_know(lab: Lab) -> None:
    _grown(lab)
    assert lab.plan().code == 0
    lab.spec(identities=_credential("two"))
    for form in ("text", "json"):
        assert NOTE in lab.plan("-o", form).out
    assert lab.apply().code == 0
    after = lab.arm.get(CREDENTIAL)["properties"]
    assert after["subject"] == "two"
    assert after["claimsMatchingExpression"] == GROWN["claimsMatchingExpression"]
    assert lab.plan().code == 0


def test_an_api_that_drops_them_all_the_same_is_reported(lab: Lab) -> None:
    _grown(lab)
    lab.spec(identities=_credential("two"))

    class Dropping:
        """A writer whose API passes over what it does not know."""

        def __init__(self, writer: Writer) -> None:
            self._writer, self.act = writer, writer.act

        def write(
            self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
        ) -> None:
            known = {k: v for k, v in _properties(body).items() if k not in GROWN}
            self._writer.write(kind, verb, resource, {"properties": known}, aside)

    specs = load(())
    with connect(lab.arm.url, lab.folder, writes=True) as connection:
        plan = plan_through(connection, specs, lambda _: None)
        dropping = replace(connection, _writer=Dropping(connection.writer))
        report = apply(plan, specs, dropping, lambda _: None, Interrupt())
    failure = report.outcomes[0].failure
    assert failure is not None
    assert failure.message == (
        "Azure no longer has properties.claimsMatchingExpression, which was sent along as it was"
        " before"
    )
    assert of_report(report) is ExitCode.FAILED


def _properties(body: Body | None) -> dict[str, Any]:
    """Return the properties of a body."""
    assert body is not None
    properties = body["properties"]
    assert isinstance(properties, dict)
    return properties


def _domains(lab: Lab) -> tuple[str, str]:
    """Make a domain of ours and one of theirs, and return their ids."""
    for name in ("ours", "theirs"):
        lab.arm.put(
            f"{MAIL}/{name}", {"location": "global", "properties": {"dataLocation": "Europe"}}
        )
        managed = {"domainManagement": "AzureManaged"}
        domain = f"{MAIL}/{name}/domains/AzureManagedDomain"
        lab.arm.put(domain, {"location": "global", "properties": managed})
    ours, theirs = (f"{MAIL}/{name}/domains/AzureManagedDomain" for name in ("ours", "theirs"))
    return ours, theirs


def _linked(lab: Lab) -> set[str]:
    """Return whose domains the service links."""
    properties = lab.arm.get(service("acs-x"))["properties"]
    return {text.split("/")[8] for text in properties.get("linkedDomains", [])}


def test_two_writers_of_one_list_lose_no_entry(lab: Lab) -> None:
    ours, theirs = _domains(lab)
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    lab.settle()
    include = {"include": [ours]}
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe", "linkedDomains": include}})

    class Racing:
        """A writer beside whom somebody writes the whole list at the same moment, once."""

        def __init__(self, writer: Writer) -> None:
            self._writer, self.act, self.raced = writer, writer.act, False

        def write(
            self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
        ) -> None:
            self._writer.write(kind, verb, resource, body, aside)
            if not self.raced:
                self.raced = True
                lab.arm.patch(resource.text, {"properties": {"linkedDomains": [theirs]}})

    specs, heard = load(()), list[Any]()
    with connect(lab.arm.url, lab.folder, writes=True) as connection:
        plan = plan_through(connection, specs, lambda _: None)
        racing = replace(connection, _writer=Racing(connection.writer))
        report = apply(plan, specs, racing, heard.append, Interrupt())
    assert of_report(report) is ExitCode.OK, report
    assert _linked(lab) == {"ours", "theirs"}
    retried = [event.failure.message for event in heard if isinstance(event, StepRetried)]
    assert retried == ["somebody else wrote the same list at the same moment"]


def test_an_exact_list_that_somebody_overwrites_is_a_failure_and_no_fight(lab: Lab) -> None:
    ours, theirs = _domains(lab)
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    lab.settle()
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe", "linkedDomains": [ours]}})

    class Overwritten:
        def __init__(self, writer: Writer) -> None:
            self._writer, self.act = writer, writer.act

        def write(
            self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
        ) -> None:
            self._writer.write(kind, verb, resource, body, aside)
            lab.arm.patch(resource.text, {"properties": {"linkedDomains": [theirs]}})

    specs = load(())
    with connect(lab.arm.url, lab.folder, writes=True) as connection:
        plan = plan_through(connection, specs, lambda _: None)
        overwritten = replace(connection, _writer=Overwritten(connection.writer))
        report = apply(plan, specs, overwritten, lambda _: None, Interrupt())
    assert of_report(report) is ExitCode.NOT_CONVERGED
    assert _linked(lab) == {"theirs"}
