"""Which Kubernetes releases there are schemas of, and which kinds each of them knows.

Only the data of ``kubernetes-validate`` is used, by path. Whether a resource is valid
is for ``validation``, which the rendering child alone imports.
"""

import json
import re
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any, Final, NamedTuple

DEFINITIONS: Final = "$defs"

_VERSION = re.compile(r"v?(\d{1,3})\.(\d{1,3})(?!\d)")
_FOLDER = re.compile(r"v(\d+)\.(\d+)\.0-local-strict")


class Minor(NamedTuple):
    """A Kubernetes release without its patch level."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class Kind(NamedTuple):
    """What a cluster tells kinds apart by: ``apps/v1`` and ``Deployment``."""

    api_version: str
    kind: str


def minor_of(version: str) -> Minor | None:
    """Read what a target says of its Kubernetes: ``1.33``, ``v1.33.2-eks``; or None."""
    found = _VERSION.match(version)
    return Minor(int(found[1]), int(found[2])) if found else None


def release_of(version: str) -> Minor:
    """Give the release that a target runs; the newest known where it does not say."""
    return minor_of(version) or releases()[-1]


def schemas_for(version: str) -> Minor | None:
    """Give the release whose schemas a target is held against, or None.

    That which it runs and no other: a schema refuses fields that it does not know, and
    a release of before or after has fields of its own.
    """
    release = release_of(version)
    return release if release in releases() else None


@cache
def releases() -> tuple[Minor, ...]:
    """List the releases that there are schemas of, oldest first."""
    found = (_FOLDER.fullmatch(path.name) for path in _folder().iterdir())
    return tuple(sorted(Minor(int(one[1]), int(one[2])) for one in found if one))


@cache
def kinds(release: Minor | None) -> frozenset[Kind]:
    """Give every kind that this release has a schema of; none for ``None``."""
    if release is None:
        return frozenset()
    return frozenset(definition_names(read_definitions(release)))


def read_definitions(release: Minor) -> dict[str, Any]:
    """Read all schemas of a release: unknown fields are refused in them."""
    path = _folder() / f"v{release}.0-local-strict" / "_definitions.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def definition_names(definitions: dict[str, Any]) -> dict[Kind, str]:
    """Give the name of the schema of each kind in what `read_definitions` gave."""
    return {
        Kind("/".join(filter(None, (row["group"], row["version"]))), row["kind"]): name
        for name, schema in definitions[DEFINITIONS].items()
        for row in schema.get("x-kubernetes-group-version-kind", ())
    }


@cache
def _folder() -> Path:
    """Find the data without importing the package: its code is not used."""
    found = util.find_spec("kubernetes_validate")
    assert found is not None, "it is among the dependencies"
    assert found.submodule_search_locations, "it is a folder"
    return Path(found.submodule_search_locations[0]) / "kubernetes-json-schema"
