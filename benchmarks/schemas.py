"""The CPU seconds that schemas take: with the first look, and with `jsonschema` alone."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from reconciler.documents.draft7 import validator_of
from reconciler.documents.files import discover, read_documents
from reconciler.documents.validate import check_spec


def main() -> None:
    """Judge the specs of a folder twice, and print both times as JSON."""
    files, _ = discover([Path(sys.argv[1]) / "specs"])
    documents, _ = read_documents(files)
    begun = time.process_time()
    assert not any(map(check_spec, documents))
    between = time.process_time()
    validator = validator_of("stack")
    assert all(validator.is_valid(document.value) for document in documents)
    print(json.dumps([between - begun, time.process_time() - between]))


if __name__ == "__main__":
    main()
