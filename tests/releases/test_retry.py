"""Retry: the way out where the content is not at fault, through all the gates."""

import pytest

from environments import actions as environments
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry
from releases import actions, errors
from releases.locking import fresh
from releases.models import FailureType, Status
from releases.pending import pool_of


@pytest.fixture
def failed(approved, prod):
    """A release that failed for a reason that one may choose."""

    def fail(failure_type=FailureType.GIT_CONFLICT):
        release = approved(prod)
        type(release).objects.filter(pk=release.pk).update(
            status=Status.FAILED, failure_type=failure_type, failure_detail="gone"
        )
        release.changes.update(is_claimed=False)
        return fresh(release.pk)

    return fail


def test_a_failed_release_gives_its_changes_back(failed, prod):
    """S17, S129: they may be in another release; the votes stay on record."""
    release = failed()

    assert {row.claimed_by for row in pool_of(prod).rows} == {None}
    assert release.status == Status.FAILED


@pytest.mark.parametrize("failure_type", FailureType.RETRYABLE)
def test_what_time_cures_is_retried(failed, do, dora, failure_type):
    """S76: claims again, deploys, and clears what had failed."""
    release = failed(failure_type)

    do(actions.retry_release, release, actor=dora)

    release = fresh(release.pk)
    assert (release.status, release.failure_type) == (Status.DEPLOYED, "")
    assert AuditEntry.objects.get(event="release.retry_requested").actor == dora


@pytest.mark.parametrize(
    "failure_type", ["template_error", "variable_unresolved", "stale_release_source"]
)
def test_a_fault_of_the_content_is_not_retried(failed, dora, failure_type):
    """S74, S75: the way out is to fix and recreate."""
    with pytest.raises(InvalidState, match="cannot be retried"):
        actions.retry_release(failed(failure_type), actor=dora)


def test_a_retry_passes_every_gate(failed, bob, dora, prod, edit, do):
    """S116: permission, freeze and staleness as for a deploy."""
    release = failed()

    with pytest.raises(NotPermitted):
        actions.retry_release(release, actor=bob)
    do(environments.freeze, prod.environment, reason="fair", actor=None)
    with pytest.raises(errors.EnvironmentFrozen):
        actions.retry_release(release, actor=dora)
    do(environments.unfreeze, prod.environment, actor=None)
    edit(prod, fast="2")
    with pytest.raises(errors.StaleSource):
        actions.retry_release(release, actor=dora)


def test_changes_that_another_release_took_are_not_retried(failed, create, prod, dora):
    release = failed()
    taker = create(prod)

    with pytest.raises(errors.ChangeAlreadyClaimed) as refusal:
        actions.retry_release(release, actor=dora)

    assert set(refusal.value.details["claimed"].values()) == {taker.name}
    assert fresh(release.pk).status == Status.FAILED


def test_a_release_that_did_not_fail_is_not_retried(approved, prod, dora):
    with pytest.raises(InvalidState):
        actions.retry_release(approved(prod), actor=dora)
