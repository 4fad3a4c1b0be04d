"""What every page's frame shows, from whichever app knows it."""

from functools import cache
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet, Subquery
from django.http import HttpRequest

from approvals import selectors as approvals
from gitopshq.core import notifying
from gitopshq.core.models import User


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the theme of the person signed in, and what waits and is unread.

    Parts of pages show no badges: the two are counted where a template asks, together
    where it asks first for what waits.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"shell_theme": "auto", "shell_waiting": 0, "shell_unread": 0}

    @cache
    def badges() -> tuple[int, int]:
        return _badges(user)

    @cache
    def unread() -> int:
        if badges.cache_info().currsize:
            return badges()[1]
        # The page has counted by itself what waits.
        return notifying.notifications_of(user, unread=True).count()

    return {
        "shell_theme": user.theme,
        "shell_waiting": lambda: badges()[0],
        "shell_unread": unread,
    }


def _badges(user: User) -> tuple[int, int]:
    """Return how many requests wait for *user*, and how much they have not read."""
    counts = User.objects.filter(pk=user.pk).values_list(
        _count(approvals.waiting_for(user)),
        _count(notifying.notifications_of(user, unread=True)),
    )
    waiting, unread = counts.get()
    return waiting, unread


def _count(rows: QuerySet[Any]) -> Subquery:
    """Return the number of *rows* as a part of another query."""
    # Count() would group by the row; a bare function counts them all.
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return Subquery(rows.order_by().annotate(_number=number).values("_number"))
