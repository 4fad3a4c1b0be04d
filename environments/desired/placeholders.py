"""Placeholders ``{{hq.var.KEY}}``: what they look like and where in a text they stand.

How they are hidden from a YAML reader is here; putting values in is ``substitution``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

KEY: Final = r"[A-Za-z_][A-Za-z0-9_]{0,127}"
PLACEHOLDER: Final = re.compile(
    r"\{\{[ \t]*hq\.var\.(?:(repo|env|tenant|svc)\.)?(" + KEY + r")[ \t]*\}\}"
)
MASKED: Final = re.compile("\ue000\ue001*\ue002")
_MEANT: Final = re.compile(r"\{\{-?\s*hq")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder of a text.

    ``start`` and ``end`` are offsets in characters, ``line`` counts from 1. ``scope``
    is None where the placeholder is not pinned.
    """

    scope: str | None
    key: str
    start: int
    end: int
    line: int

    @property
    def name(self) -> str:
        """The variable as it is written: ``KEY``, or ``env.KEY`` where pinned."""
        return f"{self.scope}.{self.key}" if self.scope else self.key


def find(text: str) -> list[Placeholder]:
    """List every placeholder of a text, in order, those in comments too."""
    found = []
    line, counted = 1, 0
    for match in PLACEHOLDER.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        scope, key = match.groups()
        found.append(Placeholder(scope, key, match.start(), match.end(), line))
    return found


def mask(text: str) -> str:
    """Replace each placeholder by a word of equal length made of U+E000 to U+E002.

    Every offset into the answer is one into the text. The text itself must hold none
    of these characters.
    """
    return PLACEHOLDER.sub(_word, text) if "{{" in text else text


def unmask(text: str, values: Iterable[str]) -> str:
    """Replace the masked words of a text, in order, by as many values."""
    supply = iter(values)
    return MASKED.sub(lambda _: next(supply), text)


def find_illegal(text: str) -> list[int]:
    """List the lines that hold a ``{{ hq`` which is no placeholder, from 1."""
    legal = {placeholder.start for placeholder in find(text)}
    starts = [match.start() for match in _MEANT.finditer(text)]
    return [text.count("\n", 0, at) + 1 for at in starts if at not in legal]


def _word(match: re.Match[str]) -> str:
    return "\ue000" + "\ue001" * (len(match[0]) - 2) + "\ue002"
