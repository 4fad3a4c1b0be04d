"""Which release of helm-python-sdk may stand in for which version of ``helm``.

The package is asked for by name and version only. It is imported in the rendering child
alone: a process that forks after that import hangs.
"""

from functools import cache
from importlib import metadata
from typing import Final

PACKAGE: Final = "helm-python-sdk"
PROVEN: Final = {"0.2.2": "v4.2.3"}
"""The Helm inside each release of the package that the corpus held equal to it."""


def stands_in_for(helm: str) -> str:
    """Give the version of the package if it renders as this ``helm``, else nothing."""
    version = installed()
    return version if version and PROVEN.get(version) == helm else ""


@cache
def installed() -> str:
    """Give the version that is installed, empty without the package."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return ""
