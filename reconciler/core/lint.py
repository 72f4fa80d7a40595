"""What no schema can see: waivers of nothing, and what is allowed and yet unwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.core.references import suggest
from reconciler.core.subjects import bare_parts, ids_mend
from reconciler.kinds.kind import Kind
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.source import Document
from reconciler.model.value import Json, Path


def unknown_waivers(
    document: Document, place: Path, kind: Kind, values: Mapping[str, Json]
) -> Iterator[Diagnostic]:
    """Yield an error for each waiver of a field that the kind does not have: it hides nothing."""
    lifecycle = values.get("lifecycle")
    entries = lifecycle.get("ignoreChanges") if isinstance(lifecycle, Mapping) else None
    known = sorted(field.name for field in kind.writable)
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = str(entry.get("field")).split(".", 1)[0] if isinstance(entry, Mapping) else ""
        if name not in known:
            span = document.at(*place, "lifecycle", "ignoreChanges", number, "field")
            what = f"a {kind.name} has no field `{name}` to leave alone"
            yield Diagnostic(Code.UNKNOWN_FIELD, what, suggest(name, known), span)


def bare_names(document: Document, place: Path, values: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Yield a warning for each GitHub name without its id, in either form of a credential.

    Subjects of newer repositories carry ids, so that one made of bare names does not match; and
    where it matches, whoever registers a freed name can sign in with it.
    https://docs.github.com/actions/reference/security/oidc
    """
    github = values.get("github")
    found: list[tuple[str, Path]]
    if isinstance(github, Mapping):
        said = {key: str(github.get(key)) for key in ("owner", "repository")}
        subject = f"repo:{said['owner']}/{said['repository']}:any"
        found = [(name, ("github", key)) for key, name in said.items() if "@" not in name]
    else:
        subject = str(values.get("subject"))
        bare = bare_parts(str(values.get("issuer")), subject)
        found = [(name, ("subject",)) for name in bare]
    for name, path in found:
        yield Diagnostic(
            Code.BARE_NAME,
            f"`{name}` is a bare GitHub name, which somebody else may come to own",
            ids_mend(subject),
            document.at(*place, *path),
            severity=Severity.WARNING,
        )
