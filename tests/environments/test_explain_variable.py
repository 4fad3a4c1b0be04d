"""Effective values, their explanation, and the impact of a change."""

import pytest

from environments import actions
from environments.actions import VariablePlace
from environments.models import VariableScope
from environments.permissions import Permission
from tests import make

TARGET = "/api/v1/projects/shop/targets/acme/prod/variables"
IMPACT = "/api/v1/projects/shop/variables/impact"
SECRET = "a long enough secret"


@pytest.fixture
def scoped(shop, prod, api_workload, dana, mona):
    """``HOST`` at all four scopes, ``TOKEN`` as a secret of the project."""
    for place, value, actor in (
        (VariablePlace(shop, VariableScope.REPO), "repo", mona),
        (
            VariablePlace(shop, VariableScope.ENV, environment=prod.environment),
            "env",
            dana,
        ),
        (VariablePlace(shop, VariableScope.TENANT, tenant=prod.tenant), "tenant", mona),
        (
            VariablePlace(shop, VariableScope.SVC, target=prod, workload=api_workload),
            "svc",
            dana,
        ),
    ):
        actions.set_variable(place, key="HOST", value=value, actor=actor)
    actions.set_variable(
        VariablePlace(shop, VariableScope.REPO),
        key="TOKEN",
        value=SECRET,
        secret=True,
        actor=mona,
    )


def test_the_narrowest_scope_wins(as_user, scoped, olga):
    api = as_user(olga)

    plain = {v["key"]: v for v in api.get(TARGET).json()["items"]}
    service = {v["key"]: v for v in api.get(f"{TARGET}?service=api").json()["items"]}

    assert (plain["HOST"]["value"], service["HOST"]["value"]) == ("tenant", "svc")
    assert plain["HOST"]["setBy"] == "mona"
    assert service["HOST"]["setBy"] == "dana"
    assert service["HOST"]["setAt"] is not None
    assert (plain["TOKEN"]["value"], plain["TOKEN"]["secret"]) == (None, True)


def test_the_explanation_names_what_was_beaten_and_by_whom(as_user, scoped, olga):
    told = as_user(olga).get(f"{TARGET}/HOST?service=api").json()

    assert told["winner"]["scope"] == "svc"
    assert [(row["scope"], row["setBy"]) for row in told["beaten"]] == [
        ("tenant", "mona"),
        ("env", "dana"),
        ("repo", "mona"),
    ]
    assert told["unsetScopes"] == []
    token = as_user(olga).get(f"{TARGET}/TOKEN").json()
    assert token["unsetScopes"] == ["tenant", "env"]
    nothing = as_user(olga).get(f"{TARGET}/NOTHING").json()
    assert (nothing["winner"], nothing["beaten"]) == (None, [])


def test_a_stranger_is_told_nothing(as_user, scoped, stan, olga):
    assert as_user(stan).get(TARGET).status_code == 404
    assert as_user(stan).get(f"{TARGET}/HOST").status_code == 404
    assert as_user(olga).get(f"{TARGET}?service=none").status_code == 404


def test_a_key_is_explained_in_a_constant_number_of_queries(
    as_user, scoped, olga, django_assert_max_num_queries
):
    with django_assert_max_num_queries(16):
        as_user(olga).get(f"{TARGET}?service=api")


@pytest.fixture
def reached(shop, prod, dev, api_workload):
    """``api`` uses HOST in production; ``quiet`` uses nothing; dev has both."""
    quiet = make.workload(shop, "quiet", on=[prod, dev])
    actions.bind_workload(api_workload, to=dev, actor=None)
    actions.set_values(api_workload, text="host: '{{hq.var.HOST}}'\n", actor=None)
    actions.set_values(quiet, text="# {{hq.var.HOST}}\na: 1\n", actor=None)


def asked(client, **body):
    answer = client.post(IMPACT, {"key": "HOST", "value": "moved", **body})
    assert answer.status_code == 200, answer.json()
    return {
        f"{row['tenant']}/{row['environment']}": row["services"]
        for row in answer.json()["items"]
    }


def test_the_impact_is_where_the_value_would_be_rendered(as_user, reached, dana):
    api = as_user(dana)

    assert asked(api, scope="repo") == {"acme/dev": ["api"], "acme/prod": ["api"]}
    assert asked(api, scope="env", environment="prod") == {"acme/prod": ["api"]}
    assert asked(api, scope="repo", key="OTHER") == {}


def test_a_shadowed_row_has_no_impact(as_user, scoped, reached, dana):
    assert asked(as_user(dana), scope="env", environment="prod") == {}
    # The tenant's row wins in both environments.
    assert asked(as_user(dana), scope="repo") == {}
    assert asked(as_user(dana), scope="tenant", tenant="acme") == {"acme/dev": ["api"]}


def test_the_same_value_has_no_impact(as_user, scoped, reached, dana):
    body = {"scope": "svc", "tenant": "acme", "environment": "prod", "service": "api"}

    assert asked(as_user(dana), value="svc", **body) == {}
    assert asked(as_user(dana), value="other", **body) == {"acme/prod": ["api"]}


def test_who_may_not_write_may_not_guess_secrets(as_user, scoped, olga, shop):
    body = {"scope": "repo", "key": "TOKEN", "value": SECRET, "secret": True}

    assert as_user(olga).post(IMPACT, body).status_code == 403
    writer = make.user(
        may=[Permission.VIEW_RELEASE, Permission.MANAGE_VARIABLES], on=shop
    )
    assert as_user(writer).post(IMPACT, body).status_code == 200


def test_the_impact_tells_apart_what_is_not_rendered(
    as_user, reached, dana, shop, prod, api_workload
):
    """S40: what is shadowed and what is text alone are named beside the rest."""
    actions.set_values(
        api_workload, text="host: here\n", environment=prod.environment, actor=None
    )
    repo = VariablePlace(shop, VariableScope.REPO)
    actions.set_variable(repo, key="HOST", value="old", actor=None)
    api = as_user(dana)

    def ask(**body):
        return api.post(IMPACT, {"scope": "repo", "key": "HOST", **body}).json()

    told = ask(value="new")
    here = {"tenant": "acme", "environment": "prod", "services": ["api"]}
    there = {**here, "environment": "dev"}
    assert (told["items"], told["next"]) == ([there], None)
    assert told["textOnly"] == [here]
    assert ask(description="as PUT: the value stays")["items"] == []
    (gone,) = ask(value=None)["problems"]
    assert "workloads/api/values.yaml:1: HOST is unresolved" in gone
    assert api.post(IMPACT, {"scope": "repo", "key": "NEW"}).status_code == 422

    narrow = VariablePlace(shop, VariableScope.ENV, environment=prod.environment)
    actions.set_variable(narrow, key="HOST", value="narrow", actor=None)
    assert ask(value="new")["shadowed"] == [{**here, "by": ["env"]}]
