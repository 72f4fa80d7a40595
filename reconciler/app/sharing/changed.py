"""The stacks that a branch has changed, by what git says of their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reconciler.app.loading.specs import Specs
from reconciler.app.planning.commit import git
from reconciler.core.specs.render_spec import stack_name
from reconciler.model.errors import UsageError


def changed_stacks(specs: Specs, reference: str) -> frozenset[str]:
    """Return the stacks with changed files; all of them if a file that all share has changed.

    Args:
        specs: the stacks.
        reference: what git knows a commit by. Its last common ancestor with what is checked out is
            compared with the files as they are, committed or not.

    Raises:
        UsageError: git cannot tell.

    """
    changed = frozenset(_changed_files(specs.project.root, reference))
    if any(_is_in(shared, file) for shared in _shared(specs) for file in changed):
        return frozenset(specs.desired.stacks)
    names = {Path(d.file).resolve(): stack_name(d) for d in specs.documents}
    for entries in specs.desired.entries:
        if entries.file:
            file = Path(entries.place.document.file).parent / entries.file
            names[file.resolve()] = entries.stack
    return frozenset(name for file, name in names.items() if file in changed)


def _changed_files(root: Path, reference: str) -> Iterator[Path]:
    """Yield the files that differ, and those that git does not know yet."""
    base = git(root, "merge-base", "--end-of-options", reference, "HEAD")
    top = git(root, "rev-parse", "--show-toplevel")
    if base is None or top is None:
        problem = f"git finds no common ancestor of `{reference}` and what is checked out here"
        raise UsageError(problem, "fetch it, with its history: `git fetch --unshallow`")
    folder = Path(top.rstrip("\n"))
    differing = git(folder, "diff", "--name-only", "-z", "--no-renames", base.strip())
    unknown = git(folder, "ls-files", "--others", "--exclude-standard", "-z")
    if differing is None or unknown is None:
        raise UsageError("git cannot say what has changed", "look at `git status`")
    for name in f"{differing}{unknown}".split("\0"):
        if name:
            yield (folder / name).resolve()


def _shared(specs: Specs) -> Iterator[Path]:
    """Yield the files and folders that matter to all stacks."""
    project = specs.project
    if project.document is not None:
        yield Path(project.document.file).resolve()
    if specs.desired.environment:
        yield from (place.resolve() for place in project.environments)


def _is_in(place: Path, file: Path) -> bool:
    """Whether a file is a place, in it, or matched by it if it is a pattern."""
    return file.is_relative_to(place) or file.match(str(place))
