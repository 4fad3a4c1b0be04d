"""Both Helm engines over all cases, in a process of their own: the library stays there.

``python -m tests.rendering.engines DATA_DIR SEED SCALE`` prints JSON: for each case its
name, whether it went in process, and what differed from the program in any turn.
"""

import json
import random
import sys
import tempfile
import time
from pathlib import Path

from delivery.rendering.helm import HelmProgram, HelmRequest
from delivery.rendering.helminprocess import HelmInProcess
from delivery.rendering.keptcharts import KeptChart
from delivery.rendering.limits import Limits
from delivery.rendering.running import Engines
from delivery.rendering.suiting import suited_request
from delivery.rendering.tools import helm_in_process, tool_path
from tests.rendering.alike import CASES

TENANTS = (("shop", "acme-dev"), ("a", "n"))
TURNS = 3


def requests(home):
    for name, case in CASES.items():
        kept = KeptChart.keep(case.chart, home)
        for number, values in enumerate(case.values):
            suited = suited_request(
                kept.suited,
                kept.scan,
                values,
                kubernetes_version="1.33.0",
                api_versions=("apps/v1", "example.com/v1/Thing"),
            )
            release, namespace = TENANTS[number % len(TENANTS)]
            yield (
                f"{name}-{number}",
                HelmRequest(
                    kept.path,
                    release,
                    namespace,
                    "1.33.0",
                    ("apps/v1", "example.com/v1/Thing"),
                    values,
                    suited,
                ),
            )


def compare(data_dir, seed, scale):
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        helm = tool_path("helm", data_dir, search="")
        kubectl = tool_path("kubectl", data_dir, search="")
        engines = Engines(helm, kubectl, home, Limits())
        program = HelmProgram(engines)
        fast = HelmInProcess(engines, helm_in_process(data_dir, search=""))
        end = time.monotonic() + 600
        asked = list(requests(home))
        expected = {
            name: program.template(request, deadline=end) for name, request in asked
        }
        found = {name: [request.suited is not None] for name, request in asked}
        turns = [each for each in asked if each[1].suited] * (TURNS * scale)
        random.Random(seed).shuffle(turns)
        for name, request in turns:
            printed = fast.template(request, deadline=end)
            if printed != expected[name]:
                found[name].append([printed, expected[name]])
        return found


if __name__ == "__main__":
    found = compare(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    sys.stdout.write(json.dumps(found))
