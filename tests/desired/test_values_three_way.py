"""Two edits of one text: who changed what, and one text made of both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.desired.values import (
    Inseparable,
    diff_values,
    differences,
    take_yours,
)

BASE = "# ours\na: 1\nb: {x: 1}\nc:\n  d: 1 # d\n  e: 1\n"


def seen(base, theirs, yours):
    return {
        "/".join(one.change.path): one.changed_by
        for one in differences(base, theirs, yours)
    }


def test_each_difference_says_whose_it_is():
    theirs = BASE.replace("a: 1", "a: 2").replace("e: 1", "e: 2")
    yours = BASE.replace("d: 1", "d: 3").replace("e: 1", "e: 3") + "f: 1\n"

    assert seen(BASE, theirs, yours) == {
        "a": "theirs",
        "c/d": "yours",
        "c/e": "both",
        "f": "yours",
    }
    (at_e,) = (o for o in differences(BASE, theirs, yours) if o.change.path[-1] == "e")
    assert (at_e.base, at_e.theirs, at_e.yours) == ("1", "2", "3")
    taken = take_yours(theirs, yours, {("c", "d"), ("f",)})
    assert taken == ("# ours\na: 2\nb: {x: 1}\nc:\n  d: 3 # d\n  e: 2\nf: 1\n")


def test_comments_come_with_all_of_a_text_or_not_at_all():
    theirs = BASE.replace("a: 1", "a: 2")
    yours = BASE.replace("# ours", "# mine").replace("d: 1", "d: 3")

    (layout,) = (o for o in differences(BASE, theirs, yours) if o.is_layout)
    assert layout.changed_by == "both"
    with pytest.raises(Inseparable):
        take_yours(theirs, yours, {()})
    assert take_yours(theirs, yours, {("a",), ("c", "d"), ()}) == yours


VALUES = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3), max_size=4)


@given(VALUES, VALUES, VALUES)
def test_taking_everything_or_nothing_gives_one_of_both(base, theirs, yours):
    one, two, three = (
        "".join(f"{k}: {v}\n" for k, v in t.items()) for t in (base, theirs, yours)
    )

    paths = {change.path for change in diff_values(two, three)}
    assert take_yours(two, three, paths) == three
    assert take_yours(two, three, set()) == two
    for path, by in seen(one, two, three).items():
        if by == "theirs" and path:
            assert base.get(path) == yours.get(path)
