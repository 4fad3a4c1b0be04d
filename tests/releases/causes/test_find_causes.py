"""Why each line of a release changes: found by rendering with changes left out."""

from dataclasses import replace
from unittest.mock import patch

import pytest
from django.utils import timezone

from delivery.git.repository import NoSuchObject
from delivery.rendering.warmchild import RenderingBroke
from releases import cause_jobs, cause_requests, causing, tasks
from releases.cause_requests import request_causes
from releases.models import CauseSearch
from tests import make
from tests.releases.causes.conftest import CANARY


@pytest.fixture(scope="module")
def search(world):
    """What a worker found, once for all."""
    world.get()
    return CauseSearch.objects.get()


@pytest.fixture
def told(world, search):
    return world.get().json()


def causes(told, path):
    """Return what is named for each hunk of a file: role and change in words."""
    words = {change["id"]: change["summary"] for change in told["changes"]}
    (file,) = (one for one in told["files"] if one["path"] == path)
    return [
        [(cause["role"], words[cause["change"]]) for cause in hunk["causes"]]
        for hunk in file["hunks"]
    ]


def test_each_hunk_names_exactly_the_edit_that_caused_it(told):
    """S36: an image, a variable, a chart, an overlay, a manifest, a deletion."""
    api = causes(told, "api/deployment-api.yaml")

    assert [*api, *causes(told, "flags/configmap-flags.yaml")] == [
        [("cause", "overlay owned: kustomization.yaml modified")],
        [("cause", "LEVEL info → debug at environment scope")],
        [("cause", "api image 1 → 2")],
        [("cause", "api chart web 1.0.0 → 1.1.0")],
        [("cause", "manifests flags: flags.yaml modified")],
    ]
    assert causes(told, "old/configmap-old.yaml") == [
        [("cause", "old removed (plain 1.0.0)")]
    ]
    assert {change["changedBy"] for change in told["changes"]} == {"alice"}
    assert not any(hunk["nobody"] for file in told["files"] for hunk in file["hunks"])


def test_lines_are_counted_on_both_sides(told):
    (flags,) = (f for f in told["files"] if f["path"].startswith("flags/"))

    (cause,) = flags["hunks"][0]["causes"]

    assert cause["oldLines"] == cause["newLines"] == [[6, 6]]


def test_changes_that_each_suffice_are_all_named(told):
    assert causes(told, "twin/configmap-twin.yaml") == [
        [
            ("enough", "twin replicas added: 2 in target values"),
            ("enough", "SIZE 1 → 2 at project scope"),
        ]
    ]


def test_what_a_change_needs_is_named_beside_it(told):
    """Leaving the variable out leaves the value out, too: that is its own cause."""
    assert causes(told, "user/configmap-user.yaml") == [
        [
            ("cause", "user replicas 1 → {{hq.var.NEW}} in base values"),
            ("needed", "NEW created with 7 at project scope"),
        ]
    ]
    (user,) = (f for f in told["files"] if f["path"].startswith("user/"))
    assert user["hunks"][0]["causes"][1]["usedIn"] == [
        {"file": "workloads/user/values.yaml", "line": 1}
    ]


def test_a_secret_is_a_cause_and_never_shown(world, told, search):
    ((cause,),) = causes(told, "vault/secret-vault.yaml")

    assert cause[1].startswith("TOKEN secret changed")
    assert CANARY not in str(told)
    assert CANARY not in str(search.result)


def test_what_is_known_is_not_rendered_again(world, search, rendered):
    """By whoever asks; and a new search takes every unit from the cache."""
    before = world.get().json()
    assert rendered == []
    CauseSearch.objects.filter(pk=search.pk).delete()

    assert world.get().json()["state"] == "pending"
    assert world.get().json() == before
    assert rendered == []


def test_leaving_a_change_out_renders_its_own_unit_alone(world, rendered):
    CauseSearch.objects.all().delete()
    with patch("delivery.unit_cache.folders_of", lambda *_: {}):
        world.get()

    # Each unit with and without its change; that of api in all its sides.
    assert {unit: rendered.count(unit) for unit in ("flags", "vault")} == {
        "flags": 2,
        "vault": 2,
    }
    assert len(rendered) < 30


def test_of_too_many_changes_nothing_is_worked_out(world):
    CauseSearch.objects.all().delete()
    with patch.object(cause_requests, "MAX_CHANGES", 5):
        answer = world.get()

    assert answer.status_code == 422
    assert answer.json()["code"] == "too_many_changes"
    assert "up to 5 changes: this one has 1" in answer.json()["detail"]
    assert not CauseSearch.objects.exists()


def test_who_may_not_view_the_release_is_told_nothing(world):
    assert world.get(user=make.user("stan")).status_code == 404


def age():
    """Let it be a while ago that a search failed."""
    past = timezone.now() - cause_requests.TRY_AGAIN_AFTER
    CauseSearch.objects.update(finished_at=past)


def test_a_worker_that_breaks_is_tried_again_and_whoever_asks_begins_anew(world):
    CauseSearch.objects.all().delete()
    with patch.object(causing, "work_out", side_effect=RenderingBroke("no")):
        world.get()
        search = CauseSearch.objects.get()
        for _ in range(cause_jobs.MAX_ATTEMPTS):
            CauseSearch.objects.update(lease_until=timezone.now())
            tasks.reap_causes()
    search.refresh_from_db()
    assert search.state == "failed"
    assert "renderer does not work" in world.get().json()["error"]

    age()
    with patch.object(causing, "work_out", side_effect=NoSuchObject("gone")):
        world.get()
    search.refresh_from_db()
    assert "no longer in the store" in search.error

    age()
    assert world.get().json()["state"] == "pending"
    assert world.get().json()["state"] == "ready"


def test_lines_of_other_engines_are_nobodys(world, search):
    """The base was rendered by another version: its lines differ by themselves."""
    release = world.release
    work = causing.work_out
    find = causing.find_causes

    def with_older_base(files, needs, render):
        def render_newer(many):
            # Engines of today give the new annotation with no change made.
            versions = list(render(many))
            path = "api/deployment-api.yaml"
            return [
                replace(
                    version,
                    files={
                        **version.files,
                        path: version.files[path].replace("owner: ops", "owner: web"),
                    },
                )
                for version in versions
            ]

        return find(files, needs, render_newer)

    base = release.base_release.rendering
    base.engines = {**base.engines, "helm": "3.0.0"}
    base.save()
    with patch.object(causing, "find_causes", with_older_base):
        search.result = work(search, beat=lambda: None)
    search.save()

    told = world.get().json()

    (api,) = (f for f in told["files"] if f["path"].startswith("api/"))
    (nobody,) = api["hunks"][0]["nobody"]
    assert nobody["reason"] == "by_itself"
    assert "helm 3.0.0 → " in nobody["detail"]
    assert api["hunks"][0]["causes"] == []


def test_a_release_without_manifests_says_so(world):
    rendering = world.release.rendering
    rendering.state = "pending"
    rendering.tree = ""
    rendering.save()

    assert world.get().json()["code"] == "rendering_not_ready"
    assert cause_requests.known_causes(world.release) is None
    rendering.state = "ready"


def test_asking_twice_rings_once(world, django_capture_on_commit_callbacks):
    CauseSearch.objects.all().delete()
    with django_capture_on_commit_callbacks() as rung:
        request_causes(world.release)
        request_causes(world.release)

    assert len(rung) == 1
