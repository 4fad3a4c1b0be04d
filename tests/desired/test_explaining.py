"""Which row answers a key, what it beat, and where the key is not set."""

import pytest

from environments.desired.explaining import explain
from environments.desired.resolving import effective_variables
from tests.desired.make_states import Desired, variable

REPO = variable("A", "repo", "repo")
ENV = variable("A", "env", "env")
TENANT = variable("A", "tenant", "tenant")
SVC = variable("A", "svc", "svc", "api")
OTHER = variable("A", "other", "svc", "worker")
ALL = (REPO, OTHER, ENV, SVC, TENANT)


def test_the_narrowest_scope_wins_and_beats_the_others_in_order():
    told = explain(ALL, "A", "api")
    assert told.winner == SVC
    assert told.beaten == (TENANT, ENV, REPO)
    assert told.unset_scopes == ()
    assert told.scopes_looked_at == ("svc", "tenant", "env", "repo")


def test_without_a_service_there_is_no_service_scope():
    told = explain(ALL, "A")
    assert told.winner == TENANT
    assert told.beaten == (ENV, REPO)
    assert told.scopes_looked_at == ("tenant", "env", "repo")


@pytest.mark.parametrize(
    ("rows", "winner", "unset"),
    [
        ((), None, ("svc", "tenant", "env", "repo")),
        ((OTHER,), None, ("svc", "tenant", "env", "repo")),
        ((REPO,), REPO, ("svc", "tenant", "env")),
        ((REPO, ENV), ENV, ("svc", "tenant")),
        ((REPO, TENANT), TENANT, ("svc", "env")),
        ((SVC,), SVC, ("tenant", "env", "repo")),
    ],
)
def test_scopes_that_do_not_set_the_key_are_named(rows, winner, unset):
    told = explain(rows, "A", "api")
    assert (told.winner, told.unset_scopes) == (winner, unset)


def test_effective_variables_are_the_winners_of_all_keys():
    lone = variable("B", "1", "svc", "worker")
    state = Desired().state(variables=(*ALL, lone))
    assert effective_variables(state, "api") == {"A": SVC}
    assert effective_variables(state, "worker") == {"A": OTHER, "B": lone}
    assert effective_variables(state, None) == {"A": TENANT}
