"""Break-glass from the page of a release: ask, or be the second person."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest
from releases import actions, asking
from releases.selectors import visible_release
from releases.views._doors import go


@require_POST
@login_required
@asks(asking.ASK_GLASS)
def ask(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Ask that the freeze be set aside for this release."""
    release = visible_release(request.user, project=project, number=number)
    reason = request.POST.get("reason", "")
    actions.ask_break_glass(release, actor=request.user, reason=reason)
    messages.warning(request, "Asked for. A second person has an hour to confirm it.")
    return go(request, release.get_absolute_url())


@require_POST
@login_required
@asks(asking.CONFIRM_GLASS)
def confirm(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Confirm what somebody else asked for."""
    release = visible_release(request.user, project=project, number=number)
    actions.confirm_break_glass(release, actor=request.user)
    messages.warning(request, f"For an hour the freeze does not hold {release.name}.")
    return go(request, release.get_absolute_url())
