"""What benchmarks of releases start from: a project of many workloads on one chart.

Sizes are those of the goals; ``HQ_BENCH_SIZE`` (1 by default) scales them down for a
quick look, and then the ratios say nothing.
"""

import gzip
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from delivery.models import Rendering, RenderingState
from delivery.rendering import tools
from delivery.rendering_requests import request_rendering, wait_for
from environments import actions, capture
from environments.desired.state import State
from environments.models import ChartVersion, Project, TenantEnvironment, Workload
from environments.packages import read_package
from environments.signals import source_changed

_serial = count(1)
_TEMPLATES = Path(__file__).parent / "chart"
_VALUES = """\
# Values of {name}, edited {edit} times.
replicaCount: 2
image:
  repository: registry.example/shop/{name}
  tag: "1.{edit}.0"
service:
  port: 8080
ingress:
  enabled: true
  host: {name}.shop.example
resources:
  requests: {{cpu: 100m, memory: 128Mi}}
  limits: {{memory: 256Mi}}
env:
  LOG_LEVEL: info
  FEATURE: "{edit}"
"""


def size(whole: int) -> int:
    """Scale a number of things, to one at least."""
    return max(1, round(whole * float(os.environ.get("HQ_BENCH_SIZE", "1"))))


class Shop:
    """A project with one target, on which *workloads* run."""

    def __init__(self, workloads: int) -> None:
        with unheard():
            self._make(workloads)

    def _make(self, workloads: int) -> None:
        if "django_migrations" not in connection.introspection.table_names():
            call_command("migrate", verbosity=0)
        slug = f"bench-{next(_serial)}"
        self.project: Project = actions.create_project(slug=slug, name=slug, actor=None)
        tenant = actions.create_tenant(
            self.project, slug="acme", name="Acme", actor=None
        )
        stage = actions.create_environment(
            self.project, slug="prod", name="Production", policy={}, actor=None
        )
        self.target: TenantEnvironment = actions.create_target(
            tenant, stage, facts=actions.TargetFacts(namespace=slug), actor=None
        )
        self.names = [f"svc-{number:03}" for number in range(workloads)]
        self.workloads: dict[str, Workload] = {}
        for name in self.names:
            made = actions.create_workload(
                self.project, name=name, chart_version=chart(), actor=None
            )
            actions.bind_workload(made, to=self.target, actor=None)
            self.workloads[name] = made
            actions.set_values(made, text=values(name, 0), actor=None)

    def edit(self, name: str, number: int) -> None:
        """Save values for a workload that differ from all before them."""
        text = values(name, number)
        with unheard():
            actions.set_values(self.workloads[name], text=text, actor=None)

    def state(self) -> State:
        """Capture what is saved now."""
        return capture.state_of(self.target)

    def rendered(self, state: State | None = None) -> Rendering:
        """Ask for the rendering of *state*, or of what is saved; have it ready."""
        asked = request_rendering(self.project, state or self.state())
        found = wait_for(asked, seconds=0)
        assert found.state == RenderingState.READY, found.errors
        return found


@contextmanager
def unheard() -> Iterator[None]:
    """Let nobody hear of edits: mirror and counters are not what is measured."""
    listeners, source_changed.receivers = source_changed.receivers, []
    try:
        yield
    finally:
        source_changed.receivers = listeners


def chart() -> ChartVersion:
    """Return the one chart of all benchmarks, uploaded."""
    return actions.upload_chart(read_package(archive()), actor=None).version


def archive() -> bytes:
    """Pack the chart; the same bytes each time."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as packed:
        for path in sorted(_TEMPLATES.rglob("*")):
            if path.is_file():
                member = tarfile.TarInfo(f"service/{path.relative_to(_TEMPLATES)}")
                member.size = path.stat().st_size
                packed.addfile(member, io.BytesIO(path.read_bytes()))
    return gzip.compress(raw.getvalue(), mtime=0)


def values(name: str, number: int) -> str:
    """Return the values of a workload after *number* edits."""
    return _VALUES.format(name=name, edit=number)


class Handmade:
    """The same by hand: the helm program on an unpacked chart and values in files."""

    def __init__(self, folder: Path, shop: Shop) -> None:
        self.shop = shop
        self.folder = folder
        self.chart = folder / "service"
        with tarfile.open(fileobj=io.BytesIO(archive()), mode="r:gz") as packed:
            packed.extractall(folder, filter="data")
        self.helm = tools.tool_path("helm", Path(settings.DATA_DIR))
        for name in shop.names:
            self.edit(name, 0)

    def edit(self, name: str, number: int) -> None:
        (self.folder / f"{name}.yaml").write_text(values(name, number))

    def template(self, name: str) -> bytes:
        """Run ``helm template`` for one workload."""
        done = subprocess.run(
            [
                *(self.helm, "template", name, self.chart, "--include-crds"),
                *("--skip-tests", "--namespace", self.shop.target.namespace),
                *("--values", self.folder / f"{name}.yaml"),
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
        )
        return done.stdout
