"""The corpus: own charts with inputs, and the files they are known to give.

``python -m tests.rendering.corpus`` writes the golden files anew; read the difference
before it is committed.
"""

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from delivery.rendering.assemble import AssembledTarget, assemble
from delivery.rendering.pool import ChildPool
from tests.rendering.charts import packed
from tests.rendering.jobs import workload

GOLDEN = Path(__file__).parent.parent / "golden" / "rendered"


@dataclass(frozen=True)
class Case:
    chart: str
    values: tuple[str, ...] = ()
    kubernetes_version: str = ""
    api_versions: tuple[str, ...] = ()
    namespace: str = "acme-dev"
    allow_nondeterministic: bool = False

    def job(self):
        return workload(
            packed(self.chart),
            *self.values,
            kubernetes_version=self.kubernetes_version,
            api_versions=self.api_versions,
            namespace=self.namespace,
            allow_nondeterministic=self.allow_nondeterministic,
        )


CASES = {
    "storefront-defaults": Case("storefront"),
    "storefront-layers": Case(
        "storefront",
        (
            "replicas: 3\nextraEnv:\n  - {name: A, value: base}\nbanner: old\n",
            "banner: |\n  Welcome\n  ---\n  to the shop\nresources: null\n",
            "image:\n  tag: '3.0'\nextraEnv:\n  - {name: B, value: '0x10'}\n",
        ),
        namespace="acme-shop",
    ),
    "suite-defaults": Case("suite"),
    "suite-everything": Case(
        "suite",
        ("tags: {observability: true}\njobs: {enabled: true, workers: 7}\n",),
    ),
    "suite-nothing": Case("suite", ("cache: {enabled: false}\n",)),
    "operator-old": Case(
        "operator",
        kubernetes_version="1.28.3",
        api_versions=("policy/v1/PodDisruptionBudget",),
    ),
    "operator-young": Case(
        "operator",
        ("readers: [zoe]\n",),
        kubernetes_version="1.33.0",
        api_versions=("monitoring.coreos.com/v1", "policy/v1"),
    ),
    "letters-tpl": Case("letters", ("greeting: 'Hi {{ upper .Values.name }}!'\n",)),
    "restless-still": Case("restless", ("password: set\nday: '2026-01-01'\n",)),
}


def files_of(result):
    return assemble([result], AssembledTarget("acme-dev"))


def golden_files(case):
    folder = GOLDEN / case
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_golden_files(data_dir):
    with ChildPool(data_dir, search="") as pool:
        for name, case in CASES.items():
            chart = packed(case.chart)
            result = pool.render(case.job(), load_chart=lambda _, c=chart: c)
            shutil.rmtree(GOLDEN / name, ignore_errors=True)
            for path, content in files_of(result).items():
                place = GOLDEN / name / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write_golden_files(Path(sys.argv[1]) if sys.argv[1:] else Path(folder))
