"""From a file of the ``source`` layout to the page that edits it."""

import re
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

_VALUES: Final = re.compile(
    r"workloads/(?P<workload>[^/]+)/values"
    r"(?:\.env\.(?P<environment>[^/]+)|\.tenant\.(?P<tenant>[^/]+))?\.yaml"
)
_TARGET_VALUES: Final = re.compile(
    r"targets/(?P<tenant>[^/]+)/(?P<environment>[^/]+)/values/(?P<workload>[^/]+)\.yaml"
)
_FILES: Final = re.compile(
    r"targets/(?P<tenant>[^/]+)/(?P<environment>[^/]+)"
    r"/(?P<kind>kustomize|manifests)/(?P<name>[^/]+)/.+"
)


def editor_url(project: str, path: str) -> str:
    """Return the address of the editor of a file; nothing where there is none."""
    if found := _FILES.fullmatch(path):
        page = "overlay" if found["kind"] == "kustomize" else "manifests"
        place = [project, found["tenant"], found["environment"], found["name"]]
        return reverse(f"environments:{page}", args=place)
    found = _VALUES.fullmatch(path) or _TARGET_VALUES.fullmatch(path)
    if found is None:
        return ""
    url = reverse("environments:values", args=[project, found["workload"]])
    chosen = {
        name: slug
        for name in ("tenant", "environment")
        if (slug := found.groupdict().get(name))
    }
    return f"{url}?{urlencode(chosen)}" if chosen else url
