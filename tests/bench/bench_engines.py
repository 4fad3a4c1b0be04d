"""P15, P16 and R3: the engines themselves, in their children."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from delivery import rendering_children
from delivery.rendering import tools
from delivery.rendering.limits import MIB, Limits, resident_bytes
from delivery.rendering.units import UnitJob
from delivery.rendering.warmchild import RenderChild
from tests.bench import harness
from tests.bench.shop import archive, size, values
from tests.rendering.jobs import standalone, workload

_KUSTOMIZATION = """\
resources: [deployment.yaml]
commonAnnotations: {edited: "%d"}
images: [{name: shop, newTag: "1.%d"}]
patches:
  - target: {kind: Deployment}
    patch: |
      - {op: replace, path: /spec/replicas, value: 3}
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  replicas: 1
  selector: {matchLabels: {app: %s}}
  template:
    metadata: {labels: {app: %s}}
    spec: {containers: [{name: main, image: shop}]}
"""


@harness.benchmark("P15", goal=0.15, theirs="kubectl kustomize, one by one")
def build_50_overlays(work: harness.Workshop) -> harness.Pair:
    kubectl = tools.tool_path("kubectl", Path(settings.DATA_DIR))
    names = [f"overlay-{number:02}" for number in range(size(50))]
    jobs: list[UnitJob] = []

    def edit_all(run: int) -> None:
        jobs.clear()
        for name in names:
            files = {
                "kustomization.yaml": _KUSTOMIZATION % (run, run),
                "deployment.yaml": _DEPLOYMENT % (name, name, name),
            }
            jobs.append(standalone(files, name=name))
            folder = work.folder / name
            folder.mkdir(exist_ok=True)
            for path, text in files.items():
                (folder / path).write_text(text)

    def build() -> None:
        results = rendering_children.render_units(jobs, beat=lambda: None)
        assert all(len(result.documents) == 1 for result in results)

    def build_by_hand() -> None:
        for name in names:
            _run([str(kubectl), "kustomize", str(work.folder / name)])

    return harness.Pair(build, build_by_hand, edit_all)


@harness.benchmark("P16", goal=0, theirs="all charts and values of the corpus", runs=1)
def charts_that_differ_from_helm_template(work: harness.Workshop) -> harness.Pair:
    command = [sys.executable, "-m", "tests.rendering.engines", str(work.folder)]
    found = json.loads(_run([*command, "bench", "1"]))
    differ = [name for name, (_, *different) in found.items() if different]
    note = f"{len(found) - len(differ)} of {len(found)} equal byte for byte"
    return harness.Pair(
        lambda: float(len(differ)),
        lambda: float(len(found)),
        note=note,
        unit="cases",
    )


@harness.benchmark("R3", goal=1.15, theirs="after the first 100", runs=1)
def memory_after_5_000_renderings(work: harness.Workshop) -> harness.Pair:
    limits = Limits(renderings=10**9, child_memory=1024 * MIB)
    child = RenderChild(Path(settings.DATA_DIR), limits)
    work.stack.callback(child.stop)
    chart = archive()

    def after(renderings: int) -> float:
        for number in range(renderings):
            job = workload(chart, values("shop", number), unit="shop")
            assert child.render(job, load_chart=lambda _: chart).documents
        return resident_bytes(child.pid) / MIB

    first, pid = after(100), child.pid
    last = after(max(1, size(5000) - 100))
    assert child.pid == pid
    return harness.Pair(lambda: last, lambda: first, unit="MiB")


def _run(command: Sequence[str]) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout
