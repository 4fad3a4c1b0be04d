"""Changes of variables at every scope, and of the environment's policy."""

import pytest

from environments.desired.changes import diff, freeze_state
from environments.desired.state import ApprovalRequirements, PolicyState
from tests.desired.make_states import (
    FINGERPRINT,
    OTHER_FINGERPRINT,
    Desired,
    secret,
    variable,
)

SCOPES = [
    ("repo", None, "project scope"),
    ("env", None, "environment scope"),
    ("tenant", None, "tenant scope"),
    ("svc", "api-gateway", "service scope of api-gateway"),
]


def changes_between(before, after):
    desired = Desired()
    return diff(
        desired.state(variables=before), desired.state(variables=after), desired.texts
    )


@pytest.mark.parametrize(("scope", "service", "words"), SCOPES)
@pytest.mark.parametrize(
    ("before", "after", "action", "told"),
    [
        (None, "5", "created", "created with 5"),
        ("3", "5", "updated", "3 → 5"),
        ("3", None, "deleted", "deleted (was 3)"),
        ("3", "", "updated", '3 → ""'),
    ],
)
def test_a_variable_is_created_updated_and_deleted_at_any_scope(
    scope, service, words, before, after, action, told
):
    """S20, S24: with old and new value and the scope."""
    rows = [
        () if value is None else (variable("REPLICA_COUNT", value, scope, service),)
        for value in (before, after)
    ]
    (change,) = changes_between(*rows)
    assert (change.type, change.object) == ("hq_variable", "REPLICA_COUNT")
    assert (change.scope, change.service) == (scope, service)
    assert (change.action, change.before, change.after) == (action, before, after)
    assert change.summary == f"REPLICA_COUNT {told} at {words}"


def test_the_same_key_at_two_scopes_is_two_changes():
    changes = changes_between(
        (),
        (
            variable("A", "1", "repo"),
            variable("A", "1", "svc", "api"),
            variable("A", "1", "svc", "worker"),
        ),
    )
    assert len({change.id for change in changes}) == 3
    assert [(c.facet, c.path) for c in changes] == [
        ("repo", ""),
        ("svc", "api"),
        ("svc", "worker"),
    ]


@pytest.mark.parametrize(
    ("others", "shadow"),
    [
        ((), None),
        ((variable("B", "1", "tenant"),), None),
        ((variable("A", "1", "repo"),), None),
        ((variable("A", "1", "tenant"),), "tenant scope"),
        (
            (variable("A", "1", "svc", "worker"), variable("A", "1", "svc", "api")),
            "service scope of api, worker",
        ),
        (
            (variable("A", "1", "svc", "api"), variable("A", "1", "tenant")),
            "tenant scope and service scope of api",
        ),
    ],
)
def test_a_change_says_which_narrower_scope_shadows_it(others, shadow):
    before, after = variable("A", "1"), variable("A", "2")
    (change,) = changes_between((before, *others), (after, *others))
    assert change.shadowed_by == shadow
    note = f", shadowed here by {shadow}" if shadow else ""
    assert change.summary == f"A 1 → 2 at environment scope{note}"


def test_a_secret_is_shown_by_its_fingerprint_alone():
    (change,) = changes_between(
        (secret("PASSWORD"),), (secret("PASSWORD", OTHER_FINGERPRINT),)
    )
    assert change.before == f"<secret {FINGERPRINT[:8]}>"
    assert change.after == f"<secret {OTHER_FINGERPRINT[:8]}>"
    assert change.summary == (
        "PASSWORD secret changed (<secret a1b2c3d4> → <secret d4e5f6a7>) "
        "at environment scope"
    )


def test_a_value_that_looks_like_a_mask_is_no_secret():
    (change,) = changes_between(
        (secret("A"),), (variable("A", f"<secret {FINGERPRINT[:8]}>"),)
    )
    (other,) = changes_between(
        (secret("A"),), (secret("A", FINGERPRINT[:8] + "1" * 56),)
    )
    assert change.before == change.after == other.after
    assert change.revision != other.revision


def test_a_value_of_several_lines_is_one_line_of_a_summary():
    (change,) = changes_between((), (variable("A", "one\n  two\n" + "word " * 50),))
    assert "\n" not in change.summary
    assert change.summary.startswith("A created with one two word")
    assert len(change.summary) < 100
    assert change.after.startswith("one\n  two\n")


def policy(mode="manual", **requirements):
    return PolicyState(ApprovalRequirements(**requirements), mode)


def policy_changes(before, after):
    desired = Desired()
    return diff(
        desired.state(policy=before), desired.state(policy=after), desired.texts
    )


def test_approval_requirements_are_one_change():
    """S20, S25: with the fields that moved."""
    (change,) = policy_changes(
        policy(required_approvals=1),
        policy(required_approvals=2, auto_approve=True, approval_expiry_hours=24),
    )
    assert (change.type, change.object) == ("environment_policy", "production")
    assert (change.facet, change.action) == ("approval_requirements", "updated")
    assert change.summary == (
        "production approval requirements: requiredApprovals 1 → 2, "
        "approvalExpiryHours never → 24, autoApprove off → on"
    )
    assert change.before == (
        "requiredApprovals: 1\nblockSelfApproval: on\napprovalExpiryHours: never\n"
        "autoApprove: off\nblockSelfDeploy: off\n"
    )


def test_the_deploy_mode_is_another():
    """S25."""
    (change,) = policy_changes(policy(), policy("auto"))
    assert (change.facet, change.before, change.after) == (
        "deploy_mode",
        "manual",
        "auto",
    )
    assert change.summary == "production deploy mode manual → auto"
    assert change.selectable
    assert not change.carried


@pytest.mark.parametrize(("before", "after"), [(None, policy()), (policy(), None)])
def test_a_policy_on_one_side_differs_in_both_facets(before, after):
    """Even where it says what the defaults say: a release tells what it carries."""
    changes = policy_changes(before, after)
    assert [c.facet for c in changes] == ["approval_requirements", "deploy_mode"]
    assert all(change.carried == (before is None) for change in changes)


def test_a_freeze_is_shown_and_cannot_be_ticked():
    """S25: freeze state."""
    frozen = freeze_state("production", before=None, after="audit")
    lifted = freeze_state("production", before="audit", after=None)
    assert (frozen.facet, frozen.selectable) == ("freeze_state", False)
    assert frozen.summary == "production frozen: audit"
    assert lifted.summary == "production freeze lifted"
    assert frozen.id == lifted.id
