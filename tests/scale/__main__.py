"""``python -m tests.scale``: a whole installation on PostgreSQL at full size, measured.

One project of 200 tenants in 5 environments with 40 workloads on each: everything is
deployed once, a value that all share is changed, and is deployed everywhere again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

from gitopshq.supervisor import environment, postgres
from tests.faults.client import Client
from tests.scale import PROJECT, STAGES, looking, service, tenant
from tests.scale.driving import deploy
from tests.stack import Stack
from tests.suite import ROOT, in_memory

BASE = f"/projects/{PROJECT}"


def main() -> int:
    asked = _asked()
    told: dict[str, Any] = {}

    def tell(what: str, figures: Any) -> None:
        told[what] = figures
        print(f"{what}: {json.dumps(figures)}", file=sys.stderr, flush=True)

    with ExitStack() as stack:
        place = tempfile.TemporaryDirectory(prefix="hq-scale-", dir=in_memory())
        folder = asked.folder or Path(stack.enter_context(place))
        database = stack.enter_context(postgres.server())
        ground = Stack(folder, DATABASE_URL=database)
        ground.start()
        stack.callback(ground.stop)
        made = _inside(ground, f"shop.build({asked.tenants}, {asked.workloads})")
        tell("seconds to make it", round(made["seconds"]))
        client = Client(ground.url, made["token"])
        visitor = looking.Visitor(ground.url, made["session"])
        targets = [
            (tenant(number), stage)
            for number, stage in product(range(asked.tenants), STAGES)
        ]
        tell("seconds until counted", _counted(client, len(targets)))
        shipped = targets[: asked.deploys]
        first = deploy(client, shipped, drivers=asked.drivers, title="First")
        tell("first deploys", first.told())
        tell("seconds to change a shared value", _change(client))
        tell("seconds until counted again", _counted(client, len(targets)))
        for page, path in _pages().items():
            tell(page, _rounded(visitor.look(path)))
        again = deploy(client, shipped, drivers=asked.drivers, title="Shared value")
        tell("deploys of the shared value", again.told())
        with tempfile.TemporaryDirectory(dir=in_memory()) as clones:
            url = f"{ground.url}/git/{PROJECT}.git"
            tell("git", _rounded(looking.clone(url, made["token"], Path(clones))))
        tell("findings of fsck", ground.run("manage", "fsck").stdout.splitlines())
        tell("MB", _rounded(_inside(ground, "shop.sizes()")))
    print(json.dumps(told, indent=2))
    return 1 if first.troubles or again.troubles else 0


def _pages() -> dict[str, str]:
    place = f"{tenant(0)}/{STAGES[-1]}"
    return {
        "matrix": BASE,
        "pending changes of a target": f"{BASE}/{place}",
        "releases": f"{BASE}/releases",
        "a release": f"{BASE}/releases/1",
        "variables": f"{BASE}/variables",
        "audit": "/audit",
        "inbox": "/approvals",
        "targets by the API": f"/api/v1{BASE}/targets?limit=200",
        "pending changes by the API": f"/api/v1{BASE}/targets/{place}/pending-changes",
    }


def _inside(ground: Stack, call: str) -> Any:
    """Return what *call* prints in the installation's own Django."""
    code = f"from tests.scale import shop; {call}"
    done = subprocess.run(
        [*(sys.executable, "manage.py", "shell", "--no-imports"), "--command", code],
        cwd=ROOT,
        env=environment.complete(ground.environ),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def _change(client: Client) -> float:
    """Change the values that all targets share of one workload; return the seconds."""
    began = time.monotonic()
    text = f"replicaCount: 3\nimage: {{repository: registry.example/{service(0)}}}\n"
    client.put_text(f"{BASE}/workloads/{service(0)}/values", text)
    return round(time.monotonic() - began, 2)


def _counted(client: Client, number: int) -> float:
    """Wait until the matrix knows of changes in so many targets; return the seconds."""
    began = time.monotonic()
    while _behind(client) < number:
        time.sleep(1)
    return round(time.monotonic() - began, 1)


def _behind(client: Client) -> int:
    """Count the targets that have pending changes."""
    found, path = 0, f"{BASE}/targets?limit=200"
    while path:
        page = client.get(path)
        found += sum(row["pendingCount"] > 0 for row in page["items"])
        cursor = page.get("next")
        path = f"{BASE}/targets?limit=200&cursor={cursor}" if cursor else ""
    return found


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(figure, 1) for name, figure in figures.items()}


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("--tenants", type=int, default=200, help="of 5 environments")
    parser.add_argument("--workloads", type=int, default=40)
    parser.add_argument("--drivers", type=int, default=8, help="who deploys at once")
    parser.add_argument("--deploys", type=int, help="only to so many targets")
    parser.add_argument("--folder", type=Path, help="an empty one, to keep")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
