"""Laws of the field shapes: what is sent reads back as wanted, whatever Azure had before."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.kinds.fields import IdSet, ManagedIdentity, Scalar, Tags, loose
from reconciler.model.value import ABSENT

ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.X/things/"
ids = st.sampled_from([ID + name for name in ("a", "B", "c")])
respelt = st.builds(
    lambda text, low: text.replace("resourceGroups", "resourcegroups") if low else text,
    ids,
    st.booleans(),
)
id_lists = st.lists(respelt, max_size=5)
keys = st.sampled_from(["env", "ENV", "team", "__v", "hidden-link", "x.y"])


def _untwinned(tags: dict[str, Any]) -> dict[str, Any]:
    return {key: tags[key] for key in {k.lower(): k for k in tags}.values()}


tag_maps = st.dictionaries(keys, st.text(max_size=3)).map(_untwinned)
wanted_tags = st.none() | st.dictionaries(
    keys.filter(lambda k: not k.startswith("hidden-")), st.none() | st.text(max_size=3)
).map(_untwinned)


@given(observed=st.just(ABSENT) | st.none() | tag_maps, value=wanted_tags)
def test_tags_read_back_as_wanted_and_foreign_ones_survive(observed: Any, value: Any) -> None:
    shape = Tags()
    sent = shape.send(value, observed)
    assert shape.live(sent, value) == shape.wanted(value)
    assert isinstance(sent, dict)
    before = observed if isinstance(observed, dict) else {}
    named = {k.lower() for k in (value or {})}
    for key, tag in before.items():
        if key.startswith("hidden-") or (value is not None and key.lower() not in named):
            assert sent[key] == tag


@given(observed=st.just(ABSENT) | st.none() | id_lists, value=st.none() | id_lists)
def test_id_sets_read_back_as_wanted_and_keep_the_live_spelling(observed: Any, value: Any) -> None:
    shape = IdSet("linked")
    sent = shape.send(value, observed)
    assert isinstance(sent, list)
    assert shape.live(sent, value) == shape.wanted(
        list({i.lower(): i for i in value or []}.values())
    )
    live = {i.lower(): i for i in (observed if isinstance(observed, list) else [])}
    assert all(i == live.get(i.lower(), i) for i in sent)


def _after_patch(observed: Any, patch: Any, *, merges: bool) -> Any:
    """Return the identity block that Azure has after a PATCH, in either of its ways."""
    if patch["type"] == "None":
        return {"type": "None"}
    before = dict((observed or {}).get("userAssignedIdentities") or {}) if merges else {}
    for key, value in (patch.get("userAssignedIdentities") or {}).items():
        for old in [k for k in before if k.lower() == key.lower()]:
            del before[old]
        if value is not None:
            before[key] = value
    return {"type": patch["type"]} | ({"userAssignedIdentities": before} if before else {})


@st.composite
def blocks(draw: st.DrawFn) -> Any:
    users = list({i.lower(): i for i in draw(id_lists)}.values())
    system = draw(st.booleans())
    kinds = ["SystemAssigned"] * system + ["UserAssigned"] * bool(users)
    if not kinds:
        return draw(st.sampled_from([None, {"type": "None"}, {}]))
    block: dict[str, Any] = {"type": draw(st.sampled_from([",", ", "])).join(kinds)}
    return block | ({"userAssignedIdentities": {u: {} for u in users}} if users else {})


forms = st.none() | st.fixed_dictionaries(
    {}, optional={"systemAssigned": st.none() | st.booleans(), "userAssigned": st.none() | id_lists}
)


@given(observed=blocks(), value=forms, merges=st.booleans())
def test_identities_read_back_as_wanted_whether_azure_merges_or_replaces(
    observed: Any, value: Any, merges: bool
) -> None:
    shape = ManagedIdentity()
    after = _after_patch(observed, shape.send(value, observed), merges=merges)
    wanted = shape.wanted(_once(value))
    assert shape.live(after, _once(value)) == wanted
    untouched = {"systemAssigned": False, "userAssigned": []}
    for half in untouched:
        if value is not None and half not in value:
            now, before = shape.to_spec(after), shape.to_spec(observed)
            assert _half(now, half) == _half(before, half), "what is not managed is kept"


def _once(value: Any) -> Any:
    """Return a form without the same id twice."""
    if not value or not value.get("userAssigned"):
        return value
    return {**value, "userAssigned": list({i.lower(): i for i in value["userAssigned"]}.values())}


def _half(form: Any, half: str) -> Any:
    found = {} if form is ABSENT else form
    value = found.get(half)
    return {i.lower() for i in value} if isinstance(value, list) else bool(value) and value


def test_live_ids_keep_the_spelling_in_which_they_came_back() -> None:
    low = ID.replace("resourceGroups", "resourcegroups")
    observed: Any = {
        "type": "UserAssigned",
        "userAssignedIdentities": {f"{low}a": {}, f"{low}gone": {}},
    }
    sent = ManagedIdentity().send({"userAssigned": [f"{ID}a", f"{ID}new"]}, observed)
    assert isinstance(sent, dict)
    assert sent["userAssignedIdentities"] == {f"{low}a": {}, f"{ID}new": {}, f"{low}gone": None}


def test_scalars_are_equal_where_azure_says_so() -> None:
    location = Scalar(loose)
    assert location.live("UnitedStates", "United States") == "United States"
    assert location.live("Global", "global") == "global"
    assert Scalar().live("enabled", "Enabled") == "enabled"
    flag = Scalar(absent=False, removed=False)
    assert flag.live(ABSENT, False) is False
    assert flag.wanted(None) is False
    assert flag.live(ABSENT, True) is False
