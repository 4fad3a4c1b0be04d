"""A shop with one target, whose repositories are this test's own."""

import os
import subprocess
from typing import Any

import pytest
from django.utils import timezone

from delivery import publishing, rendering_requests
from delivery.git.commits import Identity
from delivery.models import Rendering
from environments import actions, capture
from environments.models import Project, TenantEnvironment, VariableScope
from tests import make
from tests.people import Do

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  key: "{value}"
"""
SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: {name}
stringData:
  key: "{value}"
"""


@pytest.fixture(autouse=True)
def _repositories(own_repositories: None) -> None:
    """Let no test find what another has written."""


@pytest.fixture
def prod(shop: Project) -> TenantEnvironment:
    return make.target(shop, environment="prod")


@pytest.fixture
def put(prod: TenantEnvironment) -> Do:
    """Save a manifest binding of one file; nobody hears of it."""

    def save(text: str, name: str = "flags", **kwargs: Any) -> None:
        kwargs.setdefault("actor", None)
        actions.put_manifests(prod, name=name, files={"a.yaml": text}, **kwargs)

    return save


@pytest.fixture
def variable(shop: Project) -> Do:
    """Save a variable of the whole project."""

    def save(key: str, value: str, **kwargs: Any) -> None:
        kwargs.setdefault("actor", None)
        place = actions.VariablePlace(shop, VariableScope.REPO)
        actions.set_variable(place, key=key, value=value, **kwargs)

    return save


@pytest.fixture
def asked(prod: TenantEnvironment) -> Do:
    """Ask for the rendering of a target as it is; no worker hears of it."""

    def ask(target: TenantEnvironment = prod) -> Rendering:
        state = capture.state_of(target)
        return rendering_requests.request_rendering(target.project, state)

    return ask


@pytest.fixture
def rendered(do: Do, asked: Do) -> Do:
    """Have a target rendered, for better or worse."""

    def render(*targets: TenantEnvironment) -> Rendering:
        return Rendering.objects.get(pk=do(asked, *targets).pk)

    return render


def commit_of(target: TenantEnvironment, tree: str) -> publishing.ReleaseCommit:
    """Say what is committed, with nothing that a test cares about."""
    return publishing.ReleaseCommit(
        target=target,
        tree=tree,
        namespaces=frozenset(),
        message="release(acme/prod): R-1 First\n",
        author=Identity("Dora", "dora@example.com"),
        at=timezone.now(),
        release_name="R-1",
        source_commit="1" * 40,
        digest="2" * 64,
        audit_sequence=7,
        audit_hash="3" * 64,
    )


def git(repository: Any, *arguments: str, code: int = 0) -> str:
    """Run the real git in a repository; return its stdout."""
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(repository), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout.strip()
