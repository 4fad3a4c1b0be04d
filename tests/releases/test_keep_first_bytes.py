"""A workload that may come out different is shipped as it was reviewed, to the byte."""

import pytest

from delivery import making
from delivery.models import RenderedUnit
from environments import actions as environments
from releases import previewing
from releases.models import Status
from tests import make
from tests.releases.reading import git

pytestmark = pytest.mark.django_db


@pytest.fixture
def restless(shop, dev):
    return make.restless(shop, on=dev)


def test_the_first_bytes_live_through_preview_deploy_and_rollback(
    dev, restless, edit, create, submit, deploy, rolled_back, do
):
    """S6: though rendering the same inputs again gives others."""

    def committed(release):
        assert release.status == Status.DEPLOYED, release.failure_detail
        return git(release, "rev-parse", f"{release.commit_sha}:acme/dev")

    def unit(release):
        return git(release, "rev-parse", f"{release.commit_sha}:acme/dev/api")

    shown = do(previewing.preview, dev, change_ids=None).rendering
    shown.refresh_from_db()
    first = deploy(submit(create(dev)))
    edit(dev, "beside")
    beside = deploy(submit(create(dev)))
    do(environments.set_values, restless, text="replicas: 7\n", actor=None)
    changed = deploy(submit(create(dev)))
    back = rolled_back(first)

    assert shown.tree == first.rendering.tree == committed(first)
    assert unit(beside) == unit(first) != unit(changed)
    assert committed(back) == committed(first)
    RenderedUnit.objects.all().delete()
    assert making.make(first.rendering).tree != shown.tree
