"""The spec files below the places that were asked for; finding none is an error, never a wish."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, Final

from reconciler.documents.wording import any_of, quoted
from reconciler.documents.yaml_reader import LARGEST, read
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document, Span
from reconciler.model.value import as_object

PROJECT_FILE: Final = "reconciler.yaml"
"""The name of the file with the settings of a project, which is no spec."""

_SUFFIXES = frozenset({".yaml", ".yml"})


def discover(paths: Iterable[str | Path]) -> tuple[tuple[Path, ...], list[Diagnostic]]:
    """Find the spec files that files, folders and globs stand for.

    Folders are searched to the bottom for ``*.yaml`` and ``*.yml``; what is hidden, and the
    project file, is passed over. Links are followed while they stay in the folder.

    Returns:
        Each file once, sorted; and what could not be searched. No file at all is a finding.

    """
    wanted = [str(path) for path in paths]
    search = _Search()
    for text in wanted:
        try:
            search.add(text)
        except OSError as error:
            search.findings.append(_unreadable(shown_name(Path(text)), error))
    if not search.files and not search.findings:
        places = any_of([quoted(text) for text in wanted]) or "the places given: there are none"
        problem = f"there is no spec in {places}"
        mend = "name a folder with *.yaml files; to delete a resource, set its name to null"
        search.report(Code.NO_SPECS, wanted[0] if wanted else ".", problem, mend)
    files = tuple(sorted(search.files.values()))
    return files, sorted(search.findings, key=lambda finding: finding.sort_key)


def read_documents(paths: Iterable[Path]) -> tuple[list[Document], list[Diagnostic]]:
    """Read the files, in order; a file with findings gives no document."""
    documents: list[Document] = []
    findings: list[Diagnostic] = []
    for path in paths:
        document, found = read_document(path)
        findings += found
        if document is not None:
            documents.append(document)
    return documents, findings


def read_document(path: Path) -> tuple[Document | None, list[Diagnostic]]:
    """Read one file, as `reconciler.documents.yaml_reader.read` does its content."""
    content, findings = read_content(path)
    return (None, findings) if content is None else read(content, shown_name(path))


def read_content(path: Path) -> tuple[bytes | None, list[Diagnostic]]:
    """Return the bytes of a file, one more than the limit at most, or why it cannot be read."""
    try:
        with open_plain(path) as file:
            return file.read(LARGEST + 1), []
    except OSError as error:
        return None, [_unreadable(shown_name(path), error)]


def open_plain(path: Path) -> BinaryIO:
    """Open an ordinary file for reading; a pipe or a device is never waited for.

    Raises:
        OSError: it is no ordinary file, or it cannot be opened.

    """
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except ValueError as error:  # a NUL in the name
        raise OSError(0, "it is no path") from error
    file = os.fdopen(number, "rb")
    if not stat.S_ISREG(os.fstat(number).st_mode):
        file.close()
        raise OSError(0, "it is no ordinary file")
    return file


def leads_outside(place: Path, root: Path) -> bool:
    """Whether a path or a glob that a file below ``root`` names leaves the repository.

    A run in a pull request prints lines of the files that it reads: a project must not name those
    of the machine.
    """
    parts = list(takewhile(lambda part: not has_magic(part), place.parts))
    try:
        return not Path(*parts).resolve().is_relative_to(repository_of(root))
    except (OSError, RuntimeError, ValueError):
        return False  # whoever reads it says what is wrong with it


def outside(document: Document, fields: Iterable[str]) -> Iterator[Diagnostic]:
    """Yield an error for each path in lists below `spec` that leads out of the repository."""
    spec, folder = as_object(document.value.get("spec")), Path(document.file).parent
    for key in fields:
        named = spec.get(key)
        for number, name in enumerate(named if isinstance(named, list) else ()):
            if leads_outside(Path(os.path.normpath(folder / str(name))), folder):
                yield Diagnostic(
                    Code.OUTSIDE_REPOSITORY,
                    f"{quoted(str(name))} leads out of the repository",
                    "move what it names into the repository, or name it on the command line",
                    document.at("spec", key, number),
                )


def repository_of(folder: Path) -> Path:
    """Return the folder of the repository that a folder is in; the folder itself if in none."""
    real = folder.resolve()
    return next((p for p in (real, *real.parents) if (p / ".git").exists()), real)


def source_texts(findings: Iterable[Diagnostic]) -> dict[str, str]:
    """Return the text of each file that findings point into, for showing its lines.

    A file with private findings is left out.
    """
    names = {f.span.file for f in findings if f.span}
    names |= {span.file for f in findings for span, _ in f.related}
    names -= {f.span.file for f in findings if f.span and f.private}
    texts = {}
    for name in sorted(names):
        try:
            with open_plain(Path(name)) as file:
                content = file.read(LARGEST)
        except OSError:
            continue
        texts[name] = content.decode("utf-8", errors="replace").removeprefix("\ufeff")
    return texts


def shown_name(path: Path) -> str:
    """Return the name to print: relative to the current folder where possible, with ``/``."""
    absolute = Path(os.path.abspath(path))
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


@dataclass(slots=True)
class _Search:
    """What has been found so far."""

    files: dict[Path, Path] = field(default_factory=dict)
    """Each file, by its real path: a file that two links lead to is read once."""
    findings: list[Diagnostic] = field(default_factory=list)
    visited: set[Path] = field(default_factory=set)
    """The real paths of the folders that have been searched."""

    def add(self, text: str) -> None:
        """Add what one argument stands for."""
        if "\0" in text:
            self.report(Code.MISSING_PATH, ".", "a path holds a NUL character", "check the path")
        elif os.path.lexists(text):
            self._add_path(Path(text), named=True)
        elif has_magic(text):
            self._add_glob(text)
        else:
            problem = f"the path {quoted(text)} does not exist"
            mend = "check the spelling and the current folder"
            self.report(Code.MISSING_PATH, text, problem, mend)

    def _add_glob(self, pattern: str) -> None:
        once = re.sub(r"(?:\*\*/+)+", "**/", pattern)  # each more would multiply the time
        matches = sorted(glob(once, recursive=True))
        if not matches:
            problem = f"nothing matches the pattern {quoted(pattern)}"
            mend = "check the pattern; `**` stands for any folders, as in specs/**/*.yaml"
            self.report(Code.MISSING_PATH, pattern, problem, mend)
        fixed = takewhile(lambda part: not has_magic(part), Path(pattern).parts)
        top = Path(*fixed).resolve()
        for match in self._inside(list(map(Path, matches)), top, through_links=True):
            if match.is_dir() or _is_spec(match):
                self._add_path(match, named=False)

    def _add_path(self, path: Path, *, named: bool) -> None:
        if path.is_dir():
            self._add_folder(path, path.resolve())
        elif named and path.name == PROJECT_FILE:
            problem = "the project file is not a spec"
            self.report(Code.PROJECT_FILE, str(path), problem, "leave it out, or name its folder")
        else:
            self._add_file(path)

    def _add_file(self, path: Path) -> None:
        if path.is_file():
            self.files.setdefault(path.resolve(), path)
        else:
            problem = "it is a link that leads nowhere, or no ordinary file"
            self.report(Code.UNREADABLE, str(path), problem, "remove it, or mend the link")

    def _add_folder(self, folder: Path, top: Path) -> None:
        real = folder.resolve()
        if real in self.visited:
            return
        self.visited.add(real)
        try:
            for entry in self._inside(sorted(folder.iterdir()), top):
                if entry.is_dir():
                    self._add_folder(entry, top)
                elif _is_spec(entry):
                    self._add_file(entry)
        except OSError as error:
            self.findings.append(_unreadable(shown_name(folder), error))

    def _inside(
        self, entries: list[Path], top: Path, *, through_links: bool = False
    ) -> Iterator[Path]:
        """Yield what is neither hidden nor a link, or below one, to a place outside of ``top``."""
        for entry in entries:
            if entry.name.startswith(".") and entry.name not in (".", ".."):
                continue
            relevant = _is_spec(entry) or entry.is_dir()
            linked = through_links or entry.is_symlink()
            if relevant and linked and not _leads_inside(entry, top):
                problem = "the link leads out of the folder that was given"
                mend = "move what it leads to into the folder, or name that place as well"
                self.report(Code.OUTSIDE, str(entry), problem, mend)
                continue
            yield entry

    def report(self, code: Code, path: str, problem: str, mend: str) -> None:
        """Add a finding about a file or folder as a whole, without lines of what is elsewhere."""
        place = Span(shown_name(Path(path)), 1, 1)
        private = code == Code.OUTSIDE
        self.findings.append(Diagnostic(code, problem, mend, place, private=private))


def _is_spec(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and path.name != PROJECT_FILE


def _leads_inside(link: Path, top: Path) -> bool:
    try:
        return link.resolve().is_relative_to(top)
    except (OSError, RuntimeError):
        return True


def _unreadable(name: str, error: OSError) -> Diagnostic:
    problem = f"{quoted(name)} cannot be read: {(error.strerror or 'unknown reason').lower()}"
    mend = "check its permissions, or leave it out"
    return Diagnostic(Code.UNREADABLE, problem, mend, Span(name, 1, 1))
