"""The API rows of releases, relative to ``/api/v1/``."""

from django.urls import path

from releases.api import (
    breaking_glass,
    causes,
    comments,
    comparing,
    earliest,
    evidence,
    pending,
    records,
    releases,
    rolling_back,
    steps,
)

_RELEASE = "projects/<slug:project>/releases/<int:number>"
_TARGET = "projects/<slug:project>/targets/<slug:tenant>/<slug:environment>"

api_urlpatterns = [
    path("projects/<slug:project>/compare", comparing.Compare.as_view()),
    path("projects/<slug:project>/releases", releases.ReleaseList.as_view()),
    path(_RELEASE, releases.ReleaseDetail.as_view()),
    path(f"{_RELEASE}/submit", steps.Submit.as_view()),
    path(f"{_RELEASE}/refresh", steps.Refresh.as_view()),
    path(f"{_RELEASE}/recreate", steps.Recreate.as_view()),
    path(f"{_RELEASE}/cancel", steps.Cancel.as_view()),
    path(f"{_RELEASE}/approve", steps.Approve.as_view()),
    path(f"{_RELEASE}/withdraw-vote", steps.WithdrawVote.as_view()),
    path(f"{_RELEASE}/complete-approval", steps.CompleteApproval.as_view()),
    path(f"{_RELEASE}/reject", steps.Reject.as_view()),
    path(f"{_RELEASE}/deploy", steps.Deploy.as_view()),
    path(f"{_RELEASE}/retry", steps.Retry.as_view()),
    path(f"{_RELEASE}/break-glass", breaking_glass.AskBreakGlass.as_view()),
    path(f"{_RELEASE}/break-glass/confirm", breaking_glass.ConfirmBreakGlass.as_view()),
    path(f"{_RELEASE}/rollback", rolling_back.Rollback.as_view()),
    path(f"{_RELEASE}/rollback/preview", rolling_back.RollbackPreview.as_view()),
    path(f"{_RELEASE}/changes", records.Changes.as_view()),
    path(f"{_RELEASE}/approvals", records.Approvals.as_view()),
    path(f"{_RELEASE}/gates", records.Gates.as_view()),
    path(f"{_RELEASE}/timeline", records.Timeline.as_view()),
    path(f"{_RELEASE}/attempts", records.Attempts.as_view()),
    path(f"{_RELEASE}/eligible-approvers", records.EligibleApprovers.as_view()),
    path(f"{_RELEASE}/earliest-deploy", earliest.EarliestDeploy.as_view()),
    path(f"{_RELEASE}/causes", causes.CausesOfRelease.as_view()),
    path(f"{_RELEASE}/diffs/<slug:level>", records.Diffs.as_view()),
    path(f"{_RELEASE}/evidence", evidence.EvidenceDetail.as_view()),
    path(f"{_RELEASE}/verify", evidence.Verify.as_view()),
    path(f"{_RELEASE}/close", evidence.Close.as_view()),
    path(f"{_RELEASE}/comments", comments.Comments.as_view()),
    path(f"{_TARGET}/pending-changes", pending.PendingChanges.as_view()),
    path(f"{_TARGET}/pending-changes/<slug:change>/discard", pending.Discard.as_view()),
    path(f"{_TARGET}/preview", pending.Preview.as_view()),
    path(
        f"{_TARGET}/preview/<slug:snapshot>/diffs/<slug:level>",
        pending.PreviewDiffs.as_view(),
    ),
]
