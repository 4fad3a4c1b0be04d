"""One's own pages: profile, tokens, notifications."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gitopshq.core import notifying, tokens
from gitopshq.core.answers import show
from gitopshq.core.api.lists import page_of
from gitopshq.core.asking import OWN, asks
from gitopshq.core.errors import NotFound
from gitopshq.core.own_forms import ProfileForm, TokenForm
from gitopshq.core.profiles import FIELDS, update_profile
from gitopshq.core.views.frame import frame
from gitopshq.core.web import PageRequest

SECURITY = {
    "Change the password": "account_change_password",
    "Second factor": "mfa_index",
    "Where you are logged in": "usersessions_list",
}


@require_http_methods(["GET", "POST"])
@login_required
@asks(OWN)
def profile(request: PageRequest) -> HttpResponse:
    """Show what one may change about oneself; POST changes it."""
    user = request.user
    form = ProfileForm(initial={name: getattr(user, name) for name in FIELDS})
    if request.method == "POST":
        form = ProfileForm(request.POST)
        if form.accepts(lambda: update_profile(actor=user, **form.cleaned_data)):
            messages.success(request, "Saved.")
            return redirect("core:profile")
    context = {**frame("Profile"), "form": form, "security": _security()}
    return show(request, "core/profile.html", context, form)


@require_http_methods(["GET", "POST"])
@login_required
@asks(OWN)
def own_tokens(request: PageRequest) -> HttpResponse:
    """Show one's tokens; POST makes one and shows its secret, in this answer alone."""
    user, form, secret = request.user, TokenForm(), ""
    if request.method == "POST":
        form = TokenForm(request.POST)
        if form.accepts(lambda: tokens.issue_token(user, actor=user, **form.given)):
            # No redirect: the secret is kept nowhere it could be fetched from later.
            _, secret = form.outcome
            form = TokenForm()
    context = {
        **frame("Tokens"),
        "form": form,
        "secret": secret,
        "tokens": tokens.tokens_of(user).order_by("-pk"),
        "now": timezone.now(),
    }
    response = show(request, "core/tokens.html", context, form)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@login_required
@asks(OWN)
def revoke_token(request: PageRequest, pk: int) -> HttpResponse:
    """End a token, and those made with it."""
    token = tokens.tokens_of(request.user).filter(pk=pk).first()
    if token is None:
        raise NotFound
    tokens.revoke_token(token, actor=request.user)
    messages.success(request, f"Revoked {token.name}.")
    return redirect("core:tokens")


@require_GET
@login_required
def notifications(request: PageRequest) -> HttpResponse:
    """Show what one was told."""
    unread = request.GET.get("unread") == "1"
    mine = notifying.notifications_of(request.user, unread=unread)
    project = request.GET.get("project", "")
    places = notifying.projects_told_of(request.user)
    if project:
        mine = mine.filter(project=project)
    rows, following = page_of(mine, request.GET)
    context = {
        **frame("Notifications"),
        "rows": rows,
        "next": following,
        "unread": unread,
        "project": project,
        "projects": places,
    }
    return show(request, "core/notifications.html", context)


@require_POST
@login_required
@asks(OWN)
def read_notification(request: PageRequest, pk: int) -> HttpResponse:
    """Mark one as read, and go to what it is about."""
    found = notifying.notifications_of(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    found = notifying.mark_read(found, actor=request.user)
    is_ours = found.url.startswith("/") and not found.url.startswith("//")
    return redirect(found.url if is_ours else "core:notifications")


@require_POST
@login_required
@asks(OWN)
def read_all(request: PageRequest) -> HttpResponse:
    """Mark all as read."""
    count = notifying.mark_all_read(actor=request.user)
    messages.success(request, f"{count} marked as read.")
    return redirect("core:notifications")


def _security() -> list[dict[str, str]]:
    found = []
    for label, name in SECURITY.items():
        try:
            found.append({"label": label, "url": reverse(name)})
        except NoReverseMatch:
            continue
    return found
