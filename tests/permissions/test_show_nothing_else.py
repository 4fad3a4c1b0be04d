"""A grant on one environment shows the project's name, and that environment alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from environments import actions
from environments.actions import VariablePlace, WindowTerms
from environments.models import VariableScope
from environments.permissions import Role
from gitopshq.core.notifying import notify
from releases import actions as releasing
from releases.selectors.search import KINDS
from tests import make
from tests.permissions.callers import ALL, VIEWER, Caller, expected
from tests.permissions.counting import count
from tests.permissions.table import ACTIONS
from tests.permissions.world import World, made, told

LOOKERS = [
    Caller("a viewer of production only", on_prod=VIEWER),
    Caller("a maintainer of production only", on_prod=ALL),
    Caller("a stranger"),
]
WORD = b"quokka"
SEARCHES = [
    "/api/v1/projects?limit=200",
    "/api/v1/approvals?project=shop",
    "/api/v1/audit?project=shop",
    "/audit?project=shop",
    "/approvals?show=all",
    "/projects/shop?tenant=quokk",
    "/api/v1/projects/shop/releases?limit=200",
    "/api/v1/projects/shop/variables?environment=quokka-env",
    "/api/v1/projects/shop/targets?environment=quokka-env",
    "/charts?q=web",
    "/search?q=quokk",
    *(f"/search?q=quokk&in={kind.code}" for kind in KINDS),
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The shop, and beside production a place that is called quokka all over."""
    folder = tmp_path_factory.mktemp("quokka")
    with django_db_blocker.unblock(), made(folder, draws=True) as shop:
        add_quokkas(shop)
        yield shop


def add_quokkas(world: World) -> None:
    shop = world.shop
    make.environment(shop, "quokka-env", required_approvals=1)
    target = make.target(
        shop,
        tenant="quokka-tenant",
        environment="quokka-env",
        namespace="quokka-namespace",
        cluster="quokka-cluster",
    )
    place = target.environment
    make.workload(shop, "quokka-workload", on=[target])
    actions.set_variable(
        VariablePlace(shop, VariableScope.ENV, environment=place),
        key="QUOKKA_KEY",
        value="quokka-value",
        actor=None,
    )
    keeper = make.user("kurt", is_superuser=True)
    now = timezone.now()
    actions.add_freeze_window(
        shop,
        terms=WindowTerms(
            starts_at=now, ends_at=now + timedelta(days=1), reason="quokka-window"
        ),
        environment=place,
        actor=keeper,
    )
    actions.freeze(place, reason="quokka-freeze", actor=keeper)
    person = make.user("quokka-person")
    actions.grant_role(place, to=person, role=Role.APPROVER, actor=None)
    author = make.user("quokka-author", role=Role.DEVELOPER, on=place)
    content = releasing.Content(title="quokka-title", notes="quokka-notes")
    releasing.create_release(target, actor=author, content=content)
    notify(
        [person], "release.submitted", project="shop", title="quokka-notice", url="/"
    )


def addresses(caller: Caller, world: World) -> list[str]:
    """Return every address of the table that *caller* may look at."""
    seen = [
        world.filled(door.url)
        for action in ACTIONS
        for door in action.doors
        if door.is_safe and expected(action, door, caller) == "allowed"
    ]
    return [*dict.fromkeys([*seen, *SEARCHES])]


@pytest.mark.parametrize("caller", LOOKERS, ids=lambda caller: caller.name)
def test_nothing_of_another_environment_is_shown(world, request, caller):
    """S92: lists, pages, search, inbox, trail: none of them names what is hidden."""
    client = world.client(caller)
    leaks, answers = [], {}
    for address in addresses(caller, world):
        response = client.get(address)
        answers[address] = told(response)
        # What was asked for may be said again.
        body = response.getvalue().lower().replace(address.lower().encode(), b"")
        if WORD in body:
            leaks.append((address, body[max(0, body.find(WORD) - 90) :][:160]))

    assert leaks == []
    count(request, "page", f"look as {caller.name}", answers)


def test_whoever_sees_the_project_sees_it_all(world):
    viewer = world.client(Caller("a viewer", on_shop=VIEWER))

    found = [
        address
        for address in ("/projects/shop", "/api/v1/projects/shop/targets")
        if WORD in viewer.get(address).content
    ]

    assert len(found) == 2
