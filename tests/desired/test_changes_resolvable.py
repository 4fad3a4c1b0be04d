"""Needs hold selections together: what is released resolves where both sides do."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from environments.desired.applying import InseparableChanges, apply, with_carried
from environments.desired.changes import diff
from environments.desired.resolving import Unresolved, resolve
from tests.desired.make_states import closed, pairs, variable
from tests.desired.test_changes_properties import examples, some_of


@given(pairs(), st.data())
@examples(40)
def test_a_closed_selection_of_states_that_resolve_resolves(pair, data):
    """But for a key that is created twice or moves from one scope to another.

    Either row would do there, so neither is needed.
    """
    a, b = (filled(state, pair.texts, data) for state in (pair.a, pair.b))
    changes = diff(a, b, pair.texts)
    chosen = with_carried(changes, closed(changes, data.draw(some_of(changes))))
    try:
        middle = apply(a, b, chosen, pair.texts)
    except InseparableChanges:
        assume(False)
    keys = {name.name for name in unresolved(middle, pair.texts)}
    assert all(is_created_twice_or_moved(key, changes) for key in keys)


def filled(state, texts, data):
    """Return the state with a row for every name that lacks one."""
    rows = {row.place: row for row in state.variables}
    for name in unresolved(state, texts):
        assume(name.scopes_looked_at)
        scope = name.pinned or data.draw(st.sampled_from(("repo", "env", "tenant")))
        row = variable(name.name, "v", scope, name.unit if scope == "svc" else None)
        rows[row.place] = row
    return replace(state, variables=tuple(rows.values()))


def unresolved(state, texts):
    try:
        resolve(state, texts, lambda _: "opened")
    except Unresolved as refusal:
        return refusal.names
    return ()


def is_created_twice_or_moved(key, changes):
    actions = [change.action for change in changes if change.object == key]
    created = actions.count("created")
    return created > 1 or (created and "deleted" in actions)
