"""What differs between an earlier state and the deployed one, field by field.

Each can be named to go back by itself. Services that came or went are not listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from environments.desired.reverting.facts import facts_of, show
from environments.desired.reverting.texts import digest_at, has_object, slots_of
from environments.desired.source_layout import workload_file
from environments.desired.state import EMPTY_TEXT, State
from environments.desired.text_store import Texts
from environments.desired.values import (
    TEXT_CHANGE,
    diff_values,
    display_value,
    pointer,
)


@dataclass(frozen=True, order=True)
class FieldDifference:
    """A field as it was and as it is; None where it is not there, or has no value."""

    file: str
    path: str
    then: str | None
    now: str | None


def differing_fields(deployed: State, to: State, texts: Texts) -> list[FieldDifference]:
    """Return every field that differs, by file and path."""
    return sorted(
        [*_facts(deployed, to), *_texts(deployed, to, texts)],
        key=lambda field: (field.file, field.path),
    )


def _facts(deployed: State, to: State) -> Iterator[FieldDifference]:
    now, then = facts_of(deployed), facts_of(to)
    alone = {
        workload_file(name)
        for name in deployed.workload_named.keys() ^ to.workload_named.keys()
    }
    for file, path in {**then, **now}:
        was, is_ = then.get((file, path)), now.get((file, path))
        if was != is_ and file not in alone:
            yield FieldDifference(file, pointer(path), show(was), show(is_))


def _texts(deployed: State, to: State, texts: Texts) -> Iterator[FieldDifference]:
    for file, slot in {**slots_of(to), **slots_of(deployed)}.items():
        if not (has_object(deployed, slot) and has_object(to, slot)):
            continue
        was, is_ = digest_at(to, slot), digest_at(deployed, slot)
        if was == is_:
            continue
        if was is None or is_ is None:
            words = ["a file" if digest else None for digest in (was, is_)]
            yield FieldDifference(file, "", words[0], words[1])
            continue
        then, now = ("" if d == EMPTY_TEXT else texts[d] for d in (was, is_))
        changes = diff_values(now, then)
        for change in changes:
            if change == TEXT_CHANGE and len(changes) > 1:
                continue
            shown = [
                display_value(text, change.path) if change.path else "a text"
                for text in (then, now)
            ]
            yield FieldDifference(file, pointer(change.path), shown[0], shown[1])
