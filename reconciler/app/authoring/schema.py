"""The JSON Schemas, for editors and other tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reconciler.core.specs.references import suggest
from reconciler.documents import schemas
from reconciler.documents.rewrite import replace_file
from reconciler.model.errors import UnavailableError, UsageError


def listing() -> str:
    """Return the names of all schemas, each with the first sentence about it."""
    known = {name: schemas.load_schema(name) for name in schemas.names()}
    width = max(map(len, known))
    about = {
        n: str(s.get("description", s["title"])).split(". ")[0].split(" (")[0]
        for n, s in known.items()
    }
    return "".join(f"{name:<{width}}  {about[name].rstrip('.')}\n" for name in known)


def text_of(name: str) -> str:
    """Return one schema, as it is shipped.

    Raises:
        UsageError: there is none of that name.

    """
    text = schemas.texts().get(schemas.file_name(name))
    if text is None:
        raise UsageError(f"there is no schema `{name}`", suggest(name, schemas.names()))
    return text


def write_all(folder: Path) -> Iterator[tuple[bool, Path]]:
    """Write all schemas into a folder, which is made if need be.

    Yields:
        Whether a file was written (else it was there and the same), and its path.

    Raises:
        UnavailableError: the folder cannot be written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in schemas.texts().items():
            path, content = folder / name, text.encode()
            same = path.is_file() and path.read_bytes() == content
            if not same:
                replace_file(path, content)
            yield not same, path
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UnavailableError(f"{folder} cannot be written: {reason}", "check it") from error
