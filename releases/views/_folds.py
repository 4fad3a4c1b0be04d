"""A file's hunks with what lies between them: unchanged lines and noise, folded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from delivery.diffs import (
    FileDiff,
    Gap,
    Hunk,
    LineKind,
    Noise,
    gaps_of,
    lines_of,
    path_of,
    split_lines,
    steps_to,
)
from gitopshq.core.diff_markup import DiffLine
from releases.views._looking import Look, Place
from releases.views._words import plural

STEP: Final = 10
"""Lines that one link shows more."""
AROUND: Final = 3
"""Lines shown on either side of a line that is linked to."""
_ENDS: Final = 2
"""Of a range; one place alone is a line."""

_WORDS: Final = {
    "up": ("arrow-up", f"{STEP}", "more lines above"),
    "all": ("", "Show {}", ""),
    "down": ("arrow-down", f"{STEP}", "more lines below"),
}


def parts_of(
    file: FileDiff,
    noise: Sequence[Noise | None],
    *,
    anchor: str,
    look: Look,
    url: str,
    is_apart: bool = False,
) -> list[dict[str, Any]]:
    """Return what ``ui/_diff.html`` shows of a file: hunks, folds, lines shown more.

    *noise* tells of each hunk what noise it is. *is_apart* is said of a file that the
    page lacks at first: links to its lines are addresses then that bring it along.
    """
    here = f"{url}?diff={look.level}&line="
    return _Folder(file, anchor, look, url, here, here if is_apart else "").parts(noise)


@dataclass(frozen=True)
class _Folder:
    file: FileDiff
    anchor: str
    look: Look
    url: str
    here: str
    link: str

    def parts(self, noise: Sequence[Noise | None]) -> list[dict[str, Any]]:
        hunks, gaps = self.file.hunks, gaps_of(self.file)
        if not gaps:
            return [{"lines": hunk.lines, "link": self.link} for hunk in hunks]
        folded = [
            kind if self._is_folded(hunk, kind) else None
            for hunk, kind in zip(hunks, noise, strict=True)
        ]
        paths = self._paths() if self.file.path.endswith((".yaml", ".yml")) else {}
        is_all_noise = all(folded)
        parts: list[dict[str, Any]] = []
        run: list[int] = []
        for index, gap in enumerate(gaps):
            is_inside = bool(run) and index < len(hunks) and bool(folded[index])
            shown = self._shown(gap, index, is_last=index == len(hunks))
            if any(shown) or not (is_inside or is_all_noise):
                parts += self._noise(run, folded)
                run = []
                parts += self._gap(gap, index, shown, paths.get(index, ""))
            if index == len(hunks):
                continue
            if folded[index]:
                run.append(index)
            else:
                parts.append({"lines": hunks[index].lines, "link": self.link})
        return parts + self._noise(run, folded)

    def _is_folded(self, hunk: Hunk, noise: Noise | None) -> bool:
        if noise is None or self.look.shows_noise_of(self.anchor):
            return False
        asked = self.look.places(self.anchor)
        return not any(is_at(line, place) for line in hunk.lines for place in asked)

    def _paths(self) -> dict[int, str]:
        """Return by hunk under which keys the first of its changes is."""
        firsts = {
            index: next(line for line in hunk.lines if line.kind != LineKind.SAME)
            for index, hunk in enumerate(self.file.hunks)
        }
        old = {
            index: line.old_number - 1
            for index, line in firsts.items()
            if line.old_number is not None
        }
        new = {
            index: line.new_number - 1
            for index, line in firsts.items()
            if line.new_number is not None
        }
        found = {}
        for text, wanted in ((self.file.before, old), (self.file.after, new)):
            steps = steps_to(split_lines(text), set(wanted.values()))
            found.update({index: path_of(steps[at]) for index, at in wanted.items()})
        return found

    def _gap(
        self, gap: Gap, index: int, shown: tuple[int, int], path: str
    ) -> list[dict[str, Any]]:
        head, tail = shown
        left = gap.size - head - tail
        parts: list[dict[str, Any]] = []
        if head:
            lines = lines_of(self.file, gap, 0, head)
            parts.append({"lines": lines, "link": self.here})
        if left:
            more = self._more(gap, index, shown)
            parts.append({"skipped": left, "more": more, "path": path})
        if tail:
            lines = lines_of(self.file, gap, gap.size - tail, gap.size)
            parts.append({"lines": lines, "link": self.here})
        return parts

    def _noise(
        self, run: Sequence[int], folded: Sequence[Noise | None]
    ) -> list[dict[str, Any]]:
        """Return one fold for hunks of noise that follow each other."""
        if not run:
            return []
        kinds = {folded[index] for index in run}
        kind = kinds.pop() if len(kinds) == 1 else Noise.BOTH
        lines = sum(
            line.kind != LineKind.SAME
            for index in run
            for line in self.file.hunks[index].lines
        )
        then = replace(self.look, noise=self.look.noise | {self.anchor})
        words = f"Show {plural(len(run), 'hunk')} of {kind} only"
        link = {
            "id": f"{self.anchor}-n{run[0]}",
            "words": words,
            "said": plural(lines, "line"),
            **self._urls(then, f"#{self.anchor}"),
        }
        return [{"skipped": lines, "more": [link]}]

    def _shown(self, gap: Gap, index: int, *, is_last: bool) -> tuple[int, int]:
        """Return how many lines of a gap's start and end are shown, at most all."""
        head, tail = self.look.opened.get((self.anchor, index), (0, 0))
        for side, number in self.look.places(self.anchor):
            at = number - (gap.new_start if side == "R" else gap.old_start)
            if not 0 <= at < gap.size:
                continue
            # The nearer end opens up to the line; the file's own ends are no hunk.
            if is_last or (index and at < gap.size // 2):
                head = max(head, at + 1 + AROUND)
            else:
                tail = max(tail, gap.size - at + AROUND)
        head = min(head, gap.size)
        return head, min(tail, gap.size - head)

    def _more(
        self, gap: Gap, index: int, shown: tuple[int, int]
    ) -> list[dict[str, str]]:
        """Return links that show more of a gap."""
        head, tail = shown
        left = gap.size - head - tail
        start, end = gap.new_start + head, gap.new_start + gap.size - tail
        found = [self._link("all", index, (gap.size, 0), left, start)]
        if left > STEP and index < len(self.file.hunks):
            then = (head, tail + STEP)
            found.insert(0, self._link("up", index, then, left, end - STEP))
        if left > STEP and index:
            found.append(self._link("down", index, (head + STEP, tail), left, start))
        return found

    def _link(
        self, kind: str, index: int, shown: tuple[int, int], left: int, first: int
    ) -> dict[str, str]:
        icon, words, hidden = _WORDS[kind]
        then = self.look.open(self.anchor, index, shown)
        return {
            "id": f"{self.anchor}-g{index}-{kind}",
            "icon": icon,
            "words": words.format(plural(left, "unchanged line")),
            "hidden": hidden,
            **self._urls(then, f"#{self.anchor}-R{first}"),
        }

    def _urls(self, then: Look, place: str) -> dict[str, str]:
        """Return the address of the whole page, and of this file alone."""
        page = replace(then, file=None, start=0).query()
        alone = replace(then, file=self.file.path, start=0).query(only=self.anchor)
        return {
            "url": f"{self.url}{page}{place}",
            "part_url": f"{self.url}{alone}",
            "target": f"#{self.anchor}",
        }


def lines_between(
    parts: Sequence[dict[str, Any]], places: Sequence[Place]
) -> frozenset[int]:
    """Return the ``id()`` of each line from one of two *places* to the other."""
    lines = [line for part in parts for line in part.get("lines", ())] if places else []
    ends = [
        at
        for at, line in enumerate(lines)
        if any(is_at(line, place) for place in places)
    ]
    if len(places) < _ENDS or not ends:
        return frozenset()
    return frozenset(map(id, lines[ends[0] : ends[-1] + 1]))


def is_at(line: DiffLine, place: Place) -> bool:
    """Tell whether *line* is what a link to *place* means."""
    side, number = place
    return number == (line.new_number if side == "R" else line.old_number)
