"""One shop whose second release holds an edit of every kind, made once for a module."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.test import TestCase

from delivery import variants
from environments import actions as desired
from environments.actions import ImageReference, VariablePlace
from environments.models import VariableScope as Scope
from environments.permissions import Role
from gitopshq.core import leases
from releases import actions
from releases.locking import fresh
from tests import make
from tests.people import signed_in
from tests.seeded import own_folder

CANARY = "correct-horse-battery"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {}
  template:
    spec:
      containers:
        - name: app
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          args: [a, b]
          workingDir: /
          tty: false
          stdin: false
          env:
            - name: LEVEL
              value: {{ .Values.level | quote }}
            - {name: A, value: a}
            - {name: B, value: b}
            - {name: C, value: c}
            - {name: D, value: d}
      dnsPolicy: Default
      hostPID: false
      hostIPC: false
      hostNetwork: false
"""
SPREAD = """\
resources: [workload.yaml]
commonAnnotations: {owner: %s}
"""
CONFIG = """\
apiVersion: v1
kind: %s
metadata:
  name: %s
%s:
  key: "%s"
"""


class World:
    """A deployed release, a second one on top of it, and who looks at them."""

    def __init__(self) -> None:
        shop = self.shop = make.project("shop", secrets_in_git="plain")
        self.target = make.target(shop, environment="dev")
        self.alice = make.user("alice", role=Role.DEVELOPER, on=shop)
        self.dora = make.user("dora", role=Role.DEPLOYER, on=shop)
        self.api = self._workload(
            "api", "image: {repository: app, tag: '1'}\nlevel: '{{hq.var.LEVEL}}'\n"
        )
        self.plain = make.chart_version("plain", "1.0.0")
        self.twin = self._workload("twin", "replicas: {{hq.var.SIZE}}\n", self.plain)
        self.user = self._workload("user", "replicas: 1\n", self.plain)
        self.old = self._workload("old", "replicas: 1\n", self.plain)
        self._inputs(level="info", size="1", owner="ops", flag="off", token="s" * 12)
        self._deploy(self._release())
        self._edit()
        self.release = self._release()

    def _workload(self, name: str, values: str, chart: Any = None) -> Any:
        files = {"templates/config.yaml": DEPLOYMENT}
        chart = chart or make.chart_version("web", "1.0.0", files)
        made = make.workload(self.shop, name, chart=chart, on=[self.target])
        desired.set_values(made, text=values, actor=self.alice)
        return made

    def _inputs(self, **values: str) -> None:
        level = VariablePlace(self.shop, Scope.ENV, environment=self.target.environment)
        repo = VariablePlace(self.shop, Scope.REPO)
        actor = self.alice
        for place, key in ((level, "level"), (repo, "size")):
            desired.set_variable(place, key=key.upper(), value=values[key], actor=actor)
        desired.set_variable(
            repo, key="TOKEN", value=values["token"], secret=True, actor=actor
        )
        overlay = {"kustomization.yaml": SPREAD % values["owner"]}
        desired.put_overlay(
            self.target, name="owned", files=overlay, workload=self.api, actor=actor
        )
        for name, kind, held, value in (
            ("flags", "ConfigMap", "data", values["flag"]),
            ("vault", "Secret", "stringData", "{{hq.var.TOKEN}}"),
        ):
            files = {f"{name}.yaml": CONFIG % (kind, name, held, value)}
            desired.put_manifests(self.target, name=name, files=files, actor=actor)

    def _edit(self) -> None:
        """Make six edits that show alone, and some that hang together."""
        self._inputs(level="debug", size="2", owner="web", flag="on", token=CANARY)
        place = {"tenant": self.target.tenant, "environment": self.target.environment}
        actor = self.alice
        desired.bump_image(self.api, image=ImageReference(tag="2"), actor=actor)
        new = {"templates/config.yaml": f"{DEPLOYMENT}      hostUsers: true\n"}
        chart = make.chart_version("web", "1.1.0", new)
        desired.update_workload(self.api, chart_version=chart, actor=actor)
        desired.unbind_workload(self.old, from_=self.target, actor=actor)
        # Either of SIZE and the layer is enough.
        desired.set_values(self.twin, text="replicas: 2\n", actor=actor, **place)
        # A value that needs a variable.
        desired.set_values(self.user, text="replicas: {{hq.var.NEW}}\n", actor=actor)
        repo = VariablePlace(self.shop, Scope.REPO)
        desired.set_variable(repo, key="NEW", value="7", actor=actor)

    def _release(self) -> Any:
        content = actions.Content(title="Everything")
        made = done(
            actions.create_release, self.target, actor=self.alice, content=content
        )
        return fresh(made.pk)

    def _deploy(self, release: Any) -> None:
        done(actions.submit_release, release, actor=self.alice)
        done(actions.deploy_release, fresh(release.pk), actor=self.dora)

    @property
    def url(self) -> str:
        return f"/api/v1/projects/shop/releases/{self.release.number}/causes"

    def get(self, url: str = "", user: Any = None, **headers: str) -> Any:
        """Ask as *user*, and let a worker do what is asked of it."""
        return done(signed_in(user or self.alice).get, url or self.url, **headers)


def done(action: Any, *args: Any, **kwargs: Any) -> Any:
    """Act, and let everything that waits for the commit happen."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return action(*args, **kwargs)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("causes")
    with (
        django_db_blocker.unblock(),
        own_folder(folder),
        patch.object(leases, "wait_for", as_it_is),
        transaction.atomic(),
    ):
        yield World()
        transaction.set_rollback(True)


def as_it_is(rows: Any, pk: int, *, seconds: float) -> Any:
    return rows.get(pk=pk)


@pytest.fixture(autouse=True)
def _repositories():
    """Stand in for the fixture of that name: the world's own are everybody's."""


@pytest.fixture(autouse=True)
def db(world):
    """Stand in for the fixture of that name: what a test does is undone alone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def rendered():
    """List the units that are rendered meanwhile."""
    units = []
    render = variants.render_units

    def watch(jobs, **kwargs):
        units.extend(job.unit for job in jobs)
        return render(jobs, **kwargs)

    with patch.object(variants, "render_units", watch):
        yield units
