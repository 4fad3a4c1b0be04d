"""What names and texts must look like before they are saved: 422 with a pointer."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from environments import errors
from environments.desired import kustomizations, texts
from environments.desired.texts import TextRefused
from environments.models.tenancy import SLUG
from environments.models.variables import KEY
from gitopshq.core.errors import FieldError, ValidationError

MAX_FILES: Final = 500
MAX_PATH: Final = 255
MAX_TAGS: Final = 10

_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CLUSTER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_KUBERNETES: Final = re.compile(r"v?1\.\d{1,3}(?:\.\d{1,3})?")
_API_VERSION: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?v\d+(?:(?:alpha|beta)\d+)?"
    r"(?:/[A-Za-z][A-Za-z0-9]{0,62})?"
)
_COLOUR: Final = re.compile(r"(?:#[0-9a-fA-F]{6}|[a-z-]{1,20})?")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def check_slug(value: str, pointer: str) -> None:
    """Refuse what is no slug."""
    if not re.match(SLUG, value):
        detail = (
            "use lower-case letters, digits and inner hyphens, at most 40 characters"
        )
        raise ValidationError.of(pointer, detail)


def check_text(value: str, pointer: str, *, longest: int, empty: bool = False) -> str:
    """Return a line of words, trimmed.

    :raises ValidationError: empty where it may not be, too long, or with control
        characters
    """
    trimmed = value.strip()
    if not trimmed and not empty:
        raise ValidationError.of(pointer, "may not be empty", code="blank")
    if len(trimmed) > longest:
        raise ValidationError.of(pointer, f"at most {longest} characters")
    if any(
        ord(c) < ord(" ") and c not in "\n\t" for c in trimmed.replace("\r\n", "\n")
    ):
        raise ValidationError.of(pointer, "holds a control character")
    return trimmed


def checked_tags(values: Iterable[str], pointer: str = "/tags") -> list[str]:
    """Return tags as they are saved: in lower case, sorted, each once (ux P2).

    :raises ValidationError: for one that is no slug, naming it, or for too many
    """
    tags = [value.strip().lower() for value in values]
    for index, tag in enumerate(tags):
        if not re.match(SLUG, tag):
            detail = (
                f"{tag[:50]!r} is no tag: use lower-case letters, digits and inner "
                "hyphens, at most 40 characters"
            )
            raise ValidationError.of(f"{pointer}/{index}", detail)
    if len(set(tags)) > MAX_TAGS:
        raise ValidationError.of(pointer, f"at most {MAX_TAGS} tags")
    return sorted(set(tags))


def check_namespace(value: str, pointer: str = "/namespace") -> None:
    """Refuse what is no Kubernetes namespace."""
    if not _LABEL.fullmatch(value):
        raise ValidationError.of(
            pointer,
            "use lower-case letters, digits and inner hyphens, at most 63 characters",
        )


def check_cluster(value: str) -> None:
    """Refuse what cannot name a cluster; empty is no cluster."""
    if value and not _CLUSTER.fullmatch(value):
        raise ValidationError.of(
            "/cluster", "use letters, digits, dots and hyphens, at most 63 characters"
        )


def check_kubernetes_version(value: str) -> None:
    """Refuse what Helm would not take for a Kubernetes version."""
    if not _KUBERNETES.fullmatch(value):
        raise ValidationError.of("/kubernetesVersion", "write it as 1.33 or 1.33.0")


def check_api_versions(values: list[str]) -> None:
    """Refuse what is no ``group/version`` or ``group/version/Kind``."""
    for index, value in enumerate(values):
        if not _API_VERSION.fullmatch(value):
            raise ValidationError.of(
                f"/apiVersions/{index}",
                "write it as group/version or group/version/Kind",
            )


def check_colour(value: str) -> None:
    """Refuse what is neither ``#rrggbb`` nor one plain word."""
    if not _COLOUR.fullmatch(value):
        raise ValidationError.of("/colour", "write it as #rrggbb or as one word")


def check_key(value: str) -> None:
    """Refuse what cannot be the key of a variable."""
    if not re.match(KEY, value):
        detail = "use letters, digits and underscores, no digit first, at most 128"
        raise ValidationError.of("/key", detail)


def checked_values(raw: bytes | str, *, path: str) -> str:
    """Return a values text as it is saved.

    :raises ValidationError: with file and line of what breaks a rule
    """
    try:
        text = texts.clean_text(raw, path=path)
        texts.check_values_text(text, path=path)
    except TextRefused as refused:
        raise _worded("", refused) from refused
    return text


def checked_value(value: str, *, key: str) -> str:
    """Return the value of a variable.

    :raises ValidationError: with the line of what breaks a rule
    """
    try:
        texts.check_variable_value(value, key=key)
    except TextRefused as refused:
        raise _worded("/value", refused) from refused
    return value


def checked_files(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files of an overlay or of manifests as they are saved.

    :raises ValidationError: for a path or a text that breaks a rule
    """
    if not files:
        raise ValidationError.of("/files", "at least one file is needed", code="blank")
    if len(files) > MAX_FILES:
        raise ValidationError.of("/files", f"at most {MAX_FILES} files")
    for path in files:
        _check_path(path)
    folders = {path[:at] for path in files for at, c in enumerate(path) if c == "/"}
    if both := sorted(folders & files.keys()):
        raise ValidationError.of(_at(both[0]), "is a file and a folder")
    if len({path.lower() for path in files}) < len(files):
        raise ValidationError.of("/files", "two paths differ by case alone")
    return {path: _checked_file(path, text) for path, text in sorted(files.items())}


def check_overlay(files: Mapping[str, str], *, attached: bool) -> None:
    """Refuse saved files of an overlay that can never be built, whatever the variables.

    :raises ValidationError: without one kustomization at the root, with a file where
        the output of the workload goes, or for what a kustomization may not ask for
    """
    names = kustomizations.KUSTOMIZATION_NAMES
    if sum(path in files for path in names) != 1:
        raise ValidationError.of(
            "/files", f"exactly one of {', '.join(names)} is needed"
        )
    if attached and kustomizations.WORKLOAD_FILE in files:
        detail = "is where the workload's own output goes"
        raise ValidationError.of(_at(kustomizations.WORKLOAD_FILE), detail)
    found = kustomizations.never_allowed(files, attached=attached)
    if found:
        raise errors.refused_texts(
            FieldError(_at(one.path), one.reason, one.message, one.path, one.line)
            for one in found
        )


def _checked_file(path: str, raw: str) -> str:
    try:
        text = texts.clean_text(raw, path=path)
        texts.check_file(text, path=path)
    except TextRefused as refused:
        raise _worded(_at(path), refused) from refused
    return text


def _check_path(path: str) -> None:
    if len(path) > MAX_PATH:
        raise ValidationError.of(_at(path), f"at most {MAX_PATH} characters")
    if not all(_SEGMENT.fullmatch(part) for part in path.split("/")):
        raise ValidationError.of(
            _at(path),
            "write a relative path of letters, digits, dots, hyphens and underscores",
        )


def _at(path: str) -> str:
    return "/files/" + path.replace("~", "~0").replace("/", "~1")


def _worded(pointer: str, refused: TextRefused) -> ValidationError:
    return errors.refused_text(
        pointer, refused.reason, file=refused.path, line=refused.line
    )
