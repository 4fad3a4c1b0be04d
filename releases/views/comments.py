"""Saying something on the page of a release."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest
from releases import actions, asking
from releases.forms import CommentForm
from releases.selectors import visible_release
from releases.views._doors import go
from releases.views.releases import show

UNPROCESSABLE = 422


@require_POST
@login_required
@asks(asking.COMMENT)
def say(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Add a comment, and lead to it."""
    found = visible_release(request.user, project=project, number=number)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return show(request, found, comment=form, status=UNPROCESSABLE)
    body = form.cleaned_data["body"].replace("\r\n", "\n")
    comment = actions.comment_on(found, actor=request.user, body=body)
    messages.success(request, "Your comment stands with the release.")
    return go(request, f"{found.get_absolute_url()}#comment-{comment.pk}")
