"""Making projects, tenants, environments and targets; and what each door says."""

import re

import pytest
from django.urls import get_resolver

from environments import actions
from environments.addresses import PAGES
from environments.models import Edit, Project
from environments.permissions import Role
from environments.selectors import held_by
from gitopshq.core.errors import NotFound, NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry
from tests import make

PROJECTS = "/api/v1/projects"


@pytest.fixture
def rita(db):
    """Runs the installation."""
    return make.user("rita", is_superuser=True)


def test_whoever_makes_a_project_maintains_it(rita):
    project = actions.create_project(slug="shop", name="Shop", actor=rita)

    assert held_by(rita, project) == Role.MAINTAINER.permissions
    entry = AuditEntry.objects.get(event="project.created")
    assert (entry.project, entry.actor) == ("shop", rita)


def test_making_projects_needs_the_global_permission(mona):
    with pytest.raises(NotPermitted, match=r"projects\.create"):
        actions.create_project(slug="second", name="Second", actor=mona)


@pytest.mark.parametrize("slug", ["", "-a", "a-", "Shop", "a b", "a" * 41, "a\n", "ä"])
def test_a_slug_is_checked(rita, slug):
    with pytest.raises(ValidationError):
        actions.create_project(slug=slug, name="X", actor=rita)


def test_a_slug_is_taken_once(rita, shop):
    with pytest.raises(ValidationError, match="taken"):
        actions.create_project(slug="shop", name="Other", actor=rita)


def test_the_api_makes_shows_and_changes_a_project(as_user, rita):
    api = as_user(rita)

    made = api.post(PROJECTS, {"slug": "shop", "name": "Shop"})

    assert made.status_code == 201, made.json()
    assert made.json()["secretsInGit"] == "refuse"
    changed = api.patch(f"{PROJECTS}/shop", {"secretsInGit": "plain"})
    assert changed.json() == {**made.json(), "secretsInGit": "plain"}
    entry = AuditEntry.objects.get(event="project.changed")
    assert entry.after == {"secrets_in_git": "plain"}


def test_the_api_sets_no_field_that_the_server_makes(as_user, rita):
    body = {"slug": "shop", "name": "Shop", "createdAt": "2020-01-01T00:00:00Z"}

    answer = as_user(rita).post(PROJECTS, body)

    assert answer.status_code == 422
    assert not Project.objects.exists()


def test_lists_hold_what_one_may_view(as_user, shop, prod, mona, pia, stan):
    make.project("secret")

    assert [p["slug"] for p in as_user(mona).get(PROJECTS).json()["items"]] == ["shop"]
    assert as_user(stan).get(PROJECTS).json()["items"] == []
    (seen,) = as_user(pia).get(PROJECTS).json()["items"]
    assert (seen["slug"], seen["description"], seen["secretsInGit"]) == (
        "shop",
        None,
        None,
    )


def test_tenants_and_environments_need_a_right_on_the_project(shop, mona, pia):
    actions.create_tenant(shop, slug="globex", name="Globex", actor=mona)
    actions.create_environment(shop, slug="stage", name="Stage", actor=mona)

    with pytest.raises(NotPermitted):
        actions.create_tenant(shop, slug="initech", name="Initech", actor=pia)
    with pytest.raises(NotPermitted):
        actions.create_environment(shop, slug="qa", name="QA", actor=pia)


def test_an_environment_comes_with_its_policy(as_user, shop, mona):
    body = {
        "slug": "stage",
        "name": "Stage",
        "rank": 2,
        "colour": "#ff8800",
        "policy": {"requiredApprovals": 1},
    }

    made = as_user(mona).post(f"{PROJECTS}/shop/environments", body)

    assert made.status_code == 201, made.json()
    assert made.json()["policy"]["requiredApprovals"] == 1
    assert made.json()["policy"]["blockSelfApproval"] is True
    assert made.json()["frozen"] is False
    assert list(Edit.objects.get().files) == ["policies/stage.yaml"]


def test_impossible_policies_point_into_the_body(as_user, shop, mona):
    body = {
        "slug": "stage",
        "name": "Stage",
        "policy": {"deployMode": "auto", "blockSelfDeploy": True},
    }

    answer = as_user(mona).post(f"{PROJECTS}/shop/environments", body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/policy/blockSelfDeploy"


def test_a_target_is_an_edit_of_its_file(as_user, shop, mona):
    """S104: changes are scoped to non-production and production."""
    make.tenant(shop)
    make.environment(shop, "prod")
    body = {
        "tenant": "acme",
        "environment": "prod",
        "namespace": "acme-prod",
        "cluster": "eu-1",
        "kubernetesVersion": "1.31",
        "apiVersions": ["monitoring.coreos.com/v1/ServiceMonitor"],
    }
    api = as_user(mona)

    made = api.post(f"{PROJECTS}/shop/targets", body)

    assert made.status_code == 201, made.json()
    expected = {
        **body,
        "frozen": False,
        "deployedRelease": None,
    }
    assert made.json() | expected == made.json()
    assert made.json()["sync"]["state"] == "not_tracked"
    assert made.json()["effectivePolicy"]["requiredApprovals"] == 0
    assert Edit.objects.latest("sequence").files.keys() == {
        "targets/acme/prod/target.yaml"
    }
    url = f"{PROJECTS}/shop/targets/acme/prod"
    assert api.get(url).json()["namespace"] == "acme-prod"
    changed = api.patch(url, {"namespace": "moved"})
    assert changed.json()["namespace"] == "moved"
    edit = Edit.objects.latest("sequence")
    assert [place.pointer for place in edit.places.all()] == ["/namespace"]


def test_namespaces_are_unique_in_a_cluster(shop, prod):
    with pytest.raises(ValidationError, match="another target"):
        make.target(shop, tenant="globex", namespace=prod.namespace)

    make.target(shop, tenant="globex", namespace=prod.namespace, cluster="eu-2")


@pytest.mark.parametrize(
    "facts",
    [
        {"namespace": "Big"},
        {"namespace": "a" * 64},
        {"kubernetes_version": "latest"},
        {"api_versions": ["apps/v1; rm"]},
        {"cluster": "a b"},
    ],
)
def test_facts_of_a_target_are_checked(shop, facts):
    with pytest.raises(ValidationError):
        make.target(shop, **facts)


def test_a_target_stays_within_its_project(shop, mona):
    tenant = make.tenant(shop)
    other = make.environment(make.project())

    with pytest.raises(NotFound):
        actions.create_target(
            tenant, other, facts=actions.TargetFacts(namespace="x"), actor=mona
        )


def test_who_manages_one_environment_makes_targets_there_alone(shop, prod, dev, pia):
    globex = make.tenant(shop, "globex")
    facts = actions.TargetFacts(namespace="globex")

    actions.create_target(globex, prod.environment, facts=facts, actor=pia)
    with pytest.raises(NotPermitted):
        actions.create_target(globex, dev.environment, facts=facts, actor=pia)


def test_lists_of_targets_cost_the_same_for_one_and_many(
    as_user, shop, prod, mona, django_assert_max_num_queries
):
    for serial in range(5):
        make.target(shop, tenant=f"tenant-{serial}")

    with django_assert_max_num_queries(14):
        items = as_user(mona).get(f"{PROJECTS}/shop/targets").json()["items"]

    assert len(items) == 6


def test_a_tenant_is_not_called_like_a_page(shop, mona):
    with pytest.raises(ValidationError, match="the name of a page"):
        actions.create_tenant(shop, slug="releases", name="Releases", actor=mona)


def test_no_word_of_the_project_pages_is_left_for_a_tenant():
    """A page whose first word a tenant might bear would hide that tenant's own."""
    words = {
        parts[2]
        for parts in (str(route.pattern).split("/") for route in _routes())
        if parts[:2] == ["projects", "<slug:project>"] and len(parts) > 2
    }

    assert {word for word in words if re.fullmatch(r"[a-z0-9-]+", word)} <= PAGES


def _routes():
    found = [*get_resolver().url_patterns]
    while found:
        route = found.pop()
        if str(route.pattern).startswith("api/"):
            continue
        if hasattr(route, "url_patterns"):
            found += route.url_patterns
        else:
            yield route
