"""The three diffs of a release, and the preview of one that is not made yet."""

import subprocess

import pytest

from delivery.diffs import unified
from delivery.repositories import repositories_of
from environments import actions as environments
from environments.models import VariableScope
from releases import previewing
from releases.models import Release, ReleaseChange
from releases.pending import pool_of
from releases.selectors import Diffs, diffs_of
from releases.selectors.content import Level

SECRET = "canary-3f9c-value"
SECRET_MAP = """\
apiVersion: v1
kind: Secret
metadata:
  name: token
stringData:
  token: "{{hq.var.TOKEN}}"
"""


def git(*args):
    done = subprocess.run(["git", *map(str, args)], check=True, capture_output=True)
    return done.stdout.decode().strip()


def text_of(release, level):
    return unified(diffs_of(release, level))


@pytest.fixture
def speed(do, shop):
    """Set the variable that reaches everywhere."""
    place = environments.VariablePlace(shop, VariableScope.REPO)

    def put(value, *, key="SPEED", **kwargs):
        do(
            environments.set_variable,
            place,
            key=key,
            value=value,
            actor=None,
            **kwargs,
        )

    return put


def test_plain_shows_what_was_written(dev, edit, create, speed, shipped):
    """S36, S37: placeholders as they stand."""
    speed("9")
    shipped(dev, fast="1")
    edit(dev, fast="{{hq.var.SPEED}}")

    plain = text_of(create(dev), Level.PLAIN)

    assert '+  fast: "{{hq.var.SPEED}}"' in plain
    assert '-  fast: "1"' in plain


def test_resolved_shows_what_it_means(dev, edit, create, speed, shipped):
    """S39."""
    speed("9")
    shipped(dev, fast="1")
    edit(dev, fast="{{hq.var.SPEED}}")

    assert '+  fast: "9"' in text_of(create(dev), Level.RESOLVED)


def test_a_variable_alone_shows_where_it_takes_effect(dev, create, speed, shipped):
    """S40: in the resolved diff, not in that of the files."""
    speed("9")
    shipped(dev, fast="{{hq.var.SPEED}}")
    speed("10")
    release = create(dev)

    plain = [file.path for file in diffs_of(release, Level.PLAIN)]
    resolved = text_of(release, Level.RESOLVED)

    assert plain == ["variables/repo.yaml"]
    assert '-  fast: "9"' in resolved
    assert '+  fast: "10"' in resolved


def test_the_manifest_diff_is_what_is_committed(
    dev, edit, create, shipped, submit, deploy, tmp_path
):
    """S4, S41, S42: applied to what was, it gives what is, byte for byte."""
    shipped(dev, fast="1", old="1")
    edit(dev, fast="2", slow="3")
    release = create(dev)
    shown = diffs_of(release, Level.MANIFEST)
    statuses = sorted(file.status for file in shown)
    assert statuses == ["added", "modified", "removed"]
    served = repositories_of(release.project).main
    work = tmp_path / "work"
    git("clone", "-q", "-b", "main", served, work)
    (tmp_path / "release.diff").write_text(unified(shown))

    release = deploy(submit(release))

    place = work / "acme" / "dev"
    git("-C", work, "apply", "--directory=acme/dev", tmp_path / "release.diff")
    git("-C", work, "add", "-A", place)
    applied = git("-C", work, "write-tree", "--prefix=acme/dev/")
    assert applied == release.rendering.tree


def test_what_was_not_ticked_is_in_none_of_the_three(dev, edit, create):
    """S32, S113."""
    edit(dev, "urgent")
    edit(dev, "later")
    ids = [r.change.id for r in pool_of(dev).rows if r.change.object == "urgent"]

    release = create(dev, change_ids=ids)

    for level in Level:
        text = text_of(release, level)
        assert "urgent" in text
        assert "later" not in text


def test_a_secret_is_shown_nowhere(dev, do, create, speed, shop):
    """S24: that it changed is; what it is, never (security.md 8)."""
    shop_plain = {"secrets_in_git": "plain"}
    type(shop).objects.filter(pk=shop.pk).update(**shop_plain)
    dev.project.secrets_in_git = "plain"
    speed(SECRET, key="TOKEN", secret=True)
    do(
        environments.put_manifests,
        dev,
        name="token",
        files={"a.yaml": SECRET_MAP},
        actor=None,
    )

    release = create(dev)

    assert release.rendering.state == "ready", release.rendering.errors
    for level in (Level.PLAIN, Level.RESOLVED):
        assert SECRET not in text_of(release, level)
    assert "<secret " in text_of(release, Level.RESOLVED)
    documents = ReleaseChange.objects.values_list("document", flat=True)
    assert SECRET not in str(list(documents))
    assert SECRET not in str(Release.objects.get().snapshot.document)


def test_a_preview_is_what_the_release_becomes(dev, edit, create, do):
    """S107, S114: the same rendering; nothing is claimed."""
    edit(dev)

    found = do(previewing.preview, dev, change_ids=None)

    assert pool_of(dev).count > 0
    release = create(dev)
    assert release.rendering == found.rendering
    assert release.snapshot == found.snapshot
    files = Diffs.of_preview(None, found.snapshot, release.rendering).at(Level.MANIFEST)
    assert unified(files) == text_of(release, Level.MANIFEST)


def test_errors_are_seen_in_the_preview(dev, edit, do):
    """S107: before there is a release."""
    edit(dev, fast="{{hq.var.NOWHERE}}")

    rendering = do(previewing.preview, dev, change_ids=None).rendering

    rendering.refresh_from_db()
    assert rendering.state == "failed"
    assert rendering.errors[0]["variable"] == "NOWHERE"
