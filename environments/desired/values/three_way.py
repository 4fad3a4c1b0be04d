"""Two people's edits of one values text: what differs, and who of them changed it.

The outcome of choosing is made on the text of the one who saved first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, NamedTuple

from environments.desired.values.changes import TEXT_CHANGE, Path, ValueChange
from environments.desired.values.comparing import apply_values, diff_values
from environments.desired.values.nodes import Meaning
from environments.desired.values.showing import display_node, find_node

Who = Literal["theirs", "yours", "both"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the two texts differ; a side is None where it has no such key.

    ``changed_by`` says whose edit it is. Comments and layout, or a text that can only
    be taken as a whole, show no sides.
    """

    change: ValueChange
    changed_by: Who
    base: str | None
    theirs: str | None
    yours: str | None
    is_layout: bool = False


def differences(base: str, theirs: str, yours: str) -> list[Difference]:
    """List what differs between the text of now and the one that was typed.

    :param base: the text that both began with
    :param theirs: the text as it was saved meanwhile
    """
    return [
        _difference(change, base, theirs, yours)
        for change in diff_values(theirs, yours)
    ]


def take_yours(theirs: str, yours: str, paths: Collection[Path]) -> str:
    """Return the text of now with *yours* at these paths.

    The empty path stands for comments and layout.

    :raises Inseparable: where these cannot be taken without others
    """
    every = diff_values(theirs, yours)
    return apply_values(theirs, yours, [c for c in every if c.path in paths])


def _difference(change: ValueChange, base: str, theirs: str, yours: str) -> Difference:
    if change == TEXT_CHANGE:
        by: Who = "both"
        if base in {theirs, yours}:
            by = "yours" if base == theirs else "theirs"
        return Difference(change, by, None, None, None, is_layout=True)
    was, is_theirs, is_yours = (_at(t, change.path) for t in (base, theirs, yours))
    by = "both"
    if was.meaning == is_theirs.meaning:
        by = "yours"
    elif was.meaning == is_yours.meaning:
        by = "theirs"
    return Difference(change, by, was.shown, is_theirs.shown, is_yours.shown)


class _At(NamedTuple):
    """What a text holds at a path, if it has such a key."""

    meaning: Meaning | None = None
    shown: str | None = None


def _at(text: str, path: Path) -> _At:
    node = find_node(text, path)
    return _At() if node is None else _At(node.meaning, display_node(text, node))
