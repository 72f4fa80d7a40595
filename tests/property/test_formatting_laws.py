"""Formatting changes no value, loses no comment, and has nothing to do the second time."""

from __future__ import annotations

from collections import Counter

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from reconciler.documents.formatting import format_text
from reconciler.documents.json_values import same
from reconciler.documents.yaml_reader import read
from reconciler.documents.yaml_tree import comments, parse
from tests.property.yaml_texts import documents

HEAD = ("kind: Stack", "apiVersion: reconciler/v1 # v")
NAMES = st.sampled_from(["spec", "metadata", "name", "tags", "identities", "zeta", "alpha"])
INNER = ("identities", "acs-b", "acs-a", "tags", "dataLocation", "communicationServices", "outputs")


def comments_of(text: str) -> Counter[str]:
    """Return all comments in a text, each as often as it is there."""
    plain = text.replace("\r\n", "\n")
    return Counter(comment for _, comment in comments(plain, parse(plain)))


def check(text: str) -> None:
    """Check every law for one text."""
    before, _ = read(text, "x.yaml")
    assume(before is not None)
    assert before is not None
    formatted, findings = format_text(text.encode(), "x.yaml")
    if formatted is None:
        event(f"left alone: {findings[0].problem}")
        # The one thing that a final line feed changes: a last text that keeps its own end.
        assert not text.endswith("\n"), findings
        assert "|" in text or ">" in text, findings
        return
    text_after = formatted.text
    after, _ = read(text_after, "x.yaml")
    assert after is not None
    assert same(before.value, after.value)
    assert comments_of(text) == comments_of(text_after)
    assert text_after.endswith("\n")
    assert "\r" not in text_after
    again, _ = format_text(text_after.encode(), "x.yaml")
    assert again == formatted
    full = [line for line in text_after.splitlines() if line]
    assert full[0].startswith(("#", "apiVersion")) or "|+" in text or ">+" in text


@given(text=documents(HEAD, NAMES))
@settings(max_examples=200)
def test_formatting_is_idempotent_and_keeps_values_and_comments(text: str) -> None:
    check(text)


@given(text=documents((*HEAD, "spec:", "   zz: 1"), st.sampled_from(["tags"])), data=st.data())
@settings(max_examples=20)
def test_the_same_for_a_document_with_a_byte_order_mark(text: str, data: st.DataObject) -> None:
    del data
    before, _ = read(text, "x.yaml")
    assume(before is not None)
    assert (
        format_text(b"\xef\xbb\xbf" + text.encode(), "x")[0] == format_text(text.encode(), "x")[0]
    )


@given(body=st.lists(st.sampled_from(INNER), unique=True, min_size=2), blanks=st.data())
def test_names_are_sorted_within_groups_and_fields_as_the_schema_has_them(
    body: list[str], blanks: st.DataObject
) -> None:
    lines = []
    for name in body:
        lines += [""] * blanks.draw(st.integers(0, 2))
        lines += [f"      # about {name}", f"      x-{name}: {{location: y}}"]
    text = "\n".join(
        ["apiVersion: reconciler/v1", "kind: Stack", "spec:", "   identities:", *lines]
    )
    formatted, findings = format_text(text.encode(), "x.yaml")
    assert formatted is not None, findings
    groups = "\n".join(lines).replace("\n\n\n", "\n\n").strip("\n").split("\n\n")
    assert (
        formatted.text.split("identities:\n")[1]
        == "\n\n".join(
            "\n".join(
                f"    # about {name}\n    x-{name}: {{location: y}}"
                for name in sorted(line.split()[-1] for line in group.split("\n") if "#" in line)
            )
            for group in groups
        )
        + "\n"
    )
    check(text)
