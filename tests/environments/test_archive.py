"""Archiving: nothing that a release refers to is deleted."""

import pytest

from environments import actions, errors, ports
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import AuditEntry
from tests import make

ROOT = "/api/v1/projects/shop"


@pytest.fixture
def used(monkeypatch):
    """Let targets or workloads be in use, as releases would say."""

    def let(*targets, by="R-1 is open", named=None):
        keys = {target.pk for target in targets}

        def answer(asked, *, workload):
            return [by] if keys & set(asked) and workload in (None, named) else []

        monkeypatch.setattr(ports.users_of, "_answer", answer)

    return let


@pytest.fixture(autouse=True)
def unused(used):
    used()


def test_what_is_archived_takes_no_more_edits(shop, prod, api_workload, mona):
    actions.archive(prod.environment, actor=mona)

    with pytest.raises(errors.Archived, match="archived"):
        actions.set_policy(prod.environment, terms={"auto_approve": True}, actor=mona)
    with pytest.raises(errors.Archived):
        actions.put_manifests(prod, name="x", files={"a.yaml": "a: 1\n"}, actor=mona)
    with pytest.raises(errors.Archived):
        actions.archive(prod.environment, actor=mona)
    assert AuditEntry.objects.filter(event="object.archived").count() == 1


def test_what_came_back_takes_edits_again(shop, prod, mona):
    archived = actions.archive(shop, actor=mona)
    with pytest.raises(errors.Archived):
        actions.create_tenant(shop, slug="globex", name="Globex", actor=mona)

    actions.restore(archived, actor=mona)

    actions.create_tenant(shop, slug="globex", name="Globex", actor=mona)


def test_what_runs_or_waits_is_not_archived(shop, prod, mona, used):
    used(prod)

    for row in (shop, prod.tenant, prod.environment):
        with pytest.raises(errors.InUse, match="R-1 is open"):
            actions.archive(row, actor=mona)

    actions.archive(make.tenant(shop, "globex"), actor=mona)


def test_a_workload_is_archived_when_it_is_bound_and_deployed_nowhere(
    shop, prod, api_workload, mona, used
):
    with pytest.raises(errors.InUse, match="bound to acme/prod"):
        actions.archive(api_workload, actor=mona)
    actions.unbind_workload(api_workload, from_=prod, actor=mona)
    used(prod, by="it is deployed to acme/prod", named="api")
    with pytest.raises(errors.InUse, match="deployed"):
        actions.archive(api_workload, actor=mona)

    used()

    assert actions.archive(api_workload, actor=mona).archived_at is not None
    with pytest.raises(errors.Archived):
        actions.bind_workload(api_workload, to=prod, actor=mona)


def test_archiving_needs_a_right_on_the_project(production, pia):
    with pytest.raises(NotPermitted):
        actions.archive(production, actor=pia)


@pytest.mark.parametrize(
    "path", ["", "/tenants/acme", "/environments/prod", "/workloads/idle"]
)
def test_the_api_archives_and_restores(as_user, shop, prod, mona, path):
    make.workload(shop, "idle")
    api = as_user(mona)

    assert api.patch(f"{ROOT}{path}", {"archived": True}).json()["archived"] is True
    again = api.patch(f"{ROOT}{path}", {"archived": True})
    assert (again.status_code, again.json()["code"]) == (400, "invalid_transition")
    assert api.patch(f"{ROOT}{path}", {"archived": False}).json()["archived"] is False


def test_the_api_says_what_is_in_the_way(as_user, shop, prod, mona, used):
    used(prod)

    answer = as_user(mona).patch(f"{ROOT}/tenants/acme", {"archived": True})

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert "R-1 is open" in answer.json()["detail"]


def test_lists_tell_the_archive_apart(as_user, shop, prod, mona):
    actions.archive(make.tenant(shop, "globex"), actor=mona)
    api = as_user(mona)

    def slugs(query):
        items = api.get(f"{ROOT}/tenants{query}").json()["items"]
        return [item["slug"] for item in items]

    assert slugs("") == ["globex", "acme"]
    assert slugs("?archived=false") == ["acme"]
    assert slugs("?archived=true") == ["globex"]


def test_a_change_of_fields_and_archive_is_one_step(shop, prod, mona):
    tenant = actions.archive(prod.tenant, actor=mona)
    with pytest.raises(errors.Archived):
        actions.change(tenant, name="Acme", actor=mona)

    actions.change(tenant, archived=False, name="Acme", actor=mona)
    changed = actions.change(shop, archived=True, name="Closed", actor=mona)

    assert changed.name == "Closed"
    assert changed.archived_at is not None
