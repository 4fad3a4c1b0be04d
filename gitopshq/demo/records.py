"""What the demo's people put on record about the roll-out: comments and evidence."""

from typing import Final

from gitopshq.demo.people import Cast
from releases import actions
from releases.models import Release
from releases.record import evidence_of

_QUESTION: Final = (
    "Do the budgets for disruption stay as they are? "
    "We drain **two** nodes of the pool tonight."
)
_ANSWER: Final = "They do: see the manifest diff, nothing of them moves."
_WRITTEN: Final = {
    "risk_summary": "None to speak of: what runs is what is released.",
    "runtime_verification": (
        "- every pod ready, none restarted\n"
        "- p95 of checkout 180 ms before and after\n"
        "- no new errors in 30 minutes"
    ),
    "fallback_plan": "Nothing to go back to: the manifests of before are the same.",
    "follow_up_tasks": "- take the scripts of before out of the platform repository",
}


def close(release: Release, them: Cast) -> None:
    """Talk about *release*, write its evidence, verify and close it, once."""
    if evidence_of(release).closed_at is not None:
        return
    if not release.comments.exists():
        actions.comment_on(release, actor=them.carol, body=_QUESTION)
        actions.comment_on(release, actor=them.alice, body=_ANSWER)
    actions.edit_evidence(release, actor=them.alice, changed=_WRITTEN)
    actions.verify_evidence(
        release,
        actor=them.carol,
        note="Watched the dashboards of checkout for half an hour.",
    )
    actions.close_evidence(release, actor=them.alice)
