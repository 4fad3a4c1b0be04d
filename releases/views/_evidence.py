"""Evidence as its page shows it: the template, the proof, and what one may do."""

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from environments.permissions import Permission
from environments.policies import PolicyTerms
from gitopshq.core.models import User
from releases import record
from releases.check_gates import state_of
from releases.client_policy import denials
from releases.evidence.document import document_of
from releases.evidence.fields import TEMPLATE
from releases.evidence.markdown import to_markdown
from releases.evidence.signing import public_key
from releases.gates import Question, ahead_of
from releases.models import Evidence, Release
from releases.views._words import policy_words, sentence

_PROSE: Final = frozenset(
    {
        *("riskSummary", "diffSummary", "runtimeVerificationSummary"),
        *("fallbackPlan", "postReleaseFollowUpTasks"),
    }
)


def context(release: Release, evidence: Evidence, user: User) -> dict[str, Any]:
    """Return everything but the forms."""
    question = ahead_of(release, user)
    document = document_of(release, evidence, question=question)
    facts = document["facts"]
    digest = evidence.digest or None
    where = [release.project.slug, release.number]
    api = f"/api/v1{release.get_absolute_url()}/evidence"
    allowed = record.allowed_steps(evidence, actor=user, may=question.may)
    steps = {one["action"]: one for one in allowed}
    return {
        "release": release,
        "target": release.target,
        "document": document,
        "fields": [
            {"heading": heading, **_field(document, name)} for name, heading in TEMPLATE
        ],
        "facts": facts,
        "overrides": [_override(document, one) for one in facts["breakGlass"]],
        "verifier": _person(document, document["verifier"]),
        "verified_at": _moment(document["verifiedAt"]),
        "closed_by": _person(document, document["closedBy"]),
        "closed_at": _moment(document["closedAt"]),
        "digest": digest,
        "votes": [_vote(document, vote) for vote in facts["approval"]["votes"]],
        "gates": _gates(facts),
        "policy": _policy(facts["approval"]["policyAtCut"]),
        "client_policy": _client_policy(facts["policySnapshotJson"]),
        "markdown": to_markdown(document, digest),
        "may_edit": steps["edit"]["allowed"],
        "may_verify": steps["verify"]["allowed"],
        "why_not_edit": sentence(steps["edit"]["reason"]),
        "why_not_verify": sentence(steps["verify"]["reason"]),
        "verify_url": reverse("releases:evidence_verify", args=where),
        "close_step": {
            "id": "close",
            "label": "Close the release",
            "icon": "lock",
            "url": reverse("releases:evidence_close", args=where),
            "allowed": steps["close"]["allowed"],
            "reason": sentence(steps["close"]["reason"]),
        },
        "json_url": f"{api}?format=json",
        "markdown_url": f"{api}?format=markdown",
        "bundle_url": f"{api}?format=bundle",
        "file_name": f"{release.project.slug}-{release.name}-evidence",
        "why_no_bundle": _why_no_bundle(question),
        "key": public_key(),
    }


def _field(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return how one of the ten fields is shown."""
    value = document[name]
    if name in _PROSE:
        return {"name": name, "prose": value}
    if name == "approvers":
        people = [_person(document, one) for one in value]
        return {"name": name, "words": ", ".join(people)}
    if name in {"requester", "executor"}:
        return {"name": name, "words": _person(document, value)}
    return {"name": name, "words": value}


def _vote(document: Mapping[str, Any], vote: Mapping[str, Any]) -> dict[str, Any]:
    fate = vote["voidReason"] or ("withdrawn" if vote["withdrawnAt"] else "")
    return {
        "who": _person(document, vote["approver"]),
        "verdict": "approve" if vote["counted"] else vote["verdict"],
        "counted": vote["counted"],
        "fate": fate or ("" if vote["counted"] else "did not count"),
        "at": _moment(vote["decidedAt"]),
        "digest": vote["digest"],
        "said": vote["comment"],
        "freeze": vote["freeze"],
    }


def _override(document: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a break-glass as it is shown: in red, whether it was confirmed or not."""
    return {
        "reason": row["reason"],
        "asked_by": _person(document, row["askedBy"]),
        "asked_at": _moment(row["askedAt"]),
        "confirmed_by": _person(document, row["confirmedBy"]),
        "expires_at": _moment(row["expiresAt"]),
    }


def _gates(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the gates as they stood when it was deployed last (S126)."""
    attempts = facts["attempts"]
    return [
        {
            "name": gate["title"],
            "state": state_of(gate),
            "why": sentence(gate["reason"]),
        }
        for gate in (attempts[-1]["gates"] if attempts else [])
    ]


def _policy(terms: Mapping[str, Any] | None) -> str:
    return policy_words(PolicyTerms.from_json(terms)) if terms else ""


def _client_policy(snapshot: Any) -> str:
    """Say what the policy snapshot that a client sent had to say."""
    if not snapshot:
        return "none was sent"
    denied = denials(snapshot)
    return f"denies: {'; '.join(denied)}" if denied else "was sent, denies nothing"


def _why_no_bundle(question: Question) -> str:
    """Return which permission on the whole project is missing; "" where none is."""
    for permission in (Permission.VIEW_RELEASE, Permission.VIEW_AUDIT):
        if permission not in question.around.whole_rights:
            return f"The bundle needs {permission.value} on the project"
    return ""


def _person(document: Mapping[str, Any], name: str | None) -> str:
    return str(document["people"].get(name, name)) if name else ""


def _moment(text: str | None) -> Any:
    return parse_datetime(text) if text else None
