"""Template tags that lead to a place in the pages of help."""

from django import template

from gitopshq.core import help as pages
from gitopshq.core.help import HelpPage

register = template.Library()


@register.simple_tag
def help_url(place: str) -> str:
    """Return the address of a place, ``approvals#digest``."""
    return pages.url_of(place)


@register.simple_tag
def help_page(place: str) -> HelpPage:
    """Return the page that a place is on."""
    return pages.page_of(place)


@register.simple_tag
def help_on(code: str) -> str:
    """Return the place that explains a refusal, "" where none does."""
    return pages.REFUSED.get(code, "")
