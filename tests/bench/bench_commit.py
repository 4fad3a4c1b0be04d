"""P1, P2 and P5: what a deploy does with a tree that was rendered and reviewed.

P1 renders it first, each workload with values never seen.
"""

import subprocess
from functools import partial
from pathlib import Path

from delivery.models import Rendering
from tests.bench import harness
from tests.bench.deploying import Filled, deploy
from tests.bench.shop import Handmade, Shop, size


@harness.benchmark("P1", goal=0.10, theirs="helm one by one, git add, commit, push")
def deploy_50_changed_workloads_cold(work: harness.Workshop) -> harness.Pair:
    both = _Both(work.folder)

    def render_and_deploy() -> None:
        deploy(both.shop, both.shop.rendered())

    return harness.Pair(render_and_deploy, both.commit_by_hand, both.edit_all)


@harness.benchmark("P2", goal=0.03, theirs="helm one by one, git add, commit, push")
def deploy_50_changed_workloads_already_rendered(
    work: harness.Workshop,
) -> harness.Pair:
    both = _Both(work.folder)
    ready: list[Rendering] = []

    def edit_and_render(run: int) -> None:
        both.edit_all(run)
        ready[:] = [both.shop.rendered()]

    return harness.Pair(
        lambda: deploy(both.shop, ready[0]), both.commit_by_hand, edit_and_render
    )


class _Both:
    """Fifty workloads here, and the same by hand."""

    def __init__(self, folder: Path) -> None:
        self.shop = Shop(size(50))
        self.by_hand = Handmade(folder, self.shop)
        self.clone = _clone(folder)

    def edit_all(self, run: int) -> None:
        for name in self.shop.names:
            self.shop.edit(name, run + 1)
            self.by_hand.edit(name, run + 1)

    def commit_by_hand(self) -> None:
        for name in self.shop.names:
            place = self.clone / "acme" / "prod" / name
            place.mkdir(parents=True, exist_ok=True)
            (place / "all.yaml").write_bytes(self.by_hand.template(name))
        _git(self.clone, "add", "--all")
        _git(self.clone, "commit", "--quiet", "--message", "Change things")
        _git(self.clone, "push", "--quiet", "origin", "HEAD:main")


@harness.benchmark("P5", goal=1.5, theirs="the same into 1,000 files", runs=15)
def commit_1_changed_file_into_10_000(work: harness.Workshop) -> harness.Pair:
    many, few = Filled(size(200)), Filled(size(20))

    def edit_one(run: int) -> None:
        for filled in (many, few):
            filled.edit(run)

    return harness.Pair(many.deploy, few.deploy, edit_one)


def _clone(folder: Path) -> Path:
    """Make a bare repository and a work tree that pushes to it."""
    bare, clone = folder / "origin.git", folder / "clone"
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    _git(folder, "clone", "--quiet", str(bare), str(clone))
    configure = partial(_git, clone, "config")
    configure("user.name", "Dora")
    configure("user.email", "dora@example.com")
    configure("commit.gpgsign", "false")
    return clone


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
