"""Deploys as they are, less what is written on a release; a target of many files.

A deploy looks whether the tree is there, builds the commit on the tip, prepares what it
adds, and moves ``main`` in a transaction under the project lock.
"""

from itertools import count

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
from tests.bench.shop import Shop

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


class Filled:
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
