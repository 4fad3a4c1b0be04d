"""What may be saved: the rules of values texts, files and values of variables.

Each refusal names its line. Reading YAML within limits is in ``yamlreading``, putting
values into placeholders in ``substitution``; what a text means is not looked at here.
"""

import hashlib
import re
from pathlib import PurePosixPath
from typing import Final, Never

import yaml

from environments.desired.placeholders import find_illegal, mask
from environments.desired.yamlreading import (
    KeyTracker,
    NotYaml,
    line_of,
    read_events,
)

MAX_TEXT_BYTES: Final = 5 * 2**20
MAX_VALUES_BYTES: Final = 2**20
"""Of a values text. Helm keeps a release in one object of about this size."""
MAX_VALUE_BYTES: Final = 2**20

FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ue000-\ue002"
    "\ud800-\udfff]"
)
"""Control characters but tab and line end, other line ends, the byte order mark, the
characters of masks, and what is no character at all."""

_KEPT_ENDS: Final = re.compile(r"[|>][1-9]?\+")
_MARKED_MASK: Final = re.compile(r"(?:^|[\s,\[{])([&*!])[^\s,\[\]{}]*\ue000")
_PROPERTY: Final = {"&": "an anchor", "*": "an alias", "!": "a tag"}


class TextRefused(Exception):
    """A text that may not be saved. ``line`` counts from 1, None where none is."""

    def __init__(self, reason: str, *, path: str, line: int | None = None) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        where = f"{path}:{line}" if line else path
        super().__init__(f"{where}: {reason}")


def clean_text(raw: bytes | str, *, path: str) -> str:
    """Return the text as it is saved: UTF-8, LF, one final line end.

    CRLF becomes LF, a missing final line end is added, empty lines at the end go,
    unless a block scalar of the text keeps them (``|+``). An empty text stays empty.

    :raises TextRefused: for a text over ``MAX_TEXT_BYTES``, or one that is not UTF-8
        or holds a forbidden character.
    """
    text = _decoded(raw, path).replace("\r\n", "\n")
    _check_characters(text, path)
    if not text.strip("\n"):
        return ""
    if text.endswith("\n\n") and not _KEPT_ENDS.search(text):
        text = text.rstrip("\n")
    return text if text.endswith("\n") else text + "\n"


def check_values_text(text: str, *, path: str) -> None:
    """Check a cleaned values text: one document whose root is a map or empty.

    :raises TextRefused: with the first line that breaks a rule.
    """
    if len(text.encode()) > MAX_VALUES_BYTES:
        raise TextRefused(f"longer than {MAX_VALUES_BYTES} bytes", path=path)
    _check_yaml(text, path, is_values=True)


def check_yaml_file(text: str, *, path: str) -> None:
    """Check a cleaned YAML or JSON file of an overlay: any number of documents.

    :raises TextRefused: with the first line that breaks a rule.
    """
    _check_yaml(text, path, is_values=False)


def check_file(text: str, *, path: str) -> None:
    """Check a cleaned file of an overlay or of manifests, by what its name says.

    :raises TextRefused: with the first line that breaks a rule.
    """
    if is_yaml_path(path):
        check_yaml_file(text, path=path)
    else:
        _check_placeholders(text, path)


def check_variable_value(value: str, *, key: str) -> None:
    """Check the value of a variable.

    :raises TextRefused: for a value over ``MAX_VALUE_BYTES``, one with a forbidden
        character, or one that holds a placeholder itself. Its path is the key.
    """
    _check_characters(value, key)
    if len(value.encode()) > MAX_VALUE_BYTES:
        raise TextRefused(f"longer than {MAX_VALUE_BYTES} bytes", path=key)
    if (at := _recursion(value)) is not None:
        line = value.count("\n", 0, at) + 1
        reason = "a value may not hold {{hq.var.…}} itself"
        raise TextRefused(reason, path=key, line=line)


def is_yaml_path(path: str) -> bool:
    """Tell whether a file is read as YAML (of which JSON is a part)."""
    name = PurePosixPath(path)
    is_named_so = name.suffix.lower() in {".yaml", ".yml", ".json"}
    return is_named_so or name.name.lower() == "kustomization"


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _decoded(raw: bytes | str, path: str) -> str:
    if len(raw) > MAX_TEXT_BYTES:
        raise TextRefused(f"longer than {MAX_TEXT_BYTES} bytes", path=path)
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise TextRefused("not UTF-8", path=path, line=line) from error


def _check_characters(text: str, path: str) -> None:
    found = FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        reason = f"the character U+{ord(found[0]):04X} may not stand in a text"
        raise TextRefused(reason, path=path, line=line)


def _recursion(value: str) -> int | None:
    found = re.search(r"\{\{[ \t]*hq\.var\.", value)
    return found.start() if found else None


def _check_placeholders(text: str, path: str) -> None:
    for line in find_illegal(text):
        reason = "{{ hq begins no placeholder; one is written {{hq.var.KEY}}"
        raise TextRefused(reason, path=path, line=line)


def _check_yaml(text: str, path: str, *, is_values: bool) -> None:
    _check_characters(text, path)
    _check_placeholders(text, path)
    masked = mask(text)
    check = _Check(path, is_values=is_values)
    try:
        for event in read_events(masked):
            check.take(event)
    except NotYaml as error:
        reason = _misplaced(masked, error.line) or error.reason
        raise TextRefused(reason, path=path, line=error.line) from error


def _misplaced(masked: str, line: int | None) -> str | None:
    """Word the error where a placeholder in an anchor or tag caused it."""
    lines = masked.split("\n")
    if line is None or line > len(lines):
        return None
    found = _MARKED_MASK.search(lines[line - 1])
    return f"a placeholder in {_PROPERTY[found[1]]}" if found else None


class _Check:
    """Looks at the events of one masked text for what YAML allows and we do not."""

    def __init__(self, path: str, *, is_values: bool) -> None:
        self.path = path
        self.is_values = is_values
        self.documents = 0
        self.has_root = False
        self.keys = KeyTracker()

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            self.has_root = False
            if self.is_values and self.documents > 1:
                self.refuse("a second document; values are one", event)
        elif isinstance(event, yaml.NodeEvent):
            if self.is_values and not self.has_root:
                self.check_root(event)
            self.has_root = True
        keys = self.keys.take(event)
        if keys is not None:
            self.check_key(event, keys)

    def check_root(self, event: yaml.NodeEvent) -> None:
        is_empty = (
            isinstance(event, yaml.ScalarEvent) and not event.style and not event.value
        )
        if not isinstance(event, yaml.MappingStartEvent) and not is_empty:
            self.refuse("the root is no map", event)

    def check_key(self, event: yaml.Event, keys: set[str]) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self.refuse("a key that is no plain text", event)
        if "\ue000" in event.value:
            self.refuse("a placeholder in a key", event)
        if event.value in keys:
            self.refuse(f"the key {event.value!r} for the second time", event)
        keys.add(event.value)

    def refuse(self, reason: str, event: yaml.Event) -> Never:
        raise TextRefused(reason, path=self.path, line=line_of(event))
