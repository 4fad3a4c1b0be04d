"""How somebody looks at a diff: level, layout, a line, what is folded or left out.

All of it is in the address, so that it can be passed on. Layout and wrapping are also
remembered, by a cookie.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, Final, ParamSpec, Self, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse

from gitopshq.core.web import PageRequest

SPLIT, UNIFIED = "split", "unified"
COOKIE: Final = "hq_diff"
_A_YEAR: Final = 365 * 24 * 3600
_PLACE = re.compile(r"(m-[0-9a-f]{8})-([LR])(\d{1,7})(?:-([LR])(\d{1,7}))?")
_OPENED = re.compile(r"(m-[0-9a-f]{8})\.(\d{1,7})\.(\d{1,7})\.(\d{1,7})")
_ANCHOR = re.compile(r"m-[0-9a-f]{8}|all")
_MOST_OPENED: Final = 200
_LONGEST_FILTER: Final = 100

Gaps = Mapping[tuple[str, int], tuple[int, int]]
Place = tuple[str, int]
P = ParamSpec("P")


@dataclass(frozen=True)
class Look:
    """How a diff is shown.

    *file* is the path of the only file to show, from its row *start* on; of *is_rows*
    its rows alone, to go below others. *line* names
    a line or a range, as in ``m-5c90e1d0-R42-R48``. *opened* tells of gaps, by the
    file's anchor and the gap's index, how many lines are shown of its start and of its
    end. *noise* has the anchors of files whose noise is shown, or ``all``. *folds* is
    ``all`` where every file is folded. *said* is what the address itself chose of what
    is remembered.
    """

    level: str = ""
    file: str | None = None
    start: int = 0
    is_rows: bool = False
    is_split: bool = True
    wraps: bool = True
    marks_spaces: bool = True
    line: str = ""
    opened: Gaps = field(default_factory=dict)
    noise: frozenset[str] = frozenset()
    folds: str = ""
    filter: str = ""
    is_raw: bool = False
    said: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: PageRequest) -> Self:
        """Read the address, and from the cookie what it does not say."""
        asked = request.GET
        kept = request.COOKIES.get(COOKIE, "").split(".")
        said = {
            name: asked[name]
            for name, known in (("view", {SPLIT, UNIFIED}), ("wrap", {"0", "1"}))
            if asked.get(name) in known
        }
        line, start = asked.get("line", ""), asked.get("start", "")
        return cls(
            level=asked.get("diff", ""),
            file=asked.get("file"),
            start=int(start) if re.fullmatch(r"\d{1,7}", start) else 0,
            is_rows=asked.get("rows") == "1",
            is_split=said.get("view", UNIFIED if UNIFIED in kept else SPLIT) == SPLIT,
            wraps=said.get("wrap", "0" if "nowrap" in kept else "1") == "1",
            marks_spaces=asked.get("spaces") != "0",
            line=line if _PLACE.fullmatch(line) else "",
            opened=_opened(asked.get("open", "")),
            noise=_anchors(asked.get("noise", "")),
            folds="all" if asked.get("fold") == "all" else "",
            filter=asked.get("filter", "").strip()[:_LONGEST_FILTER],
            is_raw=asked.get("raw") == "1",
            said=said,
        )

    def at(self, level: str) -> Self:
        """Return the same at another level."""
        return replace(self, level=level)

    def open(self, anchor: str, gap: int, shown: tuple[int, int]) -> Self:
        """Return the same with other ends of a gap shown."""
        return replace(self, opened={**self.opened, (anchor, gap): shown})

    def shows_noise_of(self, anchor: str) -> bool:
        return anchor in self.noise or "all" in self.noise

    def names(self, anchor: str) -> bool:
        """Tell whether a file has to be there: a line or a gap of it is asked for."""
        return (
            self.line.startswith(f"{anchor}-")
            or anchor in self.noise
            or any(of == anchor for of, _ in self.opened)
        )

    def places(self, anchor: str) -> list[Place]:
        """Return the lines that have to be there, with their side: a range's ends."""
        found = _PLACE.fullmatch(self.line)
        if not found or found[1] != anchor:
            return []
        ends = [(found[2], found[3]), (found[4], found[5])]
        return [(side, int(number)) for side, number in ends if number]

    def pairs(self, *, only: str = "") -> list[tuple[str, str]]:
        """Return what an address says of this look, by name.

        *only* is a file's anchor: what is open elsewhere is left out.
        """
        opened = [
            f"{anchor}.{gap}.{head}.{tail}"
            for (anchor, gap), (head, tail) in self.opened.items()
            if not only or anchor == only
        ]
        noise = [one for one in sorted(self.noise) if only in ("", one) or one == "all"]
        found = [
            ("diff", self.level),
            ("file", self.file or ""),
            ("start", str(self.start or "")),
            ("open", ",".join(opened)),
            ("noise", ",".join(noise)),
            ("spaces", "" if self.marks_spaces else "0"),
            ("filter", self.filter),
            *self.said.items(),
        ]
        return [(name, value) for name, value in found if value]

    def query(self, *, only: str = "", **changes: str) -> str:
        """Return the query of this look; *changes* are added, "" takes away."""
        pairs = dict(self.pairs(only=only)) | changes
        return f"?{urlencode({n: v for n, v in pairs.items() if v}, safe=',/')}"

    def choices(self, url: str) -> dict[str, Any]:
        """Return what one may choose of it, as links."""

        def link(**changes: str) -> str:
            return f"{url}{self.query(**changes)}#diff"

        return {
            "layouts": [
                {
                    "label": label,
                    "icon": icon,
                    "current": self.is_split == (view == SPLIT),
                    "url": link(view=view),
                }
                for view, label, icon in (
                    (SPLIT, "Side by side", "columns-2"),
                    (UNIFIED, "Unified", "rows-2"),
                )
            ],
            "wraps": self.wraps,
            "wrap_url": link(wrap="0" if self.wraps else "1"),
            "marks_spaces": self.marks_spaces,
            "spaces_url": link(spaces="0" if self.marks_spaces else ""),
            "fold_url": link(fold="all"),
            "unfold_url": link(),
            "noise_url": link(noise="all"),
            "filter": self.filter,
            "filter_kept": [pair for pair in self.pairs() if pair[0] != "filter"],
            "filter_off_url": link(filter=""),
        }


def remembering(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Keep the layout and the wrapping that an address names, for a year."""

    @wraps(view)
    def shown(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        look = Look.of(cast("PageRequest", args[0]))
        if look.said:
            layout = SPLIT if look.is_split else UNIFIED
            response.set_cookie(
                COOKIE,
                f"{layout}.{'wrap' if look.wraps else 'nowrap'}",
                max_age=_A_YEAR,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    return shown


def _opened(text: str) -> dict[tuple[str, int], tuple[int, int]]:
    found = {}
    for token in text.split(",")[:_MOST_OPENED]:
        if part := _OPENED.fullmatch(token):
            found[(part[1], int(part[2]))] = (int(part[3]), int(part[4]))
    return found


def _anchors(text: str) -> frozenset[str]:
    named = text.split(",")[:_MOST_OPENED]
    return frozenset(one for one in named if _ANCHOR.fullmatch(one))
