"""Submitting a draft: what it needs, and who approves where nobody must."""

import pytest

from approvals.subjects import request_for
from environments import actions as environments
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry
from releases import actions, errors
from releases.locking import fresh
from releases.models import Status
from tests import make

BROKEN = {"bad.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"}


def test_where_no_approval_is_required_the_system_approves(dev, edit, create, submit):
    """S12, S66: and it is recorded as such."""
    edit(dev)

    release = submit(create(dev))

    assert release.status == Status.APPROVED
    entry = AuditEntry.objects.get(event="release.approved")
    assert (entry.actor, entry.data["note"]) == (None, "no approvals required")
    assert release.submitted_at is not None


def test_where_releases_approve_themselves_nobody_votes(shop, edit, create, submit):
    """S52: three required, and auto-approve on."""
    make.environment(shop, "auto", required_approvals=3, auto_approve=True)
    target = make.target(shop, environment="auto")
    edit(target)
    draft = create(target)
    assert draft.status == Status.DRAFT

    release = submit(draft)

    assert release.status == Status.APPROVED
    assert AuditEntry.objects.get(event="release.approved").data["note"] == (
        "auto-approve"
    )


def test_a_policy_tightened_meanwhile_asks_for_votes(dev, edit, create, submit, do):
    """S48: tightening binds at once."""
    edit(dev)
    draft = create(dev)
    do(
        environments.set_policy,
        dev.environment,
        terms={"required_approvals": 2},
        actor=None,
    )

    release = submit(draft)

    assert release.status == Status.PENDING_APPROVAL
    assert request_for(release).required == 2


def test_a_stale_draft_is_not_submitted(dev, edit, create, alice):
    """S61."""
    edit(dev)
    draft = create(dev)
    edit(dev, fast="2")

    with pytest.raises(errors.StaleSource):
        actions.submit_release(fresh(draft.pk), actor=alice)

    assert fresh(draft.pk).status == Status.DRAFT


def test_a_draft_that_cannot_be_rendered_is_not_submitted(dev, do, create, alice):
    """S74, S107: every error, with file and line."""
    do(environments.put_manifests, dev, name="bad", files=BROKEN, actor=None)
    draft = create(dev)
    assert (draft.rendering.state, draft.digest) == ("failed", "")

    with pytest.raises(errors.RenderingFailed) as refusal:
        actions.submit_release(draft, actor=alice)

    assert refusal.value.errors
    assert refusal.value.errors[0].code == "template_error"


def test_an_unresolved_variable_is_named(dev, edit, create, alice):
    """S75: with the file that names it."""
    edit(dev, fast="{{hq.var.NOWHERE}}")
    draft = create(dev)

    with pytest.raises(errors.VariableUnresolved, match="NOWHERE") as refusal:
        actions.submit_release(draft, actor=alice)

    assert refusal.value.code == "variable_unresolved"
    assert refusal.value.errors[0].file.endswith("fast.yaml")
    assert refusal.value.errors[0].line == 6


def test_a_draft_that_is_still_rendered_must_wait(dev, edit, alice):
    """Nobody was rung, so nothing renders."""
    edit(dev)
    draft = actions.create_release(
        dev, actor=alice, content=actions.Content(title="Soon")
    )

    with pytest.raises(errors.RenderingNotReady):
        actions.submit_release(draft, actor=alice)


def test_submitting_needs_the_right(dev, edit, create, bob):
    """S88."""
    edit(dev)

    with pytest.raises(NotPermitted, match=r"releases\.create"):
        actions.submit_release(create(dev), actor=bob)


def test_only_a_draft_is_submitted(prod, edit, create, alice):
    """S13."""
    edit(prod)

    with pytest.raises(InvalidState, match="cannot be submitted"):
        actions.submit_release(create(prod), actor=alice)
