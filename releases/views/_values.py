"""The variables behind resolved lines, as the viewer of diffs shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from django.urls import reverse

from delivery.diffs import Line, LineKind
from environments.desired.resolving import mask_of
from environments.desired.state import VariableState
from environments.desired.tracing import Traced
from environments.models import TenantEnvironment
from environments.selectors import LastEdit
from environments.selectors.variable_table import scope_labels
from releases.models import Release, Snapshot
from releases.selectors import Diffs
from releases.selectors.content import Level
from releases.selectors.resolved_values import ValuesBehind, values_behind


@dataclass
class Values:
    """What stands behind the resolved values of a snapshot; looked up when asked.

    *is_known* tells which edits were made before it.
    """

    target: TenantEnvironment
    snapshot: Snapshot
    diffs: Diffs
    is_known: Callable[[LastEdit], bool]

    @classmethod
    def of_release(cls, release: Release, diffs: Diffs) -> Self:
        def is_known(edit: LastEdit) -> bool:
            return edit.sequence <= release.baseline_edit

        return cls(release.target, release.snapshot, diffs, is_known)

    @classmethod
    def of_preview(
        cls, target: TenantEnvironment, snapshot: Snapshot, diffs: Diffs
    ) -> Self:
        def is_known(edit: LastEdit) -> bool:
            return edit.at <= snapshot.created_at

        return cls(target, snapshot, diffs, is_known)

    def of(self, path: str, lines: Sequence[Line]) -> Mapping[str, Any] | None:
        """Return what ``ui/_why.html`` shows below *lines* of a file, if any."""
        if all(line.kind == LineKind.SAME for line in lines):
            return None
        behind = self._behind.lines.get(path, {})
        found: dict[tuple[str, tuple[str, ...]], tuple[Traced, list[int]]] = {}
        for line in lines:
            for one in behind.get(line.new_number or 0, ()):
                _, at = found.setdefault((one.key, one.scopes), (one, []))
                at.append(line.new_number or 0)
        if not found:
            return None
        return {"variables": [self._value(one, at) for one, at in found.values()]}

    @cached_property
    def _behind(self) -> ValuesBehind:
        files = {file.path for file in self.diffs.at(Level.RESOLVED)}
        return values_behind(
            self.snapshot, files, is_known=self.is_known, texts=self.diffs.texts
        )

    def _value(self, one: Traced, at: Sequence[int]) -> dict[str, Any]:
        labels = {
            scope.value: label
            for scope, label in scope_labels(self.target, one.service or "").items()
        }
        rows = {row.scope: row for row in one.rows}
        winner = one.rows[0] if one.rows else None
        return {
            "key": one.key,
            "url": self._explained_at(one),
            "value": _shown(winner) if winner else "not set",
            "scope": labels[winner.scope] if winner else "",
            "lines": ", ".join(map(str, dict.fromkeys(at))),
            "is_one": len(set(at)) == 1,
            "links": [
                self._link(labels[scope], rows.get(scope), winner)
                for scope in one.scopes
            ],
        }

    def _explained_at(self, one: Traced) -> str:
        """Return where the page of variables explains what holds there now."""
        target = self.target
        chosen = {
            "tenant": target.tenant.slug,
            "environment": target.environment.slug,
            "service": one.service or "",
            "key": one.key,
        }
        page = reverse("environments:variables", args=[target.project.slug])
        return f"{page}?{urlencode(chosen)}#explain"

    def _link(
        self, label: str, row: VariableState | None, winner: VariableState | None
    ) -> dict[str, Any]:
        if row is None:
            return {"scope": label, "set": False}
        edit = self._behind.edits.get(row)
        return {
            "scope": label,
            "set": True,
            "wins": row == winner,
            "value": _shown(row),
            "by": edit.actor.label if edit and edit.actor else "",
            "at": edit.at if edit else None,
        }


def _shown(row: VariableState) -> str:
    return mask_of(row.fingerprint) if row.fingerprint else row.value or '""'
