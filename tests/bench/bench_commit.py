"""P1, P2 and P5: what a deploy does with a tree that was rendered and reviewed.

P1 renders it first, each workload with values never seen. A deploy looks whether the
tree is there, builds the commit on the tip, prepares what it adds, and moves ``main``
in a transaction under the project lock.
"""

import subprocess
from functools import partial
from itertools import count
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from delivery import advancing, publishing, rendering_requests
from delivery.git import locks, packs, trees
from delivery.git.commits import Identity
from delivery.git.ids import EMPTY_TREE
from delivery.git.repository import Repository
from delivery.models import Rendering, RenderingState
from delivery.repositories import repositories_of
from environments.locking import lock_project
from tests.bench import harness
from tests.bench.shop import Handmade, Shop, size

_serial = count(1)


def deploy(shop: Shop, rendering: Rendering) -> None:
    """Publish a rendering as a deploy does, less what is written on the release."""
    number = next(_serial)
    rendering_requests.ensure_tree(rendering)
    tip = publishing.tip_of(shop.project)
    commit = publishing.build_release_commit(
        publishing.ReleaseCommit(
            target=shop.target,
            tree=rendering.tree,
            namespaces=frozenset(),
            message=f"release(acme/prod): R-{number} Change things\n",
            author=Identity("Dora", "dora@example.com"),
            at=timezone.now(),
            release_name=f"R-{number}",
            source_commit="0" * 40,
            digest="0" * 64,
            audit_sequence=number,
            audit_hash="0" * 64,
        ),
        tip=tip,
    )
    with transaction.atomic():
        lock_project(shop.project)
        moved = advancing.advance_ref(
            shop.project, old=tip, new=commit, job=f"R-{number}", permit=lambda: None
        )
    assert moved


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
    many, few = _Filled(size(200)), _Filled(size(20))

    def edit_one(run: int) -> None:
        for filled in (many, few):
            filled.edit(run)

    return harness.Pair(many.deploy, few.deploy, edit_one)


class _Filled:
    """A target of many units with fifty files each, deployed once."""

    def __init__(self, units: int) -> None:
        self.shop = Shop(1)
        self.tree = EMPTY_TREE
        self._write(
            {
                f"svc-{unit:03}/configmap-{number:02}.yaml": _config(unit, number)
                for unit in range(units)
                for number in range(50)
            }
        )
        self.deploy()

    def edit(self, run: int) -> None:
        self._write({"svc-000/configmap-07.yaml": _config(0, 1000 + run)})

    def deploy(self) -> None:
        rendering = Rendering(
            project=self.shop.project, tree=self.tree, state=RenderingState.READY
        )
        deploy(self.shop, rendering)

    def _write(self, files: dict[str, bytes]) -> None:
        path = repositories_of(self.shop.project).renderings
        with Repository(path) as repository, locks.lock(path):
            self.tree, objects = trees.edit_tree(repository, self.tree, files)
            packs.add_pack(repository, objects)


def _config(unit: int, number: int) -> bytes:
    return (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
        f"  name: config-{unit}-{number}\ndata:\n  value: '{unit * number}'\n"
    ).encode()


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
