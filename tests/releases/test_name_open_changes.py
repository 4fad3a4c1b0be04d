"""Which open releases change a variable: told where the variable is explained."""

from django.test import Client

from environments import actions as environments
from environments.models import VariableScope
from releases import actions


def test_explaining_a_variable_names_the_open_releases_that_change_it(
    dev, prod, create, do, shop, alice
):
    """S24, S40: while it is open; a release without that change is not named."""
    place = environments.VariablePlace(shop, VariableScope.REPO)
    do(environments.set_variable, place, key="SPEED", value="9", actor=None)
    release = create(dev)
    client = Client()
    client.force_login(alice)

    def named(key):
        query = {"tenant": dev.tenant.slug, "environment": "dev", "key": key}
        answer = client.get("/projects/shop/variables", query)
        return [(row.release, row.target) for row in answer.context["open_changes"]]

    assert named("SPEED") == [(release.name, str(dev))]
    assert named("OTHER") == []
    do(actions.cancel_release, release, actor=alice, reason="")
    assert named("SPEED") == []
