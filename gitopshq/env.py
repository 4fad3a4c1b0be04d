"""Values from the environment, refusing what cannot be read.

What each value means stands where it is asked for: in ``gitopshq.settings`` and in
``gitopshq.supervisor``.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from gitopshq.supervisor import environment, folder


def env_str(name: str, default: str | None = None) -> str:
    """Return ``$name``, or the content of the file ``$name_FILE``, or *default*.

    An empty value counts as not given. White space around a file's content is
    not part of the value.

    :raises ImproperlyConfigured: when nothing is given and there is no default, when
        both are given, or when the file cannot be read.
    """
    value = os.environ.get(name, "")
    path = os.environ.get(f"{name}_FILE", "")
    if value and path:
        raise ImproperlyConfigured(f"set {name} or {name}_FILE, not both")
    if path:
        value = _content(name, Path(path))
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"set {name} or {name}_FILE")
    return default


def env_bool(name: str, *, default: bool) -> bool:
    """Return ``$name`` as a claim: ``true`` or ``false``, in any case.

    :raises ImproperlyConfigured: when it says anything else.
    """
    value = env_str(name, str(default)).lower()
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} is {value!r}: say true or false")
    return value == "true"


def env_int(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    """Return ``$name`` as a whole number from *least* to *most*.

    :raises ImproperlyConfigured: when it is none, or out of bounds.
    """
    value = env_str(name, str(default))
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise ImproperlyConfigured(
            f"{name} is {value!r}: say a whole number from {least} to {most}"
        )
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    """Return ``$name`` split at commas, without white space and empty items."""
    items = (item.strip() for item in env_str(name, default).split(","))
    return [item for item in items if item]


def env_path(name: str, default: Path) -> Path:
    """Return ``$name`` as an absolute path, with ``~`` for the home folder."""
    return Path(env_str(name, str(default))).expanduser().absolute()


def redis_url(data_dir: Path) -> str:
    """Return ``$REDIS_URL``, or where the broker that runs on *data_dir* listens.

    Without either, an address that refuses every connection: the rows of jobs are the
    truth, and whoever starts workers later finds them.
    """
    if given := env_str("REDIS_URL", ""):
        return given
    there = folder.running(data_dir)
    return there.redis_url if there else environment.NO_BROKER


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as failure:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {failure}") from None
