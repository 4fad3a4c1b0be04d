"""Finding secrets in texts, and hiding them in messages.

A secret is found as itself, as base64 of itself, and as base64 of something longer that
holds it, in the text as written and in each value as YAML reads it.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import yaml

from environments.desired.resolving import mask_of
from environments.desired.yamlreading import read_events

MIN_LENGTH: Final = 8
"""Shorter secrets cannot be saved, and would be found everywhere."""


@dataclass(frozen=True)
class Secrets:
    """The secrets of one unit: plaintext to fingerprint."""

    fingerprints: Mapping[str, str]

    @cached_property
    def _needles(self) -> list[tuple[str, str]]:
        return [
            (needle, fingerprint)
            for value, fingerprint in self.fingerprints.items()
            for needle in _forms(value)
            if len(needle) >= MIN_LENGTH
        ]

    def found_in(self, document: str) -> str | None:
        """Give the fingerprint of a secret that a YAML document holds, or nothing.

        :raises NotYaml: the document is none.
        """
        if not self._needles:
            return None
        for text in _readings(document):
            for needle, fingerprint in self._needles:
                if needle in text:
                    return fingerprint
        return None

    def hidden(self, message: str) -> str:
        """Put the mask of each secret where the message tells it."""
        lines = [
            (line.strip(), fingerprint)
            for value, fingerprint in self.fingerprints.items()
            for line in value.split("\n")
            if len(line.strip()) >= MIN_LENGTH
        ]
        needles = sorted([*self._needles, *lines], key=lambda pair: -len(pair[0]))
        for needle, fingerprint in needles:
            message = message.replace(needle, mask_of(fingerprint))
        return message


def _readings(document: str) -> Iterator[str]:
    yield document
    for event in read_events(document):
        if isinstance(event, yaml.ScalarEvent) and len(event.value) >= MIN_LENGTH:
            yield event.value
            if "\n" in event.value or " " in event.value:
                yield "".join(event.value.split())


def _forms(value: str) -> Iterator[str]:
    yield value
    yield " ".join(value.split())
    yield json.dumps(value)[1:-1]
    raw = value.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            yield _aligned(encode(bytes(before) + raw).decode(), before, len(raw))


def _aligned(encoded: str, before: int, length: int) -> str:
    """Give the characters of base64 that no neighbour of the value decides."""
    first = -(-before * 4 // 3)
    last = (before + length) * 4 // 3
    return encoded[first:last]
