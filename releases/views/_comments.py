"""What was said about a release, as its page shows it."""

from typing import Any, Final

from django.urls import reverse

from releases.forms import CommentForm
from releases.models import Release

_SHOWN: Final = 50


def context(release: Release, form: CommentForm | None) -> dict[str, Any]:
    """Return the latest comments, oldest first, and the form for another."""
    where = [release.project.slug, release.number]
    rows = release.comments.select_related("author").order_by("-created_at", "-pk")
    found = list(rows[: _SHOWN + 1])
    return {
        "comments": found[:_SHOWN][::-1],
        "has_older_comments": len(found) > _SHOWN,
        "older_comments_url": f"/api/v1{release.get_absolute_url()}/comments",
        "comment_form": form or CommentForm(),
        "comment_url": reverse("releases:comment", args=where),
    }
