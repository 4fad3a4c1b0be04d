"""What a release's commit says, and whether one of its commits has been published."""

from django.utils import timezone

from delivery import publishing
from delivery.git.commits import Identity
from delivery.git.messages import ReleaseTrailers, release_message, release_subject
from delivery.publishing import ReleaseCommit
from gitopshq.core import audit
from gitopshq.core.models import User
from releases import quorum
from releases.models import Release


def commit_of(release: Release) -> ReleaseCommit:
    """Return everything the delivery app needs to build the commit of *release*."""
    now = timezone.now()
    target = release.target
    _, tally = quorum.progress_of(release)
    sequence, head = audit.head_of(release.project.slug)
    trailers = ReleaseTrailers(
        release_id=f"{release.project.slug}/{release.name}",
        author=_named(release.author),
        approved_by=tuple(
            _named(vote.decision.approver) for vote in tally.votes if vote.counts
        ),
        deployed_by=_named(release.deployed_by),
        timestamp=now,
        source_commit=release.baseline_source_sha,
        digest=release.digest,
        ticket=release.ticket,
    )
    subject = release_subject(
        tenant=target.tenant.slug,
        environment=target.environment.slug,
        name=release.name,
        title=release.title,
    )
    return ReleaseCommit(
        target=target,
        tree=release.rendering.tree,
        namespaces=frozenset(release.rendering.facts.get("namespaces", [])),
        message=release_message(subject, release.notes, trailers),
        author=Identity(release.author.label, release.author.email),
        at=now,
        release_name=release.name,
        source_commit=release.baseline_source_sha,
        digest=release.digest,
        audit_sequence=sequence,
        audit_hash=head,
    )


def recorded_commit_on_main(release: Release) -> str | None:
    """Return the commit of any attempt that is reachable from ``main``.

    Ids were stored before the ref could move; trailers decide nothing (domain 7).
    """
    recorded = [
        commit
        for commits in release.attempts.values_list("commits", flat=True)
        for commit in commits
    ]
    return next(
        (
            commit
            for commit in reversed(recorded)
            if publishing.is_published(release.project, commit)
        ),
        None,
    )


def _named(person: User | None) -> str:
    if person is None:
        return "system"
    return f"{person.label} <{person.email}>" if person.email else person.label
