"""A shop with one tenant in two environments, and the people around it."""

import pytest
from rest_framework.test import APIClient

from environments.models import Environment, Project, TenantEnvironment, Workload
from environments.permissions import Role
from gitopshq.core.models import User
from tests import make


@pytest.fixture
def prod(shop: Project) -> TenantEnvironment:
    return make.target(shop, environment="prod")


@pytest.fixture
def production(prod: TenantEnvironment) -> Environment:
    return prod.environment


@pytest.fixture
def api_workload(shop: Project, prod: TenantEnvironment) -> Workload:
    """The workload ``api``, bound to production."""
    return make.workload(shop, "api", on=[prod])


@pytest.fixture
def pia(production: Environment) -> User:
    """Maintains production and knows of nothing else."""
    return make.user("pia", role=Role.MAINTAINER, on=production)


@pytest.fixture
def as_user():
    """Return a client that calls as somebody who is signed in."""

    def client(user: User) -> APIClient:
        made = APIClient()
        made.force_authenticate(user)
        return made

    return client
