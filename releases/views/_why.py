"""Why manifest lines change, as the viewer of diffs shows it: below each hunk."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from delivery.diffs import Line
from delivery.diffs.cause_groups import Stretches
from delivery.diffs.causes import Role
from releases.cause_requests import known_causes, refuse_too_many
from releases.errors import TooManyChanges
from releases.models import CauseSearch, Release
from releases.people import names_of
from releases.selectors.causes import Cause, Causes, Unexplained
from releases.selectors.release_page import ReleasePage
from releases.views._words import plural

_ROLES: Final = {
    Role.CAUSE: "",
    Role.ENOUGH: "enough by itself",
    Role.TOGETHER: "only together",
    Role.NEEDED: "needed for it",
}


class Reasons:
    """Why the lines of one release change, in words; looked up when it is asked.

    Its *page*, where there is one, knows the changes and the people already.
    """

    def __init__(self, release: Release, page: ReleasePage | None = None) -> None:
        self._release = release
        self._page = page

    @property
    def state(self) -> dict[str, Any]:
        """How far the search is, as ``releases/_why_state.html`` shows it."""
        release, search = self._release, self._search
        where = [release.project.slug, release.number]
        state = {"url": reverse("releases:why", args=where), "state": "", "detail": ""}
        if not release.rendering.tree:
            return {}
        if search is not None:
            state |= {"state": search.state, "detail": search.error}
            if self._found is not None and (paths := self._found.unexplained):
                state["nobody"] = plural(len(paths), "file")
            return state
        try:
            refuse_too_many(release, self._told)
        except TooManyChanges as refusal:
            state |= {"state": "refused", "detail": str(refusal)}
        return state

    def of(self, path: str, lines: Sequence[Line]) -> Mapping[str, Any] | None:
        """Return what ``ui/_why.html`` shows below *lines* of a file, if any."""
        if self._found is None:
            return None
        why = self._found.of(path, lines)
        if not why.causes and not why.unexplained:
            return None
        return {
            "causes": [self._cause(one) for one in why.causes],
            "nobody": [
                {"lines": _lines(one), "detail": one.detail} for one in why.unexplained
            ],
        }

    @cached_property
    def _search(self) -> CauseSearch | None:
        return known_causes(self._release)

    @cached_property
    def _found(self) -> Causes | None:
        return Causes.read(self._release, self._search, told=self._told)

    @property
    def _told(self) -> Sequence[Mapping[str, Any]] | None:
        return self._page.documents if self._page else None

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """How people are called, by login."""
        if self._page is not None:
            return self._page.names
        changes = self._found.changes.values() if self._found else ()
        return names_of(row["changed_by"] for row in changes)

    def _cause(self, one: Cause) -> dict[str, Any]:
        change = one.change
        login, at = change["changed_by"], change["changed_at"]
        return {
            "summary": change["summary"],
            "type": change["type"],
            "url": f"{self._release.get_absolute_url()}#change-{change['id']}",
            "by": self._names.get(login, login) if login else "",
            "at": parse_datetime(at) if isinstance(at, str) else at,
            "role": _ROLES[one.role],
            "lines": _lines(one),
            "uses": [f"{use['file']}:{use['line']}" for use in one.uses],
        }


def _lines(one: Cause | Unexplained) -> str:
    """Return the lines as people call them; the new ones where there are any."""
    stretches = one.added or one.removed
    prefix = "" if one.added else "old "
    is_one = len(stretches) == 1 and stretches[0][0] == stretches[0][1]
    return f"{prefix}{'line' if is_one else 'lines'} {_numbers(stretches)}"


def _numbers(stretches: Stretches) -> str:
    return ", ".join(
        f"{first}" if first == last else f"{first} to {last}"
        for first, last in stretches
    )
