"""What the reader may do with a release: one act in front, the rest with reasons."""

from typing import Any, Final

from django.urls import reverse

from releases.models import Status
from releases.selectors.release_page import ReleasePage
from releases.views._words import plural, sentence

_LABELS: Final = {
    "submit": ("Submit for approval", "git-pull-request-arrow"),
    "deploy": ("Deploy", "rocket"),
    "retry": ("Retry", "refresh-cw"),
    "refresh": ("Refresh", "refresh-cw"),
    "recreate": ("Recreate", "copy"),
    "edit": ("Edit", "pencil"),
    "cancel": ("Cancel release…", "ban"),
    "withdraw-vote": ("Withdraw my vote", "undo-2"),
}
_PAGES: Final = frozenset({"edit", "cancel"})
_FIRST: Final = {
    Status.DRAFT: "submit",
    Status.APPROVED: "deploy",
    Status.FAILED: "retry",
}
_MENU: Final = ("edit", "refresh", "recreate", "withdraw-vote", "cancel")


def acts_of(page: ReleasePage) -> dict[str, dict[str, Any]]:
    """Return what can be done in this state, by name, with reasons for what cannot."""
    release = page.release
    where = [release.project.slug, release.number]
    found = {}
    for name, one in page.actions.items():
        if name not in _LABELS:
            continue
        label, icon = _LABELS[name]
        is_page = name in _PAGES
        found[name] = {
            "id": name,
            "label": label,
            "icon": icon,
            "allowed": one.allowed,
            "reason": sentence(_blocking(page) if name == "deploy" else one.reason),
            "is_page": is_page,
            "url": reverse(f"releases:{name}", args=where)
            if is_page
            else reverse("releases:step", args=[*where, name]),
        }
    if "withdraw-vote" in found and not found["withdraw-vote"]["allowed"]:
        del found["withdraw-vote"]
    return found


def menu_of(acts: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what stands in the menu."""
    return [acts[name] for name in _MENU if name in acts]


def primary_of(
    page: ReleasePage, acts: dict[str, dict[str, Any]]
) -> dict[str, Any] | None:
    """Return the one act of the page's head, by state and rights."""
    approve = page.actions.get("approve")
    if approve is not None and approve.allowed:
        return {"label": "Review and vote", "icon": "badge-check", "jump": "#vote"}
    if page.question.stale is not None and "refresh" in acts:
        return {**acts["refresh"], "tone": "primary"}
    name = _FIRST.get(Status(page.release.status), "")
    if name == "retry" and name not in acts:
        name = "recreate"
    return {**acts[name], "tone": "primary"} if name in acts else None


def _blocking(page: ReleasePage) -> str:
    """Return everything that stands in the way of a deploy, in a few words."""
    status = page.release.status
    _, facts, tally = page.question.progress
    short = {
        "rendering": "it is not rendered",
        "self_deploy": "its author may not deploy it",
        "source": "its source has moved",
    }
    if facts.required > tally.current:
        left = plural(facts.required - tally.current, "more approval")
        short["approvals"] = f"it needs {left}"
    blocked = {
        gate["name"]: short.get(gate["name"], gate["reason"])
        for gate in page.gates
        if gate["verdict"] != "pass"
    }
    if status == Status.DRAFT:
        return "Submit it first"
    if len(blocked) > 1:
        blocked.pop("state", None)
    return "; ".join(blocked.values())
