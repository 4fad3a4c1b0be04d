"""What every page's frame shows, from whichever app knows it."""

from typing import Any

from django.http import HttpRequest

from approvals import selectors as approvals


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the approvals badge and the theme of the person signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"shell_theme": "auto", "shell_waiting": 0}
    return {
        "shell_theme": user.theme,
        "shell_waiting": approvals.waiting_for(user).count(),
    }
