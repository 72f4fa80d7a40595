"""What in a text is obeyed where it is shown, instead of being shown."""

from __future__ import annotations

import re
import unicodedata

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that a terminal obeys, or that turn or break a line."""

LOG_COMMAND = re.compile(r"##(?=vso\[|\[)", re.IGNORECASE)
"""What Azure Pipelines obeys wherever it stands in a line of a log.
https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
"""

LINE_COMMAND = re.compile(r"^([-+ ]?\s*)::", re.MULTILINE)
"""What GitHub obeys at the beginning of a line of a log.
https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""


def is_obeyed(character: str) -> bool:
    """Whether a character does something to a terminal, or to the text around it."""
    return unicodedata.category(character) in _OBEYED
