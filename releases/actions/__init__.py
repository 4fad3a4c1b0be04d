"""What people do to releases. One file a verb or a pair of verbs.

Each action is one transaction and has one shape: lock; *may they* (permission), *can
it* (the step, in memory only), *should it now* (policy); save; record; and on commit
hand slow work to a worker.
"""

from releases.actions.breaking_glass import ask_break_glass, confirm_break_glass
from releases.actions.cancelling import cancel_release
from releases.actions.commenting import comment_on
from releases.actions.creating import Content, create_release, create_releases
from releases.actions.deploying import deploy_release, retry_release
from releases.actions.discarding import discard_change
from releases.actions.editing import edit_release
from releases.actions.operating import fail_attempt, requeue_attempt
from releases.actions.recording import (
    close_evidence,
    edit_evidence,
    verify_evidence,
)
from releases.actions.renewing import recreate_release, refresh_release
from releases.actions.rolling_back import roll_back_release
from releases.actions.submitting import submit_release
from releases.actions.viewing import mark_viewed

__all__ = [
    "Content",
    "ask_break_glass",
    "cancel_release",
    "close_evidence",
    "comment_on",
    "confirm_break_glass",
    "create_release",
    "create_releases",
    "deploy_release",
    "discard_change",
    "edit_evidence",
    "edit_release",
    "fail_attempt",
    "mark_viewed",
    "recreate_release",
    "refresh_release",
    "requeue_attempt",
    "retry_release",
    "roll_back_release",
    "submit_release",
    "verify_evidence",
]
