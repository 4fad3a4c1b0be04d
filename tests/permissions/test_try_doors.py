"""Every door of the API and of the pages, tried by everybody."""

import os

import pytest

from tests.permissions.callers import (
    ALLOWED,
    PEOPLE,
    SEEING,
    TOKENS,
    Caller,
    expected,
    just,
)
from tests.permissions.counting import count
from tests.permissions.rows import CREATE_PROJECTS, Action, Door
from tests.permissions.table import ACTIONS
from tests.permissions.world import World


def cases(wanted=lambda action, door: True):
    return [
        pytest.param(action, door, id=f"{action.name}-{number}-{door.name}")
        for action in ACTIONS
        for number, door in enumerate(action.doors)
        if wanted(action, door)
    ]


def is_form(action: Action, door: Door) -> bool:
    asks = bool(action.needs) and door.fills
    return asks and door.method not in {"GET", "DELETE"}


SCALE = float(os.environ.get("HQ_TEST_SCALE", "1"))
EVERYBODY = 2
"""The scale from which also those look through a door of whom nothing new is told."""
BROKEN = {"API": {"noSuchField": 0}, "page": {"no_such_field": "0"}}


def callers(action: Action, door: Door) -> list[Caller]:
    """Return who tries a door: all there are, or those who tell all there is."""
    people = PEOPLE
    if CREATE_PROJECTS not in action.needs:
        people = [caller for caller in people if not caller.may_create]
    if door.is_safe and SCALE < EVERYBODY:
        people = [caller for caller in people if caller.name in SEEING]
    tokens = TOKENS if door.kind == "API" else []
    return [*people, *just(action), *tokens]


@pytest.mark.parametrize(("action", "door"), cases())
def test_a_door_answers_each_caller_as_the_table_says(
    world: World, request: pytest.FixtureRequest, action: Action, door: Door
):
    """S88: S89: S90: S91: S92: S93: S106: who may do what, asked at every door."""
    tried = callers(action, door)

    answers = {caller.name: world.answer(door, caller) for caller in tried}

    told = {caller.name: expected(action, door, caller) for caller in tried}
    wrong = {
        name: f"{answers[name]}, not {told[name]}"
        for name in told
        if answers[name] != told[name]
    }
    assert not wrong
    count(request, door.kind, action.name, answers)


@pytest.mark.parametrize(("action", "door"), cases(is_form))
def test_what_is_wrong_with_a_body_is_told_to_whoever_may_act(
    world: World, request: pytest.FixtureRequest, action: Action, door: Door
):
    """S93: the permission is asked before the form is looked at."""
    # Who holds it in one environment only is told more than must be: no harm.
    tried = [
        caller
        for caller in [*PEOPLE, *just(action)]
        if caller.name in SEEING | {f"all but {n}" for n in action.needs}
        or (caller.name.startswith("only") and not caller.on_prod)
        if not (caller.on_prod or caller.on_dev)
    ]
    broken = BROKEN[door.kind] if door.media != "text/yaml" else "\0"

    answers = {c.name: world.answer(door, c, body=broken) for c in tried}

    told = {caller.name: expected(action, door, caller) for caller in tried}
    assert {n: a for n, a in answers.items() if a != told[n]} == {}
    assert ALLOWED in told.values()
    count(request, door.kind, action.name, answers)
