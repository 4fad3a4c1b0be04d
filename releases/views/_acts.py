"""What the reader may do with a release: one act in front, the rest with reasons."""

from typing import Any, Final

from django.urls import reverse

from releases.check_gates import NAMES
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
    "complete-approval": ("Conclude the approval", "badge-check"),
    "rollback": ("Roll back to this…", "undo-2"),
    "verify": ("Verify…", "shield-check"),
    "close": ("Close…", "lock"),
}
_PAGES: Final = frozenset({"edit", "cancel", "rollback", "verify", "close"})
_ON_THE_RECORD: Final = {"verify": "verification", "close": "closing"}
"""Parts of the page of evidence where these steps are taken."""
_IF_ALLOWED: Final = ("withdraw-vote", "complete-approval")
_FITS_THE_HEAD: Final = 60
"""Characters that stand beside a button without making it small."""
_FIRST: Final = {
    Status.DRAFT: "submit",
    Status.APPROVED: "deploy",
}
_MENU: Final = (
    "edit",
    "refresh",
    "recreate",
    "withdraw-vote",
    "rollback",
    "verify",
    "close",
    "cancel",
)


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
            "url": _url(name, where),
        }
    for name in _IF_ALLOWED:
        if name in found and not found[name]["allowed"]:
            del found[name]
    return found


def _url(name: str, where: list[Any]) -> str:
    if name in _ON_THE_RECORD:
        part = _ON_THE_RECORD[name]
        return f"{reverse('releases:evidence', args=where)}#{part}"
    if name in _PAGES:
        return reverse(f"releases:{name}", args=where)
    return reverse("releases:step", args=[*where, name])


def answered_below(page: ReleasePage) -> bool:
    """Say whether a warning below the head holds the ways out, and their buttons."""
    if page.release.status == Status.FAILED:
        return True
    return page.release.is_open and page.question.stale is not None


def ways_out(
    acts: dict[str, dict[str, Any]], *names: str, is_first: bool
) -> list[dict[str, Any]]:
    """Return the buttons of a warning; its first is the page's, where none else is."""
    found = [dict(acts[name]) for name in names if name in acts]
    if found and is_first:
        found[0]["tone"] = "primary"
    return found


def menu_of(page: ReleasePage, acts: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what stands in the menu: nothing that has a button below."""
    shown = {"refresh", "recreate"} if answered_below(page) else set()
    return [acts[name] for name in _MENU if name in acts and name not in shown]


def primary_of(
    page: ReleasePage, acts: dict[str, dict[str, Any]]
) -> dict[str, Any] | None:
    """Return the one act of the page's head, by state and rights."""
    if "complete-approval" in acts:
        return {**acts["complete-approval"], "tone": "primary"}
    approve = page.actions.get("approve")
    if approve is not None and approve.allowed:
        return {"label": "Review and vote", "icon": "badge-check", "jump": "#vote"}
    if answered_below(page):
        return None
    name = _FIRST.get(Status(page.release.status), "")
    if name not in acts:
        return None
    closed = len(_closed(page))
    said = acts[name]["reason"]
    if closed > 1:
        said = f"{closed} gates are closed"
    elif len(said) > _FITS_THE_HEAD:
        said = "one gate is closed"  # its sentence stands below
    return {**acts[name], "tone": "primary", "reason": said}


def _closed(page: ReleasePage) -> list[dict[str, Any]]:
    """Return the gates that do not pass; a check only closes with the rendering."""
    return [
        gate
        for gate in page.gates
        if gate["verdict"] != "pass" and gate["name"] not in NAMES
    ]


def _blocking(page: ReleasePage) -> str:
    """Return everything that stands in the way of a deploy, in a few words."""
    status = page.release.status
    facts, tally = page.question.progress
    short = {
        "rendering": "it is not rendered",
        "self_deploy": "its author may not deploy it",
        "source": "its source has moved",
    }
    if facts.required > tally.current:
        left = plural(facts.required - tally.current, "more approval")
        short["approvals"] = f"it needs {left}"
    blocked = {
        gate["name"]: short.get(gate["name"], gate["reason"]) for gate in _closed(page)
    }
    if status == Status.DRAFT:
        return "Submit it first"
    if len(blocked) > 1:
        blocked.pop("state", None)
    return "; ".join(blocked.values())
