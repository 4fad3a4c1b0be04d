"""A release that meets a freeze, and the two people who may set that aside."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from environments import actions as environments
from environments.models import Project, TenantEnvironment
from environments.permissions import Permission
from gitopshq.core.models import User
from releases import actions
from releases.gates import Gate, ahead_of, evaluate
from releases.locking import fresh
from releases.models import Release
from tests import make

Do = Callable[..., Any]
OVERRIDE: Final = (Permission.VIEW_RELEASE, Permission.OVERRIDE_FREEZE)


@pytest.fixture
def carla(shop: Project) -> User:
    """Holds freeze.override, and deploys."""
    return make.user("carla", may=[*OVERRIDE, Permission.DEPLOY_RELEASE], on=shop)


@pytest.fixture
def dave(shop: Project) -> User:
    """Holds freeze.override."""
    return make.user("dave", may=OVERRIDE, on=shop)


@pytest.fixture
def frozen(prod: TenantEnvironment, approved: Do, do: Do) -> Release:
    """A release that is approved, in an environment that is frozen."""
    release = approved(prod)
    do(environments.freeze, prod.environment, reason="fair", actor=None)
    return fresh(release.pk)


@pytest.fixture
def broken(do: Do, carla: User, dave: User) -> Do:
    """Set the freeze aside for a release, by carla and dave."""

    def set_aside(release: Release) -> Release:
        do(actions.ask_break_glass, release, actor=carla, reason="card data leaks")
        do(actions.confirm_break_glass, release, actor=dave)
        return fresh(release.pk)

    return set_aside


def freeze_gate(release: Release, actor: User) -> Gate:
    """Return how the freeze stands for *release* now."""
    gates = evaluate(ahead_of(fresh(release.pk), actor))
    return next(gate for gate in gates if gate.name == "freeze")
