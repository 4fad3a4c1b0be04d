"""What a worker does with a rendering: once, whole, from the cache where it can."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery import making, rendering_jobs, rendering_requests, tasks
from delivery.git import trees
from delivery.git.repository import NoSuchObject, Repository
from delivery.models import RenderedUnit, Rendering, RenderingState
from delivery.repositories import repositories_of
from environments import actions
from tests import make
from tests.delivery.conftest import CONFIG, git
from tests.git.make import SCALE

pytestmark = pytest.mark.django_db

BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"


def files_of(rendering):
    with Repository(repositories_of(rendering.project).renderings) as repository:
        return {
            path: repository.read_blob(blob).decode()
            for path, blob in trees.list_files(repository, rendering.tree).items()
        }


def test_each_unit_is_a_folder_and_each_resource_a_file(shop, prod, put, rendered):
    """S68: charts and manifests become the files that are committed."""
    make.workload(shop, "api", on=[prod])
    put(CONFIG.format(name="flags", value="1"))

    ready = rendered()

    files = files_of(ready)
    assert files.keys() == {"api/configmap-api.yaml", "flags/configmap-flags.yaml"}
    assert files["flags/configmap-flags.yaml"] == CONFIG.format(name="flags", value="1")
    assert 'replicas: "1"\n' in files["api/configmap-api.yaml"]
    checks = ready.facts.pop("checks")
    assert ready.facts == {"resources": 2, "rendered": 2, "namespaces": []}
    assert (checks["schemas"], checks["validated"]) == ("1.33", 2)


def test_a_target_without_resources_holds_one_empty_file(prod, rendered):
    assert files_of(rendered()) == {".gitkeep": ""}


def test_of_many_units_only_the_changed_one_is_rendered(shop, prod, rendered):
    workloads = [
        make.workload(shop, f"svc-{number}", on=[prod]) for number in range(5 * SCALE)
    ]
    first = rendered()
    actions.set_values(workloads[1], text="replicas: 7\n", actor=None)

    second = rendered()

    changed = {
        path for path, text in files_of(second).items() if files_of(first)[path] != text
    }
    assert first.facts["rendered"] == len(workloads)
    assert second.facts["rendered"] == 1
    assert changed == {"svc-1/configmap-svc-1.yaml"}


def test_a_variable_moves_the_units_that_use_it(shop, prod, variable, rendered):
    """S40: whichever scope it has, whatever else stands beside it."""
    uses = make.workload(shop, "uses", on=[prod])
    make.workload(shop, "other", on=[prod])
    actions.set_values(
        uses, text="# {{hq.var.REMARK}}\nreplicas: {{hq.var.N}}\n", actor=None
    )
    variable("N", "3")
    variable("REMARK", "one")
    first = rendered()
    variable("REMARK", "two")
    remarked = rendered()
    variable("N", "4")

    moved = rendered()

    assert first.facts["rendered"] == 2
    assert remarked.facts["rendered"] == 0
    assert remarked.tree == first.tree
    assert moved.facts["rendered"] == 1
    assert 'replicas: "4"' in files_of(moved)["uses/configmap-uses.yaml"]


def test_every_error_of_every_unit_comes_at_once_and_nothing_is_written(
    shop, prod, put, rendered
):
    """S73, S74, S75: with unit, file, line and the variable that is missing."""
    api = make.workload(shop, "api", on=[prod])
    actions.set_values(api, text="a: 1\nreplicas: {{hq.var.N}}\n", actor=None)
    put(BROKEN, "nameless")
    put(CONFIG.format(name="same", value="1"), "one")
    put(CONFIG.format(name="same", value="2"), "two")

    failed = rendered()

    assert failed.state == RenderingState.FAILED
    assert failed.tree == ""
    where = "targets/acme/prod/manifests"
    assert {
        (e["code"], e["unit"], e["file"], e["line"], e["variable"])
        for e in failed.errors
    } == {
        ("variable_unresolved", "api", "workloads/api/values.yaml", 2, "N"),
        ("template_error", "nameless", f"{where}/nameless/a.yaml", 1, ""),
        ("template_error", "two", f"{where}/two/a.yaml", None, ""),
    }
    assert not RenderedUnit.objects.exists()
    packs = repositories_of(shop).renderings / "objects" / "pack"
    assert len(list(packs.glob("*.pack"))) == 1, "the root commit's"


def test_a_placeholder_in_a_comment_is_left_alone(put, rendered):
    text = "# see {{hq.var.GONE}}\n" + CONFIG.format(name="flags", value="1")
    put(text)

    assert files_of(rendered())["flags/configmap-flags.yaml"] == text


def test_of_two_workers_one_renders(put, asked, monkeypatch):
    put(CONFIG.format(name="flags", value="1"))
    pending = asked()
    made = []
    make_tree = making.make

    def make_slowly(rendering, **kwargs):
        made.append(rendering.pk)
        # The second worker comes while the first is at it.
        rendering_jobs.run(rendering_id=rendering.pk)
        return make_tree(rendering, **kwargs)

    monkeypatch.setattr(making, "make", make_slowly)
    rendering_jobs.run(rendering_id=pending.pk)
    rendering_jobs.run(rendering_id=pending.pk)

    assert made == [pending.pk]
    assert Rendering.objects.get(pk=pending.pk).state == RenderingState.READY


def test_whoever_lost_the_job_writes_no_end(put, asked, monkeypatch):
    put(CONFIG.format(name="flags", value="1"))
    pending = asked()
    make_tree = making.make

    def be_overtaken(rendering, *, beat, **kwargs):
        Rendering.objects.filter(pk=rendering.pk).update(fence=9)
        with pytest.raises(rendering_jobs.LostLease):
            beat()
        return make_tree(rendering, beat=beat, **kwargs)

    monkeypatch.setattr(making, "make", be_overtaken)
    rendering_jobs.run(rendering_id=pending.pk)

    assert Rendering.objects.get(pk=pending.pk).state == RenderingState.PENDING


def test_a_beat_keeps_the_job(put, asked, monkeypatch):
    put(CONFIG.format(name="flags", value="1"))
    pending = asked()
    leases = []

    def watch(rendering, *, beat, **kwargs):
        late = timezone.now() + timedelta(seconds=1)
        Rendering.objects.filter(pk=rendering.pk).update(lease_until=late)
        beat()
        kept = Rendering.objects.get(pk=rendering.pk).lease_until
        assert kept is not None
        leases.append(kept - late)
        return making.Made(tree="a" * 40)

    monkeypatch.setattr(making, "make", watch)
    rendering_jobs.run(rendering_id=pending.pk)

    assert leases[0] > timedelta(seconds=30)


def test_a_renderer_that_does_not_work_is_tried_again_and_given_up(
    settings, put, variable, asked
):
    """A worker with the wrong keys: nothing that an author could mend."""
    variable("TOKEN", "correct horse battery", secret=True)
    put(CONFIG.format(name="flags", value="{{hq.var.TOKEN}}"))
    pending = asked()
    settings.ENCRYPTION_KEYS = "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="

    states = []
    for _ in range(rendering_jobs.MAX_ATTEMPTS):
        assert Rendering.objects.get(pk=pending.pk).state == RenderingState.PENDING
        rendering_jobs.run(rendering_id=pending.pk)
        states.append(Rendering.objects.get(pk=pending.pk).state)

    assert states == ["pending", "pending", "failed"]
    (error,) = Rendering.objects.get(pk=pending.pk).errors
    assert error["reason"] == "internal"
    assert "horse" not in str(error)


def test_a_worker_that_crashes_lets_go_at_once(put, asked, monkeypatch):
    put(CONFIG.format(name="flags", value="1"))
    pending = asked()

    def crash(rendering, **kwargs):
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(making, "make", crash)
        with pytest.raises(OSError, match="no space"):
            rendering_jobs.run(rendering_id=pending.pk)

    assert rendering_jobs.to_reap() == [pending.pk]
    tasks.reap_renderings()
    assert Rendering.objects.get(pk=pending.pk).state == RenderingState.READY


def test_a_reaper_rings_for_what_nobody_holds_and_ends_what_was_tried_enough(
    put, asked
):
    put(CONFIG.format(name="flags", value="1"))
    pending = asked()
    rows = Rendering.objects.filter(pk=pending.pk)
    now = timezone.now()

    assert rendering_jobs.to_reap() == [], "the bell may still ring"
    rows.update(lease_until=now + timedelta(seconds=30), attempts=1)
    assert rendering_jobs.to_reap() == [], "somebody holds it"
    rows.update(lease_until=now - timedelta(seconds=1))
    assert rendering_jobs.to_reap() == [pending.pk]
    rows.update(attempts=rendering_jobs.MAX_ATTEMPTS)
    assert rendering_jobs.to_reap() == []
    assert rows.get().state == RenderingState.FAILED


def test_a_lost_tree_is_made_again_as_it_was(shop, put, rendered):
    packs = repositories_of(shop).renderings / "objects" / "pack"
    begun = set(packs.iterdir())
    put(CONFIG.format(name="flags", value="1"))
    rendered()
    of_flags = set(packs.iterdir()) - begun
    put(CONFIG.format(name="other", value="1"), "other")
    ready = rendered()
    for lost in of_flags:
        lost.unlink()

    with pytest.raises(NoSuchObject):
        files_of(ready)
    rendering_requests.ensure_tree(ready)

    assert files_of(ready).keys() == {
        "flags/configmap-flags.yaml",
        "other/configmap-other.yaml",
    }
    assert git(repositories_of(shop).renderings, "fsck", "--no-dangling") == ""
    put(CONFIG.format(name="more", value="1"), "more")
    assert files_of(rendered())["flags/configmap-flags.yaml"]


def test_a_tree_that_comes_out_otherwise_is_lost(shop, put, rendered):
    put(CONFIG.format(name="flags", value="1"))
    ready = rendered()
    Rendering.objects.filter(pk=ready.pk).update(tree="a" * 40)

    with pytest.raises(rendering_requests.TreeLost) as lost:
        rendering_requests.ensure_tree(Rendering.objects.get(pk=ready.pk))

    assert lost.value.code == "template_error"
