"""Changes of an environment's policy, and the freeze that is shown beside them."""

from collections.abc import Iterator
from dataclasses import replace

from environments.desired.change import (
    APPROVAL_REQUIREMENTS,
    DEPLOY_MODE,
    ENVIRONMENT_POLICY,
    FREEZE_STATE,
    Change,
    Place,
    arrow,
)
from environments.desired.source_files import requirements_shown
from environments.desired.state import PolicyState, State

UPDATED = "updated"


def policy_changes(a: State, b: State) -> Iterator[Change]:
    """Yield what differs in approval requirements and deploy mode.

    Where one side has no policy at all both differ, even from the defaults: each
    release says which policy it carries.
    """
    if a.policy == b.policy:
        return
    carried = a.policy is None
    one_sided = a.policy is None or b.policy is None
    if one_sided or _requirements(a.policy) != _requirements(b.policy):
        yield replace(_requirements_change(a, b), carried=carried)
    if one_sided or _mode(a.policy) != _mode(b.policy):
        before, after = _mode(a.policy), _mode(b.policy)
        yield replace(
            _place(b, DEPLOY_MODE).change(
                UPDATED,
                f"{b.environment} deploy mode {arrow(before, after)}",
                before,
                after,
            ),
            carried=carried,
        )


def freeze_state(environment: str, *, before: str | None, after: str | None) -> Change:
    """Return the row of a freeze set or lifted since the last deploy.

    It works at once and is in no state, so it cannot be selected.

    :param before: the reason of the freeze then, None if there was none
    :param after: the reason of the freeze now, None if there is none
    """
    told = "freeze lifted" if after is None else f"frozen: {after}"
    place = Place(ENVIRONMENT_POLICY, environment, FREEZE_STATE)
    change = place.change(UPDATED, f"{environment} {told}", before, after)
    return replace(change, selectable=False)


def _requirements_change(a: State, b: State) -> Change:
    before, after = _requirements(a.policy), _requirements(b.policy)
    moved = [
        name for name in {**before, **after} if before.get(name) != after.get(name)
    ]
    if a.policy is None or b.policy is None:
        told = "set" if a.policy is None else "dropped"
    else:
        told = ", ".join(f"{name} {before[name]} → {after[name]}" for name in moved)
    return _place(b, APPROVAL_REQUIREMENTS).change(
        UPDATED,
        f"{b.environment} approval requirements: {told}",
        _lines(before),
        _lines(after),
    )


def _place(state: State, facet: str) -> Place:
    return Place(ENVIRONMENT_POLICY, state.environment, facet)


def _requirements(policy: PolicyState | None) -> dict[str, str]:
    if policy is None:
        return {}
    shown = requirements_shown(policy.approval_requirements)
    return {name: _word(value) for name, value in shown.items()}


def _word(value: object) -> str:
    words: dict[object, str] = {True: "on", False: "off", None: "never"}
    # 1 == True in Python: numbers must not be looked up among the switches.
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _mode(policy: PolicyState | None) -> str | None:
    return None if policy is None else policy.deploy_mode


def _lines(requirements: dict[str, str]) -> str | None:
    lines = [f"{name}: {value}\n" for name, value in requirements.items()]
    return "".join(lines) or None
