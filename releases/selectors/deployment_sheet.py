"""What was deployed as a table for auditors: one record a deployment."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet

from gitopshq.core.instants import rfc3339
from releases.models import Release
from releases.selectors.deployments import approvers_of, attempts_of

COLUMNS: Final = (
    "release", "title", "tenant", "environment", "kind", "state", "author",
    "approvers", "deployedBy", "createdAt", "deployedAt", "seconds", "commit",
    "sourceCommit", "digest", "rolledBackBy",
)  # fmt: skip
_AT_ONCE: Final = 500


def records_of(rows: QuerySet[Release]) -> Iterator[list[Any]]:
    """Yield the values of `COLUMNS`, newest deployment first."""
    found = rows.order_by("-deployed_at", "-pk").iterator(chunk_size=_AT_ONCE)
    while chunk := list(islice(found, _AT_ONCE)):
        approvers, attempts = approvers_of(chunk), attempts_of(chunk)
        for release in chunk:
            attempt = attempts.get(release.pk)
            took = (
                (attempt.ended_at - attempt.requested_at).total_seconds()
                if attempt and attempt.ended_at
                else None
            )
            voters = [person.username for person in approvers.get(release.pk, [])]
            yield [*_facts(release), " ".join(voters), *_ending(release, took)]


def _facts(release: Release) -> list[Any]:
    return [
        release.name,
        release.title,
        release.target.tenant.slug,
        release.target.environment.slug,
        release.kind,
        release.status,
        release.author.username,
    ]


def _ending(release: Release, took: float | None) -> list[Any]:
    deployer, undone = release.deployed_by, release.rolled_back_by
    return [
        deployer.username if deployer else "system",
        rfc3339(release.created_at),
        rfc3339(release.deployed_at) if release.deployed_at else "",
        None if took is None else f"{took:.1f}",
        release.commit_sha,
        release.baseline_source_sha,
        release.digest,
        undone.name if undone else "",
    ]
