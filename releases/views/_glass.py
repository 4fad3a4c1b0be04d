"""The freeze a release meets, and break-glass, as its page shows them."""

from typing import Any

from django.urls import reverse

from environments.views.frame import link
from gitopshq.core.instants import on_the_clock
from releases.glass import GlassState, state_of
from releases.models import Status
from releases.planning import planning_warnings
from releases.selectors.release_page import ReleasePage
from releases.views._words import frozen_words, sentence

_SAID = {
    GlassState.WAITING: "Waits for a second person",
    GlassState.LAPSED: "Nobody confirmed it in time",
    GlassState.OPEN: "The freeze is set aside",
    GlassState.EXPIRED: "Over",
}


def context(page: ReleasePage) -> dict[str, Any]:
    """Return what the page needs for ``_break_glass.html`` and the freeze above it."""
    release, at = page.release, page.question.at
    where = [release.project.slug, release.number]
    rows = [
        {"row": row, "state": state.value, "said": _SAID[state]}
        for row in page.question.glasses
        for state in [state_of(row, at)]
    ]
    ask = page.actions.get("break-glass")
    confirm = page.actions.get("break-glass/confirm")
    environment = release.target.environment
    waits = any(row["state"] == GlassState.WAITING for row in rows)
    return {
        "freeze_said": _freeze_said(page),
        "freeze_url": link("environments:policy", where[0], environment.slug),
        "glass": {
            "rows": rows,
            "is_offered": ask is not None,
            "may_ask": bool(ask and ask.allowed),
            "why_not_ask": sentence(ask.reason) if ask else "",
            "ask_url": reverse("releases:break_glass", args=where),
            "waits": waits and confirm is not None,
            "may_confirm": bool(confirm and confirm.allowed),
            "why_not_confirm": sentence(confirm.reason) if confirm else "",
            "confirm_url": reverse("releases:confirm_break_glass", args=where),
        },
        "plan_warnings": [
            sentence(one) for one in planning_warnings(release, at, say=on_the_clock)
        ],
    }


def _freeze_said(page: ReleasePage) -> str:
    """Say that the environment is frozen, while that holds this release back."""
    release = page.release
    ahead = release.is_open and release.status != Status.DEPLOYING
    if not (ahead or "retry" in page.actions) or not page.question.freeze.is_frozen:
        return ""
    return frozen_words(page.question.freeze, release.target.environment.slug)
