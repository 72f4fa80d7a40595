"""The forms of `dns export`: how each is written, and what its file is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from reconciler.model.mail import ZoneRecords
from reconciler.render.dns_export import azure, batches, files


@dataclass(frozen=True, slots=True)
class Form:
    """One form."""

    render: Callable[[ZoneRecords], str]
    file: str
    """The name of the file of a zone, with ``{}`` for the zone's."""
    joinable: bool
    """Whether several zones can stand in one text."""
    has_notes: bool
    """Whether notes stand in the text itself."""


FORMS: Mapping[str, Form] = {
    "text": Form(partial(files.text, colour=False), "{}.txt", joinable=True, has_notes=True),
    "bind": Form(files.bind, "{}.zone", joinable=True, has_notes=True),
    "octodns": Form(files.octodns, "{}.yaml", joinable=False, has_notes=True),
    "dnscontrol": Form(files.dnscontrol, "{}.js", joinable=True, has_notes=True),
    "terraform": Form(azure.terraform, "{}.tf", joinable=True, has_notes=True),
    "bicep": Form(azure.bicep, "{}.bicep", joinable=False, has_notes=True),
    "cloudflare": Form(batches.cloudflare, "{}.cloudflare.json", joinable=False, has_notes=False),
    "route53": Form(batches.route53, "{}.route53.json", joinable=False, has_notes=False),
}
"""Every form by its name; the first is the default."""
