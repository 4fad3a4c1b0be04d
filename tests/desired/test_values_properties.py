"""What holds for every pair of values texts; long searches by HQ_TEST_SCALE."""

from hypothesis import assume, given
from hypothesis import strategies as st

from environments.desired.texts import TextRefused, check_values_text, clean_text
from environments.desired.values import (
    TEXT_CHANGE,
    Inseparable,
    apply_values,
    diff_values,
    display_value,
)
from tests.desired.yaml_texts import edits, scaled, values_texts

RANDOM = st.randoms(use_true_random=False)


def saved(text: str) -> str:
    text = clean_text(text, path="values.yaml")
    try:
        check_values_text(text, path="values.yaml")
    except TextRefused:
        assume(False)
    return text


@scaled(50)
@given(edits(), RANDOM)
def test_some_changes_and_then_the_rest_give_the_other_text(pair, random) -> None:
    before, after = (saved(text) for text in pair)
    every = diff_values(before, after)
    some = [c for c in every if c != TEXT_CHANGE and random.random() < 0.5]

    between = apply_values(before, after, some)

    rest = diff_values(between, after)
    assert {c for c in every if c not in some} - {TEXT_CHANGE} == {
        c for c in rest if c != TEXT_CHANGE
    }
    assert apply_values(between, after, rest) == after


@scaled(30)
@given(edits())
def test_all_changes_give_the_other_text(pair) -> None:
    before, after = (saved(text) for text in pair)

    assert apply_values(before, after, diff_values(before, after)) == after
    assert diff_values(before, before) == []


@scaled(20)
@given(edits())
def test_one_change_alone_leaves_all_others(pair) -> None:
    before, after = (saved(text) for text in pair)
    every = diff_values(before, after)

    for change in every:
        if change == TEXT_CHANGE:
            continue
        between = apply_values(before, after, [change])
        done = set(diff_values(before, between)) - {TEXT_CHANGE}
        assert {c.path for c in done} == {change.path}


@scaled(20)
@given(edits(), RANDOM)
def test_entries_left_alone_keep_their_lines(pair, random) -> None:
    before, after = (saved(text) for text in pair)
    every = [c for c in diff_values(before, after) if c != TEXT_CHANGE]
    some = [c for c in every if random.random() < 0.5]

    between = apply_values(before, after, some)

    changed = {c.path[0] for c in some}
    for key in {c.path[0] for c in every if c.action != "added"} - changed:
        assert display_value(between, (key,)) == display_value(before, (key,))


@scaled(25)
@given(values_texts(odd=True), values_texts(odd=True), RANDOM)
def test_texts_with_anchors_tags_and_kept_ends_are_exact_too(
    before, after, random
) -> None:
    before, after = saved(before), saved(after)
    every = diff_values(before, after)
    some = [c for c in every if c != TEXT_CHANGE and random.random() < 0.5]

    between = apply_values(before, after, some)

    assert apply_values(between, after, diff_values(between, after)) == after


ANY_TEXT = st.text(
    st.sampled_from(list(" \n\n:-?#&*!|>'\"%@`{}[],ab1\t~=+.\\")), max_size=60
)


@scaled(100)
@given(ANY_TEXT, ANY_TEXT, RANDOM)
def test_any_two_texts_end_in_an_exact_change_or_a_refusal(
    before, after, random
) -> None:
    every = diff_values(before, after)
    assert apply_values(before, after, every) == after
    some = [c for c in every if c != TEXT_CHANGE and random.random() < 0.5]

    try:
        between = apply_values(before, after, some)
    except Inseparable:
        return

    assert apply_values(between, after, diff_values(between, after)) == after
