"""Staleness: what moves under a release, and what does not."""

import pytest
from django.test import Client

from delivery import source_mirror
from environments import actions as environments
from environments.models import VariableScope
from gitopshq.core.models import AuditEntry, Notification
from releases import actions, errors
from releases.locking import fresh
from releases.pending import pool_of
from releases.staleness import staleness_of, staleness_shown
from tests import make
from tests.people import signed_in
from tests.releases.asking import RELEASES
from tests.releases.conftest import flag_files

OVERLAY = {
    "kustomization.yaml": "resources:\n- map.yaml\n",
    "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: over\n",
}


def is_stale(release):
    """Ask anew, and ask as pages do, which take the flags where they are sure."""
    found = staleness_of(fresh(release.pk))
    shown = staleness_shown(fresh(release.pk))
    assert (shown and shown.to_json()) == (found and found.to_json())
    return found is not None


def picked(target, name):
    return [row.change.id for row in pool_of(target).rows if row.change.object == name]


@pytest.fixture
def edits(do, shop, dev):
    """One edit of each kind that reaches dev."""
    api = make.workload(shop, "api", on=[dev])
    spare = make.workload(shop, "spare")
    newer = make.chart_version("web", "2.0.0")
    repo = environments.VariablePlace(shop, VariableScope.REPO)
    svc = environments.VariablePlace(shop, VariableScope.SVC, target=dev, workload=api)
    env = environments.VariablePlace(
        shop, VariableScope.ENV, environment=dev.environment
    )
    tenant = environments.VariablePlace(shop, VariableScope.TENANT, tenant=dev.tenant)
    said = {"actor": None}
    values = {"text": "replicas: 7\n", **said}
    variable = {"key": "SPEED", "value": "9", **said}
    acts = {
        "base values": (environments.set_values, [api], values),
        "environment values": (
            environments.set_values,
            [api],
            {**values, "environment": dev.environment},
        ),
        "tenant values": (
            environments.set_values,
            [api],
            {**values, "tenant": dev.tenant},
        ),
        "target values": (
            environments.set_values,
            [api],
            {**values, "tenant": dev.tenant, "environment": dev.environment},
        ),
        "chart": (
            environments.update_workload,
            [api],
            {"chart_version": newer, **said},
        ),
        "binding": (environments.bind_workload, [spare], {"to": dev, **said}),
        "overlay": (
            environments.put_overlay,
            [dev],
            {"name": "over", "files": OVERLAY, **said},
        ),
        "manifest": (
            environments.put_manifests,
            [dev],
            {"name": "more", "files": {"a.yaml": OVERLAY["map.yaml"]}, **said},
        ),
        "repo variable": (environments.set_variable, [repo], variable),
        "env variable": (environments.set_variable, [env], variable),
        "tenant variable": (environments.set_variable, [tenant], variable),
        "svc variable": (environments.set_variable, [svc], variable),
        "target facts": (
            environments.update_target,
            [dev],
            {"facts": {"kubernetes_version": "1.32.0"}, **said},
        ),
    }

    def act(kind):
        action, args, kwargs = acts[kind]
        do(action, *args, **kwargs)

    return act


KINDS = [
    "base values",
    "environment values",
    "tenant values",
    "target values",
    "chart",
    "binding",
    "overlay",
    "manifest",
    "repo variable",
    "env variable",
    "tenant variable",
    "svc variable",
    "target facts",
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_that_reaches_the_target_makes_it_stale(edits, dev, edit, create, kind):
    """S60: one test for each kind of change; the flag of lists follows."""
    edit(dev)
    release = create(dev)
    assert not is_stale(release)

    edits(kind)

    assert is_stale(release)
    release = fresh(release.pk)
    assert release.is_stale
    assert release.stale_reason["moved"]


def test_undoing_the_edit_clears_it(dev, edit, create):
    """S60: what counts is what would be shipped."""
    edit(dev)
    release = create(dev)
    edit(dev, fast="2")
    assert fresh(release.pk).is_stale

    edit(dev)

    assert not is_stale(release)
    assert not fresh(release.pk).is_stale


def test_an_edit_elsewhere_never_makes_it_stale(dev, prod, edit, create, do, shop):
    """S60: another target, another environment's variable."""
    edit(dev)
    release = create(dev)

    edit(prod)
    place = environments.VariablePlace(
        shop, VariableScope.ENV, environment=prod.environment
    )
    do(environments.set_variable, place, key="A", value="b", actor=None)

    assert not is_stale(release)


def test_a_change_of_policy_does_not_make_it_stale(dev, edit, create, do):
    edit(dev)
    release = create(dev)

    do(
        environments.set_policy,
        dev.environment,
        terms={"block_self_deploy": True},
        actor=None,
    )

    assert not is_stale(release)


def test_a_sibling_deployed_since_makes_it_stale(
    dev, edit, create, submit, deploy, do, alice
):
    """S65, S100: the older release must not silently undo the hotfix."""
    edit(dev, "old")
    edit(dev, "hotfix")
    older = create(dev, change_ids=picked(dev, "old"))
    deploy(submit(create(dev, change_ids=picked(dev, "hotfix"))))

    stale = staleness_of(fresh(older.pk))
    assert stale is not None
    assert stale.words == "R-2 was deployed here since by dora"
    with pytest.raises(errors.StaleSource, match="R-2"):
        submit(older)

    do(actions.refresh_release, fresh(older.pk), actor=alice)
    release = deploy(submit(older))
    assert release.base_release.name == "R-2"
    manifests = {row["name"] for row in release.snapshot.document["manifests"]}
    assert manifests == {"old", "hotfix"}


def test_what_moved_and_by_whom_is_said(dev, edit, create, alice):
    """S62, S97: with the baseline and the current commit."""
    edit(dev)
    release = create(dev)
    edit(dev, fast="2", actor=alice)
    edit(dev, "other")

    said = staleness_of(fresh(release.pk)).to_json()

    assert said["code"] == "stale_release_source"
    assert (len(said["moved"]), said["movedBy"]) == (2, ["alice", ""])
    assert said["by"] == ["alice"]
    assert said["baselineSourceSha"] == release.baseline_source_sha
    assert said["currentSourceSha"] not in ("", release.baseline_source_sha)


def test_an_edit_that_is_no_commit_yet_is_told_by_its_number(dev, edit, create, alice):
    """S97: what one writes the next GET shows, before the mirror has caught up."""
    edit(dev)
    release = create(dev)
    files = flag_files("flags", fast="2")
    environments.put_manifests(dev, name="flags", files=files, actor=alice)
    newest = dev.project.edits.latest("sequence").sequence
    url = f"{RELEASES}/{release.number}"

    said = signed_in(alice).get(url).json()["staleReason"]
    source_mirror.catch_up(dev.project)
    later = signed_in(alice).get(url).json()["staleReason"]

    assert (said["currentSourceSha"], said["currentEdit"]) == (None, newest)
    assert (len(later["currentSourceSha"]), later["currentEdit"]) == (40, newest)


def test_its_author_is_told_once_each_time_it_goes_stale(dev, edit, create, alice):
    """S101: the first time, not at every further edit; anew once it was undone."""
    edit(dev)
    release = create(dev)

    edit(dev, fast="2")
    edit(dev, fast="3")

    told = Notification.objects.filter(recipient=alice, event="release.went_stale")
    assert [n.title for n in told] == [f"Stale: {release}"]
    edit(dev)
    edit(dev, fast="4")
    assert told.all().count() == 2
    assert AuditEntry.objects.filter(event="release.went_stale").count() == 2


def test_a_stale_release_may_be_approved(prod, edit, create, approve):
    """S61: approving is warned about, deploying is refused."""
    edit(prod)
    release = create(prod)
    edit(prod, fast="2")

    assert approve(release).status == "approved"


def test_stale_releases_are_found_and_counted(dev, edit, create, alice):
    """S101: by the cached flag; in the list of the API, and in the figures."""
    edit(dev)
    release = create(dev)
    figure = "gitopshq_stale_releases"
    assert f"{figure} 0.0" in Client().get("/metrics").content.decode()
    edit(dev, fast="2")

    found = signed_in(alice).get(f"{RELEASES}?stale=true").json()["items"]
    assert [one["number"] for one in found] == [release.number]
    assert f"{figure} 1.0" in Client().get("/metrics").content.decode()
