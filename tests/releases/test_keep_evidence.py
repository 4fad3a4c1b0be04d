"""Evidence: written while it is open, verified in person, closed for good."""

import shutil

import pytest

from delivery.repositories import repositories_of
from environments import actions as environments
from environments.permissions import Permission, Role
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry
from releases import actions, deployment, errors
from releases.evidence.document import digest_of, document_of
from releases.locking import fresh
from releases.models import Evidence
from releases.record import evidence_of
from tests import make


def evidence(release):
    return evidence_of(fresh(release.pk))


def document(release):
    release = fresh(release.pk)
    return document_of(release, evidence_of(release))


def events(release):
    rows = AuditEntry.objects.filter(event__startswith="evidence.")
    return list(rows.order_by("pk").values_list("event", "actor__username"))


@pytest.fixture
def done(prod, released):
    """A release that was approved by bob and deployed by dora."""
    return released(prod)


@pytest.fixture
def verified(done, dora):
    actions.verify_evidence(done, actor=dora, note="p95 is flat")
    return done


def test_the_system_fills_the_fields_it_knows(done):
    """S127, S131: title, place, requester, approvers, executor, and what differs."""
    found = document(done)

    assert found["title"] == "Change flags"
    assert found["projectEnvironment"] == "shop/acme/prod"
    assert found["requester"] == "alice"
    assert found["approvers"] == ["bob"]
    assert found["executor"] == "dora"
    assert "manifest binding" in found["diffSummary"]
    assert "Manifests: +6 -0 in 1 file (1 added)." in found["diffSummary"]


def test_the_fallback_that_was_planned_is_there_beforehand(prod, approved):
    """S124, S125: plan and owner of the release stand in the evidence."""
    plan = {"rollback_plan": "Back to R-1.", "fallback_owner": "Olga"}
    release = approved(prod, content=plan)

    assert document(release)["fallbackPlan"] == "Back to R-1.\n\nFallback owner: Olga"
    assert document(release)["facts"]["fallbackOwner"] == "Olga"


def test_facts_tell_who_changed_what_who_agreed_and_what_the_gates_said(done):
    """S5, S126: authors of changes, votes with digest and time, gates of the commit."""
    facts = document(done)["facts"]
    done = fresh(done.pk)

    assert {change["type"] for change in facts["changes"]} >= {"manifest_binding"}
    (vote,) = facts["approval"]["votes"]
    assert (vote["approver"], vote["digest"]) == ("bob", done.digest)
    assert vote["counted"]
    (attempt,) = facts["attempts"]
    assert {gate["verdict"] for gate in attempt["gates"]} == {"pass"}
    assert facts["commit"]["sha"] == done.commit_sha
    assert facts["tree"] == done.rendering.tree


def test_people_write_the_other_four_and_it_is_on_record(done, alice):
    """S117, S118: before and after of each text."""
    actions.edit_evidence(done, actor=alice, changed={"risk_summary": "Low."})
    actions.edit_evidence(done, actor=alice, changed={"risk_summary": "Low."})

    (entry,) = AuditEntry.objects.filter(event="evidence.edited")
    assert (entry.before, entry.after) == (
        {"risk_summary": ""},
        {"risk_summary": "Low."},
    )
    assert document(done)["riskSummary"] == "Low."


def test_looking_on_is_not_enough_to_write(done, shop):
    olga = make.user("olga", role=Role.VIEWER, on=shop)

    with pytest.raises(NotPermitted, match=r"releases\.create or releases\.deploy"):
        actions.edit_evidence(done, actor=olga, changed={"risk_summary": "None"})
    with pytest.raises(NotPermitted):
        actions.close_evidence(done, actor=olga)
    assert events(done) == []


def test_a_named_person_verifies(verified):
    """S117, S127: the verifier, when, and with which words."""
    found = document(verified)

    assert (found["verifier"], found["verificationNote"]) == ("dora", "p95 is flat")
    assert found["verifiedAt"]
    assert events(verified) == [("evidence.verified", "dora")]


def test_it_says_whether_somebody_else_verified(verified, bob):
    """The executor may look at the own deploy; the record says that it was so."""
    assert document(verified)["verifiedIndependently"] is False

    actions.verify_evidence(verified, actor=bob)

    assert document(verified)["verifier"] == "bob"
    assert document(verified)["verifiedIndependently"] is True


def test_who_only_asked_for_it_cannot_verify(done, alice):
    with pytest.raises(NotPermitted, match=r"releases\.deploy or releases\.approve"):
        actions.verify_evidence(done, actor=alice)


def test_neither_tokens_nor_robots_verify(done, dora, shop):
    robot = make.service_account(
        of=dora, name="robot", may=[Permission.DEPLOY_RELEASE], on=shop
    )

    with pytest.raises(errors.PersonRequired):
        actions.verify_evidence(done, actor=dora, by_token=True)
    with pytest.raises(errors.PersonRequired):
        actions.verify_evidence(done, actor=robot)


def test_there_is_nothing_to_verify_before_a_deploy(prod, approved, dora):
    release = approved(prod)

    with pytest.raises(InvalidState, match="cannot be verified"):
        actions.verify_evidence(release, actor=dora)
    with pytest.raises(InvalidState, match="cannot be closed"):
        actions.close_evidence(release, actor=dora)


def test_other_words_on_how_it_runs_void_the_verification(verified, alice):
    actions.edit_evidence(verified, actor=alice, changed={"follow_up_tasks": "Docs"})
    assert document(verified)["verifier"] == "dora"

    said = {"runtime_verification": "On fire"}
    actions.edit_evidence(verified, actor=alice, changed=said)

    assert document(verified)["verifier"] is None
    entry = AuditEntry.objects.filter(event="evidence.edited").last()
    assert entry.data["verification_void"] is True


def test_what_was_deployed_is_closed_after_it_was_verified(done, alice):
    """S118."""
    with pytest.raises(errors.NotVerified):
        actions.close_evidence(done, actor=alice)


def test_closing_freezes_document_and_digest(verified, alice, dora, deploy):
    """S118: what happens later moves nothing in it, and nobody edits it."""
    closed = actions.close_evidence(verified, actor=alice)
    before = document(verified)
    Evidence.objects.filter(pk=closed.pk).update(risk_summary="behind its back")
    alice.username = "alicia"
    alice.save(update_fields=["username"])

    assert document(verified) == before
    assert (before["closed"], before["closedBy"]) == (True, "alice")
    assert closed.digest == digest_of(before)
    entry = AuditEntry.objects.get(event="evidence.closed")
    assert entry.data["digest"] == closed.digest
    for step in (
        lambda: actions.edit_evidence(verified, actor=alice, changed={}),
        lambda: actions.verify_evidence(verified, actor=dora),
        lambda: actions.close_evidence(verified, actor=alice),
    ):
        with pytest.raises(InvalidState, match="evidence cannot be"):
            step()


def test_a_cancelled_release_is_closed_without_verification(prod, edit, create, alice):
    edit(prod)
    release = create(prod)
    actions.cancel_release(release, actor=alice, reason="Wrong week")

    actions.close_evidence(release, actor=alice)

    found = document(release)
    assert found["facts"]["cancelled"]["reason"] == "Wrong week"
    assert (found["executor"], found["verifier"]) == (None, None)


def test_a_release_whose_manifests_were_tidied_away_is_closed(
    prod, edit, create, alice
):
    edit(prod)
    release = create(prod)
    actions.cancel_release(release, actor=alice)
    shutil.rmtree(repositories_of(release.project).renderings)

    closed = actions.close_evidence(fresh(release.pk), actor=alice)

    assert "Manifests" not in closed.document["diffSummary"]
    assert "flags" in closed.document["diffSummary"]


def test_approvals_stay_on_record_when_the_deploy_fails(
    prod, approved, dora, django_capture_on_commit_callbacks
):
    """S126, S129, S130: a freeze in between; who approved, and which gate was red."""
    release = approved(prod)
    with django_capture_on_commit_callbacks():
        actions.deploy_release(release, actor=dora)
    environments.freeze(prod.environment, reason="Holidays", actor=None)
    deployment.run(attempt_id=release.attempts.get().pk)

    found = document(release)

    assert (found["approvers"], found["executor"]) == (["bob"], "dora")
    assert found["facts"]["failure"]["type"] == "environment_frozen"
    assert found["facts"]["attempts"][0]["failureType"] == "environment_frozen"

    # What is on record as failed is not retried behind its back.
    environments.unfreeze(prod.environment, actor=None)
    actions.close_evidence(release, actor=dora)
    with pytest.raises(InvalidState, match="cannot be retried"):
        actions.retry_release(fresh(release.pk), actor=dora)


def test_votes_are_told_as_they_counted_at_the_deploy(done, bob):
    """S127, S129: whoever approved and left is on record as an approver."""
    bob.is_active = False
    bob.save(update_fields=["is_active"])

    assert document(done)["approvers"] == ["bob"]
    assert document(done)["facts"]["approval"]["votes"][0]["counted"]
