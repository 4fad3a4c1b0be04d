"""What holds of every pair of states: diff, apply, and the rest of a selection."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from environments.desired.applying import (
    InseparableChanges,
    MissingDependency,
    apply,
    with_carried,
)
from environments.desired.changes import diff
from tests.desired.make_states import SCALE, closed, pairs

slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def examples(count):
    return settings(
        max_examples=int(count * SCALE), deadline=None, suppress_health_check=slow
    )


@given(pairs())
@examples(25)
def test_a_state_does_not_differ_from_itself(pair):
    assert diff(pair.b, pair.b, pair.texts) == []


@given(pairs())
@examples(25)
def test_all_changes_together_give_the_other_state(pair):
    changes = diff(pair.a, pair.b, pair.texts)
    result = apply(pair.a, pair.b, [c.id for c in changes], pair.texts)
    assert result.digest == pair.b.digest
    assert len({change.id for change in changes}) == len(changes)


@given(pairs(), st.data())
@examples(45)
def test_some_changes_and_then_the_rest_give_the_other_state(pair, data):
    """S31, S32: what is left out keeps its id and ships later, exactly."""
    a, b, texts = pair.a, pair.b, pair.texts
    changes = diff(a, b, texts)
    chosen = with_carried(changes, closed(changes, data.draw(some_of(changes))))
    try:
        middle = apply(a, b, chosen, texts)
    except InseparableChanges:
        assume(False)
    rest = diff(middle, b, texts)
    left = {change.id for change in changes} - chosen
    assert {c.id for c in rest if not is_layout(c)} <= left
    assert left <= {c.id for c in rest}
    made = diff(a, middle, texts)
    assert {c.id for c in made if not is_layout(c)} <= chosen <= {c.id for c in made}
    end = apply(middle, b, [c.id for c in rest], texts)
    assert end == b
    assert end.digest == b.digest


def is_layout(change):
    """Comments between two keys may belong to neither while only one is there."""
    return change.facet == "values" and change.path == ""


@given(pairs(), st.data())
@examples(25)
def test_a_selection_that_is_not_closed_is_refused_with_what_it_lacks(pair, data):
    changes = diff(pair.a, pair.b, pair.texts)
    chosen = with_carried(changes, data.draw(some_of(changes)))
    lacking = {
        change.id: tuple(i for i in change.depends_on if i not in chosen)
        for change in changes
        if change.id in chosen and not chosen.issuperset(change.depends_on)
    }
    told = None
    try:
        apply(pair.a, pair.b, chosen, pair.texts)
    except MissingDependency as refusal:
        told = refusal.missing
    except InseparableChanges:
        told = {}
    assert (told or {}) == lacking


def some_of(changes):
    if not changes:
        return st.just(set())
    return st.sets(st.sampled_from([change.id for change in changes]))
