"""Where the page of a target is: beside those of the project, unless a name is taken.

``/projects/shop/acme/prod``; of a tenant that is called like a page of the project,
``/projects/shop/targets/releases/prod``. New tenants cannot take such a name.
"""

from typing import Final

from django.urls import register_converter
from django.urls.converters import StringConverter

PAGES: Final = frozenset(
    {
        *("add", "audit", "environments", "files", "history", "pipeline"),
        *("promotions", "releases", "repository", "settings", "targets"),
        *("variables", "workloads"),
    }
)
"""What follows a project in the addresses of its pages, now or one day."""

APART: Final = "targets/"

_NAMES: Final = "|".join(sorted(PAGES))


def placed(tenant: str) -> str:
    """Return the slug of a tenant as it stands in the addresses of its targets."""
    return f"{APART}{tenant}" if tenant in PAGES else tenant


class PlaceConverter(StringConverter):
    """A tenant's slug in the address of a target: ``<place:tenant>``."""

    regex = (
        f"(?!(?:{_NAMES})/)[a-z0-9](?:[a-z0-9-]{{0,38}}[a-z0-9])?|{APART}(?:{_NAMES})"
    )

    def to_python(self, value: str) -> str:
        return value.removeprefix(APART)

    def to_url(self, value: str) -> str:
        return placed(value)


register_converter(PlaceConverter, "place")

TENANT: Final = "<place:tenant>"
"""The part of a route that names the tenant of a target."""
