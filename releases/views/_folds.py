"""A file's hunks with what lies between them: unchanged lines, folded or shown."""

from dataclasses import replace
from typing import Any, Final

from delivery.diffs import FileDiff, Gap, gaps_of, lines_of
from releases.views._looking import Look

STEP: Final = 10
"""Lines that one link shows more."""
AROUND: Final = 3
"""Lines shown on either side of a line that is linked to."""

_WORDS: Final = {
    "up": ("arrow-up", f"{STEP}", "more lines above"),
    "all": ("", "Show {} unchanged line{}", ""),
    "down": ("arrow-down", f"{STEP}", "more lines below"),
}


def parts_of(
    file: FileDiff, *, anchor: str, look: Look, url: str, is_apart: bool = False
) -> list[dict[str, Any]]:
    """Return what ``ui/_diff.html`` shows of a file: hunks, folds, lines shown more.

    *is_apart* is said of a file that the page lacks at first: links to its lines are
    addresses then that bring it along.
    """
    here = f"{url}?diff={look.level}&line="
    link = here if is_apart else ""
    parts: list[dict[str, Any]] = []
    gaps = gaps_of(file)
    for index, gap in enumerate(gaps):
        head, tail = _shown(gap, index, anchor, look, is_last=index == len(gaps) - 1)
        left = gap.size - head - tail
        if head:
            parts.append({"lines": lines_of(file, gap, 0, head), "link": here})
        if left:
            more = _more(gap, index, (head, tail), anchor, len(gaps))
            parts.append(
                {
                    "skipped": left,
                    "more": [_link(one, file.path, anchor, look, url) for one in more],
                }
            )
        if tail:
            shown = lines_of(file, gap, gap.size - tail, gap.size)
            parts.append({"lines": shown, "link": here})
        if index < len(file.hunks):
            parts.append({"lines": file.hunks[index].lines, "link": link})
    if not gaps:
        parts = [{"lines": hunk.lines, "link": link} for hunk in file.hunks]
    return parts


def _shown(
    gap: Gap, index: int, anchor: str, look: Look, *, is_last: bool
) -> tuple[int, int]:
    """Return how many lines of a gap's start and end are shown, at most all."""
    head, tail = look.opened.get((anchor, index), (0, 0))
    for number in look.lines(anchor):
        at = number - gap.new_start
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
    gap: Gap, index: int, shown: tuple[int, int], anchor: str, count: int
) -> list[tuple[str, int, tuple[int, int], int, int]]:
    """Return links as (kind, gap, what is shown then, lines left, first new line)."""
    head, tail = shown
    left = gap.size - head - tail
    start, end = gap.new_start + head, gap.new_start + gap.size - tail
    found = [("all", index, (gap.size, 0), left, start)]
    if left > STEP and index < count - 1:
        found.insert(0, ("up", index, (head, tail + STEP), left, end - STEP))
    if left > STEP and index:
        found.append(("down", index, (head + STEP, tail), left, start))
    return found


def _link(
    more: tuple[str, int, tuple[int, int], int, int],
    path: str,
    anchor: str,
    look: Look,
    url: str,
) -> dict[str, str]:
    kind, index, shown, left, first = more
    icon, words, hidden = _WORDS[kind]
    then = look.open(anchor, index, shown)
    page = replace(then, file=None).query()
    alone = replace(then, file=path).query(only=anchor)
    return {
        "id": f"{anchor}-g{index}-{kind}",
        "icon": icon,
        "words": words.format(left, "" if left == 1 else "s"),
        "hidden": hidden,
        "url": f"{url}{page}#{anchor}-R{first}",
        "part_url": f"{url}{alone}",
    }
