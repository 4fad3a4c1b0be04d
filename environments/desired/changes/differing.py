"""The diff of two states: all five types of change, in reading order."""

from dataclasses import replace

from environments.desired.change import Change, reading_order
from environments.desired.changes.bindings import manifest_changes, overlay_changes
from environments.desired.changes.policies import policy_changes
from environments.desired.changes.variables import variable_changes
from environments.desired.changes.workloads import target_changes, workload_changes
from environments.desired.dependencies import depends_on
from environments.desired.state import State
from environments.desired.text_store import Texts


def diff(a: State, b: State, texts: Texts) -> list[Change]:
    """Return every change from `a` to `b`, ordered by type, object, facet and path.

    A first release is the diff from `State.empty`: the policy and the facts of the
    target are then marked as `carried`. Texts that are the same are not loaded.

    :raises ValueError: states of two places
    """
    refuse_other_place(a, b)
    found = [
        *target_changes(a, b),
        *workload_changes(a, b, texts),
        *overlay_changes(a, b, texts),
        *manifest_changes(a, b, texts),
        *variable_changes(a, b),
        *policy_changes(a, b),
    ]
    found.sort(key=reading_order)
    needed = depends_on(a, b, found, texts)
    return [
        replace(change, depends_on=needed[change.id]) if change.id in needed else change
        for change in found
    ]


def refuse_other_place(a: State, b: State) -> None:
    """Refuse to compare states of two places.

    :raises ValueError: project, tenant or environment differ
    """
    if a.place != b.place:
        raise ValueError(f"states of two places: {a.place} and {b.place}")
