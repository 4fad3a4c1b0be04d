"""A shop made by the API alone, and the people who call it from outside."""

import io

import pytest
from django.db import transaction

from environments.models import Project
from environments.permissions import Role
from tests import make, seeded
from tests.journeys.callers import program, signed_in

SHOP = "projects/shop"
VALUES = """\
# how many
replicas: "{{hq.var.REPLICAS}}"
image:
  repository: registry.example/web
  tag: "1.0.0"
"""
STAFF = {
    "alice": Role.DEVELOPER,
    "bob": Role.APPROVER,
    "bea": Role.APPROVER,
    "dora": Role.DEPLOYER,
    "vic": Role.VIEWER,
    "max": Role.MAINTAINER,
}


@pytest.fixture(autouse=True)
def _own_repositories(tmp_path):
    """Give each test repositories of its own: project slugs come again."""
    with seeded.own_folder(tmp_path):
        yield


@pytest.fixture
def root(transactional_db):
    """Who runs the installation, by a token."""
    person = make.user("root", is_staff=True, is_superuser=True)
    _, secret = make.token(person)
    return program(secret)


@pytest.fixture
def empty_shop(root):
    """A project without desired state."""
    assert root.post("projects", slug="shop", name="Shop").status == 201
    return Project.objects.get(slug="shop")


@pytest.fixture
def shop(empty_shop, root):
    """Two tenants, an open and a gated environment, one service in acme's targets."""
    with transaction.atomic():  # whoever waits for the commit is called at the end
        furnish(root)
    return empty_shop


def furnish(root):
    for tenant in ("acme", "globex"):
        root.post(f"{SHOP}/tenants", slug=tenant, name=tenant.title())
    for environment, required in (("dev", 0), ("prod", 2)):
        root.post(
            f"{SHOP}/environments",
            slug=environment,
            name=environment.title(),
            rank=required,
            colour="",
            policy={"requiredApprovals": required},
        )
    root.post_file("charts", packed(make.chart_archive()))
    root.post(f"{SHOP}/workloads", name="web", chart="web", chartVersion="1.0.0")
    assert root.put_text(f"{SHOP}/workloads/web/values", VALUES).status == 200
    root.put(f"{SHOP}/variables", scope="repo", key="REPLICAS", value="2")
    for environment in ("dev", "prod"):
        root.post(
            f"{SHOP}/targets",
            tenant="acme",
            environment=environment,
            namespace=f"acme-{environment}",
        )
        bound = f"{SHOP}/targets/acme/{environment}/workloads/web"
        assert root.put(bound).status == 201


@pytest.fixture
def staff(empty_shop):
    """Everybody with a role, by their session; and stan, who has none."""
    people = {
        name: make.user(name, role=role, on=empty_shop) for name, role in STAFF.items()
    }
    people["stan"] = make.user("stan")
    return {name: signed_in(person) for name, person in people.items()}


def packed(data, name="chart.tgz"):
    """Return bytes as a file to upload."""
    file = io.BytesIO(data)
    file.name = name
    return file
