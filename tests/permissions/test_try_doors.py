"""Every door of the API and of the pages, tried by all it can tell apart.

What a door declares is asked for everybody, without the way through HTTP. Through it
go those who show that it is asked: who holds just what is needed, all but that, all
but the sight, nothing; and every caller for whom the declaration leaves the decision
to the action. More permissions never close a door that fewer have opened.
"""

import pytest

from gitopshq.core.api.views import ApiView
from tests.permissions import routes
from tests.permissions.callers import (
    ALLOWED,
    DENIED,
    HIDDEN,
    LOOKING,
    PEOPLE,
    TOKENS,
    Caller,
    expected,
    just,
    tokens_for,
)
from tests.permissions.counting import count
from tests.permissions.rows import CREATE_PROJECTS, Action, Door
from tests.permissions.table import ACTIONS
from tests.permissions.world import World

BROKEN = {"API": {"noSuchField": 0}, "page": {"no_such_field": "0"}}
AT_THE_GATE = ("nobody", "a maintainer without the CSRF token")
"""Refused before a view is reached."""


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


def people(action: Action) -> list[Caller]:
    """Return whom the declaration of a door is asked for."""
    signed_in = [
        caller
        for caller in PEOPLE
        if caller.signed_in and not (caller.is_dead or caller.is_forged)
    ]
    if CREATE_PROJECTS not in action.needs:
        signed_in = [caller for caller in signed_in if not caller.may_create]
    return [*signed_in, *just(action)]


def undecided(world: World, action: Action, door: Door) -> list[Caller]:
    """Ask the declaration for everybody; return whom the action must decide about.

    It may let somebody pass whom the table refuses: what only a body names is asked
    about later. It never refuses anybody but as the table says.
    """
    left, wrong = [], {}
    for caller in people(action):
        found, told = world.asked(door, caller), expected(action, door, caller)
        told = told.partition(" ")[0]
        if found == ALLOWED and told in {DENIED, HIDDEN}:
            left.append(caller)
        elif found not in (told, ALLOWED):
            wrong[caller.name] = f"declared: {found}, not {told}"
    assert not wrong
    return left


def callers(world: World, action: Action, door: Door) -> list[Caller]:
    """Return who tries a door."""
    gate = [
        caller
        for caller in PEOPLE
        if caller.name in AT_THE_GATE and not (door.is_safe and caller.is_forged)
    ]
    tokens = tokens_for(door) if door.kind == "API" else []
    if door.is_safe:
        lookers = [caller for caller in PEOPLE if caller.name in LOOKING]
        return [*gate, *lookers, *just(action), *tokens]
    left = {caller.name: caller for caller in undecided(world, action, door)}
    witnesses = {caller.name: caller for caller in just(action)}
    return [*gate, *(left | witnesses).values(), *tokens]


@pytest.mark.parametrize(("action", "door"), cases())
def test_a_door_answers_each_caller_as_the_table_says(
    world: World, request: pytest.FixtureRequest, action: Action, door: Door
):
    """S88: S89: S90: S91: S92: S93: S106: who may do what, asked at every door."""
    tried = callers(world, action, door)

    answers = {caller.name: world.answer(door, caller) for caller in tried}

    told = {caller.name: expected(action, door, caller) for caller in tried}
    wrong = {
        name: f"{answers[name]}, not {told[name]}"
        for name in told
        if answers[name] != told[name]
    }
    assert not wrong
    asked = [] if door.is_safe else [caller.name for caller in people(action)]
    count(request, door.kind, action.name, answers, door=door.name, asked=asked)


@pytest.mark.parametrize(("action", "door"), cases(is_form))
def test_what_is_wrong_with_a_body_is_told_to_whoever_may_act(
    world: World, request: pytest.FixtureRequest, action: Action, door: Door
):
    """S93: the permission is asked before the form is looked at."""
    lacking = {f"all but {need}" for need in action.needs}
    tried = [caller for caller in just(action) if caller.name in lacking]
    tried += [caller for caller in PEOPLE if caller.name == "a maintainer"][: not tried]
    broken = BROKEN[door.kind] if door.media != "text/yaml" else "\0"

    answers = {c.name: world.answer(door, c, body=broken) for c in tried}

    told = {caller.name: expected(action, door, caller) for caller in tried}
    assert {n: a for n, a in answers.items() if a != told[n]} == {}
    count(request, door.kind, action.name, answers, door=door.name)


@pytest.mark.parametrize(
    ("action", "door"),
    [
        case
        for case in cases()
        if case.values[1].name
        in {
            "GET /projects/shop",
            "POST /projects/shop/releases/2/cancel",
            "GET /api/v1/projects/shop",
            "POST /api/v1/projects/shop/releases/2/cancel",
        }
    ],
)
def test_everybody_tries_one_door_of_each_kind(
    world: World, request: pytest.FixtureRequest, action: Action, door: Door
):
    """S93: S106: who left, who expired, every role, by session and by token."""
    tokens = TOKENS if door.kind == "API" else []
    tried = [caller for caller in [*PEOPLE, *tokens] if not caller.may_create]

    answers = {caller.name: world.answer(door, caller) for caller in tried}

    assert answers == {c.name: expected(action, door, c) for c in tried}
    count(request, door.kind, action.name, answers, door=door.name)


def test_all_of_the_api_takes_callers_the_same_way():
    """S93: so what one door of it says of a dead token, each of them says."""
    views = {
        getattr(view, "cls", None)
        for _, route, view in routes.views()
        if route.startswith("api/v1/") and route not in routes.DOCUMENTS
    }

    assert {
        (tuple(view.authentication_classes), tuple(view.permission_classes))
        for view in views - {None}
    } == {(tuple(ApiView.authentication_classes), tuple(ApiView.permission_classes))}
