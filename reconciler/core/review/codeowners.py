"""Who owns a file, as CODEOWNERS says.

Patterns are those of gitignore with the exceptions that GitHub names: no ``!``, no ``[ ]``; the
last one that fits wins, and one without owners takes the file away from everybody. In GitLab's
sections, each section has its own last pattern.
https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.model.review import Approval

_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:\s.*)?)$")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_PARTS = {"**/": "(?:.+/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the file."""

    section: str
    pattern: re.Pattern[str]
    owners: tuple[str, ...]


def parse(text: str) -> tuple[Rule, ...]:
    """Return the rules of a CODEOWNERS file, in its order; what is no rule is passed over."""
    rules: list[Rule] = []
    section, inherited = "", ()
    for line in text.splitlines():
        stripped = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if heading := _SECTION.match(stripped):
            section, inherited = heading["name"].lower(), tuple(heading["owners"].split())
        elif words := _WORD.findall(stripped):
            owners = tuple(words[1:]) or inherited
            rules.append(Rule(section, _compiled(words[0]), owners))
    return tuple(rules)


def owners_of(file: str, rules: Iterable[Rule]) -> tuple[tuple[str, ...], ...]:
    """Return the owners of a file, of each section that has any.

    Args:
        file: its path from the root of the repository, with slashes.
        rules: see `parse`.

    """
    last = {rule.section: rule.owners for rule in rules if rule.pattern.match(file)}
    return tuple(owners for owners in last.values() if owners)


def approvals(files: Iterable[str], rules: Iterable[Rule]) -> tuple[Approval, ...]:
    """Return whose approval a change of these files needs; files with the same owners are one."""
    known, found = tuple(rules), dict[tuple[str, ...], list[str]]()
    for file in sorted(set(files)):
        for owners in owners_of(file, known):
            found.setdefault(owners, []).append(file)
    return tuple(Approval(owners, tuple(owned)) for owners, owned in found.items())


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern that matches the files which a line of the file is about."""
    text = re.sub(r"\\(.)", r"\1", pattern)
    anchored = "/" in text.rstrip("/")
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", text.strip("/"))
    body = "".join(_PARTS.get(piece, re.escape(piece)) for piece in pieces)
    # `docs/*` names files only; a plain name may be that of a folder.
    below = "/" if text.endswith("/") else "$" if text.endswith("/*") else "(?:/|$)"
    return re.compile(f"{'' if anchored else '(?:.*/)?'}{body}{below}", re.DOTALL)
