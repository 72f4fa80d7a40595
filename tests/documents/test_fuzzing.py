"""Inputs that a fuzzer has made: those that were kept, and some new ones each time."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.diagnostic import LONGEST
from tests.fuzz.mutate import CORPUS, mutated, seeds
from tests.fuzz.target import attempt, signature

KEPT = sorted(CORPUS.iterdir())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_an_input_that_was_kept_is_told_and_never_raises(path: Path) -> None:
    attempt(path.read_bytes())


def test_each_input_that_was_kept_does_something_of_its_own() -> None:
    assert len(KEPT) >= 40
    assert len({signature(attempt(path.read_bytes())) for path in KEPT}) == len(KEPT)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150)
def test_a_changed_spec_is_told_and_never_raises(seed: int) -> None:
    attempt(mutated(Random(seed)))


def test_a_sentence_that_quotes_a_name_of_any_size_is_cut() -> None:
    whole = next(text for text in seeds() if b"subscription: sub-comms-prod" in text)
    told = attempt(whole.replace(b"subscription: sub-comms-prod", b"subscription: " + b"x" * 9000))
    assert [len(finding.problem) for finding in told if finding.code == "ACS050"] == [LONGEST - 1]
