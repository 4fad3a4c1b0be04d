"""What the inbox shows of a release beside its list: gates, the first of its diff."""

from collections.abc import Mapping
from typing import Any, Final

from delivery.diffs import FileDiff
from gitopshq.core.instants import with_clock_times
from gitopshq.core.models import User
from releases.check_gates import drawn_of, state_of
from releases.following import as_one
from releases.gates import ahead_of, evaluate
from releases.questions import Verdict
from releases.selectors.content import Level, diffs_of
from releases.selectors.finding import whole

ROWS: Final = 200
_OF_WHO_DEPLOYS: Final = frozenset({"permission", "state", "self_deploy"})


def peek_at_release(pk: int, user: User) -> Mapping[str, Any]:
    """Return what the release's fragment in the inbox needs; *user* may view it."""
    release = as_one(whole(user).get(pk=pk))
    question = ahead_of(release, user)
    asked = [one for one in evaluate(question) if one.name not in _OF_WHO_DEPLOYS]
    gates = drawn_of(one.document for one in asked)
    drawn = [_gate(gate) for gate in gates]
    # What is committed, once it is rendered; until then what it means.
    level = Level.MANIFEST if release.rendering.tree else Level.RESOLVED
    files = diffs_of(release, level)
    shown, is_cut = _first(files)
    return {
        "gates": [gate for gate in drawn if gate["state"] != Verdict.PASS],
        "gate_count": len(gates),
        "passed": sum(gate["verdict"] == Verdict.PASS for gate in gates),
        "problems": release.rendering.errors,
        "level": level.value,
        "levels": [
            {
                "label": one.value.capitalize(),
                "url": f"{release.get_absolute_url()}?diff={one.value}#diff",
            }
            for one in Level
        ],
        "added": sum(file.added for file in files),
        "removed": sum(file.removed for file in files),
        "files": shown,
        "file_count": len(files),
        "is_cut": is_cut,
        "more_url": f"{release.get_absolute_url()}?diff={level.value}#diff",
    }


def _gate(gate: Mapping[str, Any]) -> dict[str, Any]:
    reason = gate["reason"]
    return {
        "name": gate["title"],
        "state": state_of(gate),
        "why": with_clock_times(f"{reason[:1].upper()}{reason[1:]}"),
        "changes_at": gate["next_change"],
    }


def _first(files: list[FileDiff]) -> tuple[list[dict[str, Any]], bool]:
    """Return the first lines as the diff fragment takes them, and whether some lack."""
    left = ROWS
    shown: list[dict[str, Any]] = []
    for file in files:
        if left <= 0:
            return shown, True
        hunks = []
        for hunk in file.hunks:
            hunks.append({"lines": hunk.lines[: max(left, 0)]})
            left -= len(hunk.lines)
        shown.append(
            {"path": file.path, "hunks": [one for one in hunks if one["lines"]]}
        )
    return shown, left < 0
