"""Federated credentials whose live values are to be said in the form that a spec uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.core.specs.substitution import escaped
from reconciler.kinds.federated_identity_credential import AUDIENCES, GITHUB_ISSUER
from reconciler.model.edit import SpecEdit, removed, written
from reconciler.model.value import Absent, Json, Path, as_object

_GITHUB = re.compile(
    r"repo:(?P<owner>[^/:]+)/(?P<repository>[^/:]+):(?:environment:(?P<environment>.+)"
    r"|ref:refs/heads/(?P<branch>.+)|ref:refs/tags/(?P<tag>.+)|(?P<pullRequest>pull_request))"
)
_KUBERNETES = re.compile(r"system:serviceaccount:(?P<namespace>[^:]+):(?P<serviceAccount>[^:]+)")


def credential_edits(
    place: Path, values: Mapping[str, Json], live: Mapping[str, Json | Absent]
) -> Iterator[SpecEdit]:
    """Yield the edits that make a credential say issuer, subject and audiences as they are."""
    form = next((name for name in ("github", "kubernetes") if name in values), "")
    short = _short(form, live) if live["audiences"] == list(AUDIENCES) else None
    if form and short is not None:
        yield from _changed((*place, form), as_object(values[form]), short)
        return
    default = live["audiences"] == list(AUDIENCES) and "audiences" not in values
    raw = {n: v for n, v in live.items() if not isinstance(v, Absent)}
    if default:
        del raw["audiences"]
    yield from _changed(place, {k: v for k, v in values.items() if k != form}, raw)
    if form:
        yield removed((), (*place, form))


def _short(form: str, live: Mapping[str, Json | Absent]) -> Mapping[str, Json] | None:
    """Return the fields of a short form, or None if it cannot say what is live."""
    issuer, subject = str(live["issuer"]), str(live["subject"])
    if form == "github" and issuer == GITHUB_ISSUER and (found := _GITHUB.fullmatch(subject)):
        fields: dict[str, Json] = {k: v for k, v in found.groupdict().items() if v}
        return {**fields, "pullRequest": True} if "pullRequest" in fields else fields
    if form == "kubernetes" and (found := _KUBERNETES.fullmatch(subject)):
        return {"issuer": issuer, **found.groupdict()}
    return None


def _changed(
    place: Path, before: Mapping[str, Json], after: Mapping[str, Json]
) -> Iterator[SpecEdit]:
    """Yield the edits that turn one mapping into another."""
    for name, value in after.items():
        if before.get(name) != value:
            yield written((), (*place, name), escaped(value))
    for name in before:
        if name not in after and name != "lifecycle":
            yield removed((), (*place, name))
