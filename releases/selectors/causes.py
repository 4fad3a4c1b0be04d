"""What causes each changed manifest line, as pages and the API tell it.

Read from a finished ``CauseSearch``; who made a change comes from the release.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from delivery.diffs import Line
from delivery.diffs.cause_groups import Stretch, Stretches, causes_in
from delivery.diffs.causes import Nobody, Role
from releases.changes import release_changes
from releases.models import CauseSearch, Release, SearchState

_NOBODY: Final = {
    Nobody.BY_ITSELF: "it differs with none of the changes made",
    Nobody.NOT_REPEATED: "with all changes made, it does not come out again",
    Nobody.CANNOT_TELL: "what would tell cannot be rendered",
}
_UNSTABLE: Final = "its output differs from run to run"


@dataclass(frozen=True)
class Cause:
    """One change behind lines of a hunk; ``uses`` is where a variable is named."""

    change: Mapping[str, Any]
    role: Role
    removed: Stretches
    added: Stretches
    uses: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Unexplained:
    """Lines of a hunk that no change explains, and why not, in words."""

    reason: Nobody
    detail: str
    removed: Stretches
    added: Stretches


@dataclass(frozen=True)
class Why:
    """What is behind lines of a hunk."""

    causes: tuple[Cause, ...]
    unexplained: tuple[Unexplained, ...]


@dataclass(frozen=True)
class Causes:
    """What is behind every hunk of the manifest diff of one release."""

    release: Release
    changes: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, Sequence[Stretch]]
    uses: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]

    @classmethod
    def read(
        cls,
        release: Release,
        search: CauseSearch | None,
        *,
        told: Sequence[Mapping[str, Any]] | None = None,
    ) -> "Causes | None":
        """Return what *search* found, once it has ended well.

        *told*, the changes of *release*, spare the query where the caller has them.
        """
        if search is None or search.state != SearchState.READY:
            return None
        rows = release_changes(release) if told is None else told
        told_of = {row["id"]: row for row in rows}
        bare = {"changed_by": None, "changed_at": None}
        result = search.result
        return cls(
            release,
            {
                change: {**bare, **words, "id": change, **told_of.get(change, {})}
                for change, words in result["changes"].items()
            },
            {
                path: [Stretch.from_json(row) for row in rows]
                for path, rows in result["files"].items()
            },
            result["uses"],
        )

    @property
    def unexplained(self) -> list[str]:
        """The paths of files with lines that nobody caused."""
        return [
            path
            for path, stretches in self.files.items()
            if any(stretch.why.nobody for stretch in stretches)
        ]

    def of(self, path: str, lines: Iterable[Line]) -> Why:
        """Return what is behind those of *lines* of a file that changed."""
        unit = path.partition("/")[0]
        causes, unexplained = [], []
        for one in causes_in(lines, self.files.get(path, ())):
            if one.nobody is not None:
                detail = self._detail(one.nobody)
                unexplained.append(
                    Unexplained(one.nobody, detail, one.removed, one.added)
                )
            elif one.role is not None:
                uses = self.uses.get(one.change, {}).get(unit, ())
                causes.append(
                    Cause(
                        self.changes[one.change],
                        one.role,
                        one.removed,
                        one.added,
                        uses,
                    )
                )
        return Why(tuple(causes), tuple(unexplained))

    def _detail(self, nobody: Nobody) -> str:
        words = _NOBODY[nobody]
        if nobody == Nobody.CANNOT_TELL:
            return words
        base = self.release.base_release
        before = base.rendering.engines if base else {}
        moved = _moved(before, self.release.rendering.engines) if before else ""
        return f"{words}: {moved or _UNSTABLE}"


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Say which engines are of another version."""
    names: Iterable[str] = sorted({*before, *after})
    return ", ".join(
        f"{name} {before.get(name, 'none')} → {after.get(name, 'none')}"
        for name in names
        if before.get(name) != after.get(name)
    )
