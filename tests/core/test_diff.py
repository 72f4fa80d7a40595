"""The law of differences: patching *before* with them gives *after*."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.changes.diff import differences
from reconciler.model.value import ABSENT

keys = st.sampled_from(["a", "b", "__private", "it's", 'say "x"', "a.b", "a[0]", "é", ""])
leaves = st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=2)
objects = st.dictionaries(
    keys, st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, max_size=3), max_leaves=6)
)


def _leaf_paths(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    if isinstance(value, dict) and value:
        found: dict[tuple[str, ...], Any] = {}
        for key, inner in value.items():
            found |= _leaf_paths(inner, (*path, key))
        return found
    return {path: value}


def _typed(leaves: dict[tuple[str, ...], Any]) -> dict[tuple[str, ...], Any]:
    """Keep True and 1 apart."""
    return {path: (type(value), value) for path, value in leaves.items()}


@given(before=objects, after=objects)
def test_applying_the_differences_to_before_gives_after(before: Any, after: Any) -> None:
    if before == after:
        assert differences(before, after) == []
        return
    patched = _leaf_paths(before) if before else {}
    for path, old, new in differences(before, after):
        below = [p for p in patched if p[: len(path)] == path]
        if old is not ABSENT and not isinstance(old, dict):
            assert patched[path] == old
        for gone in below:
            del patched[gone]
        if new is not ABSENT:
            patched |= _leaf_paths(new, path)
    wanted = _leaf_paths(after) if after else {}
    # An object that lost its last key is empty on one side and not there on the other.
    for path in [p for p, v in wanted.items() if v == {}]:
        del wanted[path]
    for path in [p for p, v in patched.items() if v == {}]:
        del patched[path]
    assert _typed(patched) == _typed(wanted)


def test_differences_come_sorted_and_name_odd_keys_whole() -> None:
    before = {"tags": {"b": "1", "it's [x]": "2"}}
    after = {"tags": {"b": "2", "a": "0"}}
    assert differences(before, after) == [
        (("tags", "a"), ABSENT, "0"),
        (("tags", "b"), "1", "2"),
        (("tags", "it's [x]"), "2", ABSENT),
    ]
