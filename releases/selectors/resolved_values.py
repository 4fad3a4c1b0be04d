"""From a resolved value of a release back to its variable, and who set that."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from environments.desired.state import State, VariableState
from environments.desired.tracing import Traced, trace
from environments.places import places_of_variable
from environments.selectors import LastEdit, last_edit_of
from environments.stored import DatabaseTexts
from releases.models import Release


@dataclass(frozen=True)
class ValuesBehind:
    """The variables behind lines of resolved files, by path and number of the line.

    ``edits`` are those that were made before the release was cut.
    """

    lines: Mapping[str, Mapping[int, Sequence[Traced]]]
    edits: Mapping[VariableState, LastEdit]


def values_behind(
    release: Release, paths: Collection[str], *, texts: DatabaseTexts
) -> ValuesBehind:
    """Return what stands behind the resolved files of *release* at *paths*.

    *texts* may hold what is needed already.
    """
    state = State.from_json(release.snapshot.document)
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
        release.project,
        {
            row: places_of_variable(
                row, tenant=state.tenant, environment=state.environment
            )
            for row in rows
        },
    )
    known = {
        row: edit
        for row, edit in edits.items()
        if edit.sequence <= release.baseline_edit
    }
    return ValuesBehind(lines, known)
