"""The page of a release as its templates show it: head, acts, gates, votes, proof."""

from itertools import zip_longest
from typing import Any, Final

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from gitopshq.core.instants import with_clock_times
from gitopshq.core.models import User
from gitopshq.core.web import joined
from releases.check_gates import drawn_of, state_of
from releases.foreseeing import keeps_votes
from releases.models import (
    CANCELLABLE,
    FailureType,
    Release,
    RollbackScope,
    Status,
)
from releases.selectors import Diffs
from releases.selectors.content import Level, marks_left_between
from releases.selectors.release_page import ReleasePage
from releases.selectors.viewed import marks_of
from releases.views import _changes, _deploys, _diffs, _glass, _life, _shipping, _votes
from releases.views._acts import acts_of, menu_of, primary_of, ways_out
from releases.views._looking import Look
from releases.views._sheet import Source
from releases.views._values import Values
from releases.views._why import Reasons
from releases.views._words import plural, sentence

_OVER: Final = {
    Status.CANCELLED: "It is cancelled: kept for the record, view only.",
    Status.ROLLED_BACK: "It was rolled back: kept for the record, view only.",
}
_WAYS_OUT: Final = {
    FailureType.TEMPLATE_ERROR: "Mend the template or the values, then recreate.",
    FailureType.VARIABLE_UNRESOLVED: "Give the variable a value, then recreate.",
    FailureType.GIT_CONFLICT: "Others were committing at the same time. Retry.",
    FailureType.ENVIRONMENT_FROZEN: "Wait for the end of the freeze, then retry.",
    FailureType.INTERNAL_ERROR: "The worker did not finish. Retry.",
}
_NO_MANIFESTS: Final = {
    "pending": "They are being made.",
    "failed": "They cannot be made: the errors above say why.",
    "ready": "",
}


def context(page: ReleasePage, user: User) -> dict[str, Any]:
    """Return everything but the diffs."""
    release = page.release
    acts = acts_of(page)
    primary = primary_of(page, acts)
    own = {
        "release": release,
        "target": release.target,
        "project": release.project,
        "primary": primary,
        "menu": menu_of(page, acts),
        "acts": acts,
        "timeline": _life.steps(page),
        **_gates_panel(page),
        "gates_now": page.is_gated,
        "shipping": _shipping.lines(page.shipping),
        "deploy": acts.get("deploy"),
        "changes": _changes.shipped_changes(
            page.documents,
            place={
                "tenant": release.target.tenant.slug,
                "environment": release.target.environment.slug,
            },
            names=page.names,
        ),
        "services": _services(page),
        "problems": release.rendering.errors if release.is_open else [],
        "over": _OVER.get(Status(release.status), ""),
        "failure": _failure(page, acts),
        "stale": _stale(page, acts, is_first=primary is None),
        "commit": _deploys.commit_of(page),
        "recreated_as": page.recreated_as,
        "rollback_parts": _rollback_parts(release),
        "undone": page.undone,
        "marks_left": _marks_left(release),
        "is_current": page.deployed is not None
        and page.deployed.release_id == release.pk,
    }
    return joined(
        own,
        _glass.context(page),
        _votes.context(page, user),
        _deploys.progress(release, page.attempt),
    )


def source(release: Release, user: User, reasons: Reasons | None = None) -> Source:
    """Return where the diffs of *release* come from, for *user* to go through."""
    where = [release.project.slug, release.number]
    diffs = Diffs.of_release(release)
    return Source(
        diffs.at,
        release.get_absolute_url(),
        below={
            Level.MANIFEST: (reasons or Reasons(release)).of,
            Level.RESOLVED: Values.of_release(release, diffs).of,
        },
        resources=release.rendering.facts.get("resources"),
        marks_of=lambda level, files: marks_of(user, release.target, level, files),
        viewed_url=reverse("releases:viewed", args=where),
    )


def look_at(release: Release, look: Look) -> Look:
    """Return *look* at what is committed, once it is rendered, if it says nothing."""
    level = Level.MANIFEST if release.rendering.tree else Level.RESOLVED
    return look.at(look.level or level.value)


def review(page: ReleasePage, look: Look, user: User) -> dict[str, Any]:
    """Return the chosen diff of the release with its tabs."""
    release = page.release
    base = release.base_release
    reasons, look = Reasons(release, page), look_at(release, look)
    shown = _diffs.review(source(release, user, reasons), look)
    why = reasons.state if look.level == Level.MANIFEST else {}
    against = f"against {base.name}" if base else "nothing was deployed before"
    waits = "" if release.rendering.tree else _NO_MANIFESTS[release.rendering.state]
    return {**shown, "base": against, "no_manifests": waits, "why": why}


def words(release: Release) -> dict[str, Any]:
    """Return what the form of a draft starts with."""
    names = (
        "title",
        "notes",
        "ticket",
        "planned_start",
        "planned_end",
        "rollback_plan",
        "fallback_owner",
    )
    return {name: getattr(release, name) for name in names}


def consequences_of_cancelling(page: ReleasePage) -> list[str]:
    """Say what cancelling does in the state the release is in."""
    release = page.release
    count = plural(len(page.documents), "change")
    said = [f"{count} of {release.target} can be released again."]
    if release.status == Status.PENDING_APPROVAL:
        said.append("Votes given so far are void, and the approvers are told.")
    if release.status == Status.APPROVED:
        said.append("It stays in the history as approved and can never be deployed.")
    return said


def _gates_panel(page: ReleasePage) -> dict[str, Any]:
    """Return the gates, how many pass, and how many of them say nothing more."""
    gates = _gates(page)
    warned = sum(gate["state"] == "warn" for gate in gates)
    quiet = sum(gate["state"] == "pass" for gate in gates)
    return {"gates": gates, "gates_passed": quiet + warned, "gates_quiet": quiet}


def _gates(page: ReleasePage) -> list[dict[str, Any]]:
    ways = {
        "source": ("#stale", "See what moved"),
        "approvals": ("#vote", "Votes"),
        "rendering": ("#problems-h", "See the errors"),
    }
    if not page.is_gated or page.question.stale is None:
        del ways["source"]
    if not page.release.rendering.errors:
        del ways["rendering"]
    found = []
    for gate in drawn_of(page.gates):
        state = state_of(gate)
        url, label = ways.get(gate["name"], ("", "")) if page.is_gated else ("", "")
        at = gate.get("next_change") if page.is_gated else None
        found.append(
            {
                "name": gate["title"],
                "state": state,
                "why": _why(gate, at=at),
                "next_url": url if state in {"wait", "fail"} else "",
                "next": label,
                "changes_at": parse_datetime(at) if isinstance(at, str) else at,
            }
        )
    return found


def _why(gate: dict[str, Any], *, at: object) -> str:
    said = gate["reason"]
    if gate["name"] == "source" and gate["verdict"] != "pass":
        said = "the source has moved since it was cut"
    return f"{sentence(said)}." if at else sentence(said)


def _marks_left(release: Release) -> list[str]:
    """Return what approving a rollback means that cannot be taken back."""
    if release.rollback_to is None or release.base_release is None:
        return []
    if not release.is_open:
        return []
    return marks_left_between(
        release.project, release.base_release.rendering.tree, release.rendering.tree
    )


def _rollback_parts(release: Release) -> str:
    """Return what of it goes back, "" where that is all."""
    parts = release.rollback_parts
    if release.rollback_scope == RollbackScope.FIELD:
        return plural(len(parts), "field")
    return ", ".join(parts)


def _services(page: ReleasePage) -> list[str]:
    """Return the services that the changes name, so that scope is explicit."""
    named = {
        document["service"] or document["object"]
        for document in page.documents
        if document["type"] == "workload" or document["service"]
    }
    return sorted(name for name in named if "/" not in name)


def _stale(
    page: ReleasePage, acts: dict[str, dict[str, Any]], *, is_first: bool
) -> dict[str, Any] | None:
    found = page.question.stale if page.release.status in CANCELLABLE else None
    if found is None:
        return None
    buttons = ways_out(acts, "refresh", "recreate", is_first=is_first)
    votes = len(page.question.progress.tally.votes)
    outlook = keeps_votes(page.release) if votes else None
    return {
        "overtaken_by": found.overtaken_by,
        "moved": list(zip_longest(found.moved, found.moved_by, fillvalue="")),
        "by": ", ".join(found.by),
        "baseline": found.baseline_sha[:10],
        "current": found.current_sha[:10],
        "votes": plural(votes, "vote") if votes else "",
        "keeps_votes": outlook,
        "acts": [_with_fate(act, votes, keeps=outlook) for act in buttons],
    }


def _with_fate(
    act: dict[str, Any], votes: int, *, keeps: bool | None
) -> dict[str, Any]:
    """Have a button say what becomes of the votes, where that is known."""
    survive = keeps if act["id"] == "refresh" else False
    if not votes or survive is None:
        return act
    fate = "keeps" if survive else "voids"
    return {**act, "label": f"{act['label']} ({fate} {plural(votes, 'vote')})"}


def _failure(
    page: ReleasePage, acts: dict[str, dict[str, Any]]
) -> dict[str, Any] | None:
    release = page.release
    if release.status != Status.FAILED:
        return None
    kind = release.failure_type
    return {
        "type": kind,
        "title": kind.replace("_", " ").capitalize(),
        "detail": with_clock_times(release.failure_detail),
        "problems": release.rendering.errors,
        "way_out": _WAYS_OUT.get(kind, "What a gate refused has changed. Recreate."),
        "acts": ways_out(acts, "retry", "recreate", is_first=True),
    }
