"""Counting in words, for pages."""

from datetime import timedelta
from typing import Final

_NAMES: Final = frozenset({"HQ", "Kustomize"})
_SOON: Final = 9.95
_MINUTE, _HOUR, _TWO_DAYS = 60, 3600, 172_800
_MINUTES: Final = ((60, "min"), (1, "s"))
_HOURS: Final = ((3600, "h"), (60, "min"))
_DAYS: Final = ((86_400, "d"), (3600, "h"))


def counted(label: str, count: int) -> str:
    """Return how many there are of what *label* calls one: "2 HQ variables"."""
    is_name = label.partition(" ")[0] in _NAMES
    word = label if is_name else f"{label[:1].lower()}{label[1:]}"
    word = f"{word} change" if word.endswith("policy") else word
    return f"{count} {word}{'' if count == 1 else 's'}"


def lasting(span: timedelta) -> str:
    """Return how long *span* is, in its one or two largest units: "1 h 30 min"."""
    seconds = span.total_seconds()
    if seconds < _SOON:
        return f"{seconds:.1f} s"
    # Rounded before it is parted: 59.7 seconds are a minute and nothing else.
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    units = _DAYS if whole >= _TWO_DAYS else _HOURS if whole >= _HOUR else _MINUTES
    (large, word), (small, rest) = units
    parts = [f"{whole // large} {word}"]
    if left := whole % large // small:
        parts.append(f"{left} {rest}")
    return " ".join(parts)
