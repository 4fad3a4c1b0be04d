"""What differs between two values texts, and applying some of it exactly.

The differences are named by path; the text work is in ``splicing``.
"""

from collections.abc import Collection, Iterator

from environments.desired.values.changes import (
    TEXT_CHANGE,
    Inseparable,
    Path,
    ValueChange,
)
from environments.desired.values.nodes import Meaning
from environments.desired.values.reading import (
    Block,
    Entry,
    ValuesText,
    read_values,
)
from environments.desired.values.splicing import splice

Tree = dict[str, "Meaning | Tree"]


def diff_values(before: str, after: str) -> list[ValueChange]:
    """List what differs between two saved values texts, by path.

    Added keys follow the others of their map. Last comes ``TEXT_CHANGE`` where the
    changes of values do not give the other text byte for byte. It stands alone where a
    text cannot be cut into entries; such a text never raises.
    """
    if before == after:
        return []
    old, new = read_values(before), read_values(after)
    if old.block is None or new.block is None:
        return [TEXT_CHANGE]
    changes = list(_differences(old.block, new.block, ()))
    if splice(old, new, changes) != after:
        changes.append(TEXT_CHANGE)
    return changes


def apply_values(before: str, after: str, chosen: Collection[ValueChange]) -> str:
    """Apply some of the changes from one saved values text to another.

    :raises Inseparable: where ``TEXT_CHANGE`` is chosen without all others, or the
        entries chosen cannot be moved without changing what others mean.
    :raises ValueError: for a change that is not in ``diff_values(before, after)``.
    """
    if not chosen:
        return before
    every, some = set(diff_values(before, after)), set(chosen)
    if strange := some - every:
        raise ValueError(f"no change between these texts: {min(strange)}")
    if some == every:
        return after
    if TEXT_CHANGE in some:
        raise Inseparable("comments and layout come with all changes of the text")
    old, new = read_values(before), read_values(after)
    result = splice(old, new, some)
    _check(old, new, some, result)
    return result


def _differences(old: Block, new: Block, path: Path) -> Iterator[ValueChange]:
    for key, entry in old.entries.items():
        here = (*path, key)
        other = new.entries.get(key)
        if other is None:
            yield ValueChange(here, "removed")
        elif entry.meaning == other.meaning:
            continue
        elif entry.block is not None and other.block is not None:
            yield from _differences(entry.block, other.block, here)
        else:
            yield ValueChange(here, "updated")
    for key in new.entries:
        if key not in old.entries:
            yield ValueChange((*path, key), "added")


def _check(
    old: ValuesText, new: ValuesText, chosen: set[ValueChange], result: str
) -> None:
    """Hold a partial result against the changes made to the values themselves."""
    assert old.block is not None
    assert new.block is not None
    got = read_values(result)
    wanted = _wanted(old.block, new.block, chosen, ())
    if got.block is None or _tree(got.block) != wanted:
        path = min(change.path for change in chosen)
        reason = "these changes cannot be taken out of the text without others of it"
        raise Inseparable(reason, path=path)


def _tree(block: Block) -> Tree:
    return {key: _meaning(entry) for key, entry in block.entries.items()}


def _meaning(entry: Entry) -> Meaning | Tree:
    return entry.meaning if entry.block is None else _tree(entry.block)


def _wanted(old: Block, new: Block, chosen: set[ValueChange], path: Path) -> Tree:
    tree: Tree = {}
    for key, entry in old.entries.items():
        here = (*path, key)
        other = new.entries.get(key)
        if ValueChange(here, "removed") in chosen:
            continue
        if other is not None and ValueChange(here, "updated") in chosen:
            tree[key] = _meaning(other)
        elif other is None or entry.block is None or other.block is None:
            tree[key] = _meaning(entry)
        else:
            tree[key] = _wanted(entry.block, other.block, chosen, here)
    for key, entry in new.entries.items():
        if ValueChange((*path, key), "added") in chosen:
            tree[key] = _meaning(entry)
    return tree
