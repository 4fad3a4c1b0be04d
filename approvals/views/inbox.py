"""The inbox as a page: the list, its filters, and a peek at one request."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from approvals import selectors
from approvals.forms import is_key
from approvals.inbox import InboxRow, Peek, inbox_rows, peek_at
from approvals.models import ApprovalRequest, RequestKind
from approvals.views._filters import CHOICES, query_of
from gitopshq.core.answers import status_of
from gitopshq.core.api.lists import page_of
from gitopshq.core.forms import RefusableForm
from gitopshq.core.live import live
from gitopshq.core.web import PageRequest

PEEK: Final = "peek"


@require_GET
@login_required
@live
def waiting(request: PageRequest) -> HttpResponse:
    """Answer with what the frame of a page says of how much waits and is unread."""
    if not request.htmx:
        return redirect("approvals:inbox")
    return render(request, "approvals/_waiting.html")


@require_GET
@login_required
@live
def inbox(request: PageRequest) -> HttpResponse:
    """Show what waits for the reader; ``show`` all or mine widens it.

    ``item`` opens one request beside the list, whether or not it stands in it;
    ``after`` is the one decided last: the focus goes to the row behind it.
    """
    found = item_of(request)
    if _wants_fragment(request) and request.htmx.target == PEEK:
        return render(request, "approvals/_peek.html", _peeked(found, request))
    return show(request, item=found)


def show(
    request: PageRequest,
    *,
    item: ApprovalRequest | None = None,
    refused: RefusableForm | None = None,
    refused_on: ApprovalRequest | None = None,
    refusal: str = "",
    ticked: list[str] | None = None,
) -> HttpResponse:
    """Answer with the inbox under the filters of ``request.GET``.

    *refused* is the form of a vote on *refused_on* that was not taken; *refusal* says
    why nothing of a bulk was.
    """
    context = {
        **_list(request),
        **_saved(request),
        **_peeked(item, request),
        "refused": refused,
        "refused_on": refused_on,
        "refusal": refusal,
        "crumbs": [{"label": "Approvals"}],
    }
    if ticked is not None:
        context["ticked"] = ticked
    elif request.GET.get("ticked") == "all":
        context["ticked"] = [row.box for row in context["rows"] if row.may_reject]
    context["focus"] = _behind(request.GET.get("after", ""), context["rows"])
    name = "_inbox" if _wants_fragment(request) else "inbox"
    status = 400 if refusal else status_of(refused)
    return render(request, f"approvals/{name}.html", context, status=status)


def _list(request: PageRequest) -> dict[str, Any]:
    user, query = request.user, request.GET
    chosen: dict[str, Any] = {name: query.get(name, "") for name in CHOICES}
    is_stale = True if query.get("stale") else None
    view = query.get("show", "")
    found = selectors.open_requests(user, **chosen, stale=is_stale)
    overview = selectors.overview_for(user, **chosen, stale=is_stale)
    if view == "mine":
        found = found.filter(requester=user)
    elif view != "all":
        found = found.filter(selectors.approvable_by(user))
    page, following = page_of(found, query)
    tabs = [
        _tab("Waiting for me", "", query, overview.waiting),
        _tab("All open", "all", query, overview.everything),
        _tab("Mine", "mine", query, overview.mine),
    ]
    set_count = sum(map(bool, (is_stale, *chosen.values())))
    # All that waits is also what the frame tells: it is not counted again.
    badge = {} if set_count else {"shell_waiting": overview.waiting}
    return {
        **badge,
        "rows": inbox_rows(page, user),
        "next": following,
        "total": next((tab for tab in tabs if tab["current"]), tabs[0])["count"],
        "tabs": tabs,
        "show": view,
        "chosen": chosen,
        "is_stale": is_stale,
        "set_count": set_count,
        "kinds": RequestKind.choices,
        "projects": overview.projects,
        "environments": overview.environments,
        "requesters": overview.requesters,
    }


def _saved(request: PageRequest) -> dict[str, Any]:
    """Return the views that the reader keeps, and which of them this is."""
    asked = query_of(request.GET)
    views = list(request.user.inbox_views.order_by("name"))
    return {
        "asked": asked,
        "saved_views": views,
        "saved_view": next((view for view in views if view.query == asked), None),
    }


def _peeked(item: ApprovalRequest | None, request: PageRequest) -> dict[str, Any]:
    peek: Peek | None = peek_at(item, request.user) if item is not None else None
    back = _without(request.GET, "after", "ticked")
    return {
        "peek": peek,
        "item": item,
        "back": back.urlencode(),
        "unpeeked": _without(back, "item").urlencode(),
    }


def item_of(request: PageRequest) -> ApprovalRequest | None:
    """Return the request that the address opens beside the list, if it does."""
    pk = request.GET.get("item", "")
    return selectors.visible_request(request.user, int(pk)) if is_key(pk) else None


def _tab(label: str, view: str, query: QueryDict, count: int) -> dict[str, Any]:
    asked = _without(query, "show", "cursor", "item", "ticked", "after")
    if view:
        asked["show"] = view
    return {
        "label": label,
        "count": count,
        "url": f"?{asked.urlencode()}",
        "current": query.get("show", "") == view,
    }


def _without(query: QueryDict, *names: str) -> QueryDict:
    rest = query.copy()
    for name in names:
        rest.pop(name, None)
    return rest


def _behind(after: str, rows: list[InboxRow]) -> int | None:
    """Return the row to go on with: the next older one, else the last there is."""
    if not is_key(after) or not rows:
        return None
    keys = [row.request.pk for row in rows]
    return next((pk for pk in keys if pk < int(after)), keys[-1])


def _wants_fragment(request: PageRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request
