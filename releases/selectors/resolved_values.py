"""From a resolved value of a snapshot back to its variable, and who set that."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from environments.desired.state import State, VariableState
from environments.desired.tracing import Traced, trace
from environments.places import places_of_variable
from environments.selectors import LastEdit, last_edit_of
from environments.stored import DatabaseTexts
from releases.models import Snapshot


@dataclass(frozen=True)
class ValuesBehind:
    """The variables behind lines of resolved files, by path and number of the line.

    ``edits`` are those that the snapshot knows of.
    """

    lines: Mapping[str, Mapping[int, Sequence[Traced]]]
    edits: Mapping[VariableState, LastEdit]


def values_behind(
    snapshot: Snapshot,
    paths: Collection[str],
    *,
    is_known: Callable[[LastEdit], bool],
    texts: DatabaseTexts,
) -> ValuesBehind:
    """Return what stands behind the resolved files of *snapshot* at *paths*.

    *is_known* tells which edits were made before it. *texts* may hold what is needed
    already.
    """
    state = State.from_json(snapshot.document)
    texts.prefetch(state.text_digests)
    lines = trace(state, texts, paths)
    rows = {
        row
        for of_file in lines.values()
        for found in of_file.values()
        for one in found
        for row in one.rows
    }
    edits = last_edit_of(
        snapshot.project,
        {
            row: places_of_variable(
                row, tenant=state.tenant, environment=state.environment
            )
            for row in rows
        },
    )
    return ValuesBehind(
        lines, {row: edit for row, edit in edits.items() if is_known(edit)}
    )
