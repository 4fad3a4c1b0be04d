"""Words and marks of the pages: icons, statuses, people, deltas.

Loaded as a builtin of every template. Nothing here queries; colours live in CSS.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from django import template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from gitopshq.core import diff_markup, prose, wording

register = template.Library()

# What a status is called and drawn as. Its colour is in components/status.css.
STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "draft": ("Draft", "circle-dashed"),
    "pending_approval": ("Pending approval", "clock"),
    "approved": ("Approved", "badge-check"),
    "deploying": ("Deploying", "loader-circle"),
    "deployed": ("Deployed", "circle-check"),
    "failed": ("Failed", "circle-x"),
    "rolled_back": ("Rolled back", "undo-2"),
    "cancelled": ("Cancelled", "ban"),
    "rejected": ("Rejected", "x"),
    "expired": ("Expired", "timer"),
    "not_tracked": ("Not tracked", "circle-dashed"),
    "pending": ("Pending", "loader-circle"),
    "synced": ("Synced", "refresh-cw"),
    "out_of_sync": ("Out of sync", "refresh-cw"),
    "degraded": ("Degraded", "triangle-alert"),
    "agent_unreachable": ("Agent unreachable", "cable"),
    "stale": ("Stale", "history"),
    "frozen": ("Frozen", "snowflake"),
    "drifted": ("Drifted", "split"),
    "verified": ("Verified", "shield-check"),
    "pass": ("Passed", "check"),
    "wait": ("Waiting", "clock"),
    "fail": ("Failed", "x"),
    "warn": ("Passed, with a warning", "triangle-alert"),
}
CHANGE_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "workload": ("Workload", "package"),
    "kustomize_binding": ("Kustomize binding", "layers"),
    "manifest_binding": ("Manifest binding", "file-text"),
    "hq_variable": ("HQ variable", "variable"),
    "environment_policy": ("Environment policy", "sliders-horizontal"),
}
_LONGEST_VALUE_IN_A_ROW: Final = 60


@register.simple_tag
@cache
def constant(name: str) -> SafeString:
    """Draw a fragment that needs nothing: once for all pages of a process."""
    return render_to_string(name)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """Draw an icon of the sprite; ``size`` is empty, "s" or "l".

    Without ``label`` it is hidden from screen readers: a word stands beside it.
    """
    return format_html(
        '<svg class="icon{}"{}><use href="{}#{}"/></svg>',
        f" icon--{size}" if size else "",
        format_html(' role="img" aria-label="{}"', label)
        if label
        else mark_safe(' aria-hidden="true"'),
        _sprite(),
        name,
    )


@register.simple_tag
def status(
    code: str,
    label: str = "",
    *,
    pill: bool = False,
    quiet: bool = False,
    hidden: bool = False,
) -> SafeString:
    """Show a status: icon, word and tone. ``hidden`` leaves the word to readers.

    Python and not a fragment: a matrix shows a thousand of them.
    """
    word, drawn = STATUSES.get(
        code, (code.replace("_", " ").capitalize(), "circle-dot")
    )
    shown = label or word
    return format_html(
        '<span class="status{}{}" data-status="{}">{}{}</span>',
        " status--pill" if pill else "",
        " status--quiet" if quiet else "",
        code,
        icon(drawn, "" if pill else "s"),
        format_html('<span class="visually-hidden">{}</span>', shown)
        if hidden
        else shown,
    )


@register.simple_tag
def person(who: Any, you: Any = None, *, avatar: bool = True) -> SafeString:
    """Name somebody: a user, a plain name, or ``None`` for the system itself.

    Python and not a fragment: a list names one in every row.
    """
    name = "GitOpsHQ" if who is None else str(getattr(who, "label", who))
    is_you = you is not None and who == you
    return format_html(
        '<span class="person">{}{}{}</span>\n',
        format_html(
            '<span class="avatar{}" aria-hidden="true">{}</span>',
            " avatar--you" if is_you else "",
            name[:1].upper(),
        )
        if avatar
        else "",
        name,
        mark_safe(' <span class="muted">(you)</span>') if is_you else "",
    )


@register.simple_tag
def delta(added: int, removed: int) -> SafeString:
    """Count lines: plus and minus; a side without any is left out."""
    parts = []
    for count, sign, name, word in (
        (added, "+", "add", "added"),
        (removed, "\N{MINUS SIGN}", "del", "removed"),
    ):
        if count:
            parts.append(
                f'<span class="delta__{name}">{sign}{int(count)}'
                f'<span class="visually-hidden"> {word}</span></span>'
            )
    return mark_safe(f'<span class="delta">{"".join(parts)}</span>')  # noqa: S308


@register.simple_tag
def shift(before: object, after: object) -> SafeString:
    """Show an old value becoming a new one."""
    return format_html(
        '<span class="shift"><s><span class="visually-hidden">from </span>{}</s>{}'
        '<b><span class="visually-hidden">to </span>{}</b></span>',
        before,
        icon("arrow-right", "s"),
        after,
    )


@register.filter
def in_a_row(value: object) -> str:
    """Return a value short enough to stand in a row, else nothing."""
    text = "" if value is None else str(value)
    if "\n" in text or len(text) > _LONGEST_VALUE_IN_A_ROW:
        return ""
    return text


@register.filter
def change_type(code: str) -> str:
    """Return what people call a type of change."""
    return CHANGE_TYPES.get(code, (code, ""))[0]


@register.filter
def change_count(code: str, count: int) -> str:
    return wording.counted(change_type(code), count)


@register.filter
def change_icon(code: str) -> str:
    """Return the icon of a type of change."""
    return CHANGE_TYPES.get(code, ("", "circle-dot"))[1]


@register.filter
def blocking_first(gates: Iterable[Any]) -> list[Any]:
    """Sort gates: those that fail, that wait, that warn, then what passes."""
    order = {"fail": 0, "wait": 1, "warn": 2}
    return sorted(gates, key=lambda gate: order.get(_field(gate, "state"), 3))


@register.filter(name="prose")
def prose_filter(text: str | None) -> SafeString:
    """Show Markdown people wrote, made harmless."""
    return prose.to_html(text or "")


register.filter("plain_words", prose.to_words)
register.simple_tag(diff_markup.hunk)
register.simple_tag(diff_markup.code_html, name="code")


@register.simple_tag
def widget(bound: BoundField, **attrs: str) -> SafeString:
    """Draw the control of a form field in our look; ``__`` in names means ``-``."""
    kind = getattr(bound.field.widget, "input_type", "")
    look: dict[str, str | bool] = {}
    if kind not in {"checkbox", "radio"}:
        look["class"] = "input"
    look.update({name.replace("__", "-"): value for name, value in attrs.items()})
    return bound.as_widget(attrs=look)


@register.inclusion_tag("ui/_nav_link.html", takes_context=True)
def nav_link(
    context: template.Context,
    url: str,
    label: str,
    drawn: str,
    count: int | None = None,
) -> dict[str, object]:
    """Link to a section, marked there and below; one at most says what waits."""
    path = getattr(context.get("request"), "path", "")
    current = ""
    if path == url:
        current = "page"
    elif url != "/" and path.startswith(f"{url}/"):
        current = "true"
    return {
        "url": url,
        "label": label,
        "icon_name": drawn,
        "count": count,
        "current": current,
    }


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> SafeString:
    """Name the reader's theme on ``<html>`` in the first byte: no flash, no script."""
    chosen = getattr(getattr(context.get("request"), "user", None), "theme", "auto")
    if chosen not in {"light", "dark"}:
        return mark_safe("")
    return format_html(' data-theme="{}"', chosen)


@cache
def _sprite() -> str:
    return static("icons/icons.svg")


def _field(thing: Any, name: str) -> Any:
    return thing[name] if isinstance(thing, Mapping) else getattr(thing, name)
