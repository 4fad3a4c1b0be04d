"""The frame of one's own pages: where one is, and the tabs beside it."""

from typing import Any, Final

from django.urls import reverse

_PAGES: Final = {
    "Profile": "core:profile",
    "Tokens": "core:tokens",
    "Notifications": "core:notifications",
}


def frame(current: str, *, below: str = "") -> dict[str, Any]:
    """Return crumbs and tabs for a page, or for the one *below* it."""
    url = reverse(_PAGES[current])
    return {
        "crumbs": [
            {"label": "You", "url": reverse("core:profile")},
            *([{"label": current, "url": url}] if below else []),
            {"label": below or current},
        ],
        "tabs": [
            {"label": label, "url": reverse(name), "current": label == current}
            for label, name in _PAGES.items()
        ],
    }
