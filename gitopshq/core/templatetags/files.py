"""Rows of changed files: in a tree, at the head of a file, for one that comes later.

Python and not fragments: a diff lists a thousand of them. Every text that came from
outside goes through ``html.escape``.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from gitopshq.core.templatetags.ui import delta, icon

register = template.Library()

_WORDS = {"A": "Added", "D": "Deleted"}


@register.simple_tag
def tree_link(file: Mapping[str, Any], *, swapped: bool = False) -> SafeString:
    """Lead from a tree to a file: ``anchor, name, letter, added, removed``, ``mark``.

    ``swapped`` puts it in place of the one that stands on the page.
    """
    anchor, mark = escape(file["anchor"]), file.get("mark")
    is_viewed = mark is not None and mark.is_viewed
    flags = " data-viewed" if is_viewed else ""
    flags += ' hx-swap-oob="true"' if swapped else ""
    return _safe(
        f'<a class="tree__link" id="t-{anchor}" href="#{anchor}"{flags}>'
        f"{_letter(file['letter'])}"
        f'<span class="tree__name"><span class="visually-hidden">'
        f"{_word(file['letter'])} </span>{escape(file['name'])}</span>"
        f"{icon('check', 's', label='viewed') if is_viewed else ''}"
        f"{delta(file['added'], file['removed'])}</a>"
    )


@register.simple_tag
def file_head(file: Mapping[str, Any]) -> SafeString:
    """Name a file at its head: ``path, letter, added, removed``."""
    return _safe(
        f"{icon('chevron-right')}"
        f'<span class="letter" data-kind="{escape(file["letter"])}">'
        f'<span class="visually-hidden">{_word(file["letter"])} </span>'
        f'<span aria-hidden="true">{escape(file["letter"])}</span></span>'
        f'<h3 class="file__path">{escape(file["path"])}</h3>'
        f"{delta(file['added'], file['removed'])}"
    )


@register.simple_tag
def later_file(file: Mapping[str, Any]) -> SafeString:
    """Stand for a file that comes by its ``load_url``, or as it is revealed.

    Else it takes what ``file_head`` does, ``anchor`` and ``is_eager``.
    """
    anchor, path, url = (escape(file[name]) for name in ("anchor", "path", "load_url"))
    trigger = ' hx-trigger="click, revealed"' if file["is_eager"] else ""
    return _safe(
        f'<article class="file" id="{anchor}" aria-label="{path}" data-path="{path}">'
        f'<div class="file__tools"><a class="button button--s" id="{anchor}-load"'
        f' href="{url}" hx-get="{url}" hx-target="#{anchor}" hx-swap="outerHTML"'
        f'{trigger}>Show<span class="visually-hidden"> {path}</span></a></div>'
        f'<div class="file__head">{file_head(file)}</div></article>\n'
    )


def _letter(letter: str) -> str:
    kind = escape(letter)
    return f'<span class="letter" data-kind="{kind}" aria-hidden="true">{kind}</span>'


def _word(letter: str) -> str:
    return _WORDS.get(letter, "Changed")


def _safe(markup: str) -> SafeString:
    # Everything that came from outside went through escape() above.
    return mark_safe(markup)  # noqa: S308
