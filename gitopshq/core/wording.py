"""Counting in words, for pages."""

from typing import Final

_NAMES: Final = frozenset({"HQ", "Kustomize"})


def counted(label: str, count: int) -> str:
    """Return how many there are of what *label* calls one: "2 HQ variables"."""
    is_name = label.partition(" ")[0] in _NAMES
    word = label if is_name else f"{label[:1].lower()}{label[1:]}"
    word = f"{word} change" if word.endswith("policy") else word
    return f"{count} {word}{'' if count == 1 else 's'}"
