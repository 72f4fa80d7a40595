"""An edit changes the one value that it is about, and leaves every other line as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from reconciler.documents.json_values import find_value, same, with_value, without_value
from reconciler.documents.yaml_edit import CannotEditError, append_value, remove_value, set_value
from reconciler.documents.yaml_reader import read
from reconciler.documents.yaml_tree import find, parse
from reconciler.model.value import Path
from tests.property.yaml_texts import documents

VALUES = st.sampled_from(
    [None, True, 7, "", "plain", "it's", "a: b", "# x", "{y}", "1", "a\nb", {"k": "v, w"}, ["z"]]
)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where there is something in a value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*path, step)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*path, step))


def value_of(text: str) -> Any:
    """Return what a text says; texts that say nothing sensible are passed over."""
    document, _ = read(text, "x.yaml")
    assume(document is not None)
    assert document is not None
    return document.value


def difference(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines that are gone and those that are new; both texts keep the others' order."""
    one, two = before.splitlines(), after.splitlines()
    gone, come = Counter(one) - Counter(two), Counter(two) - Counter(one)
    left = [line for line in one if line not in gone]
    assert left == [line for line in two if line not in come and line not in gone]
    return list(gone.elements()), list(come.elements())


def around(text: str, path: Path) -> tuple[str, str]:
    """Return the text above the line where an entry starts, and below the line where it ends."""
    found = find(parse(text), path)
    assert found is not None
    start = text.rfind("\n", 0, found.start) + 1
    at_start = text[found.end - 1] == "\n"
    end = found.end if at_start else (text + "\n").index("\n", found.end) + 1
    return text[:start], text[end:]


@given(text=documents(), new=VALUES, data=st.data())
def test_setting_a_scalar_changes_no_line_but_its_own(text: str, new: Any, data: Any) -> None:
    value = value_of(text)
    path = data.draw(st.sampled_from(list(paths(value))))
    old = find_value(value, path)
    assume(not isinstance(old, dict | list))
    try:
        after = set_value(text, path, new)
    except CannotEditError as error:
        event(str(error)[:40])
        assume(False)
    assert same(value_of(after), with_value(value, path, new))
    above, below = around(text, path)
    assert after.startswith(above)
    assert after.endswith(below)
    assert len(difference(text, after)[1]) <= 1


@given(text=documents(), new=VALUES, data=st.data())
def test_a_new_key_adds_lines_or_changes_one(text: str, new: Any, data: Any) -> None:
    value = value_of(text)
    holders = [p for p in ((), *paths(value)) if isinstance(find_value(value, p), dict)]
    path = (*data.draw(st.sampled_from(holders)), "new")
    try:
        after = set_value(text, path, new)
    except CannotEditError as error:
        event(str(error)[:40])
        assume(False)
    assert same(value_of(after), with_value(value, path, new))
    gone, come = difference(text, after)
    assert len(gone) <= 1
    assert len(come) == 1


@given(text=documents(), data=st.data())
def test_removing_takes_away_lines_or_changes_one(text: str, data: Any) -> None:
    value = value_of(text)
    path = data.draw(st.sampled_from(list(paths(value))))
    try:
        after = remove_value(text, path)
    except CannotEditError as error:
        event(str(error)[:40])
        assume(False)
    assert same(value_of(after), without_value(value, path))
    assert len(difference(text, after)[1]) <= 1


@given(text=documents(), new=VALUES, data=st.data())
def test_a_new_member_adds_a_line_or_changes_one(text: str, new: Any, data: Any) -> None:
    value = value_of(text)
    lists = [p for p in paths(value) if isinstance(find_value(value, p), list)]
    assume(lists)
    path = data.draw(st.sampled_from(lists))
    try:
        after = append_value(text, path, new)
    except CannotEditError as error:
        event(str(error)[:40])
        assume(False)
    assert same(value_of(after), with_value(value, path, [*find_value(value, path), new]))  # type: ignore[misc]
    assert len(difference(text, after)[0]) <= 1


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: &x 1\nb: *x\n", ("a",)),
        ("a: &x 1\nb: *x\n", ("b",)),
        ("a: &x {k: 1}\nb: *x\n", ("b", "k")),
    ],
)
def test_what_an_alias_repeats_is_refused(text: str, path: Path) -> None:
    with pytest.raises(CannotEditError, match="alias"):
        set_value(text, path, 2)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 'x' # c\r\nb: 1\r\n", "a: 'it''s' # c\r\nb: 1\r\n"),
        ('a: "x"\n', 'a: "it\'s"\n'),
        ("a: x\n", 'a: "it\'s"\n'),
        ("a: | # c\n  x\n\nb: 1\n", 'a: "it\'s" # c\n\nb: 1\n'),
        ("a: # c\nb: 1\n", 'a: "it\'s" # c\nb: 1\n'),
        ("{a: x, b: 1}\n", '{a: "it\'s", b: 1}\n'),
    ],
)
def test_the_style_is_kept_where_it_can_hold_the_value(before: str, after: str) -> None:
    assert set_value(before, ("a",), "it's") == after


def test_the_last_entry_leaves_empty_brackets() -> None:
    assert remove_value("a: # c\n  # d\n  b: 1 # e\nf: 2\n", ("a", "b")) == (
        "a: {} # c\n  # d\nf: 2\n"
    )
    assert remove_value("a:\n- 1\n", ("a", 0)) == "a: []\n"


def test_a_comment_inside_brackets_is_never_lost() -> None:
    with pytest.raises(CannotEditError, match="comment"):
        remove_value("a: [\n  1,\n  # why\n  2]\n", ("a", 0))
