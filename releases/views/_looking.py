"""How somebody looks at a diff: its level, its layout, a line of it, what is unfolded.

All of it is in the address, so that it can be passed on; only the layout is also
remembered, for the session.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self
from urllib.parse import quote

from gitopshq.core.web import PageRequest

SPLIT, UNIFIED = "split", "unified"
_REMEMBERED: Final = "diff_view"
_LAYOUTS: Final = (
    (SPLIT, "Side by side", "columns-2"),
    (UNIFIED, "Unified", "rows-2"),
)
_PLACE = re.compile(r"(m-[0-9a-f]{8})-[LR](\d{1,7})(?:-[LR](\d{1,7}))?")
_OPENED = re.compile(r"(m-[0-9a-f]{8})\.(\d{1,7})\.(\d{1,7})\.(\d{1,7})")
_MOST_OPENED: Final = 200

Gaps = Mapping[tuple[str, int], tuple[int, int]]


@dataclass(frozen=True)
class Look:
    """How a diff is shown.

    *file* is the path of the only file to show. *line* names a line or a range, as
    in ``m-5c90e1d0-R42-R48``. *opened* tells of gaps, by the file's anchor and the
    gap's index, how many lines are shown of its start and of its end.
    """

    level: str = ""
    file: str | None = None
    view: str = SPLIT
    line: str = ""
    opened: Gaps = field(default_factory=dict)

    @classmethod
    def of(cls, request: PageRequest) -> Self:
        """Read the address; a layout that is chosen there is remembered."""
        asked = request.GET
        view = asked.get("view", "")
        before = request.session.get(_REMEMBERED, SPLIT)
        if view not in {SPLIT, UNIFIED}:
            view = before
        elif view != before:
            request.session[_REMEMBERED] = view
        line = asked.get("line", "")
        return cls(
            level=asked.get("diff", ""),
            file=asked.get("file"),
            view=view,
            line=line if _PLACE.fullmatch(line) else "",
            opened=_opened(asked.get("open", "")),
        )

    @property
    def is_split(self) -> bool:
        return self.view == SPLIT

    def at(self, level: str) -> Self:
        """Return the same at another level."""
        return replace(self, level=level)

    def open(self, anchor: str, gap: int, shown: tuple[int, int]) -> Self:
        """Return the same with other ends of a gap shown."""
        return replace(self, opened={**self.opened, (anchor, gap): shown})

    def names(self, anchor: str) -> bool:
        """Tell whether a file has to be there: a line or a gap of it is asked for."""
        return self.line.startswith(f"{anchor}-") or any(
            of == anchor for of, _ in self.opened
        )

    def lines(self, anchor: str) -> list[int]:
        """Return the numbers of lines that have to be there: a range by its ends."""
        found = _PLACE.fullmatch(self.line)
        if not found or found[1] != anchor:
            return []
        return [int(number) for number in (found[2], found[3]) if number]

    def query(self, *, only: str = "") -> str:
        """Return the query of this look, of one file if *only* names its anchor."""
        tokens = [
            f"{anchor}.{gap}.{head}.{tail}"
            for (anchor, gap), (head, tail) in self.opened.items()
            if not only or anchor == only
        ]
        query = f"?diff={self.level}"
        if self.file is not None:
            query += f"&file={quote(self.file)}"
        return query + (f"&open={','.join(tokens)}" if tokens else "")

    def layouts(self, url: str) -> list[dict[str, Any]]:
        """Return the layouts to choose from, as links."""
        return [
            {
                "label": label,
                "icon": icon,
                "current": view == self.view,
                "url": f"{url}{self.query()}&view={view}#diff",
            }
            for view, label, icon in _LAYOUTS
        ]


def _opened(text: str) -> dict[tuple[str, int], tuple[int, int]]:
    found = {}
    for token in text.split(",")[:_MOST_OPENED]:
        if part := _OPENED.fullmatch(token):
            found[(part[1], int(part[2]))] = (int(part[3]), int(part[4]))
    return found
