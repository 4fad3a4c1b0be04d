"""Times on the pages: how far away, how exact, in a column.

Loaded as a builtin of every template. All of them say the exact time, in the reader's
zone.
"""

from datetime import datetime, timedelta
from typing import Final

from django import template
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from gitopshq.core import instants

register = template.Library()

_STEPS: Final = ((60, 1, "s"), (60, 60, "min"), (48, 3600, "h"), (60, 86400, "d"))
_MONTH, _YEAR = 30.44 * 86400, 365.25 * 86400
_MONTHS_BEFORE_YEARS: Final = 24
_EXACT: Final = "j M Y, H:i:s T"


@register.simple_tag
def since(moment: datetime | None, *, short: bool = False) -> SafeString:
    """Say how far away a moment is ("2 h ago", "in 3 d"), exact time in ``title``.

    ``short`` leaves out the words: "2 h".
    """
    if moment is None:
        return mark_safe("")
    return _time(moment, _distance(moment - timezone.now(), short=short))


@register.simple_tag
def exactly(moment: datetime | None) -> SafeString:
    """Say a moment as date and time in the reader's zone."""
    if moment is None:
        return mark_safe("")
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        dateformat.format(local, "j M Y, H:i T"),
    )


@register.simple_tag
def moment(at: datetime | None, *, seconds: bool = False) -> SafeString:
    """Say a moment in a column of them: on the clock, and how far away.

    Beside each other "2 h ago" and "2 h ago" tell nothing: the clock does.
    """
    if at is None:
        return mark_safe("")
    local, now = timezone.localtime(at), timezone.localtime()
    day = "j M" if local.year == now.year else "j M Y"
    clock = dateformat.format(local, f"{day}, H:i:s" if seconds else f"{day}, H:i")
    far = _distance(at - now, short=False)
    shown = format_html('<span>{}</span> <span class="when__far">{}</span>', clock, far)
    return _time(at, shown, drawn_as=mark_safe('class="when" '))


@register.filter
def on_the_clock(text: str) -> str:
    """Put the reader's clock in place of instants as the wire has them."""
    return instants.with_clock_times(text)


def _time(at: datetime, shown: str, *, drawn_as: str = "") -> SafeString:
    """Mark what is *shown* of a moment; the exact time is its title."""
    return format_html(
        '<time {}datetime="{}" title="{}">{}</time>',
        drawn_as,
        at.isoformat(timespec="seconds"),
        dateformat.format(timezone.localtime(at), _EXACT),
        shown,
    )


def _distance(away: timedelta, *, short: bool) -> str:
    text = _rounded(abs(away.total_seconds()))
    if short:
        return text
    return f"in {text}" if away > timedelta(0) else f"{text} ago"


def _rounded(seconds: float) -> str:
    for limit, unit, word in _STEPS:
        if seconds / unit < limit:
            return f"{int(seconds / unit)} {word}"
    if seconds / _MONTH < _MONTHS_BEFORE_YEARS:
        return f"{int(seconds / _MONTH)} mo"
    return f"{int(seconds / _YEAR)} y"
