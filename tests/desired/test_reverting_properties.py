"""What holds of every way back, whatever the states."""

from hypothesis import given
from hypothesis import strategies as st

from environments.desired.changes import diff
from environments.desired.reverting import (
    Conflicts,
    Field,
    differing_fields,
    revert_all,
    revert_fields,
    revert_services,
)
from environments.desired.text_store import TextStore
from tests.desired.make_states import SERVICES, states
from tests.desired.test_changes_properties import examples


@st.composite
def lines(draw):
    """States of one target, one after the other, with the texts of all."""
    texts = TextStore()
    return [draw(states(texts)) for _ in range(draw(st.integers(2, 3)))], texts


def overwriting(fields):
    return [Field(field.file, field.path, overwrite=True) for field in fields]


@given(lines())
@examples(20)
def test_all_of_it_renders_the_same(line):
    """S6, S18: the same inputs, and so the same tree."""
    (then, *_, now), _ = line
    state = revert_all(now, then)
    assert state.rendering_digest == then.rendering_digest
    assert state.policy == now.policy


@given(lines(), st.sampled_from(SERVICES))
@examples(25)
def test_a_service_goes_back_and_nothing_else_moves(line, name):
    """S120: what the service does not own is as it was deployed."""
    (then, *_, now), texts = line
    if name not in {*then.workload_named, *now.workload_named}:
        return
    try:
        state = revert_services(now, then, [name])
    except Conflicts:
        return
    assert state.workload_named.get(name) == then.workload_named.get(name)
    owned = {name} | {
        o.name for s in (then, now) for o in s.overlays if o.workload == name
    }
    for change in diff(now, state, texts):
        assert change.object in owned or change.service == name
    if name in {*state.workload_named, *then.workload_named}:
        assert revert_services(state, then, [name]) == state


@given(lines(), st.data())
@examples(40)
def test_fields_go_back_and_nothing_else_moves(line, data):
    """S124: one field at a time is exact, and what is named is as it was."""
    (then, *since), texts = line
    now = since[-1]
    differing = differing_fields(now, then, texts)
    if not differing:
        return
    field = data.draw(st.sampled_from(differing))
    try:
        state = revert_fields(now, then, since, overwriting([field]), texts)
    except Conflicts:
        # A name taken meanwhile, or a text that cannot be parted.
        return
    left = {(f.file, f.path) for f in differing_fields(state, then, texts)}
    assert (field.file, field.path) not in left
    assert {f.file for f in differing_fields(now, state, texts)} <= {
        field.file,
        *(f for f, _ in left ^ {(d.file, d.path) for d in differing}),
    }
    assert state.policy == now.policy


@given(lines())
@examples(30)
def test_without_a_later_change_there_is_no_conflict_to_overwrite(line):
    """S124: overwriting decides on conflicts alone; else both ways are one."""
    (then, *_, now), texts = line
    for field in differing_fields(now, then, texts):
        outcomes = []
        for overwrite in (False, True):
            wanted = [Field(field.file, field.path, overwrite=overwrite)]
            try:
                outcomes.append(revert_fields(now, then, [now], wanted, texts))
            except Conflicts as refusal:
                outcomes.append(refusal.conflicts)
        assert outcomes[0] == outcomes[1]
