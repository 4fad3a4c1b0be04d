"""The gates panel and what a person could do: all at once, each with its reason."""

from environments import actions as environments
from releases import target_gates
from releases.gates import ahead_of, evaluate
from releases.locking import fresh
from releases.models import Release, Status
from releases.selectors import allowed_actions, timeline_of
from tests import make
from tests.releases.chain import CHAIN


def verdicts(release, person):
    gates = evaluate(ahead_of(fresh(release.pk), person))
    return {gate.name: gate.verdict.value for gate in gates}


def actions_of(release, person):
    found = allowed_actions(person, ahead_of(fresh(release.pk), person))
    return {one.action: one.allowed for one in found}


def test_every_gate_is_shown_in_the_order_of_the_chain(prod, approved, dora):
    """S111, S114, S116."""
    assert verdicts(approved(prod), dora) == dict.fromkeys(
        CHAIN,
        "pass",
    )


def test_red_gates_say_why_and_do_not_hide_each_other(prod, edit, create, do, alice):
    """S111, S115, S128: waiting is told from failing."""
    deny = {"violations": [{"enforcement": "deny", "message": "no root"}]}
    edit(prod)
    release = create(prod, content={"policy_snapshot": deny})
    do(environments.freeze, prod.environment, reason="fair", actor=None)
    edit(prod, fast="2")

    gates = evaluate(ahead_of(fresh(release.pk), alice))

    said = {gate.name: (gate.verdict.value, gate.reason) for gate in gates}
    assert said["permission"][0] == "fail"
    assert said["state"][0] == "wait"
    frozen = "Environment prod is frozen by “fair” — deploys resume when it is lifted"
    assert said["freeze"] == ("wait", frozen)
    assert said["source"][0] == "fail"
    assert said["approvals"] == ("wait", "0 of 1")
    assert said["policy_snapshot"][0] == "fail"
    assert "no root" in said["policy_snapshot"][1]


def test_a_rendering_that_failed_is_a_red_gate(prod, edit, create, dora):
    """S74, S75, S107: with every error."""
    edit(prod, fast="{{hq.var.NOWHERE}}")

    gates = evaluate(ahead_of(create(prod), dora))

    assert (gates[0].name, gates[0].verdict.value) == ("rendering", "fail")
    assert gates[0].refusal.code == "variable_unresolved"
    assert gates[0].refusal.errors


RECORD = {"verify", "close"}
OPEN = {"refresh", "recreate", "cancel", "deploy"}
OFFERED = {
    Status.DRAFT: {"submit", "edit", *OPEN},
    Status.PENDING_APPROVAL: {
        "approve",
        "reject",
        "withdraw-vote",
        "complete-approval",
        *OPEN,
    },
    Status.APPROVED: OPEN,
    Status.DEPLOYING: set(),
    Status.DEPLOYED: {"rollback", *RECORD},
    Status.ROLLED_BACK: RECORD,
    Status.CANCELLED: {"close"},
}


def test_each_state_offers_its_own_steps(prod, released, alice):
    """S12, S13, S14, S15, S18, S19: what is over is for the record alone."""
    release = released(prod)

    for status, expected in OFFERED.items():
        Release.objects.update(status=status, cancel_kind="cancelled")
        assert set(actions_of(release, alice)) == expected, status


def test_a_failure_offers_retry_only_where_that_can_help(prod, released, alice):
    """S17."""
    release = released(prod)
    Release.objects.update(status=Status.FAILED, failure_type="git_conflict")
    assert set(actions_of(release, alice)) == {"retry", "recreate", *RECORD}

    Release.objects.update(failure_type="template_error")
    assert set(actions_of(release, alice)) == {"recreate", *RECORD}


def test_everybody_is_offered_what_they_may(prod, edit, create, alice, bob, dora):
    """S88, S89, S90."""
    edit(prod)
    release = create(prod)

    assert actions_of(release, alice)["cancel"]
    assert not actions_of(release, alice)["approve"]
    assert actions_of(release, bob)["approve"]
    assert not actions_of(release, bob)["cancel"]
    assert not actions_of(release, dora)["deploy"]


def test_before_there_is_a_release_the_target_shows_its_gates(shop, do, alice, bob):
    """S102, S108, S109: too few who can approve is said at once."""
    make.environment(shop, "big", required_approvals=2)
    target = make.target(shop, environment="big")
    do(environments.freeze, target.environment, reason="fair", actor=None)
    target = type(target).objects.get(pk=target.pk)

    gates = {g.name: g for g in target_gates.gates_before(target, alice)}

    assert gates["approvals"].verdict.value == "fail"
    assert gates["approvals"].details["eligible"] == ["bob"]
    assert "Environment big is frozen by “fair”" in gates["freeze"].reason


def test_a_life_is_told_from_edit_to_commit(prod, released):
    """S1, S5, S103: in order, with who."""
    told = [
        (entry.event, str(entry.actor) if entry.actor else None)
        for entry in timeline_of(released(prod))
    ]

    assert told == [
        ("approval.requested", "alice"),
        ("release.created", "alice"),
        ("release.rendered", None),
        ("approval.voted", "bob"),
        ("approval.granted", "bob"),
        ("release.approved", "bob"),
        ("release.deploy_requested", "dora"),
        ("release.deployed", "dora"),
    ]
