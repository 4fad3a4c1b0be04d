"""Markdown that people wrote, as HTML that can do no harm."""

from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# No images: a page asks no other origin for anything, and no raw HTML.
_MARKDOWN: Final = (
    MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
)
_TAGS: Final = {
    "p", "br", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_BLOCKS: Final = frozenset({"fence", "code_block"})
_WORDS: Final = frozenset({"text", "code_inline"})
_BREAKS: Final = {"softbreak": " ", "hardbreak": " "}
_HEADINGS: Final = {"h1": "h4", "h2": "h5", "h3": "h6", "h4": "h6", "h5": "h6"}


def to_html(text: str) -> SafeString:
    """Return safe HTML. Links keep http, https and mailto; the rest becomes text."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        # A page has one h1, and notes stand below panels' h2.
        token.tag = _HEADINGS.get(token.tag, token.tag)
    dirty = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        dirty,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308


def to_words(text: str) -> str:
    """Return what Markdown says, on one line and without its marks."""
    said: list[str] = []
    for token in _MARKDOWN.parse(text):
        if token.type in _BLOCKS:
            said.append(token.content)
        said += [
            part.content if part.type in _WORDS else _BREAKS.get(part.type, "")
            for part in token.children or ()
        ]
        said.append(" ")
    return " ".join("".join(said).split())
