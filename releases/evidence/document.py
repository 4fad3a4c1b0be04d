"""The evidence of a release as one document of JSON values, live or as closed."""

from typing import Any

from environments.desired.state import canonical_digest
from gitopshq.core.instants import rfc3339
from releases.evidence import diffing, facts
from releases.models import Evidence, Release
from releases.questions import Moment, Question

FORMAT = 1


def document_of(
    release: Release, evidence: Evidence, *, question: Question | None = None
) -> dict[str, Any]:
    """Return the document: the stored one once it is closed, else as it is now.

    A *question* about *release* spares what it has read already.
    """
    if evidence.document is not None:
        return dict(evidence.document)
    return live_document(release, evidence, question=question)


def live_document(
    release: Release, evidence: Evidence, *, question: Question | None = None
) -> dict[str, Any]:
    """Return the ten fields, who verified and closed it, and the facts behind them."""
    question = question or Question(release, None, Moment.DEPLOY)
    approval = facts.approval_of(question)
    found = facts.facts_of(question, approval)
    target = release.target
    executor = facts.executor_of(question)
    document = {
        "format": FORMAT,
        "title": release.title,
        "projectEnvironment": "/".join(
            (release.project.slug, target.tenant.slug, target.environment.slug)
        ),
        "requester": release.author.username,
        "approvers": approval["approvers"],
        "executor": executor,
        "riskSummary": evidence.risk_summary,
        "diffSummary": diffing.diff_summary(release, found["changes"]),
        "runtimeVerificationSummary": evidence.runtime_verification,
        "fallbackPlan": evidence.fallback_plan,
        "postReleaseFollowUpTasks": evidence.follow_up_tasks,
        **_verification(release, evidence, executor),
        "closed": evidence.closed_at is not None,
        "closedBy": evidence.closed_by.username if evidence.closed_by else None,
        "closedAt": rfc3339(evidence.closed_at) if evidence.closed_at else None,
        "facts": found,
    }
    document["people"] = facts.people_named(_logins(document))
    return document


def digest_of(document: dict[str, Any]) -> str:
    """Return the SHA-256 of a document, 64 hex digits."""
    return canonical_digest(document)


def _verification(
    release: Release, evidence: Evidence, executor: str | None
) -> dict[str, Any]:
    verifier = evidence.verified_by.username if evidence.verified_by else None
    others = (release.author.username, executor)
    return {
        "verifier": verifier,
        "verifiedAt": rfc3339(evidence.verified_at) if evidence.verified_at else None,
        "verificationNote": evidence.verification_note,
        "verifiedIndependently": None if verifier is None else verifier not in others,
    }


def _logins(document: dict[str, Any]) -> set[str]:
    found = document["facts"]
    names = {
        *(document["requester"], document["executor"], *document["approvers"]),
        *(document["verifier"], document["closedBy"]),
        *(vote["approver"] for vote in found["approval"]["votes"]),
        *(glass[who] for glass in found["breakGlass"] for who in _ROLES),
        *(row["requestedBy"] for row in found["attempts"]),
        *(row["changedBy"] for row in found["changes"]),
    }
    return {name for name in names if name}


_ROLES = ("askedBy", "confirmedBy")
